"""How the sample corpus's posts fare: the effects its outcomes are made of, and how counts grow with age.

Everything is in ln(count of the primary metric at 30 days). The effects are of the sizes seen in real tables,
so that a model can learn something and still be wrong about half of the time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from creatorlens.platforms import Platform

Floats = npt.NDArray[np.float64]

MONTH_H = 720.0


@dataclass(frozen=True)
class Traits:
    """How a platform behaves. `tau_h` is how fast a post is seen, `evergreen` how much is added later."""

    noise: float
    viral: float
    tau_h: float
    evergreen: float
    peak_hour: float
    weekday: tuple[float, ...]
    like_rate: float


TRAITS: dict[Platform, Traits] = {
    Platform.YOUTUBE: Traits(0.36, 0.02, 150, 0.15, 17, (-0.08, -0.12, -0.06, 0, 0.05, 0.16, 0.14), 0.045),
    Platform.TIKTOK: Traits(0.55, 0.035, 40, 0.04, 20, (0, -0.05, -0.05, 0.02, 0.08, 0.1, 0.04), 0.09),
    Platform.INSTAGRAM: Traits(0.32, 0.015, 25, 0.02, 19, (0.02, 0.04, 0.06, 0.02, -0.05, -0.12, 0), 0.06),
}


def effects(posts: pd.DataFrame, topic_effects: Floats, peak_month: float, traits: Traits) -> Floats:
    """ln effect of what a creator decides: when, what about, worded and made how (one per post).

    `posts`: published_at and the traits columns of `sample.channel_posts`.
    """
    at = posts["published_at"]
    hour = at.dt.hour + at.dt.minute / 60
    when = (
        0.18 * np.cos(2 * np.pi * (hour - traits.peak_hour) / 24) + np.asarray(traits.weekday)[at.dt.weekday]
    )
    yearly = 0.22 * np.cos(2 * np.pi * (at.dt.dayofyear / 365.25 - (peak_month - 0.5) / 12))
    length = posts["title"].str.len().clip(upper=110)
    worded = (
        0.12 * posts["question"]
        + 0.15 * posts["number"]
        - 0.14 * posts["shouting"]
        + 0.04 * posts["emoji"]
        - 0.00012 * (length - 48) ** 2
        - 0.006 * (posts["hashtags"].str.len() - 5) ** 2
    )
    made = 0.12 * posts["quality"] + posts["media_type"].map({"video": 0.2, "album": 0.08}).fillna(0)
    paced = -0.1 * (posts["published_at"].diff().dt.total_seconds() < 20 * 3600)
    about = topic_effects[posts["topic"].to_numpy()]
    return (when + yearly + worded + made + paced + about).to_numpy(dtype=float)


def luck(rng: np.random.Generator, n: int, traits: Traits) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """What nobody decides: momentum from post to post, noise, and the few that go viral."""
    momentum = np.zeros(n)
    shocks = rng.normal(0, 0.13, n)
    for i in range(1, n):
        momentum[i] = 0.7 * momentum[i - 1] + shocks[i]
    viral = rng.random(n) < traits.viral
    noise = rng.normal(0, traits.noise, n)
    return momentum + noise + viral * (0.9 + rng.exponential(0.8, n)), viral


def share_at(age_h: Floats, tau_h: Floats, evergreen: float) -> Floats:
    """The part of the 30-day count that is there at an age; above 1 after 30 days. Never decreasing."""

    def seen(age: Floats | float) -> Floats:
        return np.asarray((1 - np.exp(-((age / tau_h) ** 0.6))) * (1 + evergreen * np.log1p(age / MONTH_H)))

    return seen(age_h) / seen(MONTH_H)


def counts(
    rng: np.random.Generator, final: Floats, platform: Platform, video: npt.NDArray[np.bool_]
) -> dict[str, Floats]:
    """30-day counts of every metric from the primary one; NaN where the platform shows none."""
    n, rate = len(final), TRAITS[platform].like_rate
    rates = rate * np.exp(rng.normal(0, 0.25, n))
    if platform is Platform.INSTAGRAM:
        likes, views = final, np.where(video, final / rates, np.nan)
    else:
        likes, views = final * rates, final
    commenting = np.exp(rng.normal(np.log(0.06), 0.5, n))
    hidden = np.full(n, np.nan)
    public = platform is not Platform.YOUTUBE
    return {
        "views": views,
        "likes": likes,
        # some creators switch comments off
        "comments": np.where(rng.random(n) < 0.02, np.nan, likes * commenting),
        "shares": likes * np.exp(rng.normal(np.log(0.08), 0.5, n)) if public else hidden,
        "saves": likes * np.exp(rng.normal(np.log(0.12), 0.5, n)) if public else hidden,
    }
