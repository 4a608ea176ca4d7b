"""Simulated tests, thousands at once, through the product's own rules: no difference, planned difference, pools."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scene:
    """A test as planned, and what is true. `effects`: of the variants in ln over the baseline; `day_ln`: by how much days
    differ."""

    name: str
    baseline: float
    per_day: float
    smallest: float
    effects: tuple[float, ...]
    thompson: bool = False
    day_ln: float = 0.0
    level: float = 0.05
    power: float = 0.8

    @property
    def variants(self) -> int:
        return len(self.effects)

    @property
    def smallest_ln(self) -> float:
        return math.log1p(self.smallest)


@dataclass(frozen=True)
class Ran:
    """By test: winner (−1 none), whether it ended as "no difference", look at which it ended (from 1; looks + 1 never)."""

    winner: NDArray[np.int64]
    none: NDArray[np.bool_]
    look: NDArray[np.int64]


def simulate(scene: Scene, tests: int, looks: int, random: np.random.Generator) -> Ran:
    """A look a day; each test ends where the rule says so."""
    from recommend.experiments import allocation

    rates = np.minimum(scene.baseline * np.exp(np.array(scene.effects)), 1.0)
    winner, none = np.full(tests, -1, dtype=np.int64), np.zeros(tests, dtype=bool)
    look = np.full(tests, looks + 1, dtype=np.int64)
    alive = np.arange(tests)
    share = np.full((tests, scene.variants), 1 / scene.variants)
    seen = Tally.empty(tests, scene)
    impressions = np.zeros((tests, looks, scene.variants)) if scene.thompson else None
    clicks = np.zeros_like(impressions) if impressions is not None else None
    for day in range(looks):
        shown = np.round(scene.per_day * share[alive])
        today = np.exp(random.normal(0.0, scene.day_ln, len(alive)))[:, None] if scene.day_ln else 1.0
        got = random.binomial(shown.astype(np.int64), np.minimum(rates * today, 1.0)).astype(float)
        seen.add(alive, shown, got)
        won, alike = seen.decided(alive, scene)
        winner[alive], none[alive] = won, alike
        over = (won >= 0) | alike
        look[alive[over]] = day + 1
        if impressions is not None and clicks is not None:
            impressions[alive, day], clicks[alive, day] = shown, got
            going = alive[~over]
            if len(going):
                mean, covariance = allocation.posterior(
                    impressions[going, : day + 1], clicks[going, : day + 1]
                )
                share[going] = allocation.shares(allocation.chances_of(mean, covariance, random, 200))
        alive = alive[~over]
        if not len(alive):
            break
    return Ran(winner, none, look)


@dataclass(frozen=True)
class Tally:
    """For each pair of variants (first < second) and each θ the log likelihood so far: what `evidence.Pair` computes from all
    periods, added up day by day."""

    pairs: tuple[tuple[int, int], ...]
    thetas: Floats
    likelihood: Floats

    @classmethod
    def empty(cls, tests: int, scene: Scene) -> Tally:
        from recommend.experiments.evidence import SHIFTS

        v = scene.variants
        pairs = tuple((i, j) for i in range(v) for j in range(i + 1, v))
        up = scene.smallest_ln * np.array([0.0, *SHIFTS])
        down = -scene.smallest_ln + up
        # θ of first over second; the other way round it is −θ
        thetas = np.concatenate([up, down, -up, -down])
        return cls(pairs, thetas, np.zeros((tests, len(pairs), len(thetas))))

    def add(self, alive: NDArray[np.int64], shown: Floats, got: Floats) -> None:
        for p, (i, j) in enumerate(self.pairs):
            top = np.log(shown[:, [i]] * np.exp(self.thetas) + shown[:, [j]])
            self.likelihood[alive, p] += self.thetas * got[:, [i]] - (got[:, [i]] + got[:, [j]]) * top

    def decided(self, alive: NDArray[np.int64], scene: Scene) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Winner (−1: none) and "no difference"."""
        from recommend.experiments.evidence import WEIGHTS

        v, bar = scene.variants, math.log(scene.variants / scene.level)
        k = 1 + len(WEIGHTS)
        parts = self.likelihood[alive].reshape(len(alive), len(self.pairs), 4, k)
        mixed = np.logaddexp.reduce(np.log(WEIGHTS) + parts[..., 1:] - parts[..., :1], axis=-1)
        beats = np.ones((len(alive), v), dtype=bool)
        alike = np.ones(len(alive), dtype=bool)
        for p, (i, j) in enumerate(self.pairs):
            beats[:, i] &= mixed[:, p, 0] >= bar
            beats[:, j] &= mixed[:, p, 2] >= bar
            alike &= (mixed[:, p, 1] >= bar) & (mixed[:, p, 3] >= bar)
        won = np.where(beats.any(axis=1), beats.argmax(axis=1), -1)
        return won.astype(np.int64), alike & (won < 0)


def false_claims(scene: Scene, ran: Ran) -> float:
    """Share of tests that call a winner which is no better than all others, or call alike what differs by more."""
    effects = np.array(scene.effects)
    best = effects.max()
    alone = int((effects >= best - 1e-12).sum()) == 1
    right = (ran.winner == int(effects.argmax())) if alone else np.zeros(len(ran.winner), dtype=bool)
    wrong = (ran.winner >= 0) & ~right
    if effects.max() - effects.min() >= scene.smallest_ln - 1e-12:
        wrong |= ran.none
    return float(wrong.mean())
