"""Evidence, verdicts and shares: what has to hold whatever is observed."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks._experiments_simulated import Scene, Tally, false_claims, simulate
from recommend.experiments import allocation, evidence
from recommend.experiments.evidence import Periods
from recommend.experiments.judging import Rules, Seen, judge

SMALLEST = math.log(1.2)
LEVEL = 0.05
START = datetime(2026, 6, 1, tzinfo=UTC)
QUICK = settings(max_examples=12, deadline=None)


@st.composite
def periods(draw: st.DrawFn, variants: int = 3) -> Periods:
    rows = draw(st.integers(1, 8))
    seed = draw(st.integers(0, 10_000))
    rates = np.array(draw(st.lists(st.floats(0.005, 0.3), min_size=variants, max_size=variants)))
    random = np.random.default_rng(seed)
    shown = random.integers(0, 3_000, (rows, variants))
    return Periods(shown.astype(float), random.binomial(shown, rates).astype(float))


def rules(thompson: bool = False) -> Rules:
    return Rules(SMALLEST, LEVEL, 0.15, thompson)


def seen(of: Periods) -> list[Seen]:
    return [
        Seen(
            v,
            START + timedelta(days=i),
            START + timedelta(days=i + 1),
            int(of.impressions[i, v]),
            int(of.clicks[i, v]),
        )
        for i in range(len(of.impressions))
        for v in range(of.impressions.shape[1])
    ]


@QUICK
@given(periods())
def test_the_interval_holds_the_estimate_and_swaps_with_the_variants(of: Periods) -> None:
    one = evidence.pair(of, 0, 1)
    low, high = evidence.interval(one, SMALLEST, 40.0)
    assert low <= high
    if one.estimate is not None:
        assert low - 1e-6 <= one.estimate <= high + 1e-6
    other = evidence.interval(one.flipped(), SMALLEST, 40.0)
    assert (-other[1], -other[0]) == pytest.approx((low, high), abs=1e-6)


@QUICK
@given(periods())
def test_a_winner_beats_all_and_is_never_called_alike(of: Periods) -> None:
    judged = judge(seen(of), 3, rules())
    if judged.analysis != "side-by-side":
        return
    if judged.winner is not None:
        assert judged.finding == "won"
        for other in range(3):
            if other != judged.winner:
                pair = evidence.pair(of, judged.winner, other)
                assert pair.estimate is None or pair.estimate > 0
    assert math.isclose(sum(judged.best), 1.0, abs_tol=1e-9)
    assert judge(seen(of)[::-1], 3, rules()) == judged


@QUICK
@given(periods())
def test_shares_leave_nobody_without_traffic(of: Periods) -> None:
    shares = judge(seen(of), 3, rules(thompson=True)).shares
    assert sum(shares) == pytest.approx(1.0)
    assert min(shares) >= allocation.LEAST / 3 - 1e-12


@QUICK
@given(periods(), st.floats(0.1, 10.0))
def test_what_a_day_does_to_all_variants_alike_drops_out(of: Periods, factor: float) -> None:
    """Twice the impressions of every variant at the same clicks is a duller day, and no other comparison."""
    dull = Periods(of.impressions * factor, of.clicks)
    for theta in (-0.2, 0.0, 0.3):
        a, b = evidence.pair(of, 0, 1), evidence.pair(dull, 0, 1)
        assert evidence.log_evidence(a, theta, SMALLEST) == pytest.approx(
            evidence.log_evidence(b, theta, SMALLEST), abs=1e-6
        )


@QUICK
@given(periods())
def test_the_simulation_decides_as_the_product_does(of: Periods) -> None:
    kept = (of.impressions > 0).all(axis=1)
    of = Periods(of.impressions[kept], of.clicks[kept])
    scene = Scene("", 0.0, 0.0, 0.2, (0.0,) * 3)
    tally, alive = Tally.empty(1, scene), np.array([0])
    for shown, got in zip(of.impressions, of.clicks, strict=True):
        tally.add(alive, shown[None], got[None])
    won, alike = tally.decided(alive, scene)
    winner = evidence.winner(of, SMALLEST, LEVEL)
    assert won[0] == (-1 if winner is None else winner)
    assert alike[0] == (winner is None and evidence.alike(of, SMALLEST, LEVEL))


def test_nothing_is_claimed_too_often_however_often_one_looks() -> None:
    random = np.random.default_rng(1)
    for scene in (
        Scene("", 0.04, 2_000, 0.3, (0.0, 0.0), day_ln=0.3),
        Scene("", 0.04, 3_000, 0.3, (0.0, 0.0, 0.0), thompson=True),
    ):
        ran = simulate(scene, 600, 25, random)
        assert false_claims(scene, ran) <= LEVEL + 3 * math.sqrt(LEVEL * (1 - LEVEL) / 600)


def test_days_with_one_variant_are_not_taken_for_variants() -> None:
    """b has the weekends: its rate is the weekend's."""
    told = [
        Seen(int(day.weekday() >= 5), day, day + timedelta(days=1), 4000, 400 if day.weekday() >= 5 else 200)
        for day in (START + timedelta(days=i) for i in range(28))
    ]
    judged = judge(told, 2, rules())
    assert (judged.analysis, judged.finding) == ("by-day", "undecided")
    assert judged.intervals[0].low_ln is None


def test_a_rotation_by_day_finds_the_effect_beside_weekdays_and_trend() -> None:
    random = np.random.default_rng(3)
    told = []
    for i in range(84):
        day = START + timedelta(days=i)
        variant = int(random.random() < 0.5)
        rate = 0.05 * math.exp(0.5 * variant + 0.4 * (day.weekday() >= 5) + 0.01 * i + random.normal(0, 0.1))
        told.append(Seen(variant, day, day + timedelta(days=1), 20_000, int(random.binomial(20_000, rate))))
    judged = judge(told, 2, Rules(math.log(1.3), LEVEL, 0.15))
    (one,) = judged.intervals
    assert (judged.finding, judged.winner) == ("won", 1)
    assert one.low_ln is not None
    assert one.high_ln is not None
    assert one.low_ln < 0.5 < one.high_ln
