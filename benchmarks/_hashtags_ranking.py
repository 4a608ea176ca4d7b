"""Which hashtags a creator chooses on a later post: ours beside most popular, own most used, and nearest neighbours.

Posts held out by time, each asked with what was published before it; the ranking is learnt anew at every cut, from posts
before it. Lists that run short are filled with the most popular.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from features.asof import DAY_US, Ints
from recommend.hashtags.banned import PAID
from recommend.hashtags.candidates import NEAREST, SOURCES, Query, candidates
from recommend.hashtags.choosing import Offered, choose
from recommend.hashtags.index import TagIndex
from recommend.hashtags.learning import learn, query_of
from recommend.hashtags.ranker import Ranker
from services.advice.hashtag_sources import Sources

CUTS = (0.6, 0.7, 0.8, 0.9)
AT = (5, 10)
POPULAR_HALF_LIFE_D = 28.0
RESAMPLES = 1_000
BASELINES = ("most_popular", "own_most_used", "nearest_neighbours")


def ranking(sources: Sources, most: int, say: Callable[[str], None]) -> dict[str, Any]:
    """At most `most` posts, evenly over those held out. Means over posts; `ahead`: ours minus the best baseline, 95 % interval
    from channels drawn with replacement."""
    index = sources.index
    paid = {int(code) for code in index.codes(sorted(PAID))}
    begins = [round(len(index) * cut) for cut in CUTS]
    tests = np.unique(np.linspace(begins[0], len(index) - 1, most).astype(int))
    rows: dict[str, list[list[float]]] = {
        name: [] for name in (*BASELINES, "ours", "ours_without_objections")
    }
    channels, seen = [], []
    for begin, end in zip(begins, [*begins[1:], len(index)], strict=True):
        ranker = learn(index, sources.words, int(index.at_us[begin]))
        say(f"ranking learnt of {ranker.posts} posts before the held-out post {begin} of {len(index)}")
        for post in tests[(tests >= begin) & (tests < end)]:
            truth = set(index.tags_of(int(post)).tolist()) - paid
            if not truth:
                continue
            lists = _lists(index, query_of(index, sources.words, int(post)), ranker)
            for name, found in lists.items():
                rows[name].append(_scores([code for code in found if code not in paid], truth))
            channels.append(int(index.channel[post]))
            before = np.unique(index.tag[: index.start[index.until(int(index.at_us[post]))]])
            seen.append(np.isin(list(truth), before).mean())
    measured = {name: np.array(values) for name, values in rows.items()}
    names = [f"{kind}_at_{k}" for k in AT for kind in ("precision", "recall")]
    told = {
        name: dict(zip(names, values.mean(axis=0).round(3).tolist(), strict=True))
        for name, values in measured.items()
    }
    return {
        "posts": len(channels),
        "channels": len(set(channels)),
        "recall_ceiling": round(float(np.mean(seen)), 3),
        **told,
        "ahead": _ahead(measured, np.array(channels), names),
    }


def _lists(index: TagIndex, query: Query, ranker: Ranker) -> dict[str, list[int]]:
    until = index.until(query.at_us)
    age = (query.at_us - index.at_us[:until]) / DAY_US
    popular = _top(index.summed(0.5 ** (age / POPULAR_HALF_LIFE_D)))
    own = index.posts_of(query.channel_id, until)
    used = np.zeros(until)
    used[own] = 1.0 + 1e-6 * np.arange(len(own))  # of two used as often, the later one
    cosine = np.where(index.vectors[:until].any(axis=1), index.vectors[:until] @ query.vector, -1.0)
    near = np.argsort(-cosine, kind="stable")[:NEAREST]
    weight = np.zeros(until)
    weight[near] = np.maximum(cosine[near], 0.0)
    found = candidates(index, query)
    logit = ranker.logit(found)
    return {
        "most_popular": popular,
        "own_most_used": _filled(_top(index.summed(used)), popular),
        "nearest_neighbours": _filled(_top(index.summed(weight)), popular),
        "ours_without_objections": _filled(found.tag[np.argsort(-logit, kind="stable")].tolist(), popular),
        "ours": _chosen(index, until, query, found.tag, logit, found.strength[:, SOURCES.index("own_used")]),
    }


def _chosen(index: TagIndex, until: int, query: Query, tag: Ints, logit: Any, own: Any) -> list[int]:
    """As advice shows them, but for effects: outcomes have no say in what is asked here."""
    offered = [
        Offered(int(tag[i]), str(index.names[tag[i]]), float(logit[i]), bool(own[i] > 0), None)
        for i in range(len(tag))
    ]
    choice = choose(index, until, query.vector, offered, frozenset(), 20)
    return [one.code for one in choice.kept]


def _top(strength: Any) -> list[int]:
    best = np.argsort(-strength, kind="stable")[:40]
    return [int(code) for code in best if strength[code] > 0]


def _filled(first: Sequence[int], then: Sequence[int]) -> list[int]:
    return list(dict.fromkeys([*first, *then]))


def _scores(found: Sequence[int], truth: set[int]) -> list[float]:
    out = []
    for k in AT:
        hits = len(truth & set(found[:k]))
        out += [hits / k, hits / len(truth)]
    return out


def _ahead(measured: dict[str, Any], channels: Any, names: Sequence[str]) -> dict[str, Any]:
    random = np.random.default_rng(0)
    code = np.unique(channels, return_inverse=True)[1]
    n = np.bincount(code)
    drawn = random.multinomial(len(n), np.full(len(n), 1 / len(n)), size=RESAMPLES)
    told = {}
    for column, name in enumerate(names):
        best = max(BASELINES, key=lambda one: float(measured[one][:, column].mean()))
        gap = measured["ours"][:, column] - measured[best][:, column]
        means = drawn @ np.bincount(code, weights=gap) / np.maximum(drawn @ n, 1)
        low, high = np.quantile(means, [0.025, 0.975])
        told[name] = {
            "of": best, "by": round(float(gap.mean()), 3), "low": round(float(low), 3), "high": round(float(high), 3),
        }  # fmt: skip
    return told
