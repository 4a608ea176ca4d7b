"""What was seen of a post decides what is still forecast of it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from creatorlens.errors import InputError
from creatorlens.platforms import Platform
from training.forecaster import Forecaster
from training.growth_curve import WEEK_H, K, still_to_come
from training.growth_pairs import GrowthPairs, growth_pairs
from training.members import TREES
from training.revision import MIN_PAIRS, Revision, fit_from_pairs, fit_revision, load_revision

FIRST = pd.Timestamp("2026-01-01", tz="UTC")


def observed(
    posts: int,
    ages: Callable[[np.random.Generator], list[float]] = lambda random: sorted(random.uniform(12, 900, 2)),
    *,
    seed: int = 0,
    own_speed: float = 0.6,
    tied_to_surprise: float = 0.0,
    falls: bool = False,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Posts whose counts saturate, each at a speed of its own; and what was forecast of each row (n x 3, ln). With
    `tied_to_surprise` those that lie above their forecast grow on more slowly."""
    random = np.random.default_rng(seed)
    rows, forecasts = [], []
    for post in range(posts):
        surprise = float(random.normal(0, 0.8))
        speed = float(np.exp(random.normal(-1.0, own_speed) - tied_to_surprise * surprise))
        level = float(random.normal(10, 1))
        start = None
        for hours in ages(random):
            y = level - speed * (WEEK_H / hours) ** K
            start = y if start is None else start
            y += float(random.normal(0, 0.05)) if falls else 0.0
            rows.append(
                {
                    "post_id": f"p{post}",
                    "channel_id": f"c{post // 2}",
                    "published_at": FIRST + pd.Timedelta(hours=6 * post),
                    "age_h": hours,
                    "outcome": float(np.expm1(max(y, 0.0))),
                    "metric_definition": "tiktok-views-1",
                }
            )
            forecasts.append(np.array([-1.0, 0.0, 1.0]) + y - surprise)
    return pd.DataFrame(rows), np.array(forecasts)


@pytest.fixture(scope="module")
def fitted() -> Revision:
    return fit_revision(*observed(400))


@pytest.fixture(scope="module")
def unfitted() -> Revision:
    return fit_revision(*observed(5))


def apply(revision: Revision, age: float, value: float, horizon: float, at: float = 8.0) -> np.ndarray:
    """Unrevised: `at` at the age seen, and growing with the root of time."""
    later = at + 0.3 * np.log(horizon / age)
    return revision.apply(
        np.array([[at - 1, at, at + 1]]),
        np.array([[later - 1, later, later + 1]]),
        np.array([age]),
        np.array([value]),
        np.array([horizon]),
    )[0]


@pytest.mark.parametrize("which", ["fitted", "unfitted"])
@given(
    age=st.floats(0.01, 5_000),
    value=st.floats(0, 1e9),
    longer=st.lists(st.floats(1.0, 50.0), min_size=2, max_size=5),
)
def test_never_below_what_was_seen_never_crossing_never_falling_with_the_horizon(
    fitted: Revision, unfitted: Revision, which: str, age: float, value: float, longer: list[float]
) -> None:
    revision = fitted if which == "fitted" else unfitted
    answers = [apply(revision, age, value, age * times) for times in sorted(longer)]
    for answer in answers:
        assert np.isfinite(answer).all()
        assert np.log1p(value) - 1e-9 <= answer[0] <= answer[1] <= answer[2]
    for earlier, later in pairwise(answers):
        assert (later >= earlier - 1e-9).all()


@pytest.mark.parametrize("which", ["fitted", "unfitted"])
def test_between_the_unrevised_forecast_and_what_was_seen(
    fitted: Revision, unfitted: Revision, which: str
) -> None:
    revision = fitted if which == "fitted" else unfitted
    just_published = apply(revision, 1e-3, 0.0, 168.0)
    later = 8.0 + 0.3 * np.log(168.0 / 1e-3)
    assert just_published == pytest.approx([later - 1, later, later + 1], abs=0.02)
    seen_now = apply(revision, 168.0, 5_000.0, 168.0)
    assert seen_now == pytest.approx([np.log1p(5_000.0)] * 3)
    widths = [np.ptp(apply(revision, age, np.expm1(7.5), 168.0)[[0, 2]]) for age in (12.0, 24.0, 72.0, 150.0)]
    assert all(a > b for a, b in pairwise(widths))


def test_a_horizon_that_is_past_is_answered_from_below(fitted: Revision) -> None:
    low, middle, high = apply(fitted, 168.0, 5_000.0, 24.0)
    assert low <= middle <= high <= np.log1p(5_000.0)
    assert middle < np.log1p(5_000.0)


def test_medians_not_means() -> None:
    """Most posts do not grow at all and a few grow tenfold: the middle forecast is no growth."""
    rows, forecasts = observed(300)
    first = ~rows["post_id"].duplicated()
    rows.loc[first, "outcome"] = 1_000.0
    last = rows.index[~first]
    rows.loc[last, "outcome"] = np.where(np.arange(len(last)) % 5 == 0, 10_000.0, 1_000.0)
    revision = fit_revision(rows, forecasts)
    assert apply(revision, 100.0, 1_000.0, 400.0)[1] == pytest.approx(np.log1p(1_000.0), abs=0.05)
    assert apply(revision, 100.0, 1_000.0, 400.0)[2] > np.log1p(5_000.0)


def test_intervals_hold_on_posts_of_other_creators_seen_later(fitted: Revision) -> None:
    rows, _ = observed(500, seed=9)
    pairs = growth_pairs(rows)
    low, middle, high = _growth(fitted, pairs).T
    assert 0.72 <= np.mean((pairs.growth >= low) & (pairs.growth <= high)) <= 0.88
    assert 0.4 <= np.mean(pairs.growth > middle) <= 0.6


def test_few_pairs_leave_it_to_the_forecasts_own_growth_and_say_less(
    fitted: Revision, unfitted: Revision
) -> None:
    assert unfitted.curve is None
    low, middle, high = apply(unfitted, 72.0, 1_000.0, 168.0)
    assert middle - np.log1p(1_000.0) == pytest.approx(0.3 * np.log(168 / 72))
    plain = apply(fitted, 72.0, 1_000.0, 168.0)
    assert high - low > plain[2] - plain[0]
    assert fit_revision(observed(MIN_PAIRS // 2)[0]).curve is None


@pytest.mark.parametrize(("tied", "kept"), [(0.0, 0.0), (1.0, 1.0)])
def test_how_it_compares_to_the_forecast_counts_only_where_it_tells_something(
    tied: float, kept: float
) -> None:
    revision = fit_revision(*observed(500, own_speed=0.3, tied_to_surprise=tied, seed=4))
    assert revision.figures["surprise_kept"] == kept
    above, below = (apply(revision, 48.0, np.expm1(8.0 + off), 400.0)[1] - (8.0 + off) for off in (1, -1))
    assert (above < 0.5 * below) if kept else (above == pytest.approx(below))


def test_counts_that_fall_may_fall() -> None:
    revision = fit_revision(*observed(300, falls=True, own_speed=0.1))
    assert not revision.monotone
    old = apply(revision, 2_000.0, 1_000.0, 2_200.0)
    assert old[0] < np.log1p(1_000.0) <= old[1]


def test_pairs_are_every_two_observations_and_each_post_weighs_the_same() -> None:
    rows, forecasts = observed(3, lambda _: [10.0, 20.0, 20.5, 400.0])
    pairs = growth_pairs(rows, forecasts[:, 1])
    of_one = pairs.take(pairs.post_id == "p1")
    assert sorted(zip(of_one.age_h, of_one.later_h, strict=True)) == [
        (10.0, 20.0), (10.0, 20.5), (10.0, 400.0), (20.0, 400.0), (20.5, 400.0),
    ]  # fmt: skip
    assert of_one.weight.sum() == pytest.approx(1.0)
    assert {len(track) for track in of_one.tracks} == {1, 2, 3}
    assert len(growth_pairs(rows.assign(age_h=np.nan))) == 0


def test_where_a_posts_own_pace_tells_its_future_the_lstm_reads_it(tmp_path: Path) -> None:
    rows, forecasts = observed(
        260, lambda random: sorted(np.exp(random.uniform(np.log(6), np.log(336), 4))), own_speed=0.9
    )
    revision = fit_revision(rows, forecasts)
    assert revision.sequence is not None
    assert revision.figures["sequence_loss"] < 0.8 * revision.figures["sequence_loss_without"]

    def seen(*values: float) -> np.ndarray:
        track = [[(24.0, values[0]), (48.0, values[1])]]
        unrevised = np.array([[8.0, 9.0, 10.0]])
        return revision.apply(
            unrevised, unrevised, np.array([48.0]), np.array([2_000.0]), np.array([400.0]), track
        )[0]

    fast, slow = seen(300.0, 2_000.0), seen(1_900.0, 2_000.0)
    assert fast[1] > slow[1] + 0.1
    revision.save(tmp_path)
    again = load_revision(tmp_path)
    unrevised = np.array([[8.0, 9.0, 10.0]])
    told = again.apply(
        unrevised, unrevised, np.array([48.0]), np.array([2_000.0]), np.array([400.0]),
        [[(24.0, 300.0), (48.0, 2_000.0)]],
    )[0]  # fmt: skip
    assert told.tobytes() == fast.tobytes()


def test_no_lstm_where_posts_were_seen_twice_only(fitted: Revision) -> None:
    assert fitted.sequence is None


def test_the_same_rows_make_the_same_revision_to_the_last_byte(fitted: Revision, tmp_path: Path) -> None:
    fitted.save(tmp_path / "one")
    fit_revision(*observed(400)).save(tmp_path / "two")
    one, two = ((tmp_path / name / "revision.json").read_bytes() for name in ("one", "two"))
    assert one == two
    load_revision(tmp_path / "one").save(tmp_path / "three")
    assert (tmp_path / "three" / "revision.json").read_bytes() == one


def test_on_real_posts_it_beats_both_ways_of_carrying_the_first_value_forward(shared_data: Path) -> None:
    """Whole and for posts younger than a week: learned from posts seen earlier, of other creators."""
    posts = pd.read_parquet(shared_data / "tiktok.posts.parquet", columns=["post_id", "creator_id", "published_at"])  # fmt: skip
    seen = pd.read_parquet(shared_data / "tiktok.observations.parquet")
    rows = posts.merge(seen, on="post_id").rename(columns={"creator_id": "channel_id", "views": "outcome"})
    rows["age_h"] = (rows["observed_at"] - rows["published_at"]).dt.total_seconds() / 3600
    pairs = growth_pairs(rows)
    cuts = np.quantile(pairs.seen_us, [0.3, 0.5, 0.7, 0.85, 1.0])
    truth, ours, average, age = [], [], [], []
    for cut, until in pairwise(cuts):
        ahead = pairs.take((pairs.seen_us > cut) & (pairs.seen_us <= until))
        known = pairs.take((pairs.seen_us <= cut) & ~np.isin(pairs.channel_id, ahead.channel_id))
        truth.append(ahead.growth)
        age.append(ahead.age_h)
        ours.append(_growth(fit_from_pairs(known), ahead))
        mean = np.polynomial.Polynomial.fit(np.log(known.age_h), known.growth, 2)
        average.append(mean(np.log(ahead.age_h)))
    growth, revised, carried, hours = map(np.concatenate, (truth, ours, average, age))
    for which in (hours > 0, hours < WEEK_H):
        error = np.abs(growth - revised[:, 1])[which].mean()
        assert error < np.abs(growth)[which].mean()
        assert error < np.abs(growth - carried)[which].mean()
    inside = (growth >= revised[:, 0] - 1e-9) & (growth <= revised[:, 2] + 1e-9)
    assert 0.75 <= inside.mean() <= 0.92


def test_what_is_still_to_come_ends_with_the_horizon() -> None:
    ages = np.array([10.0, 10.0, 10.0])
    left = still_to_come(ages, np.array([10.0, 20.0, 1e9]))
    assert left[0] == 0.0 < left[1] < left[2] < np.inf
    assert still_to_come(np.array([20.0]), np.array([10.0])) == 0.0


@pytest.fixture(scope="module")
def forecaster(make_rows: Callable[..., pd.DataFrame]) -> Forecaster:
    return Forecaster.fit(make_rows(posts=260), Platform.INSTAGRAM, families=TREES)


def test_a_forecaster_revises_rows_that_were_seen_and_travels_with_it(
    forecaster: Forecaster, make_rows: Callable[..., pd.DataFrame], tmp_path: Path
) -> None:
    asked = make_rows(posts=260).tail(3).drop(columns=["outcome", "age_h"]).assign(horizon_h=168.0)
    asked["seen"] = [[(24.0, 40.0)], [(24.0, 40.0), (100.0, 5_000.0)], [(167.0, 0.0)]]
    answer = forecaster.revise(asked)
    assert list(answer.columns) == list(forecaster.forecast(asked.drop(columns="seen")).columns)
    assert answer.index.equals(asked.index)
    assert (answer["p50"] >= [40.0, 5_000.0, 0.0]).all()
    assert answer["p50"].iloc[2] < 5
    assert not answer["abstained"].any()
    forecaster.save(tmp_path)
    pd.testing.assert_frame_equal(Forecaster.load(tmp_path).revise(asked), answer)
    with pytest.raises(InputError, match="nothing was seen"):
        forecaster.revise(asked.assign(seen=[[], [(24.0, 40.0)], [(24.0, 40.0)]]))


def _growth(revision: Revision, pairs: GrowthPairs) -> np.ndarray:
    level = np.full(len(pairs), 10.0)
    unrevised = np.stack([level - 1, level, level + 1], axis=1)
    told = revision.apply(unrevised, unrevised, pairs.age_h, np.expm1(level), pairs.later_h)
    return told - level[:, None]
