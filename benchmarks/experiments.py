"""Tests of titles, thumbnails and times: `python -m benchmarks experiments`.

Simulated 10,000 times under the product's own rules with a look at every step: how often a difference is claimed that is
none (at most the stated level), how often the planned one is found in the planned time (within 3 points), side by side
with equal shares and with Thompson's, one variant a day, and posts in slots. Then the real headline tests of
../shared/data replayed: clicks lost against always knowing the best, beside a test with one look at the end and
beside stopping at p < 0.05. And what kinds of change are worth over all of them. Progress goes to stderr; minutes.
"""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import _experiments_replay as replay
from benchmarks import _experiments_rows as rows
from benchmarks._experiments_simulated import Scene, false_claims, simulate

TESTS = 10_000
LEVEL = 0.05
POINTS = 0.03
SEED = 20_261
LONGER = 3
"""Times the planned days, in the tests without a difference."""

SCENES = (
    Scene("two titles", 0.04, 4_000, 0.2, (0.0, 0.0)),
    Scene("two titles, days that differ", 0.04, 4_000, 0.2, (0.0, 0.0), day_ln=0.3),
    Scene("four titles", 0.04, 8_000, 0.3, (0.0,) * 4),
    Scene("few clicks", 0.01, 1_500, 1.0, (0.0, 0.0)),
    Scene("Thompson", 0.04, 4_000, 0.3, (0.0, 0.0), thompson=True, day_ln=0.3),
)

Say = Callable[[str], None]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--tests", type=int, default=TESTS, help="simulated tests of each kind")


def run(json: bool = False, tests: int = TESTS) -> dict[str, Any]:
    def say(message: str) -> None:
        if not json:
            print(message, file=sys.stderr, flush=True)

    started = time.perf_counter()
    random = np.random.default_rng(SEED)
    side = [_side_by_side(scene, tests, random, say) for scene in SCENES]
    by_row = [rows.run(scene, tests, random, say) for scene in rows.SCENES]
    claims = [one["false_claims"] for one in (*side, *by_row)]
    powers: list[float] = [
        one["power"] - one["planned"] for one in (*side, *by_row) if one["planned"] is not None
    ]
    goals = {
        # three standard errors of the simulation itself
        "false_claims_at_most_the_level": max(claims) <= LEVEL + 3 * (LEVEL * (1 - LEVEL) / tests) ** 0.5,
        "power_within_3_points": all(abs(one) <= POINTS for one in powers),
    }
    told: dict[str, Any] = {
        "tests": tests,
        "level": LEVEL,
        "false_claims_max": max(claims),
        "power_off_by_max": round(max(abs(one) for one in powers), 4),
        "side_by_side": side,
        "rows": by_row,
    }
    real = replay.run(say)
    return {
        **told,
        "real": real,
        "goals": goals,
        "ok": all(goals.values()),
        "seconds": round(time.perf_counter() - started, 1),
    }


def _side_by_side(scene: Scene, tests: int, random: np.random.Generator, say: Say) -> dict[str, Any]:
    from dataclasses import replace

    from recommend.experiments.planning import Aim, Traffic, check

    aim = Aim(scene.smallest, scene.level, scene.power, scene.variants)
    plan = check(Traffic(scene.baseline, scene.per_day), aim, 730)
    assert plan.days is not None, "scenes are chosen so that they can be decided"
    days = int(plan.days)
    say(f"{scene.name}: planned {days} days")
    none = simulate(scene, tests, LONGER * days, random)
    better = replace(scene, effects=(*scene.effects[:-1], scene.smallest_ln))
    found = simulate(better, tests, days, random)
    power = float((found.winner == scene.variants - 1).mean())
    # Thompson's shares are not what the plan is made for
    planned = None if scene.thompson or scene.day_ln else _planned(plan.power_by_day[-1][1], scene.variants)
    return {
        "scene": scene.name,
        "days_planned": days,
        "fixed_days": round(plan.fixed_per_variant * scene.variants / scene.per_day, 1),
        "false_claims": round(false_claims(scene, none), 4),
        "false_claims_with_one_better": round(false_claims(better, found), 4),
        "said_no_difference": round(float(none.none.mean()), 4),
        "power": round(power, 4),
        "planned": planned,
        "mean_days_if_smallest": round(float(np.minimum(found.look, days).mean()), 1),
        "mean_days_if_smallest_planned": round(plan.if_smallest or 0.0, 1),
    }


def _planned(pair: float, variants: int) -> float:
    """Of the best against all others, from one comparison's."""
    from recommend.experiments.planning import joint_power

    return round(joint_power(pair, variants), 4)
