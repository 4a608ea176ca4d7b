"""Evidence that stays valid however often one looks, from variants that run at the same time.

Of the clicks on variants a and b in one period, n_a and n_b impressions, a share q(θ) = n_a e^θ / (n_a e^θ + n_b) falls to a
where a's rate is e^θ times b's: whatever the rate of that period is, it drops out, so that days differ as they please and
the shares of traffic may follow from what was seen before. The product over periods of

    (q(θ) / q(θ0))^clicks_a · ((1 − q(θ)) / (1 − q(θ0)))^clicks_b

has expectation at most 1 under θ0: with independent impressions, rates p_a = e^θ0 p_b and N = n_a e^θ0 + n_b it is
(1 + p_a (q/q0 − 1))^n_a · (1 + p_b ((1−q)/(1−q0) − 1))^n_b ≤ exp(p_b (n_a e^θ0 (q/q0 − 1) + n_b ((1−q)/(1−q0) − 1)))
= exp(p_b (N q + N (1 − q) − N)) = 1, and less under any smaller θ0 where θ > θ0. Averages of it over several θ keep that property
(Robbins' method of mixtures), and by Ville's inequality such a process ever passes c with probability at most 1/c. Turning
the test around gives confidence sequences (Howard et al., 2021). Nothing here is asymptotic.

Wrong claims of a winner: variant i wins where it beats every other with c = variants / level. A false winner loses to, or
ties with, a best variant; summed over all variants that is at most `level`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHIFTS = (0.5, 1.0, 2.0, 4.0)
"""Alternatives, in multiples of the smallest change worth finding, and how much each weighs: most on that change itself,
for which the test is planned; the rest lets larger changes be seen sooner and intervals go on narrowing."""
WEIGHTS = (0.1, 0.75, 0.1, 0.05)
WIDEST = 8.0
HALVINGS = 50


@dataclass(frozen=True)
class Periods:
    """Impressions and clicks by period (rows) and variant (columns). Both of variants that did not run are 0."""

    impressions: Floats
    clicks: Floats

    def until(self, rows: int) -> Periods:
        return Periods(self.impressions[:rows], self.clicks[:rows])


@dataclass(frozen=True)
class Pair:
    """Two variants over the periods in which both ran. `clicks`: of both together."""

    first: Floats
    second: Floats
    clicks: Floats
    clicks_first: float

    def log_likelihood(self, theta: Floats) -> Floats:
        """Up to a constant, for each of `theta`."""
        top = np.log(self.first[:, None] * np.exp(theta) + self.second[:, None])
        found: Floats = theta * self.clicks_first - self.clicks @ top
        return found

    def flipped(self) -> Pair:
        return Pair(self.second, self.first, self.clicks, float(self.clicks.sum()) - self.clicks_first)

    @property
    def estimate(self) -> float | None:
        """Of θ, by greatest likelihood; None without a click on either side."""
        total = float(self.clicks.sum())
        if not 0.0 < self.clicks_first < total:
            return None
        theta = 0.0
        for _ in range(HALVINGS):
            share = self.first * math.exp(theta) / (self.first * math.exp(theta) + self.second)
            step = (self.clicks_first - float(self.clicks @ share)) / float(
                self.clicks @ (share * (1 - share))
            )
            theta = min(max(theta + min(max(step, -1.0), 1.0), -WIDEST), WIDEST)
            if abs(step) < 1e-10:
                break
        return theta


def pair(periods: Periods, first: int, second: int) -> Pair:
    both = (periods.impressions[:, first] > 0) & (periods.impressions[:, second] > 0)
    a, b = periods.clicks[both, first], periods.clicks[both, second]
    return Pair(periods.impressions[both, first], periods.impressions[both, second], a + b, float(a.sum()))


def log_evidence(of: Pair, theta: float, smallest_ln: float) -> float:
    """ln of the process against "the first is at most e^theta times the second"; 0 before anything was seen."""
    shifts = np.array([0.0, *(smallest_ln * size for size in SHIFTS)])
    found = of.log_likelihood(theta + shifts)
    return float(np.logaddexp.reduce(np.log(WEIGHTS) + found[1:] - found[0]))


def lower_bound(of: Pair, smallest_ln: float, surely: float) -> float:
    """The θ below which everything is refuted by evidence of `surely`; −WIDEST where nothing is."""
    bar = math.log(surely)
    low, high = -WIDEST, WIDEST
    if log_evidence(of, low, smallest_ln) < bar:
        return low
    for _ in range(HALVINGS):
        # the likelihood is concave, so that evidence falls as theta rises
        middle = (low + high) / 2
        if log_evidence(of, middle, smallest_ln) >= bar:
            low = middle
        else:
            high = middle
    return low


def interval(of: Pair, smallest_ln: float, surely: float) -> tuple[float, float]:
    """θ of first over second; each side wrong with probability at most 1/surely, at all times together."""
    return lower_bound(of, smallest_ln, surely), -lower_bound(of.flipped(), smallest_ln, surely)


def winner(periods: Periods, smallest_ln: float, level: float) -> int | None:
    """The variant that beats every other one."""
    variants = periods.impressions.shape[1]
    bar = math.log(variants / level)
    for i in range(variants):
        others = [j for j in range(variants) if j != i]
        if all(log_evidence(pair(periods, i, j), 0.0, smallest_ln) >= bar for j in others):
            return i
    return None


def alike(periods: Periods, smallest_ln: float, level: float) -> bool:
    """No variant beats another one by the smallest change worth finding. Wrong at most at `level`: to say it, the pair
    that does differ has to be refuted too."""
    variants = periods.impressions.shape[1]
    bar = math.log(variants / level)
    return all(
        log_evidence(pair(periods, i, j), -smallest_ln, smallest_ln) >= bar
        for i in range(variants)
        for j in range(variants)
        if i != j
    )


def both_sides(variants: int, level: float) -> float:
    """What intervals of all variants against the first one ask for, to hold together."""
    return 2 * (variants - 1) / level
