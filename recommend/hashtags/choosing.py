"""Which hashtags to show and in what order: likely ones first, no two that say the same, none that harm."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.asof import Floats, Ints
from recommend.hashtags.banned import PAID
from recommend.hashtags.index import TagIndex
from recommend.hashtags.words import plain
from recommend.scoring import LiftLn

DIVERSITY = 1.0
"""In ln odds: what a hashtag loses that always comes with one chosen before."""
GAIN = 1.0
"""In ln odds: what a detectable gain is worth."""
MANY_TAGS = 15
MANY_SHARE = 0.5
GENERAL_SHARE = 0.05
FAR = 2.0
"""Standard deviations below what posts with the hashtag usually have in common."""
LATEST = 100

BANNED = "banned, or known to hide posts"
DISCLOSURE = "says that the post is paid for, which only you know"
SPAM = "follow-for-follow and other spam"
STUFFED = "found mostly on posts stuffed with hashtags"
HARMFUL = "posts with it did worse than posts alike without it"
IRRELEVANT = "found on posts about other things"
SAME = "says the same as another one"

_EXCHANGE = re.compile(
    r"^(f4f|l4l|s4s|r4r|c4c|sub4sub|(follow|like|comment|share|sub|tag|spam)s?(4|for|x)?(follow|like|comment|share|sub|tag|spam)"
    r"(s|er|ers|back|all|me)?|follow(me|back|train|forfollowback|4followback)|like(me|back|all|4likes|forlikes)|gain(followers|likes|post|train|trick)\w*"
    r"|teamfollowback|instantfollow\w*|ifb|tfb|followalways|alwaysfollowback)$"
)
_TAIL = re.compile(r"(.)\1{2,}$")


@dataclass(frozen=True)
class Offered:
    """A candidate with its say: `logit` of being chosen, `own`: used by the channel before, `lift` or None."""

    code: int
    name: str
    logit: float
    own: bool
    lift: LiftLn | None


@dataclass(frozen=True)
class Choice:
    """`kept` in order; `out`: why others were not taken, by name."""

    kept: tuple[Offered, ...]
    out: Mapping[str, str]


def choose(
    index: TagIndex,
    until: int,
    vector: NDArray[np.float32],
    offered: Sequence[Offered],
    banned: frozenset[str],
    most: int,
) -> Choice:
    """At most `most` of the candidates. `until`: number of posts that were there; `vector`: of the draft's words."""
    out: dict[str, str] = {}
    fine = []
    for one in offered:
        why = objection(index, until, vector, one, banned)
        if why is None:
            fine.append(one)
        else:
            out[one.name] = why
    kept, same = _diverse(index, until, fine, most)
    return Choice(tuple(kept), out | dict.fromkeys(same, SAME))


def objection(
    index: TagIndex, until: int, vector: NDArray[np.float32], one: Offered, banned: frozenset[str]
) -> str | None:
    """Why not, or None. What the channel uses itself is about its things."""
    if (why := by_name(one.name, banned)) is not None:
        return why
    if one.lift is not None and one.lift.high_ln is not None and one.lift.high_ln < 0:
        return HARMFUL
    posts = index.posts_with(one.code, until)[-LATEST:]
    if len(posts) >= 3:
        tags = index.start[posts + 1] - index.start[posts]
        if float((tags > MANY_TAGS).mean()) >= MANY_SHARE and not one.own:
            return STUFFED
        if not one.own and len(posts) < GENERAL_SHARE * until and _far(index.vectors[posts], vector):
            return IRRELEVANT
    return None


def by_name(name: str, banned: frozenset[str]) -> str | None:
    """What speaks against it whatever posts carry it, or None."""
    if name in banned or plain(name) in banned:
        return BANNED
    if name in PAID:
        return DISCLOSURE
    return SPAM if _EXCHANGE.match(plain(name)) else None


def _far(vectors: NDArray[np.float32], vector: NDArray[np.float32]) -> bool:
    """Further from the middle of the posts than they are themselves, each against the middle of the others."""
    if not vector.any():
        return False
    told = vectors[vectors.any(axis=1)]
    if len(told) < 3:
        return False
    total = told.sum(axis=0)
    rest = total - told
    cosine = (told * rest).sum(axis=1) / np.maximum(np.linalg.norm(rest, axis=1), 1e-9)
    mine = float(total @ vector) / max(float(np.linalg.norm(total)), 1e-9)
    return mine < float(cosine.mean()) - FAR * max(float(cosine.std()), 0.05)


def _diverse(index: TagIndex, until: int, fine: list[Offered], most: int) -> tuple[list[Offered], list[str]]:
    """Maximal marginal relevance (Carbonell and Goldstein 1998) over the posts that tags share."""
    left = sorted(fine, key=lambda one: (-_worth(one), one.name))[: 3 * most]
    posts = {one.code: index.posts_with(one.code, until)[-LATEST:] for one in left}
    spelled = {one.code: _TAIL.sub(r"\1", plain(one.name)) for one in left}
    kept: list[Offered] = []
    same: list[str] = []
    near = dict.fromkeys(posts, 0.0)
    while left and len(kept) < most:
        best = max(left, key=lambda one: (_worth(one) - DIVERSITY * near[one.code], one.name))
        kept.append(best)
        left.remove(best)
        for one in list(left):
            if spelled[one.code] == spelled[best.code]:
                same.append(one.name)
                left.remove(one)
            else:
                near[one.code] = max(near[one.code], _overlap(posts[one.code], posts[best.code]))
    return kept, same


def _worth(one: Offered) -> float:
    sure = one.lift is not None and one.lift.low_ln is not None and one.lift.low_ln > 0
    return one.logit + (GAIN if sure else 0.0)


def _overlap(a: Ints, b: Ints) -> float:
    """Shared posts over all of both (Jaccard)."""
    both = len(np.intersect1d(a, b, assume_unique=True))
    return both / max(1, len(a) + len(b) - both)


def volume(index: TagIndex, code: int, at_us: int, until: int, days: int) -> tuple[int, int]:
    """Posts and channels that used it in the last `days`."""
    posts = index.posts_with(code, until)
    late = posts[index.at_us[posts] >= at_us - days * 86_400_000_000]
    return len(late), len(np.unique(index.channel[late]))


def relevance(logit: float | Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logit, -50, 50))))
