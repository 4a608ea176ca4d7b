"""What a hashtag is expected to do: found where it is, not found where it is not, and nothing taken from the future."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from creatorlens.platforms import Platform
from recommend.hashtags.expected import expected
from recommend.hashtags.lifts import TagLifts, tag_lifts
from recommend.hashtags.numbers import how_many

NOW = pd.Timestamp("2026-12-01", tz="UTC")


@pytest.fixture(scope="module")
def planted(made) -> TagLifts:  # type: ignore[no-untyped-def]
    posts, residuals = made({"tag3": 0.5, "tag7": -0.4})
    fitted = tag_lifts(posts, residuals, None, NOW)
    assert fitted is not None
    return fitted


def test_a_planted_effect_is_found_with_its_sign_and_size(planted: TagLifts) -> None:
    up, down, none = (
        one.lift for one in expected(planted, "instagram:new", {}, ["tag3", "tag7", "tag1"], among=12)
    )
    assert up.low_ln is not None
    assert down.high_ln is not None
    assert up.low_ln > 0.2
    assert down.high_ln < -0.1
    assert none.noise
    difference = up.ln - down.ln
    assert difference == pytest.approx(0.9, abs=0.15)


@pytest.mark.parametrize("seed", range(5))
def test_hashtags_dealt_out_by_lot_show_nothing(made, seed: int) -> None:  # type: ignore[no-untyped-def]
    posts, residuals = made({"tag3": 0.5, "tag7": -0.4})
    order = np.random.default_rng(seed).permutation(len(posts))
    dealt = posts.assign(hashtags=posts["hashtags"].to_numpy()[order])
    fitted = tag_lifts(dealt, residuals, None, NOW)
    assert fitted is not None
    found = expected(fitted, "instagram:c1", {}, list(fitted.names), among=len(fitted.names))
    assert all(one.lift.noise for one in found)
    assert how_many(fitted, Platform.INSTAGRAM, 3, 3).lift is None


def test_what_became_known_later_has_no_say(made) -> None:  # type: ignore[no-untyped-def]
    posts, residuals = made({"tag3": 0.5})
    cut = pd.Timestamp("2026-04-01", tz="UTC")
    later = residuals["known_at"] > cut
    lied = residuals.assign(residual=residuals["residual"].where(~later, 99.0))
    a, b = tag_lifts(posts, residuals, None, cut), tag_lifts(posts, lied, None, cut)
    assert a is not None
    assert b is not None
    np.testing.assert_array_equal(a.mean, b.mean)


def test_too_few_outcomes_are_said_to_be_too_few(made) -> None:  # type: ignore[no-untyped-def]
    posts, residuals = made({})
    assert tag_lifts(posts, residuals.head(20), None, NOW) is None


def test_a_channel_that_differs_has_a_say_of_its_own(made) -> None:  # type: ignore[no-untyped-def]
    posts, residuals = made({"tag3": 2.0}, only="instagram:c0")
    fitted = tag_lifts(posts, residuals, None, NOW)
    assert fitted is not None
    own, other = (expected(fitted, channel, {}, ["tag3"], among=1)[0] for channel in ("instagram:c0", "x"))
    assert (own.level, other.level) == ("channel", "platform")
    assert own.lift.ln > other.lift.ln


def test_a_hashtag_without_outcomes_is_as_uncertain_as_any(planted: TagLifts) -> None:
    known, unknown = expected(planted, "instagram:new", {}, ["tag1", "neverseen"], among=2)
    assert unknown.level == "none"
    assert unknown.lift.noise
    assert known.lift.high_ln is not None
    assert unknown.lift.high_ln is not None
    assert known.lift.high_ln - known.lift.ln < unknown.lift.high_ln - unknown.lift.ln


def test_the_interval_widens_with_how_many_were_looked_at(planted: TagLifts) -> None:
    one, many = (expected(planted, "c", {}, ["tag3"], among=n)[0].lift for n in (1, 50))
    assert one.low_ln is not None
    assert many.low_ln is not None
    assert many.low_ln < one.low_ln


def test_how_many_stays_within_what_the_platform_takes() -> None:
    found = how_many(None, Platform.INSTAGRAM, 12, 8)
    assert found.high == found.target == 5
    assert "takes 5 at most, fewer than you usually use" in found.words
    none = how_many(None, Platform.X, 0, None)
    assert none.low == 0
