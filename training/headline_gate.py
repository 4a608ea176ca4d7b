"""Whether a model of headlines may serve: it orders headlines of weeks it had not seen better than chance, and no worse than
the champion. Tests are drawn with replacement, as headlines of one test share luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.columns import Floats
from training.headline_figures import order
from training.headline_rows import HeadlineRows

RESAMPLES = 2_000
SEED = 104_729
MIN_TESTS = 20
MARGIN = 0.02
"""Two trainings of one recipe differ by about that much in the share of evidence they order rightly."""
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Judged:
    """`gain`: share of the evidence (|z| of pairs) ordered rightly, less one half; `over_champion`: the same less the champion's. Each
    with its lower one-sided 95 % bound."""

    won: bool
    reason: str
    tests: int
    gain: tuple[float, float]
    over_champion: tuple[float, float] | None = None

    @property
    def figures(self) -> dict[str, float]:
        told = {"gate_tests": float(self.tests), "gate_gain": self.gain[0], "gate_gain_low": self.gain[1]}
        if self.over_champion is not None:
            told |= {
                "gate_over_champion": self.over_champion[0],
                "gate_over_champion_low": self.over_champion[1],
            }
        return {name: value for name, value in told.items() if np.isfinite(value)}


def judge(rows: HeadlineRows, score: Floats, champion: Floats | None = None) -> Judged:
    """rows: tests that neither trained on; champion: its scores of the same rows, NaN where it has trained on them; None where there is none to beat."""
    weight, right, test = _evidence(rows, score)
    tests = len(np.unique(test))
    if tests < MIN_TESTS:
        return Judged(
            False, f"only {tests} later tests to judge by, {MIN_TESTS} are needed", tests, (np.nan, np.nan)
        )
    gain = _bounded(weight, right - 0.5, test)
    told = f"orders {50 + 100 * gain[0]:.1f} % of the evidence of {tests} later tests rightly (chance: 50 %)"
    if gain[1] <= 0:
        return Judged(False, f"{told}, which may be chance", tests, gain)
    if champion is None:
        return Judged(True, told, tests, gain)
    both = rows.take(np.isfinite(champion))
    known = np.isfinite(champion)
    if len(np.unique(_evidence(both, score[known])[2])) < MIN_TESTS:
        return Judged(
            True, f"{told}; the champion knew nearly all of them, so it is not compared", tests, gain
        )
    weight, right, test = _evidence(both, score[known])
    over = _bounded(weight, right - _evidence(both, champion[known])[1], test)
    against = f"{told}; {100 * over[0]:+.1f} points over the champion (at least {100 * over[1]:+.1f})"
    return Judged(over[1] > -MARGIN, against, tests, gain, over)


def _evidence(rows: HeadlineRows, score: Floats) -> tuple[Floats, Floats, Floats]:
    found = order(rows, score)
    return np.abs(found.z), found.right, found.test


def _bounded(weight: Floats, value: Floats, test: Floats) -> tuple[float, float]:
    place = np.unique(test, return_inverse=True)[1]
    top, whole = np.bincount(place, weight * value), np.bincount(place, weight)
    rng = np.random.default_rng(SEED)
    drawn = rng.multinomial(len(top), np.full(len(top), 1 / len(top)), size=RESAMPLES)
    spread = (drawn @ top) / np.maximum(drawn @ whole, 1e-12)
    return float(top.sum() / max(whole.sum(), 1e-12)), float(np.quantile(spread, 1 - _CONFIDENCE))
