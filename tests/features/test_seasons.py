"""Seasons: planted effects are found with honest intervals, and one good month is not a season."""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.seasons import FIRST, KINDS, SIZES, season_effects

AS_OF = pd.Timestamp("2025-01-01", tz="UTC").as_unit("us")


def outcomes(
    seed: int, effects: dict[str, np.ndarray], *, posts: int = 6000, years: float = 2.9
) -> pd.DataFrame:
    """Residuals of posts at random times: channel + hour + weekday + month + noise; channels keep to favourite hours."""
    rng = np.random.default_rng(seed)
    channel = rng.integers(0, 60, posts)
    hours_ago = np.floor(rng.uniform(0, years * 365.25 * 24 - 200, posts))
    at = AS_OF - pd.to_timedelta(hours_ago + 169, unit="h")
    favourite = (channel * 7) % 24
    moved = pd.Series(at).dt.floor("D") + pd.to_timedelta(
        (favourite + rng.integers(-4, 5, posts)) % 24, unit="h"
    )
    at = pd.Series(np.where(rng.random(posts) < 0.7, moved, pd.Series(at))).astype("datetime64[us, UTC]")
    frame = pd.DataFrame(
        {"post_id": [f"p{i}" for i in range(posts)], "channel_id": [f"c{c}" for c in channel]}
    )
    frame["published_at"] = at
    frame["known_at"] = at + pd.Timedelta(days=7)
    frame["hour"], frame["weekday"], frame["month"] = at.dt.hour, at.dt.weekday, at.dt.month
    value = rng.normal(0, 0.4, 60)[channel] + rng.normal(0, 0.7, posts)
    for kind in KINDS:
        value = value + effects[kind][frame[kind].to_numpy() - FIRST[kind]]
    return frame.assign(residual=value)


def none() -> dict[str, np.ndarray]:
    return {kind: np.zeros(SIZES[kind]) for kind in KINDS}


def test_intervals_hold_planted_effects_about_four_times_out_of_five() -> None:
    inside = []
    for seed in range(6):
        rng = np.random.default_rng(100 + seed)
        planted = {
            kind: rng.normal(0, sd, SIZES[kind]) for kind, sd in zip(KINDS, (0.12, 0.08, 0.1), strict=True)
        }
        frame = outcomes(seed, planted)
        for one in season_effects(frame, AS_OF):
            mean = planted[one.kind][frame[one.kind] - FIRST[one.kind]].mean()
            truth = planted[one.kind][one.value - FIRST[one.kind]] - mean
            inside.append(one.low_ln <= truth <= one.high_ln)
    assert len(inside) == 6 * sum(SIZES.values())
    assert 0.72 < np.mean(inside) < 0.88


def test_a_good_hour_is_found_though_good_channels_prefer_other_hours() -> None:
    planted = none()
    planted["hour"][18] = 0.5
    found = {(one.kind, one.value): one for one in season_effects(outcomes(1, planted), AS_OF)}
    best = max((one for one in found.values() if one.kind == "hour"), key=lambda one: one.effect_ln)
    assert best.value == 18
    assert best.low_ln > 0.2
    weekdays = [one for one in found.values() if one.kind == "weekday"]
    assert max(abs(one.effect_ln) for one in weekdays) < 0.06, "where nothing is, nothing is claimed"


def test_one_good_december_is_not_a_season_but_three_are() -> None:
    frame = outcomes(2, none(), years=2.99)
    december = frame["month"] == 12
    one = frame.assign(
        residual=frame["residual"] + 0.8 * (december & (frame["published_at"].dt.year == 2023))
    )
    every = frame.assign(residual=frame["residual"] + 0.8 * december)
    of_one, of_every = (
        next(s for s in season_effects(rows, AS_OF) if (s.kind, s.value) == ("month", 12))
        for rows in (one, every)
    )
    assert of_one.low_ln <= 0.05, "within the noise"
    assert of_every.low_ln > 0.3


def test_too_few_outcomes_and_outcomes_not_yet_known_tell_nothing() -> None:
    frame = outcomes(3, none(), posts=300)
    assert season_effects(frame.head(30), AS_OF) == []
    assert season_effects(frame.assign(known_at=AS_OF + pd.Timedelta(microseconds=1)), AS_OF) == []
    assert season_effects(frame.assign(residual=np.nan), AS_OF) == []
    assert sum(one.posts for one in season_effects(frame, AS_OF) if one.kind == "hour") == 300
