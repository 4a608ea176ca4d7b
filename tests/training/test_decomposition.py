"""A forecast's three addends: they add up, each follows what is in it, and nothing is claimed that chance explains."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from creatorlens.platforms import Platform
from features.catalogue import FEATURES, MEDIA, SIMILAR
from training.decomposition import part_of
from training.forecaster import Forecaster
from training.members import TREES
from training.permutation import survivors


@pytest.fixture(scope="module")
def forecaster(make_rows) -> Forecaster:  # type: ignore[no-untyped-def]
    """Titles with a question do better by .8; nothing else of the content, and no time, has an effect."""
    return Forecaster.fit(make_rows(posts=1200), Platform.INSTAGRAM, families=TREES)


@pytest.fixture(scope="module")
def told(forecaster: Forecaster, make_rows) -> tuple[pd.DataFrame, pd.DataFrame]:  # type: ignore[no-untyped-def]
    asked = make_rows(posts=300, seed=5).assign(horizon_h=168.0)
    return asked, forecaster.forecast(asked, drivers=True, gated=False)


def _part(answers: pd.DataFrame, name: str, key: str = "ln") -> np.ndarray:
    return np.array([next(p[key] for p in parts if p["name"] == name) for parts in answers["parts"]])


def test_audience_timing_and_content_add_up_to_the_forecast(told: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    asked, answers = told
    total = sum(_part(answers, name) for name in ("audience", "timing", "content"))
    with_floor = asked["floor"].notna().to_numpy()
    np.testing.assert_allclose(total[with_floor], np.log1p(answers["p50"])[with_floor], rtol=0, atol=1e-6)


def test_each_part_follows_what_is_in_it(told: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    asked, answers = told
    question = asked["headline_question"].to_numpy() > 0.5
    content = _part(answers, "content")
    assert 0.5 < content[question].mean() - content[~question].mean() < 1.0
    assert np.corrcoef(_part(answers, "audience"), asked["base_ln"])[0, 1] > 0.95
    assert np.abs(_part(answers, "timing")).mean() < 0.1


def test_the_intervals_hold_the_parts_and_are_wider_where_less_is_sure(
    told: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    _, answers = told
    for name in ("audience", "timing", "content"):
        low, middle, high = (_part(answers, name, key) for key in ("low_ln", "ln", "high_ln"))
        assert (low <= middle).all()
        assert (middle <= high).all()
    assert (_part(answers, "content", "high_ln") - _part(answers, "content", "low_ln")).mean() > 0


def test_only_drivers_that_survive_shuffling_are_claimed(
    forecaster: Forecaster, told: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    _, answers = told
    expert = next(iter(forecaster.experts.values()))
    assert "headline_question" in expert.drivers
    assert len(expert.drivers) <= 8, expert.drivers
    claimed = {driver["feature"] for drivers in answers["drivers"] for driver in drivers}
    assert claimed <= set(expert.drivers)
    assert "headline_question" in claimed


def test_a_column_without_effect_survives_as_seldom_as_the_level_says() -> None:
    random = np.random.default_rng(3)
    n = 400
    frame = pd.DataFrame(random.normal(size=(n, 61)), columns=["told", *[f"noise{i}" for i in range(60)]])
    frame["channel_id"] = [f"c{i % 40}" for i in range(n)]
    truth = frame["told"].to_numpy() + random.normal(size=n)

    def predict(rows: pd.DataFrame) -> np.ndarray:
        # What a model makes of noise: small weights that help nothing.
        values: np.ndarray = rows["told"].to_numpy() + 0.05 * rows.filter(like="noise").sum(axis=1).to_numpy()
        return values

    found = survivors(predict, frame, truth, {name: [name] for name in frame.columns if name != "channel_id"})
    assert "told" in found
    assert len(found) <= 1 + 9


def test_nothing_is_claimed_on_a_handful_of_posts() -> None:
    frame = pd.DataFrame({"x": np.arange(50.0), "channel_id": ["a"] * 50})
    assert survivors(lambda rows: rows["x"].to_numpy(), frame, np.arange(50.0), {"x": ["x"]}) == ()


def test_every_feature_has_its_part() -> None:
    parts = {spec.name: part_of(spec.name) for spec in (*FEATURES, *MEDIA, *SIMILAR)}
    assert parts["hour_sin"] == parts["channel_daypart_lift"] == "timing"
    assert parts["headline_question"] == parts["own_similar_lift"] == parts["duration_ln_s"] == "content"
    assert parts["base_level_ln"] == parts["followers_ln"] == parts["channel_age_ln_d"] == "audience"


def test_each_variant_of_a_draft_has_its_own_parts_at_the_age_nearest_a_week(
    forecaster: Forecaster, told: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    draft = told[0].head(1)
    variants = [draft.assign(headline_question=np.float32(q)) for q in (0.0, 1.0)]
    asked = pd.concat(
        [variant.assign(horizon_h=hours) for variant in variants for hours in (24.0, 100.0, 720.0)],
        ignore_index=True,
    )
    parts = forecaster.forecast(asked, drivers=True, gated=False)["parts"].tolist()
    assert [bool(part) for part in parts] == [False, True, False, False, True, False]
    assert parts[1] != parts[4]


def test_parts_survive_saving(
    forecaster: Forecaster, told: tuple[pd.DataFrame, pd.DataFrame], tmp_path
) -> None:  # type: ignore[no-untyped-def]
    asked, answers = told
    forecaster.save(tmp_path / "model")
    again = Forecaster.load(tmp_path / "model").forecast(asked, drivers=True, gated=False)
    assert again["parts"].tolist() == answers["parts"].tolist()
    assert again["drivers"].tolist() == answers["drivers"].tolist()
