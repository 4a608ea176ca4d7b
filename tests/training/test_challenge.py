"""The comparison that decides who serves: right about as often as it says, on data whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from training.challenge import MARGIN, blocks, challenge
from training.contest import contest

START = pd.Timestamp("2025-01-01", tz="UTC")
Q = ("p10", "p50", "p90")


def simulated(
    seed: int,
    *,
    creators: int = 30,
    posts: int = 400,
    edge: float = 0.0,
    own_mistakes: float = 0.15,
    squeezed: float = 1.0,
) -> pd.DataFrame:
    """Two forecasters of heavy-tailed outcomes that misjudge creators each in their own way; the challenger sees
    `edge` of what is left over, and its interval is narrower by as much, and `squeezed`. Creators differ much in how often they post."""
    random = np.random.default_rng(seed)
    activity = random.pareto(2.0, creators) + 0.5
    creator = random.choice(creators, posts, p=activity / activity.sum())
    level = random.normal(6, 1, creators)[creator]
    luck = 0.7 * random.standard_t(4, posts)
    wrong = [
        random.normal(0, own_mistakes, creators)[creator] + random.normal(0, 0.15, posts) for _ in range(2)
    ]
    frame = {
        "post_id": [f"p{i}" for i in range(posts)],
        "channel_id": [f"tiktok:c{c}" for c in creator],
        "published_at": START + pd.to_timedelta(np.sort(random.uniform(0, 120, posts)), "D"),
        "age_h": 500.0,
        "truth": level + luck,
        "base_ln": level,
        "floor_ln": level,
        "media_type": np.where(random.random(posts) < 0.5, "video", "image"),
    }
    middles = {"challenger": level + wrong[0] + edge * (luck - wrong[0]), "champion": level + wrong[1]}
    for who, middle in middles.items():
        half = 1.05 * ((1 - max(edge, 0.0)) * squeezed if who == "challenger" else 1.0)
        frame |= {f"{who}_{q}": middle + half * z for q, z in zip(Q, (-1, 0, 1), strict=True)}
    return pd.DataFrame(frame)


@pytest.mark.parametrize(("creators", "posts"), [(30, 400), (8, 240)])
def test_equals_are_told_apart_no_more_often_than_the_level_allows(creators: int, posts: int) -> None:
    """5 % of 100 null comparisons, and the binomial's luck beyond it (11 or more: 1 in 100)."""
    found = [
        challenge(simulated(seed, creators=creators, posts=posts), resamples=2000) for seed in range(100)
    ]
    assert sum(verdict.won for verdict in found) <= 10
    assert sum(verdict.difference.low > 0 for verdict in found) <= 10
    # a challenger that is as good is seldom refused for a segment: all of them together have 5 %
    assert sum(any(one.worse for one in verdict.segments) for verdict in found) <= 10


def test_posts_of_one_creator_count_as_one_voice() -> None:
    """Were posts drawn, not creators, a mistake shared by a creator's posts would pass for evidence."""
    pairs = [simulated(seed, creators=12, posts=400, own_mistakes=0.5) for seed in range(20)]
    by_creator = sum(challenge(one, resamples=2000).won for one in pairs)
    alone = [one.assign(channel_id=one["post_id"]) for one in pairs]
    by_post = sum(challenge(one, resamples=2000).won for one in alone)
    assert by_post > 2 * max(by_creator, 1)


def test_a_strong_challenger_wins_and_a_weak_one_does_not() -> None:
    assert all(challenge(simulated(seed, edge=0.4), resamples=2000).won for seed in range(10))
    assert not any(challenge(simulated(seed, edge=-0.4), resamples=2000).won for seed in range(10))


def test_the_same_pairs_give_the_same_verdict() -> None:
    assert challenge(simulated(1)) == challenge(simulated(1))


def test_better_middles_do_not_pay_for_an_interval_that_holds_less() -> None:
    verdict = challenge(simulated(3, posts=1500, edge=0.3, squeezed=0.5))
    assert verdict.coverage[0] < 0.72 < verdict.coverage[1]
    assert not verdict.won
    assert "80 % interval held" in verdict.reason


def test_a_large_segment_may_not_pay_for_the_rest() -> None:
    pairs = simulated(5, posts=1500, creators=60, edge=0.5)
    image = (pairs["media_type"] == "image").to_numpy()
    for q in Q:
        pairs.loc[image, f"challenger_{q}"] = pairs.loc[image, f"champion_{q}"] + 0.8
    # more videos than pictures: on the whole the challenger is ahead
    kept = pd.concat([pairs.loc[~image], pairs.loc[image].head(150)], ignore_index=True)
    verdict = challenge(kept)
    assert verdict.difference.high < 0
    assert not verdict.won
    assert [one.name for one in verdict.segments if one.worse] == ["media image"]
    assert "worse on media image" in verdict.reason


def test_small_segments_are_not_judged() -> None:
    verdict = challenge(simulated(6, posts=150, creators=30))
    assert all(one.posts >= 100 for one in verdict.segments)


def test_not_worse_allows_a_twentieth_and_no_more() -> None:
    same = simulated(8, posts=1500, creators=60)
    for q in Q:
        same[f"challenger_{q}"] = same[f"champion_{q}"]
    assert challenge(same, "not worse").won
    assert not challenge(same, "better").won
    worse = same.copy()
    for q in Q:
        worse[f"challenger_{q}"] += 0.5
    verdict = challenge(worse, "not worse")
    assert verdict.difference.value > MARGIN * verdict.pinball[1]
    assert not verdict.won


def test_not_worse_keeps_half_of_what_the_champion_gained_on_the_floor() -> None:
    """A champion a hair better than the floor leaves no room for a challenger that is worse."""
    pairs = simulated(8, posts=1500, creators=60)
    for q in Q:
        pairs[f"challenger_{q}"] = pairs[f"champion_{q}"] + 0.04
        pairs[f"floor_{q}"] = pairs[f"champion_{q}"]
    assert challenge(pairs.drop(columns=[f"floor_{q}" for q in Q]), "not worse").won
    assert not challenge(pairs, "not worse").won


def test_a_platform_of_one_creator_is_judged_by_weeks() -> None:
    pairs = simulated(2, creators=1, posts=200, edge=0.5, own_mistakes=0.0)
    numbers, unit = blocks(pairs)
    assert unit == "weeks"
    week = pairs["published_at"].dt.tz_localize(None).to_numpy().astype("datetime64[D]").astype(int) // 7
    assert (pd.factorize(week)[0] == pd.factorize(numbers)[0]).all()
    assert challenge(pairs).won
    assert "weeks of 1 creators" in challenge(pairs).reason


def test_too_few_posts_prove_nothing() -> None:
    verdict = challenge(simulated(1, posts=20, edge=1.0))
    assert not verdict.won
    assert "too few" in verdict.reason
    assert not challenge(simulated(1).iloc[:0]).won


def logged(pairs: pd.DataFrame, who: str, cut_off: pd.Timestamp) -> pd.DataFrame:
    """As a run logs its backtest."""
    kept = ["post_id", "channel_id", "published_at", "age_h", "truth", "base_ln", "floor_ln", "media_type"]
    forecasts = {f"served_{q}": pairs[f"{who}_{q}"] for q in Q}
    return pairs[kept].assign(**forecasts, cut_off=cut_off)


def test_what_the_champion_may_have_trained_on_is_compared_by_its_backtest_alone() -> None:
    pairs = simulated(4)
    known_until = START + pd.Timedelta(days=80)
    ours, theirs = logged(pairs, "challenger", START), logged(pairs, "champion", START)
    asked: list[pd.Series] = []

    def as_it_stands(some: pd.DataFrame) -> pd.DataFrame:
        asked.append(some["published_at"])
        return some[["post_id", "age_h", "truth"]].assign(**dict.fromkeys(Q, 7.0))

    met = contest(ours, theirs, known_until, as_it_stands)
    assert len(met.pairs) == len(pairs)
    assert (asked[0] > known_until).all()
    newer = met.pairs["published_at"] > known_until
    assert (met.pairs.loc[newer, "champion_p50"] == 7.0).all()
    older = pairs.loc[pairs["published_at"] <= known_until, "champion_p50"]
    assert met.pairs.loc[~newer, "champion_p50"].tolist() == older.tolist()


def test_posts_seen_again_at_another_age_are_not_the_same_question() -> None:
    pairs = simulated(4)
    theirs = logged(pairs, "champion", START)
    theirs.loc[:49, "age_h"] += 24
    theirs.loc[50:79, "truth"] += 0.5
    met = contest(logged(pairs, "challenger", START), theirs, START + pd.Timedelta(days=365), pd.DataFrame)
    assert met.pairs["post_id"].tolist() == pairs["post_id"].tolist()[80:]


def test_a_head_start_is_no_merit_of_a_recipe() -> None:
    """Trained on what came after the champion's time: it shows that the champion is old, not that the recipe is good."""
    pairs = simulated(4)
    ours = logged(pairs, "challenger", START)
    known_until = START + pd.Timedelta(days=60)
    late = ours["published_at"] > START + pd.Timedelta(days=90)
    ours.loc[late, "cut_off"] = START + pd.Timedelta(days=90)
    stands = pairs[["post_id", "age_h", "truth"]].assign(**{q: pairs[f"champion_{q}"] for q in Q})
    met = contest(ours, None, known_until, lambda some: stands[stands["post_id"].isin(some["post_id"])])
    assert met.pairs["head_start"].sum() == late.sum()
    assert met.level["published_at"].max() <= START + pd.Timedelta(days=90)
