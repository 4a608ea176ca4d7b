"""What every forecast keeps to, whatever the rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from features.catalogue import BY_NAME, NAMES
from training.forecaster import NO_HISTORY, Forecaster
from training.members import TREES
from training.parameters import Parameters

COLUMNS = ["p10", "p50", "p90", "prob_beats_floor", "floor", "abstained", "reason"]


@pytest.fixture(scope="module")
def model(rows: pd.DataFrame, quick: Parameters) -> Forecaster:
    return Forecaster.fit(rows, Platform.INSTAGRAM, quick)


def test_it_answers_every_row_in_order(model: Forecaster, rows: pd.DataFrame) -> None:
    asked = rows.tail(20).assign(horizon_h=168.0)
    answer = model.forecast(asked)
    assert list(answer.columns) == COLUMNS
    assert answer.index.equals(asked.index)
    assert answer[["p10", "p50", "p90"]].notna().all().all()


def test_it_learns_what_moves_the_outcome(model: Forecaster, rows: pd.DataFrame) -> None:
    one = rows.tail(200).assign(horizon_h=168.0)
    asks, tells = (
        model.forecast(one.assign(headline_question=np.float32(v)), gated=False)["p50"] for v in (1, 0)
    )
    assert np.median(np.log(asks / tells)) == pytest.approx(0.8, abs=0.3)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10_000),
    scale=st.sampled_from([0.1, 1.0, 100.0, 1e6]),
    missing=st.floats(0, 1),
    hours=st.lists(st.floats(0.1, 50_000), min_size=2, max_size=6),
)
def test_quantiles_never_cross_and_never_fall_with_age(
    model: Forecaster, rows: pd.DataFrame, seed: int, scale: float, missing: float, hours: list[float]
) -> None:
    random = np.random.default_rng(seed)
    row = rows.sample(1, random_state=seed).copy()
    values = random.normal(size=len(NAMES)) * scale
    values[random.uniform(size=len(NAMES)) < missing] = np.nan
    row[list(NAMES)] = values.astype(np.float32)
    asked = pd.concat([row.assign(horizon_h=h) for h in sorted(hours)], ignore_index=True)
    answer = model.forecast(asked)
    assert (answer["p10"] <= answer["p50"]).all()
    assert (answer["p50"] <= answer["p90"]).all()
    for name in ("p10", "p50", "p90"):
        assert (np.diff(answer[name]) >= -1e-6 * answer[name].to_numpy()[:-1]).all()


def test_the_answer_to_a_row_does_not_depend_on_its_neighbours(model: Forecaster, rows: pd.DataFrame) -> None:
    asked = rows.tail(30).assign(horizon_h=24.0)
    alone = pd.concat([model.forecast(asked.iloc[[i]]) for i in range(len(asked))])
    together = model.forecast(asked)
    np.testing.assert_allclose(alone["p50"], together["p50"], rtol=1e-5)


def test_saved_and_loaded_it_answers_to_the_last_bit(
    model: Forecaster, rows: pd.DataFrame, tmp_path: Path
) -> None:
    model.save(tmp_path / "model")
    asked = rows.tail(100).assign(horizon_h=720.0)
    again = Forecaster.load(tmp_path / "model").forecast(asked, drivers=True)
    pd.testing.assert_frame_equal(again, model.forecast(asked, drivers=True), check_exact=True)


@pytest.mark.parametrize("hours", [(168.0,), (24.0, 168.0, 720.0)])
def test_explained_or_not_it_is_the_same_forecast(
    model: Forecaster, rows: pd.DataFrame, hours: tuple[float, ...]
) -> None:
    """An explanation asks the ensemble for the row and its exchanged copies at once, beside rows of channels without history."""
    some = rows.tail(12).assign(floor=lambda one: one["floor"].where(np.arange(12) % 3 > 0))
    asked = pd.concat([some.assign(horizon_h=h) for h in hours]).sort_index(kind="stable")
    told, bare = model.forecast(asked, drivers=True), model.forecast(asked)
    pd.testing.assert_frame_equal(told[COLUMNS], bare, check_exact=True)
    pd.testing.assert_frame_equal(told.drop(columns="drivers"), model.forecast(asked, parts=True))
    alone = pd.concat([model.forecast(asked.iloc[[i]], drivers=True) for i in range(len(asked))])
    assert alone["other_metrics"].tolist() == told["other_metrics"].tolist()
    with_parts = [i for i, parts in enumerate(told["parts"]) if parts]
    assert len(with_parts) == 12
    assert [told["parts"].iloc[i] for i in with_parts] == [alone["parts"].iloc[i] for i in with_parts]


def test_fitted_twice_it_is_the_same_model(model: Forecaster, rows: pd.DataFrame, quick: Parameters) -> None:
    asked = rows.tail(100).assign(horizon_h=720.0)
    again = Forecaster.fit(rows, Platform.INSTAGRAM, quick)
    pd.testing.assert_frame_equal(again.forecast(asked), model.forecast(asked), check_exact=True)


def test_drivers_are_things_the_creator_can_change(model: Forecaster, rows: pd.DataFrame) -> None:
    asked = rows.tail(50).assign(horizon_h=168.0)
    answer = model.forecast(asked, drivers=True, floor_only=False, gated=False)
    told = [driver for drivers in answer["drivers"] for driver in drivers]
    assert told
    assert all(BY_NAME[driver["feature"]].controllable for driver in told)
    assert all(len(drivers) <= 5 for drivers in answer["drivers"])
    asks = asked["headline_question"].to_numpy() == 1
    effect = [
        next(d["effect"] for d in ds if d["feature"] == "headline_question") for ds in answer["drivers"]
    ]
    assert (np.array(effect)[asks] > 0).all()
    assert (np.array(effect)[~asks] < 0).all()


def test_a_channel_without_history_gets_the_platforms_number_and_a_reason(
    model: Forecaster, rows: pd.DataFrame
) -> None:
    answer = model.forecast(rows.tail(3).assign(floor=np.nan, channel_id="instagram:new", horizon_h=168.0))
    assert answer["abstained"].all()
    assert (answer["reason"] == NO_HISTORY).all()
    assert answer["prob_beats_floor"].isna().all()
    assert (answer["p50"] > 0).all()


def test_where_the_floor_serves_the_number_is_the_floors(model: Forecaster, rows: pd.DataFrame) -> None:
    asked = rows.tail(50).assign(horizon_h=168.0)
    answer = model.forecast(asked, floor_only=True, drivers=True)
    assert answer["abstained"].all()
    np.testing.assert_allclose(answer["p50"], asked["floor"])
    assert (answer["p10"] < answer["p50"]).all()
    assert all(not drivers for drivers in answer["drivers"])


def test_two_ways_of_counting_never_train_together(make_rows: object, rows: pd.DataFrame) -> None:
    long = make_rows(posts=500, platform="youtube", definition="youtube-views-1")  # type: ignore[operator]
    shorts = make_rows(posts=500, platform="youtube", definition="youtube-shorts-views-2", seed=1)  # type: ignore[operator]
    doubled = shorts.assign(outcome=shorts["outcome"] * 1000, post_id="s" + shorts["post_id"])
    few = shorts.head(20).assign(
        metric_definition="youtube-shorts-views-1", post_id="o" + shorts["post_id"].head(20)
    )
    together = Forecaster.fit(pd.concat([long, doubled, few]), Platform.YOUTUBE, families=TREES)
    alone = Forecaster.fit(long, Platform.YOUTUBE, families=TREES)
    asked = long.tail(50)
    pd.testing.assert_frame_equal(together.forecast(asked), alone.forecast(asked), check_exact=True)
    assert together.left_out == {"youtube-shorts-views-1": 20}
    old = together.forecast(few)
    assert old["abstained"].all()
    assert old["reason"].str.contains("Shorts with a minimum watch time").all()


def test_too_few_outcomes_are_told_with_what_to_do(rows: pd.DataFrame) -> None:
    with pytest.raises(NotReadyError, match="import more posts"):
        Forecaster.fit(rows.head(50), Platform.INSTAGRAM)
