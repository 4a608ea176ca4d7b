"""What posts with a trait did more than the channel's others, for many traits at once.

Within-channel comparison. Intervals hold for all traits together: their half-width is the largest studentised effect that
chance brings forth on this very channel (Westfall and Young 1993), found by re-ordering its results against its traits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.asof import Floats, Ints
from recommend.scoring import Z80, LiftLn

LEVEL = 0.05
"""How often a channel of pure chance is told anything at all."""
DRAWS = 400
SHIFTS_FROM = 60
"""From so many results on, they are shifted in time as a whole, which keeps what neighbours have in common."""
FARTHEST = 3.0
"""Results farther than so many spreads from the usual count as being there."""
USUAL_TRAIT_LN = 0.15
SMALLEST_TRAIT_LN = 0.05


@dataclass(frozen=True)
class Effects:
    """Per trait, in ln: `raw` with standard error `se`; `ln` shrunk, `low` and `high` for all traits together."""

    raw: Floats
    se: Floats
    ln: Floats
    low: Floats
    high: Floats

    def lift(self, i: int) -> LiftLn:
        return LiftLn(float(self.ln[i]), float(self.low[i]), float(self.high[i]))


def effects(
    results: pd.DataFrame,
    has: Any,
    *,
    trait_ln: float = USUAL_TRAIT_LN,
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> Effects:
    """results: channel_id, ln, spread, by channel and time; has: results x traits, dense, 1 where the post has it.

    `trait_ln`: standard deviation of what traits do on the platform (`trait_spread`). A trait that all or none of a
    channel's posts have says nothing there.
    """
    channel = pd.factorize(results["channel_id"])[0].astype(np.int64)
    spread = results["spread"].to_numpy(float)
    y = _within((results["ln"].to_numpy(float) / spread).clip(-FARTHEST, FARTHEST), channel)
    x = _within(np.asarray(has, dtype=float), channel) / spread[:, None]
    told = np.maximum((x**2).sum(axis=0), 1e-12)
    groups = len(np.unique(channel)) if len(channel) else 0
    noise = float(np.sqrt((y**2).sum() / max(1, len(y) - groups)))
    raw, se = (y @ x) / told, max(noise, 1e-6) / np.sqrt(told)
    chance = (_reordered(y, channel, draws, seed) @ x) / np.sqrt(told) / max(noise, 1e-6)
    highest = np.abs(chance).max(axis=1) if x.shape[1] else np.zeros(1)
    critical = float(np.quantile(highest, 1 - level, method="higher"))
    shrunk = trait_ln**2 / (trait_ln**2 + se**2)
    half = np.maximum(shrunk * critical, Z80 * np.sqrt(shrunk)) * se
    return Effects(raw, se, shrunk * raw, shrunk * raw - half, shrunk * raw + half)


def trait_spread(raw: Floats, se: Floats) -> float:
    """Standard deviation of the true effects behind `raw` (method of moments, DerSimonian and Laird 1986)."""
    if len(raw) == 0:
        return USUAL_TRAIT_LN
    excess = float((raw**2 / se**2).sum() - len(raw)) / float((1 / se**2).sum())
    return max(SMALLEST_TRAIT_LN, float(np.sqrt(max(0.0, excess))))


def _within(values: Floats, channel: Ints) -> Floats:
    count = np.bincount(channel).astype(float)
    if values.ndim == 1:
        return values - (np.bincount(channel, weights=values) / count)[channel]
    total = np.zeros((len(count), values.shape[1]))
    np.add.at(total, channel, values)
    centred: Floats = values - (total / count[:, None])[channel]
    return centred


def _reordered(y: Floats, channel: Ints, draws: int, seed: int) -> Floats:
    """draws x results: within each channel shifted in a circle (either way round), or shuffled where there are few."""
    rng = np.random.default_rng(seed)
    out = np.tile(y, (draws, 1))
    for own in np.split(np.arange(len(y)), np.flatnonzero(np.diff(channel)) + 1):
        n = len(own)
        if n < SHIFTS_FROM:
            order = rng.random((draws, n)).argsort(axis=1)
        else:
            order = (np.arange(n) + rng.integers(1, n, (draws, 1))) % n
            order = np.where(rng.random((draws, 1)) < 0.5, order, order[:, ::-1])
        out[:, own] = y[own][order]
    return out
