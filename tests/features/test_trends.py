"""What is on the rise: planted risers are found, noise and one loud channel are not, and the future has no say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from creatorlens.platforms import Platform
from features.histories import build_histories
from features.leakage import change_future
from features.rows import timezones
from features.seasons import season_effects
from features.trend_terms import hashtag_uses, phrase_uses, sound_uses, topic_uses
from features.trends import Rising, Uses, rising

AS_OF = pd.Timestamp("2025-01-01", tz="UTC").as_unit("us")
DAY = pd.Timedelta(days=1)


def table(said: list[tuple[str, float, tuple[str, ...]]]) -> pd.DataFrame:
    """Posts from (channel, days before AS_OF, hashtags)."""
    return pd.DataFrame(
        {
            "post_id": [f"p{i}" for i in range(len(said))],
            "channel_id": [channel for channel, _, _ in said],
            "published_at": pd.Series([AS_OF - days * DAY for _, days, _ in said]).dt.as_unit("us"),
            "hashtags": [list(tags) for _, _, tags in said],
            "title": "",
            "text": "",
        }
    )


def residuals(posts: pd.DataFrame, values: Any) -> pd.DataFrame:
    """Outcomes known a week after publishing."""
    at = posts["published_at"]
    return pd.DataFrame(
        {
            "post_id": posts["post_id"], "channel_id": posts["channel_id"], "published_at": at,
            "known_at": at + 7 * DAY, "hour": at.dt.hour, "weekday": at.dt.weekday, "month": at.dt.month,
            "residual": values,
        }
    )  # fmt: skip


def everyday(channels: int = 12) -> list[tuple[str, float, tuple[str, ...]]]:
    """Every channel posts every other day for most of a year, always with #daily."""
    return [(f"c{c}", d + 0.1 + c / 100, ("daily",)) for c in range(channels) for d in range(0, 300, 2)]


def risers(posts: pd.DataFrame, values: Any = None) -> dict[str, Rising]:
    known = residuals(posts, np.zeros(len(posts)) if values is None else values)
    return {one.name: one for one in rising(posts, hashtag_uses(posts), known, AS_OF)}


def test_what_is_used_more_than_it_used_to_be_rises_and_what_is_used_as_ever_does_not() -> None:
    said = everyday()
    said += [(f"c{c}", d + 0.5, ("new",)) for c in range(8) for d in range(5)]
    said += [(f"c{c}", d + 0.5, ("old",)) for c in range(8) for d in range(60, 65)]
    found = risers(table(said))
    assert set(found) == {"new"}
    assert found["new"].rise_ln > np.log(4)
    assert found["new"].posts == 40
    assert found["new"].channels == 8


def test_few_uses_count_for_less_than_many_and_one_loud_channel_for_nothing() -> None:
    said = everyday()
    said += [(f"c{c}", 1.5, ("few",)) for c in range(3)]
    said += [(f"c{c}", d + 0.5, ("many",)) for c in range(8) for d in range(5)]
    said += [("c1", d + 0.5 + i / 50, ("loud",)) for d in range(6) for i in range(10)]
    found = risers(table(said))
    assert 0 < found["few"].rise_ln < found["many"].rise_ln
    assert "loud" not in found


def test_posts_of_the_future_and_a_past_too_short_tell_nothing() -> None:
    said = everyday()
    later = table([*said, *((f"c{c}", -d - 0.5, ("later",)) for c in range(8) for d in range(5))])
    assert "later" not in risers(later)
    young = table([(f"c{c}", d + 0.5, ("new",)) for c in range(8) for d in range(5)])
    assert risers(young) == {}
    assert (
        rising(young.head(0), Uses(np.zeros(0, np.int64), np.zeros(0, object)), residuals(young, 0.0), AS_OF)
        == []
    )


def test_the_lift_of_a_riser_is_what_its_posts_did_with_an_interval_that_channels_decide() -> None:
    rng = np.random.default_rng(0)
    said = everyday()
    said += [(f"c{c}", d + 9.5, ("good",)) for c in range(12) for d in range(3)]
    said += [(f"c{c}", d / 2 + 9.5, ("narrow",)) for c in range(2) for d in range(18)]
    said += [(f"c{c}", d + 0.5, ("unseen",)) for c in range(8) for d in range(5)]
    posts = table(said)
    own = posts["channel_id"].map({f"c{c}": v for c, v in enumerate(rng.normal(0, 0.5, 12))})
    has = posts["hashtags"].map(lambda tags: "good" in tags or "narrow" in tags).to_numpy()
    found = risers(posts, rng.normal(0, 0.4, len(posts)) + own.to_numpy() + 0.6 * has)
    good, narrow = found["good"], found["narrow"]
    assert good.lift_ln is not None
    assert good.lift_low_ln is not None
    assert good.lift_high_ln is not None
    assert good.lift_low_ln < 0.6 < good.lift_high_ln + 0.25
    assert good.lift_low_ln > 0
    assert narrow.lift_low_ln is not None
    assert narrow.lift_high_ln is not None
    assert narrow.lift_high_ln - narrow.lift_low_ln > good.lift_high_ln - good.lift_low_ln
    assert found["unseen"].lift_ln is None, "none of its posts has a known outcome"


def everything_at(tables: Any, moment: pd.Timestamp) -> Callable[..., Any]:
    def compute(posts: pd.DataFrame, observations: pd.DataFrame, stats: pd.DataFrame) -> Any:
        known = build_histories(
            posts, observations, stats, timezones(tables.channels, "UTC"), tables.platform
        ).residuals
        seasons = season_effects(known, moment)
        uses = (
            hashtag_uses(posts),
            phrase_uses(posts[posts["published_at"] < moment].reset_index(drop=True)),
        )
        old = posts[posts["published_at"] < moment].reset_index(drop=True)
        return seasons, rising(posts, uses[0], known, moment), rising(old, uses[1], known, moment)

    return compute


@pytest.mark.parametrize("platform", [Platform.YOUTUBE, Platform.INSTAGRAM])
def test_changing_the_future_moves_no_trend_and_no_season(
    real: Callable[..., Any], platform: Platform
) -> None:
    tables = real(platform, limit=2500)
    moment = tables.posts["published_at"].quantile(0.8)
    channels = tables.posts["channel_id"].unique()
    future = change_future(
        tables.posts, tables.observations, tables.stats, moment=moment, channels=channels, seed=1
    )
    compute = everything_at(tables, moment)
    before = compute(tables.posts, tables.observations, tables.stats)
    after = compute(future.posts, future.observations, future.stats)
    assert before[0] == after[0]
    assert before[1] == after[1]
    assert before[2] == after[2]
    assert len(before[0]) > 20
    if platform is Platform.YOUTUBE:  # the other table tells no hashtags that rise
        assert len(before[1]) > 3


def test_a_season_that_counts_outcomes_before_they_are_known_is_caught(real: Callable[..., Any]) -> None:
    """The canary: known at publishing instead of when seen."""
    tables = real(Platform.TIKTOK, limit=2500)
    moment = tables.posts["published_at"].quantile(0.8)
    future = change_future(
        tables.posts, tables.observations, tables.stats, moment=moment,
        channels=tables.posts["channel_id"].unique(), seed=1,
    )  # fmt: skip

    def leaking(posts: pd.DataFrame, observations: pd.DataFrame, stats: pd.DataFrame) -> Any:
        known = build_histories(
            posts, observations, stats, timezones(tables.channels, "UTC"), tables.platform
        ).residuals
        return season_effects(known.assign(known_at=known["published_at"]), moment)

    before = leaking(tables.posts, tables.observations, tables.stats)
    assert before
    assert before != leaking(future.posts, future.observations, future.stats)


def test_phrases_are_runs_of_content_words_and_the_longer_one_speaks_for_its_parts() -> None:
    posts = pd.DataFrame(
        {
            "title": ["The new Pixel Fold is here", "Pixel Fold review #tech", "", "My Pixel Fold", "Bread"],
            "text": ["", "", "pixel fold @somebody https://x.example/fold", "", "pixel"],
        }
    )
    uses = phrase_uses(posts)
    assert list(zip(uses.row.tolist(), uses.term, strict=True)) == [(row, "pixel fold") for row in range(4)]


def test_topics_are_named_by_their_words_and_unclear_posts_have_none() -> None:
    from features.nlp.topics import fit_topics

    bread = ["sourdough bread oven flour", "bread flour yeast oven", "oven bread crust flour"] * 8
    phones = ["phone camera battery screen", "screen phone charger battery", "camera phone lens screen"] * 8
    model = fit_topics([*bread, *phones], topics=2)
    posts = pd.DataFrame(
        {"title": ["Bread oven flour", "Phone screen battery", "Hello"], "text": ["", "", ""]}
    )
    uses = topic_uses(posts, model)
    assert uses.row.tolist() == [0, 1]
    assert uses.term[0] != uses.term[1]
    assert set(uses.term[0].split(", ")) & {"bread", "oven", "flour"}


def test_posts_with_one_sound_share_a_name_and_posts_without_have_none() -> None:
    rng = np.random.default_rng(0)

    def sound() -> str:
        return "".join(f"{word:08x}" for word in rng.integers(0, 2**32, 120))

    same, other = sound(), sound()
    cut = same[8 * 20 : 8 * 100]
    posts = pd.DataFrame(
        {"post_id": ["a", "b", "c", "d"], "published_at": [AS_OF + i * DAY for i in range(4)]}
    )
    uses = sound_uses(posts, {"b": same, "c": other, "d": cut})
    assert list(zip(uses.row.tolist(), uses.term, strict=True)) == [(1, "sound of b"), (3, "sound of b")]
