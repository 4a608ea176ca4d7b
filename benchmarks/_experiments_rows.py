"""Simulated tests in which each row is one number: a day with one variant, or a post in a slot."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LONGER = 2
STRONG_DAYS = (0.0, 0.0, 0.0, 0.0, 0.2, 0.5, 0.4)
"""Of a week, in ln, with a trend beside: what a rotation by day is confounded with."""
TREND = 0.01


@dataclass(frozen=True)
class RowScene:
    name: str
    by_day: bool
    spread: float
    smallest: float
    variants: int = 2
    per_day: float = 1.0
    level: float = 0.05
    power: float = 0.8

    @property
    def smallest_ln(self) -> float:
        return math.log1p(self.smallest)

    @property
    def nuisance(self) -> int:
        return 8 if self.by_day else 1


SCENES = (
    RowScene("one title a day", True, 0.2, 0.3),
    RowScene("posts in two slots", False, 0.7, 1.0, per_day=5 / 7),
)


def run(
    scene: RowScene, tests: int, random: np.random.Generator, say: Callable[[str], None]
) -> dict[str, Any]:
    from recommend.experiments.planning import Aim, Numbers, check, joint_power

    aim = Aim(scene.smallest, scene.level, scene.power, scene.variants)
    plan = check(Numbers(scene.spread, scene.per_day, scene.nuisance), aim, 730)
    assert plan.days is not None, "scenes are chosen so that they can be decided"
    count = round(plan.days * scene.per_day)
    say(f"{scene.name}: planned {plan.days:.0f} days, {count} rows")
    none = simulate(scene, 0.0, tests, LONGER * count, random)
    found = simulate(scene, scene.smallest_ln, tests, count, random)
    return {
        "scene": scene.name,
        "days_planned": round(plan.days, 1),
        "false_claims": round(float((none[0] >= 0).mean()), 4),
        "false_claims_with_one_better": round(float(((found[0] == 0) | found[1]).mean()), 4),
        "said_no_difference": round(float(none[1].mean()), 4),
        "power": round(float((found[0] == 1).mean()), 4),
        "planned": round(joint_power(plan.power_by_day[-1][1], scene.variants), 4),
    }


def simulate(
    scene: RowScene, effect: float, tests: int, count: int, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Of two variants: winner (−1 none) and "no difference"; a look after each row. The order is drawn once per 500 tests,
    which then share their projections."""
    parts = [_block(scene, effect, min(500, tests - at), count, random) for at in range(0, tests, 500)]
    return np.concatenate([won for won, _ in parts]), np.concatenate([none for _, none in parts])


def _block(
    scene: RowScene, effect: float, tests: int, count: int, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    from recommend.experiments import regression
    from recommend.experiments.judging import LEAST_DAYS
    from recommend.timing.randomised import randomise

    order = randomise(["0", "1"], count, int(random.integers(1 << 31)))
    variant = np.array([int(one.slot) for one in order])
    start = datetime(2026, 1, 5, tzinfo=UTC)
    days = [start + timedelta(days=i) for i in range(count)]
    y = random.normal(0.0, scene.spread, (tests, count)) + effect * (variant == 1)
    if scene.by_day:
        y = y + np.array([STRONG_DAYS[day.weekday()] for day in days]) + TREND * np.arange(count)
    winner, none = np.full(tests, -1, dtype=np.int64), np.zeros(tests, dtype=bool)
    open_ = np.ones(tests, dtype=bool)
    phi, surely = (scene.spread / scene.smallest_ln) ** 2, scene.variants / scene.level
    for k in range(2 * LEAST_DAYS, count + 1):
        own = (variant[:k] == 1).astype(float)
        if min(own.sum(), k - own.sum()) < LEAST_DAYS:
            continue
        beside = regression.calendar(days[:k]) if scene.by_day else np.ones((k, 1))
        basis = np.linalg.qr(beside)[0]
        left = own - basis @ (basis.T @ own)
        z2, nu = float(left @ left), k - np.linalg.matrix_rank(beside) - 1
        centred = own - own.mean()
        if nu < regression.LEAST_NU or z2 / float(centred @ centred) < regression.LEAST_SHARE:
            continue
        now = y[open_, :k]
        rest = now - (now @ basis) @ basis.T
        estimate = rest @ left / z2
        spread = np.sqrt(np.maximum(((rest - estimate[:, None] * left) ** 2).sum(axis=1) / nu, 1e-300))
        far = spread / math.sqrt(z2) * regression.t_bound(int(nu), z2, phi, surely / 2)
        won = np.abs(estimate) >= far
        same = ~won & (np.abs(estimate) + far < scene.smallest_ln)
        places = np.flatnonzero(open_)
        winner[places[won]] = (estimate[won] > 0).astype(np.int64)
        none[places[same]] = True
        open_[places[won | same]] = False
        if not open_.any():
            break
    return winner, none
