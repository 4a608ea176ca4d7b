"""From effects of traits to what is told: what set the best apart, what is used too little or too much, what others do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from features.asof import Floats
from recommend.scoring import LiftLn
from recommend.strategy.effects import USUAL_TRAIT_LN, Effects, effects, trait_spread
from recommend.strategy.traits import ASKED_OF_OTHERS, LEAST, Traits

MIN_RESULTS = 12
"""With fewer nothing can be told apart."""
MIN_OUTLIERS = 2
OFTEN = 0.25
RARELY = 0.05
SAME_POSTS = 0.7
MOST = 8
MOST_EVIDENCE = 4
MAKES = ("topic", "words", "hashtag", "format", "category")
"""Kinds of which a channel can do more or less."""


@dataclass(frozen=True)
class Pattern:
    """Posts with a trait against the others. `post_ids`: the evidence, the most telling first; `also`: other traits of nearly
    the same posts."""

    kind: str
    name: str
    words: str
    lift: LiftLn
    posts: int
    channels: int
    share: float
    share_of_outliers: float | None
    post_ids: tuple[str, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Patterns:
    """`looked_at`: traits compared."""

    sets_apart: tuple[Pattern, ...]
    underused: tuple[Pattern, ...]
    overused: tuple[Pattern, ...]
    looked_at: int


def own_patterns(results: pd.DataFrame, traits: Traits, trait_ln: float = USUAL_TRAIT_LN) -> Patterns:
    """results of one channel, as `results.comparable`, in the order of the traits' posts."""
    if len(results) < MIN_RESULTS or len(traits) == 0:
        return Patterns((), (), (), 0)
    found = effects(results, traits.has, trait_ln=trait_ln)
    outliers = results["stands_out"].to_numpy(bool)
    more = _patterns(results, traits, found, found.low > 0, results["ln"].to_numpy(float))
    less = _patterns(results, traits, found, found.high < 0, -results["ln"].to_numpy(float))
    apart = [
        one for one in more if outliers.sum() >= MIN_OUTLIERS and (one.share_of_outliers or 0) > one.share
    ]
    return Patterns(
        tuple(apart[:MOST]),
        tuple(one for one in more if one.kind in MAKES and one.share <= OFTEN)[:MOST],
        tuple(one for one in less if one.kind in MAKES and one.share > OFTEN)[:MOST],
        len(traits),
    )


def gaps(
    results: pd.DataFrame, traits: Traits, channel_id: str, trait_ln: float = USUAL_TRAIT_LN
) -> tuple[Pattern, ...]:
    """What channels alike do well with and this one has hardly tried. results: of all of them, in the order of the traits'
    posts; only the others' outcomes are looked at."""
    own = (results["channel_id"] == channel_id).to_numpy()
    others = results[~own].reset_index(drop=True)
    if len(others) < MIN_RESULTS or len(traits) == 0:
        return ()
    share = traits.has[own].mean(axis=0) if own.any() else np.zeros(len(traits))
    by_channel = pd.DataFrame(traits.has[~own]).groupby(others["channel_id"].to_numpy()).sum()
    enough = ((by_channel > 0).sum(axis=0) >= 2).to_numpy() & (traits.has[~own].sum(axis=0) >= LEAST)
    makes = np.array([kind in ASKED_OF_OTHERS for kind in traits.kind])
    asked = Traits(traits.kind, traits.name, traits.words, traits.has[~own]).take(enough & makes)
    if len(asked) == 0:
        return ()
    found = effects(others, asked.has, trait_ln=trait_ln)
    rare = share[enough & makes] <= RARELY
    better = _patterns(others, asked, found, (found.low > 0) & rare, others["ln"].to_numpy(float))
    ours = dict(zip(zip(asked.kind, asked.name, strict=True), share[enough & makes], strict=True))
    return tuple(
        replace(one, share=float(ours[one.kind, one.name]), share_of_outliers=None) for one in better[:MOST]
    )


def platform_trait_spread(of_channel: Iterable[tuple[pd.DataFrame, Traits]]) -> float:
    """What traits usually do on a platform: `trait_spread` over channels with their results and traits."""
    raw, se = [], []
    for own, theirs in of_channel:
        if len(own) >= MIN_RESULTS and len(theirs):
            found = effects(own, theirs.has, draws=1)
            raw.append(found.raw)
            se.append(found.se)
    return trait_spread(np.concatenate(raw), np.concatenate(se)) if raw else USUAL_TRAIT_LN


def _patterns(
    results: pd.DataFrame, traits: Traits, found: Effects, chosen: Any, telling: Floats
) -> list[Pattern]:
    """Those whose bound is farthest from nothing first; of traits of nearly the same posts one speaks for all."""
    surest = np.where(found.ln > 0, found.low, -found.high)
    order = sorted(
        map(int, np.flatnonzero(chosen)), key=lambda i: (-surest[i], traits.kind[i], traits.name[i])
    )
    outliers = results["stands_out"].to_numpy(bool)
    post_id = results["post_id"].to_numpy(dtype=object)
    kept: list[tuple[int, list[str]]] = []
    for i in order:
        same = next((also for k, also in kept if _same(traits.has[:, i], traits.has[:, k])), None)
        if same is None:
            kept.append((i, []))
        else:
            same.append(traits.words[i])
    made = []
    for i, others in kept:
        rows = np.flatnonzero(traits.has[:, i])
        best = rows[np.argsort(-telling[rows], kind="stable")][:MOST_EVIDENCE]
        made.append(
            Pattern(
                kind=traits.kind[i],
                name=traits.name[i],
                words=traits.words[i],
                lift=found.lift(i),
                posts=len(rows),
                channels=int(results["channel_id"].iloc[rows].nunique()),
                share=len(rows) / len(results),
                share_of_outliers=float(traits.has[outliers, i].mean()) if outliers.any() else None,
                post_ids=tuple(str(post) for post in post_id[best]),
                also=tuple(others[:3]),
            )
        )
    return made


def _same(one: Any, other: Any) -> bool:
    return bool((one & other).sum() >= SAME_POSTS * (one | other).sum())
