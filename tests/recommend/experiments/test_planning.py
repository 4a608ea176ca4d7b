"""The power check tells what the stopping rule will do; pooling tells what small tests know together."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import _experiments_rows as rows
from benchmarks._experiments_simulated import Scene, simulate
from recommend.experiments.planning import Aim, Numbers, Traffic, check, fixed_impressions, joint_power
from recommend.experiments.pooling import Effect, pool
from recommend.experiments.traits import TRAITS, Shown, effect

TESTS = 1000
NOISE = 3 * math.sqrt(0.25 / TESTS)


def test_one_look_at_the_end_needs_what_textbooks_say() -> None:
    aim = Aim(0.1, 0.05, 0.8)
    assert fixed_impressions(0.04, 0.044, aim) == pytest.approx(39_500, rel=0.005)
    assert fixed_impressions(0.03, 0.05, Aim(2 / 3, 0.05, 0.8)) == pytest.approx(1_500, rel=0.01)


def test_power_is_that_of_the_rule_itself() -> None:
    scene = Scene("", 0.04, 2_000, 0.3, (0.0, math.log(1.3)))
    plan = check(Traffic(scene.baseline, scene.per_day), Aim(0.3, 0.05, 0.8), 60)
    assert plan.days is not None
    ran = simulate(scene, TESTS, int(plan.days), np.random.default_rng(2))
    assert float((ran.winner == 1).mean()) == pytest.approx(plan.power_by_day[-1][1], abs=NOISE)
    assert float(np.minimum(ran.look, plan.days).mean()) == pytest.approx(plan.if_smallest, rel=0.1)


def test_power_of_rows_is_that_of_the_rule_itself() -> None:
    scene = rows.RowScene("", False, 0.5, 1.0)
    plan = check(Numbers(0.5, 1.0, 1), Aim(1.0, 0.05, 0.8), 365)
    assert plan.days is not None
    won, _ = rows.simulate(scene, scene.smallest_ln, TESTS, int(plan.days), np.random.default_rng(4))
    assert float((won == 1).mean()) == pytest.approx(plan.power_by_day[-1][1], abs=NOISE + 0.02)


@settings(max_examples=6, deadline=None)
@given(st.floats(0.01, 0.2), st.floats(500, 50_000), st.floats(0.15, 1.0))
def test_more_traffic_or_a_larger_change_is_never_slower(rate: float, a_day: float, smallest: float) -> None:
    def days(per_day: float, change: float) -> float:
        found = check(Traffic(rate, per_day), Aim(change, 0.05, 0.8), 1).days
        return math.inf if found is None else found

    assert days(2 * a_day, smallest) <= days(a_day, smallest)
    assert days(a_day, 1.5 * smallest) <= days(a_day, smallest)


def test_what_cannot_be_decided_is_said_with_what_could_be() -> None:
    found = check(Traffic(0.04, 100), Aim(0.1, 0.05, 0.8), 30)
    assert found.days is None
    assert found.smallest_in_time is not None
    assert found.smallest_in_time > 0.5
    assert check(Traffic(0.001, 1), Aim(0.1, 0.05, 0.8), 1).smallest_in_time is None


def test_beating_several_is_harder_than_beating_one_but_not_as_if_they_were_independent() -> None:
    assert joint_power(0.8, 2) == 0.8
    assert 0.8**3 < joint_power(0.8, 4) < 0.8
    aim = Aim(0.2, 0.05, 0.8, 4)
    assert joint_power(aim.pair_power, 4) == pytest.approx(0.8, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0.02, 0.5)), min_size=1, max_size=30))
def test_pooled_effects_lie_between_the_tests_and_draw_them_together(told: list[tuple[float, float]]) -> None:
    effects = [Effect(ln, error) for ln, error in told]
    found = pool(effects)
    values = [ln for ln, _ in told]
    assert min(values) - 1e-9 <= found.mean_ln <= max(values) + 1e-9
    assert found.low_ln <= found.mean_ln <= found.high_ln
    for one, shrunk in zip(effects, found.shrunk_ln, strict=True):
        low, high = sorted((one.ln, found.mean_ln))
        assert low - 0.15 <= shrunk <= high + 0.15
    assert pool(effects, among=8).low_ln <= found.low_ln


def test_many_small_tests_find_what_none_of_them_can() -> None:
    random = np.random.default_rng(5)
    covered = found_it = 0
    for _ in range(60):
        true = 0.15 + random.normal(0, 0.05, 60)
        effects = [Effect(ln + random.normal(0, 0.2), 0.2) for ln in true.tolist()]
        assert sum(abs(one.ln) > 1.96 * one.error for one in effects) < 30
        found = pool(effects)
        found_it += found.low_ln > 0
        covered += found.low_ln < 0.15 < found.high_ln
    assert found_it >= 57
    assert covered >= 52


def test_kinds_of_change_are_told_by_surface_alone() -> None:
    traits = {one.name: one for one in TRAITS}
    shown = [Shown("Which lens?", 1000, 60), Shown("Ten lenses", 1000, 40)]
    found = effect(traits["question"], shown)
    assert found is not None
    assert found.ln == pytest.approx(math.log(60 / 940) - math.log(40 / 960), abs=0.01)
    assert effect(traits["number"], shown) is None
