"""Posts made with a known effect of time: series that run at hours of their own, formats, drift, noise.

What a post is about and when it goes out belong together, so that a naive comparison of hours is wrong; the true effect
is not of the model's own shape (bumps on the clock, free weekdays).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.asof import Floats

CHANNELS = 24
POSTS = (20, 160)
SERIES = ("Behind the lens", "Street notes", "Ask me anything", "Slow mornings", "Gear of the week")
FORMATS = ("video", "image", "album")
START = pd.Timestamp("2025-01-01", tz="UTC")
DAYS = 500
SERIES_LN, FORMAT_LN, DRIFT_LN, NOISE_LN = 0.4, 0.2, 0.25, 0.6
OWN_SHARE = 0.5
"""Of the platform's effect: how much channels differ from each other in theirs."""
AT_ITS_TIME = 0.7


@dataclass(frozen=True)
class Made:
    """`frame`: as `recommend.timing.content.occasions` takes it; `truth`: per channel 24 hours and 7 weekdays, in ln."""

    frame: pd.DataFrame
    truth: dict[str, Floats]


def made(seed: int, effect_ln: float, channels: int = CHANNELS) -> Made:
    """`effect_ln`: standard deviation between hours, and between weekdays, on the platform; 0: time does nothing."""
    rng = np.random.default_rng(seed)
    shared = _clock(rng, effect_ln), _week(rng, effect_ln)
    truth, frames = {}, []
    for i in range(channels):
        own = OWN_SHARE * effect_ln
        name = f"made:{i:02d}"
        truth[name] = np.r_[shared[0] + _clock(rng, own), shared[1] + _week(rng, own)]
        frames.append(_channel(rng, name, truth[name]))
    return Made(pd.concat(frames, ignore_index=True), truth)


def _clock(rng: np.random.Generator, sd: float) -> Floats:
    """Two bumps at random hours."""
    angle = np.arange(24) * (2 * np.pi / 24)
    bumps = sum(
        rng.normal() * np.exp(rng.uniform(1, 4) * (np.cos(angle - at) - 1))
        for at in rng.uniform(0, 2 * np.pi, 2)
    )
    shape = np.asarray(bumps) - np.mean(bumps)
    return shape / (shape.std() + 1e-9) * sd


def _week(rng: np.random.Generator, sd: float) -> Floats:
    found = rng.normal(0, sd, 7)
    return np.asarray(found - found.mean())


def _channel(rng: np.random.Generator, name: str, truth: Floats) -> pd.DataFrame:
    n = int(np.exp(rng.uniform(*np.log(POSTS))))
    day = np.sort(rng.choice(DAYS, n, replace=n > DAYS))
    names = rng.choice(len(SERIES), 3, replace=False)
    home_hour, home_day = rng.integers(7, 23, 3), rng.integers(0, 7, 3)
    series = rng.integers(0, 3, n)
    hour = np.where(rng.random(n) < AT_ITS_TIME, home_hour[series], rng.integers(7, 23, n))
    weekday = (START.weekday() + day) % 7
    shift = (home_day[series] - weekday) % 7
    day = day + np.where(rng.random(n) < AT_ITS_TIME, shift, 0)
    weekday = (START.weekday() + day) % 7
    kind = rng.integers(0, len(FORMATS), n)
    drift = np.cumsum(rng.normal(0, DRIFT_LN / np.sqrt(n), n))
    noise = rng.normal(0, NOISE_LN * rng.uniform(0.7, 1.4), n)
    content = rng.normal(0, SERIES_LN, 3)[series] + rng.normal(0, FORMAT_LN, len(FORMATS))[kind]
    return pd.DataFrame(
        {
            "channel_id": name,
            "post_id": [f"{name}:{i}" for i in range(n)],
            "published_at": START + pd.to_timedelta(day * 24 + hour, unit="h"),
            "y": content + drift + noise + truth[hour] + truth[24 + weekday],
            "hour": hour,
            "weekday": weekday,
            "media_type": np.array(FORMATS)[kind],
            "title": [
                f"{SERIES[names[s]]}: part {rng.integers(1000)} {_word(rng)} {_word(rng)}" for s in series
            ],
            "text": "",
            "hashtags": [[_word(rng)] for _ in range(n)],
            "duration_s": np.where(kind == 0, rng.lognormal(5, 0.7, n), np.nan),
            "category": None,
            "age_h": np.nan,
        }
    )


def _word(rng: np.random.Generator) -> str:
    return "".join(rng.choice(list("aeioulmnrst"), 5))
