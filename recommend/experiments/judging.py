"""What a test says now: who won, that nobody does by much, or that it cannot be told yet.

Side by side: `evidence`. One variant a day, or one post a slot: `regression`. Which of the two is fixed by how variants ran, not
by what came out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np

from recommend.experiments import allocation, evidence, regression
from recommend.experiments.evidence import Periods
from recommend.experiments.regression import Rows

Analysis = Literal["side-by-side", "by-day", "posts"]
Finding = Literal["won", "no-difference", "undecided"]
SEED = 7
PATH_POINTS = 60
LEAST_DAYS = 3
"""Of each variant, where days have one variant each."""


@dataclass(frozen=True)
class Rules:
    """`smallest_ln`: the smallest change worth finding; `spread_ln`: of a day's rate (a post's outcome) for reasons of its
    own, as planned; `row_ln`: that of what is seen of it, so with the chance of few clicks (None: the same)."""

    smallest_ln: float
    level: float
    spread_ln: float
    thompson: bool = False
    row_ln: float | None = None

    @property
    def phi(self) -> float:
        return ((self.row_ln or self.spread_ln) / self.smallest_ln) ** 2


@dataclass(frozen=True)
class Seen:
    """One observation: variant's index, period, counts; `y`: outcome in ln of a post."""

    variant: int
    start: datetime
    end: datetime
    impressions: int = 0
    clicks: int = 0
    y: float | None = None


@dataclass(frozen=True)
class Interval:
    """Of a variant over the first in ln; None while nothing can be said."""

    ln: float | None
    low_ln: float | None
    high_ln: float | None


@dataclass(frozen=True)
class Judged:
    """`intervals`: of the variants after the first; `best`: each one's chance to be the best; `path`: intervals by time."""

    analysis: Analysis
    finding: Finding
    winner: int | None
    intervals: tuple[Interval, ...]
    best: tuple[float, ...]
    shares: tuple[float, ...]
    path: tuple[tuple[datetime, tuple[Interval, ...]], ...]
    remarks: tuple[str, ...]


def judge(seen: Sequence[Seen], variants: int, rules: Rules, *, posts: bool = False) -> Judged:
    """`seen` in any order; the same observations give the same answer."""
    ordered = sorted(seen, key=lambda one: (one.start, one.end, one.variant))
    if posts:
        return _by_rows(ordered, variants, rules, "posts")
    periods, ends = periods_of(ordered, variants)
    alone = (periods.impressions > 0).sum(axis=1) == 1
    clicks_alone = float(periods.clicks[alone].sum())
    if clicks_alone > float(periods.clicks.sum()) / 2 or (len(ends) and alone.all()):
        return _by_rows([one for one in ordered if one.impressions > 0], variants, rules, "by-day")
    return _side_by_side(periods, ends, rules, int(alone.sum()))


def periods_of(seen: Sequence[Seen], variants: int) -> tuple[Periods, list[datetime]]:
    """One row for each distinct period, in order, with its end."""
    spans = sorted({(one.start, one.end) for one in seen}, key=lambda span: (span[1], span[0]))
    place = {span: i for i, span in enumerate(spans)}
    impressions, clicks = (np.zeros((len(spans), variants)) for _ in range(2))
    for one in seen:
        impressions[place[(one.start, one.end)], one.variant] += one.impressions
        clicks[place[(one.start, one.end)], one.variant] += one.clicks
    return Periods(impressions, clicks), [end for _, end in spans]


def _side_by_side(periods: Periods, ends: list[datetime], rules: Rules, alone: int) -> Judged:
    variants = periods.impressions.shape[1]
    random = np.random.default_rng(SEED)
    best = allocation.chances(periods, random) if len(ends) else np.full(variants, 1 / variants)
    won = evidence.winner(periods, rules.smallest_ln, rules.level)
    finding: Finding = "won" if won is not None else "undecided"
    if won is None and evidence.alike(periods, rules.smallest_ln, rules.level):
        finding = "no-difference"
    shares = allocation.shares(best) if rules.thompson else np.full(variants, 1 / variants)
    remarks = [f"{alone} periods with one variant alone are left out."] if alone else []
    if _restless(periods):
        remarks.append("The difference moves from period to period by more than chance.")
    return Judged(
        "side-by-side",
        finding,
        won,
        _intervals(periods, rules),
        tuple(best.tolist()),
        tuple(shares.tolist()),
        tuple((ends[i], _intervals(periods.until(i + 1), rules)) for i in _places(len(ends))),
        tuple(remarks),
    )


def _intervals(periods: Periods, rules: Rules) -> tuple[Interval, ...]:
    variants = periods.impressions.shape[1]
    surely = evidence.both_sides(variants, rules.level)
    found = []
    for i in range(1, variants):
        one = evidence.pair(periods, i, 0)
        low, high = evidence.interval(one, rules.smallest_ln, surely)
        if low <= -evidence.WIDEST or high >= evidence.WIDEST or one.estimate is None:
            found.append(Interval(one.estimate, None, None))
        else:
            found.append(Interval(one.estimate, low, high))
    return tuple(found)


def _restless(periods: Periods) -> bool:
    """Cochran's test over periods: does the ratio of the first two variants differ between them?"""
    from scipy.stats import chi2

    one = evidence.pair(periods, 1, 0)
    keep = one.clicks >= 20
    if one.estimate is None or keep.sum() < 3:
        return False
    both = (periods.impressions[:, 1] > 0) & (periods.impressions[:, 0] > 0)
    clicks_first = periods.clicks[both, 1][keep]
    share = one.first * math.exp(one.estimate) / (one.first * math.exp(one.estimate) + one.second)
    share, total = share[keep], one.clicks[keep]
    q = float(((clicks_first - total * share) ** 2 / (total * share * (1 - share))).sum())
    return bool(chi2.sf(q, len(total) - 1) < 0.001)


def _by_rows(seen: Sequence[Seen], variants: int, rules: Rules, analysis: Analysis) -> Judged:
    if analysis == "posts":
        seen = [one for one in seen if one.y is not None]
    counts = np.bincount([one.variant for one in seen], minlength=variants)
    even = tuple([1 / variants] * variants)
    nothing = tuple(Interval(None, None, None) for _ in range(1, variants))
    if int(counts.min()) < LEAST_DAYS:
        what = "posts" if analysis == "posts" else "days"
        word = f"Too few {what} yet: each variant needs {LEAST_DAYS} at least."
        return Judged(analysis, "undecided", None, nothing, even, even, (), (word,))
    rows = rows_of(seen, rules, analysis)
    surely = variants / rules.level
    won = _row_winner(rows, variants, rules, surely)
    finding: Finding = "won" if won is not None else "undecided"
    if won is None and _rows_alike(rows, variants, rules, surely):
        finding = "no-difference"
    intervals = _row_intervals(rows, variants, rules)
    remarks = []
    if all(one.low_ln is None for one in intervals):
        remarks.append(
            "What differs between the variants cannot be told from what differs between weekdays and over time: "
            "go on, and let each variant have each weekday."
            if analysis == "by-day"
            else "Too few posts to say anything yet."
        )
    ends = [one.end for one in seen]
    path = tuple((ends[i], _row_intervals(rows.until(i + 1), variants, rules)) for i in _places(len(ends)))
    return Judged(
        analysis, finding, won, intervals, _row_chances(rows, variants), even,
        tuple(one for one in path if any(i.low_ln is not None for i in one[1])), tuple(remarks),
    )  # fmt: skip


def rows_of(seen: Sequence[Seen], rules: Rules, analysis: Analysis) -> Rows:
    """Days: ln of the rate, weighed by planned spread and clicks, beside weekdays and the course of time. Posts: outcome in
    ln beside an intercept; slots were drawn by chance, so nothing else is needed."""
    variant = np.array([one.variant for one in seen], dtype=np.int64)
    if analysis == "posts":
        y = np.array([one.y if one.y is not None else 0.0 for one in seen])
        return Rows(y, variant, np.ones((len(seen), 1)), np.ones(len(seen)))
    clicks = np.array([one.clicks for one in seen], float)
    shown = np.array([one.impressions for one in seen], float)
    y = np.log((clicks + 0.5) / (shown + 0.5))
    weight = 1.0 / (max(rules.spread_ln, 0.02) ** 2 + 1.0 / (clicks + 0.5))
    return Rows(y, variant, regression.calendar([one.start for one in seen]), weight)


def _row_intervals(rows: Rows, variants: int, rules: Rules) -> tuple[Interval, ...]:
    surely = evidence.both_sides(variants, rules.level) / 2
    found = []
    for i in range(1, variants):
        one = regression.contrast(rows, i, 0)
        if one is None or not one.usable:
            found.append(Interval(None, None, None))
            continue
        half = regression.radius(one, rules.phi, surely)
        wide = not math.isfinite(half)
        found.append(
            Interval(one.estimate, None, None)
            if wide
            else Interval(one.estimate, one.estimate - half, one.estimate + half)
        )
    return tuple(found)


def _row_winner(rows: Rows, variants: int, rules: Rules, surely: float) -> int | None:
    for i in range(variants):
        pairs = [regression.contrast(rows, i, j) for j in range(variants) if j != i]
        # the martingale looks to both sides; either is wrong half as often
        if all(
            one is not None
            and one.usable
            and one.estimate > 0
            and regression.log_evidence(one, 0.0, rules.phi) >= math.log(surely / 2)
            for one in pairs
        ):
            return i
    return None


def _rows_alike(rows: Rows, variants: int, rules: Rules, surely: float) -> bool:
    for i in range(variants):
        for j in range(i + 1, variants):
            one = regression.contrast(rows, i, j)
            if one is None or not one.usable:
                return False
            half = regression.radius(one, rules.phi, surely / 2)
            if abs(one.estimate) + half >= rules.smallest_ln:
                return False
    return True


def _row_chances(rows: Rows, variants: int) -> tuple[float, ...]:
    """By the usual normal draws around the estimates; a picture, not a test."""
    random = np.random.default_rng(SEED)
    drawn = np.zeros((allocation.DRAWS, variants))
    for i in range(1, variants):
        one = regression.contrast(rows, i, 0)
        if one is None or not one.usable:
            return tuple([1 / variants] * variants)
        drawn[:, i] = one.estimate + one.spread / math.sqrt(one.z2) * random.standard_normal(allocation.DRAWS)
    return tuple(np.bincount(drawn.argmax(axis=1), minlength=variants) / allocation.DRAWS)


def _places(n: int) -> list[int]:
    return sorted(set(np.linspace(0, n - 1, min(n, PATH_POINTS)).round().astype(int).tolist())) if n else []
