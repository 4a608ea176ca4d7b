"""What advice asks of a forecast, and what a change of the draft is expected to do.

Whoever calls hands in a `Score`; nothing here knows how a forecast is made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from creatorlens.records import Draft

Z80 = 1.2815515655446004
SAME_LN = 5e-4
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Part:
    """An addend of ln(1+p50) with its 80 % interval."""

    ln: float
    low_ln: float
    high_ln: float


@dataclass(frozen=True)
class Scored:
    """A draft's forecast at one horizon. p10..p90 and floor are counts of the primary metric; `parts`: audience, timing,
    content, empty where the forecast has none. Where `abstained`, the numbers are the floor's and no change moves them."""

    p10: float
    p50: float
    p90: float
    prob_beats_floor: float | None
    floor: float | None
    abstained: bool
    reason: str
    parts: Mapping[str, Part]

    @property
    def ln(self) -> float:
        return math.log1p(max(0.0, self.p50))

    @property
    def spread_ln(self) -> float:
        """Standard deviation that the 80 % interval implies in ln."""
        return max(1e-6, (math.log1p(self.p90) - math.log1p(self.p10)) / (2 * Z80))


Score = Callable[[Sequence[Draft]], Sequence[Scored]]
"""Drafts of one channel → their forecasts, in order, at one horizon; asked in one batch. Leaves no trace."""


@dataclass(frozen=True)
class LiftLn:
    """An expected change in ln with its 80 % interval; low and high None where not known."""

    ln: float
    low_ln: float | None
    high_ln: float | None

    @property
    def noise(self) -> bool:
        """No detectable difference."""
        if self.low_ln is None or self.high_ln is None:
            return True
        return self.low_ln <= 0.0 <= self.high_ln


def lift(before: Scored, after: Scored, *, among: int = 1) -> LiftLn:
    """From `before` to `after`, two drafts of one channel.

    The range is that of the parts that differ, half-widths added as squares as if errors were independent; what both
    share cancels. `among`: how many were looked at to pick this one: the interval widens, since the best of many stands
    out by chance (Bonferroni).
    """
    ln = after.ln - before.ln
    if abs(ln) < SAME_LN:
        return LiftLn(0.0, 0.0, 0.0)
    if not before.parts or not after.parts:
        return LiftLn(ln, None, None)
    low = high = 0.0
    for name, part in after.parts.items():
        first = before.parts[name]
        if name == "audience" or abs(part.ln - first.ln) < SAME_LN:
            continue
        low += (part.ln - part.low_ln) ** 2 + (first.high_ln - first.ln) ** 2
        high += (part.high_ln - part.ln) ** 2 + (first.ln - first.low_ln) ** 2
    wider = widening(among)
    return LiftLn(ln, ln - wider * math.sqrt(low), ln + wider * math.sqrt(high))


def widening(among: int) -> float:
    """How many times wider an 80 % interval is when it is the best of `among` (Bonferroni)."""
    return _NORMAL.inv_cdf(1 - 0.1 / max(1, among)) / _NORMAL.inv_cdf(0.9)


@dataclass(frozen=True)
class ProbChange:
    """Of P(beats floor), with an 80 % interval."""

    change: float
    low: float
    high: float


def prob_change(before: Scored, after: Scored, expected: LiftLn) -> ProbChange | None:
    """None where either has no floor to beat, or the lift's range is not known."""
    a, b = before.prob_beats_floor, after.prob_beats_floor
    if a is None or b is None or expected.low_ln is None or expected.high_ln is None:
        return None
    centre = _NORMAL.inv_cdf(min(max(b, 1e-4), 1 - 1e-4))
    low, high = (
        _NORMAL.cdf(centre + (bound - expected.ln) / after.spread_ln)
        for bound in (expected.low_ln, expected.high_ln)
    )
    return ProbChange(b - a, min(low, b) - a, max(high, b) - a)


def words_of(found: LiftLn) -> str:
    """As people say it: '+6 % (+1 % to +11 %)', or that there is no detectable difference."""
    if found.low_ln is None or found.high_ln is None:
        return f"{percent(found.ln)}, how sure is not known"
    if found.low_ln == found.ln == found.high_ln == 0.0:
        return "no difference"
    span = f"{percent(found.low_ln)} to {percent(found.high_ln)}"
    if found.noise:
        return f"no detectable difference ({span})"
    return f"{percent(found.ln)} ({span})"


def percent(ln: float) -> str:
    return f"{100 * math.expm1(ln):+.0f} %".replace("-", "−")
