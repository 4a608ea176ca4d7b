"""Calibration: of the forecasts that stated a probability, in how many did it come true?

Two statements are checked: that the outcome lies within p10..p90 (stated 0.8), and that it passes the floor
(stated prob_beats_floor, in ten bins: a reliability diagram). Each post counts once, at its age nearest a week:
its several ages would be nearly the same case again, and the intervals would look narrower than they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, cast

import numpy as np
import pandas as pd

from creatorlens import api
from creatorlens.platforms import MATURE_AGE_H, Platform

BINS = 10
INTERVAL_STATED = 0.8
SIZES: tuple[api.Size, ...] = ("small", "medium", "large")
_Z = 1.959964  # 19 times out of 20


def with_size(graded: pd.DataFrame) -> pd.DataFrame:
    """graded (platform, floor) with `size`: the third of its platform's floors that each row's lies in. What
    a channel's posts usually get is known when the forecast is made, on every platform; followers are not."""
    floor = graded["floor"].astype(float)
    rank = floor.groupby(graded["platform"]).rank(method="average", pct=True)
    third = np.minimum((rank.fillna(0).to_numpy(float) * 3 - 1e-9).astype(int), 2)
    size = np.where(floor.isna(), "new", np.array(SIZES)[np.maximum(third, 0)])
    return graded.assign(size=size)


def calibration(graded: pd.DataFrame, *, sizes: bool = True) -> tuple[api.CalibrationBin, ...]:
    """graded: made, outcomes, platform, post_id, horizon_h, size, covered80, prob_beats_floor, floor, outcome.
    Bins of everything, of each platform and (`sizes`) of each size; those without a case are left out."""
    if graded.empty:
        return ()
    rows = _one_age(graded)
    scopes: list[list[str]] = [[], ["platform"], *([["size"]] if sizes else [])]
    return tuple(found for by in scopes for found in _bins_by(rows, by))


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % score interval of a share (Wilson, 1927); n > 0."""
    share, zz = hits / n, _Z * _Z
    centre = (share + zz / (2 * n)) / (1 + zz / n)
    half = _Z / (1 + zz / n) * float(np.sqrt(share * (1 - share) / n + zz / (4 * n * n)))
    return max(0.0, centre - half), min(1.0, centre + half)


def _one_age(graded: pd.DataFrame) -> pd.DataFrame:
    away = np.log(graded["horizon_h"].astype(float) / MATURE_AGE_H).abs()
    nearest = graded.assign(_away=away).sort_values("_away", kind="stable")
    return nearest.drop_duplicates(["platform", "post_id", "made"], keep="first")


def _bins_by(rows: pd.DataFrame, by: Sequence[str]) -> Iterator[api.CalibrationBin]:
    for key, group in rows.groupby(["made", "outcomes", *by], sort=True):
        named = dict(zip(by, key[2:], strict=True))
        for kind, low, high, stated, came_true in _statements(group):
            yield _bin(key[0], key[1], named, kind, low, high, stated, came_true)


Kind = Literal["interval80", "beats_floor"]
Statement = tuple[Kind, float, float, "np.ndarray", "np.ndarray"]


def _statements(group: pd.DataFrame) -> Iterator[Statement]:
    """What was stated and whether it came true, bin by bin."""
    covered = group["covered80"].to_numpy(bool)
    yield "interval80", INTERVAL_STATED, INTERVAL_STATED, np.full(len(group), INTERVAL_STATED), covered
    stated = group["prob_beats_floor"].to_numpy(float)
    known = ~np.isnan(stated) & group["floor"].notna().to_numpy()
    beaten = group["outcome"].to_numpy(float) > group["floor"].to_numpy(float)
    which = np.minimum((stated[known] * BINS).astype(int), BINS - 1)
    for number in np.unique(which).tolist():
        inside = which == number
        yield (
            "beats_floor", number / BINS, (number + 1) / BINS, stated[known][inside], beaten[known][inside],
        )  # fmt: skip


def _bin(
    made: str,
    outcomes: str,
    named: dict[str, str],
    kind: Kind,
    from_p: float,
    to_p: float,
    stated: np.ndarray,
    came_true: np.ndarray,
) -> api.CalibrationBin:
    n, hits = len(came_true), int(came_true.sum())
    low, high = wilson(hits, n)
    return api.CalibrationBin(
        kind=kind,
        made=cast(api.Made, made),
        outcomes=cast(api.Outcomes, outcomes),
        platform=Platform(named["platform"]) if "platform" in named else None,
        size=cast(api.Size, named["size"]) if "size" in named else None,
        from_p=from_p,
        to_p=to_p,
        stated=float(stated.mean()),
        observed=hits / n,
        low=low,
        high=high,
        n=n,
    )
