"""Effects of traits: chance is told as chance, what is there is found, and both are said once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommend.strategy.effects import LEVEL, effects, trait_spread
from recommend.strategy.findings import MIN_RESULTS, gaps, own_patterns, platform_trait_spread
from recommend.strategy.traits import Traits

SPREAD = 0.6
START = pd.Timestamp("2025-01-01", tz="UTC")


def results(ln: Any, channel: str = "ann") -> pd.DataFrame:
    """One channel's results, as `comparable` gives them."""
    ln = np.asarray(ln, float)
    at = START + pd.to_timedelta(np.arange(len(ln)), unit="D")
    return pd.DataFrame(
        {
            "post_id": [f"{channel}{i}" for i in range(len(ln))], "channel_id": channel, "published_at": at,
            "hour": 9, "weekday": at.weekday, "ln": ln, "spread": SPREAD, "stands_out": ln >= 2 * SPREAD,
        }
    )  # fmt: skip


def named(has: Any, kind: str = "topic") -> Traits:
    names = tuple(f"trait {i}" for i in range(has.shape[1]))
    return Traits((kind,) * len(names), names, names, np.asarray(has, bool))


def by_chance(rng: np.random.Generator, posts: int, traits: int) -> Any:
    return rng.random((posts, traits)) < rng.uniform(0.1, 0.6, traits)


@pytest.mark.parametrize(("posts", "neighbours"), [(40, 0.0), (120, 0.0), (120, 0.6)])
def test_where_nothing_is_at_work_hardly_any_channel_is_told_anything(posts: int, neighbours: float) -> None:
    """150 channels of chance alone, also where results (and topics) of neighbouring posts go together: at the stated
    level of 5 % fewer than 10 % get any finding at all."""
    rng = np.random.default_rng(7)
    told = 0
    for _ in range(150):
        noise, stretches = rng.normal(size=posts), by_chance(rng, posts, 25)
        for i in range(1, posts):
            noise[i] = neighbours * noise[i - 1] + np.sqrt(1 - neighbours**2) * noise[i]
            same = rng.random(25) < neighbours
            stretches[i, same] = stretches[i - 1, same]
        found = own_patterns(results(SPREAD * noise), named(stretches))
        told += bool(found.sets_apart or found.underused or found.overused)
    assert told / 150 <= 2 * LEVEL


def test_what_was_planted_is_found_with_its_size_and_its_posts() -> None:
    rng = np.random.default_rng(3)
    has = by_chance(rng, 120, 25)
    has[:, 4] = rng.random(120) < 0.2
    ln = rng.normal(0, SPREAD, 120) + 0.9 * has[:, 4]
    found = own_patterns(results(ln), named(has), trait_ln=0.4)
    best = found.sets_apart[0]
    assert best.name == "trait 4"
    assert best.lift.low_ln is not None
    assert best.lift.high_ln is not None
    assert 0 < best.lift.low_ln < 0.9 < best.lift.high_ln
    assert best.share_of_outliers is not None
    assert best.share_of_outliers > best.share == has[:, 4].mean()
    carriers = {f"ann{i}" for i in np.flatnonzero(has[:, 4])}
    assert set(best.post_ids) <= carriers
    assert f"ann{max(np.flatnonzero(has[:, 4]), key=lambda i: ln[i])}" == best.post_ids[0], (
        "most telling first"
    )
    assert found.underused[0].name == "trait 4", "a fifth of the posts is little for what does best"
    assert found.overused == ()


def test_what_is_made_often_and_does_badly_is_overused() -> None:
    rng = np.random.default_rng(5)
    has = by_chance(rng, 120, 10)
    has[:, 2] = rng.random(120) < 0.5
    found = own_patterns(results(rng.normal(0, SPREAD, 120) - 0.8 * has[:, 2]), named(has), trait_ln=0.4)
    assert [one.name for one in found.overused] == ["trait 2"]
    assert found.overused[0].lift.high_ln is not None
    assert found.overused[0].lift.high_ln < 0
    assert "trait 2" not in {one.name for one in (*found.sets_apart, *found.underused)}


def test_traits_of_the_same_posts_are_told_once() -> None:
    rng = np.random.default_rng(3)
    planted = rng.random(120) < 0.2
    has = np.column_stack([planted, planted, by_chance(rng, 120, 8)])
    found = own_patterns(results(rng.normal(0, SPREAD, 120) + planted), named(has), trait_ln=0.4)
    assert [one.name for one in found.sets_apart] == ["trait 0"]
    assert found.sets_apart[0].also == ("trait 1",)


def test_a_few_results_tell_nothing() -> None:
    ln = np.where(np.arange(MIN_RESULTS - 1) % 2, 2.0, -2.0)
    found = own_patterns(results(ln), named(np.arange(MIN_RESULTS - 1)[:, None] % 2 == 1))
    assert (found.sets_apart, found.underused, found.looked_at) == ((), (), 0)


@settings(max_examples=40, deadline=None)
@given(posts=st.integers(12, 80), traits=st.integers(0, 12), seed=st.integers(0, 2**31))
def test_an_effect_lies_in_its_interval_and_is_never_stretched(posts: int, traits: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    has = by_chance(rng, posts, traits)
    found = effects(results(rng.normal(0, SPREAD, posts)), has, draws=50)
    assert (found.low <= found.ln).all()
    assert (found.ln <= found.high).all()
    assert (np.abs(found.ln) <= np.abs(found.raw) + 1e-12).all()
    assert np.isfinite(np.r_[found.ln, found.low, found.high]).all(), "also for a trait that all or none have"


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_a_channels_level_has_no_say(seed: int) -> None:
    """Within channels: one that does better in all it makes lends nothing to what it makes."""
    rng = np.random.default_rng(seed)
    both = pd.concat([results(rng.normal(0, SPREAD, 30), name) for name in ("ann", "bob")], ignore_index=True)
    has = by_chance(rng, 60, 6)
    lifted = both.assign(ln=both["ln"] + 0.3 * (both["channel_id"] == "bob"))
    plain = both.assign(ln=both["ln"].clip(-1, 1))
    lifted = lifted.assign(ln=plain["ln"] + 0.3 * (both["channel_id"] == "bob"))
    one, other = effects(plain, has, draws=20), effects(lifted, has, draws=20)
    np.testing.assert_allclose(one.raw, other.raw, atol=1e-9)


def test_the_spread_of_true_effects_is_told_from_noise() -> None:
    rng = np.random.default_rng(1)
    se = rng.uniform(0.1, 0.3, 3_000)
    assert trait_spread(rng.normal(0, se), se) < 0.08
    assert trait_spread(rng.normal(0, np.hypot(se, 0.4)), se) == pytest.approx(0.4, abs=0.03)


def test_a_platform_where_traits_do_much_is_known_from_its_channels() -> None:
    rng = np.random.default_rng(2)

    def channels(size: float) -> Any:
        for _ in range(8):
            has = by_chance(rng, 200, 20)
            ln = rng.normal(0, SPREAD, 200) + has @ rng.normal(0, size, 20)
            yield results(ln), named(has)

    assert platform_trait_spread(channels(0.0)) < 0.1 < 0.2 < platform_trait_spread(channels(0.3))


def gap_case(own_share: float, effect: float, carriers: int = 2) -> Any:
    rng = np.random.default_rng(11)
    parts, has = [], []
    for k, name in enumerate(("ann", "bob", "cat", "dan")):
        traits = by_chance(rng, 60, 8)
        traits[:, 3] = rng.random(60) < (own_share if name == "ann" else 0.25 if k <= carriers else 0.0)
        ln = rng.normal(0, SPREAD, 60) + effect * traits[:, 3]
        parts.append(results(ln, name))
        has.append(traits)
    return gaps(pd.concat(parts, ignore_index=True), named(np.vstack(has)), "ann", 0.4)


def test_a_gap_is_what_channels_alike_do_well_with_and_this_one_has_not_tried() -> None:
    (gap,) = gap_case(own_share=0.0, effect=0.9)
    assert (gap.name, gap.share, gap.channels) == ("trait 3", 0.0, 2)
    assert all(not post.startswith("ann") for post in gap.post_ids)
    assert gap_case(own_share=0.5, effect=0.9) == (), "it does it already"
    assert gap_case(own_share=0.0, effect=0.0) == (), "it does nothing for the others"
    assert gap_case(own_share=0.0, effect=0.9, carriers=1) == (), "one channel's habit is no pattern"
