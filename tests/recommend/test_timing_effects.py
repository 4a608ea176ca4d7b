"""Effects of the time: found where they are, not made of content, none where there is none; lots make them causal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks._timing_made import Made, made
from recommend.timing.ages import counted
from recommend.timing.confounds import associations, removed_share
from recommend.timing.content import occasions
from recommend.timing.cycles import basis
from recommend.timing.effects import TimingModel, contrasts, every_time, fit_timing
from recommend.timing.randomised import Assignment, causal_effect, randomise
from recommend.timing.series import series_of

CHANNELS = 8


def fitted(posts: Made) -> TimingModel:
    channels = occasions(posts.frame)
    model = fit_timing(channels, {one.channel_id: 0 for one in channels})
    assert model is not None
    return model


@pytest.fixture(scope="module")
def effective() -> tuple[Made, TimingModel]:
    posts = made(3, 0.35, CHANNELS)
    return posts, fitted(posts)


@pytest.fixture(scope="module")
def idle() -> TimingModel:
    return fitted(made(3, 0.0, CHANNELS))


def test_a_large_effect_is_found_with_its_sign(effective: tuple[Made, TimingModel]) -> None:
    posts, model = effective
    claimed = 0
    for one in model.channels:
        truth = posts.truth[one.channel_id]
        over = np.r_[truth[:24] - truth[:24][one.hour].mean(), truth[24:] - truth[24:][one.weekday].mean()]
        found = contrasts(model.posterior(one.channel_id), every_time(one))
        claimed += int(found.detectable.sum())
        assert (np.sign(found.ln) == np.sign(over))[found.detectable].all()
    assert claimed >= CHANNELS


def test_where_time_does_nothing_nothing_is_claimed_though_content_makes_hours_differ(
    idle: TimingModel,
) -> None:
    for one in idle.channels:
        assert not contrasts(idle.posterior(one.channel_id), every_time(one)).detectable.any()
    # without content in the model they do differ
    sizes = []
    for one in idle.channels:
        own = basis(one.hour, one.weekday)
        raw = idle.raw_posterior(one.channel_id)
        assert raw is not None
        sizes.append(removed_share(own @ raw.mean, own @ idle.posterior(one.channel_id).mean))
    assert np.median([one for one in sizes if one is not None]) > 0.4


def test_what_goes_with_the_time_is_named(idle: TimingModel) -> None:
    longest = idle.channels[0]
    found = associations(longest)
    assert found
    assert {one.what for one in found} <= {"series", "weekday"}
    assert all(one.share_at > one.share_else for one in found)


def test_a_channel_without_posts_is_judged_by_others_and_less_surely(
    effective: tuple[Made, TimingModel],
) -> None:
    _, model = effective
    stranger = contrasts(model.posterior("made:nobody"), every_time(None))
    known = contrasts(model.posterior(model.channels[0].channel_id), every_time(None))
    assert (stranger.sd > known.sd).mean() > 0.8


def test_too_few_outcomes_make_no_model() -> None:
    posts = made(1, 0.3, 1)
    assert fit_timing(occasions(posts.frame.head(40)), {}) is None
    assert occasions(posts.frame.head(0)) == []


def test_series_are_told_by_what_titles_share() -> None:
    titles = [f"Street notes #{i}: {word}" for i, word in enumerate("abcde")] + ["Alone", "By itself: twice"]
    found = series_of(titles)
    assert len({*found[:5]}) == 1
    assert found[0] is not None
    assert found[5:] == [None, None]


def test_ages_are_kept_apart_and_only_what_was_known_is_counted() -> None:
    at = pd.Timestamp("2026-01-01", tz="UTC")
    residuals = pd.DataFrame(
        {
            "post_id": ["a", "b", "c"],
            "residual": [0.1, -0.1, 0.3],
            "known_at": [at + pd.Timedelta(days=d) for d in (8, 9, 30)],
        }
    )
    rows = [("a", 24, 50.0), ("a", 170, 100.0), ("b", 170, 90.0), ("b", 720, 300.0), ("c", 170, 500.0)]
    labels = pd.DataFrame(
        {
            "post_id": [post for post, _, _ in rows],
            "outcome": [outcome for _, _, outcome in rows],
            "outcome_known_at": [at + pd.Timedelta(hours=age + (24 * 30 if post == "c" else 0)) for post, age, _ in rows],
            "age_h": [float(age) for _, age, _ in rows],
            "backfilled": False,
        }
    )  # fmt: skip
    when = at + pd.Timedelta(days=20)
    assert counted(residuals, labels, when, "day").rows["post_id"].tolist() == ["a"]
    assert counted(residuals, labels, when, "week").rows["post_id"].tolist() == ["a", "b"]
    assert counted(residuals, labels, when, "month").rows.empty
    late = counted(residuals, labels, at + pd.Timedelta(days=60), "month")
    assert late.rows["post_id"].tolist() == ["b"]
    assert "30 days" in late.words


def test_lots_hold_every_slot_once_a_block() -> None:
    drawn = randomise(["morning", "evening", "night"], 10, seed=4)
    assert [one.number for one in drawn] == list(range(10))
    for block in range(3):
        assert sorted(one.slot for one in drawn if one.block == block) == ["evening", "morning", "night"]
    assert randomise(["a", "b"], 6, seed=1) == randomise(["a", "b"], 6, seed=1)
    for wrong in (["a"], ["a", "a"]):
        with pytest.raises(ValueError, match="two slots"):
            randomise(wrong, 4, seed=1)


def test_a_test_by_lot_finds_its_effect_and_covers_it() -> None:
    rng = np.random.default_rng(8)
    covered, small = [], []
    for seed in range(40):
        drawn = randomise(["morning", "evening"], 40, seed)
        day = np.arange(40.0)[:, None]
        trend = 0.01 * np.arange(40) + rng.normal(0, 0.4, 40)
        y = trend + np.array([0.25 if one.slot == "evening" else -0.25 for one in drawn])
        found = causal_effect(drawn, y, day, seed=seed)
        assert found is not None
        assert found.adjusted
        evening = found.slots.index("evening")
        sd = float(np.sqrt(found.covariance[evening, evening]))
        covered.append(abs(found.mean[evening] - 0.25) <= 1.2816 * sd)
        small.append(found.p_value < 0.2)
    assert 0.6 <= np.mean(covered) <= 0.95
    assert np.mean(small) > 0.9


def test_without_an_effect_the_lot_says_so_as_often_as_it_should() -> None:
    rng = np.random.default_rng(3)
    small = []
    for seed in range(60):
        drawn = randomise(["a", "b"], 16, seed)
        found = causal_effect(drawn, rng.normal(0, 1, 16), seed=seed)
        assert found is not None
        small.append(found.p_value <= 0.2)
    assert np.mean(small) <= 0.35


def test_too_few_posts_of_a_slot_say_nothing() -> None:
    drawn = [Assignment(i, i // 2, "ab"[i % 2]) for i in range(4)]
    assert causal_effect(drawn, np.array([1.0, np.nan, 2.0, 3.0])) is None
