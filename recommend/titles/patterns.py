"""What own titles with a pattern did beside those without it, shrunk towards no difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommend.scoring import Z80, LiftLn, percent
from recommend.titles.voice import MARKS, Mark

FEWEST = 5
"""Titles on each side below which nothing is told."""
PRIOR_SD_LN = 0.15
"""How much a pattern of the title moves the result of a post, a priori: hardly ever more than a third up or down."""
CLIP_LN = 3.0


@dataclass(frozen=True)
class PatternLift:
    """`posts`: places of own titles with the pattern, in the order given."""

    mark: Mark
    n: int
    lift: LiftLn
    posts: tuple[int, ...]

    @property
    def words(self) -> str:
        times = f"×{math.exp(self.lift.ln):.2f}"
        low, high = (percent(bound) for bound in (self.lift.low_ln or 0.0, self.lift.high_ln or 0.0))
        if self.lift.noise:
            return f"your titles with {self.mark.name} did no different, as far as can be told (n={self.n}, {low} to {high})"
        return f"your titles with {self.mark.name} did {times} the others (n={self.n}, {low} to {high})"


def pattern_lifts(titles: Sequence[str], over_usual_ln: Sequence[float]) -> dict[str, PatternLift]:
    """By the name of the mark; titles with their result against the channel's usual (ln, NaN unknown).

    Posterior of a normal difference of means with known spread and a prior around none.
    """
    value = np.clip(np.asarray(over_usual_ln, dtype=float), -CLIP_LN, CLIP_LN)
    known = ~np.isnan(value)
    found = {}
    for mark in MARKS:
        has = np.array([bool(mark.pattern.search(title)) for title in titles], dtype=bool)
        one, other = value[has & known], value[~has & known]
        if min(len(one), len(other)) < FEWEST:
            continue
        difference = float(one.mean() - other.mean())
        variance = float(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other)) + 1e-9
        share = PRIOR_SD_LN**2 / (PRIOR_SD_LN**2 + variance)
        half = Z80 * math.sqrt(share * variance)
        lift = LiftLn(share * difference, share * difference - half, share * difference + half)
        found[mark.name] = PatternLift(mark, len(one), lift, tuple(np.flatnonzero(has & known).tolist()))
    return found


def patterns_changed(before: str, after: str) -> list[str]:
    """Marks that the change brings in: what own titles say about them speaks for or against it."""
    return [mark.name for mark in MARKS if mark.pattern.search(after) and not mark.pattern.search(before)]
