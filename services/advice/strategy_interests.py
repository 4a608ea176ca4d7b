"""Terms on the rise on the platform, and which of them are near what the channel posts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from creatorlens.advice.common import EvidencePost
from creatorlens.advice.strategy import Interest, InterestKind
from recommend.scoring import LiftLn, words_of
from services.advice.desk import told
from services.advice.evidence import evidence, residuals
from services.advice.platform_view import PlatformView

if TYPE_CHECKING:
    from features.trends import Rising
    from services.analytics.trends import Rises

MOST_OF_KIND = 15
LEAST_FIT = 0.2
"""Cosine around the platform's mean from which a term fits, as for channels alike."""
MOST_EVIDENCE = 3


def interests(view: PlatformView, channel_id: str, alike: Sequence[str]) -> tuple[Interest, ...]:
    """Of each kind the steepest, with the use of it here; evidence from the channel and those alike first."""
    import pandas as pd

    if view.posts.empty:
        return ()
    # A post is part of what is known from just after it was published.
    newest = view.posts["published_at"].iloc[-1] + pd.Timedelta(seconds=1)
    moment = min(newest, pd.Timestamp(view.moment)).as_unit("us")
    parts = view.desk.kept.get(
        ("rises", view.platform, view.desk.generation(view.platform), moment), lambda: _parts(view, moment)
    )
    contents = view.contents
    own = contents.mean(view.recent.loc[view.recent["channel_id"] == channel_id, "post_id"])
    asked = [(part, one) for part in parts for one in part.rises.rising[:MOST_OF_KIND]]
    users = [part.rises.posts.iloc[part.rows[one.name]] for part, one in asked]
    telling = [_telling(view, posts, [channel_id, *alike]) for posts in users]
    every = sorted({post for some in telling for post in some})
    known = {post.post_id: post for post in evidence(view.desk, view.platform, every, view.moment)}
    return tuple(
        _interest(
            part.rises.kind,
            one,
            own_posts=int((posts["channel_id"] == channel_id).sum()),
            fit=_fit(own, contents.mean(posts["post_id"])),
            posts=tuple(known[post] for post in some if post in known),
        )
        for (part, one), posts, some in zip(asked, users, telling, strict=True)
    )


@dataclass(frozen=True)
class _Part:
    """What is on the rise of one kind, and the rows of its `posts` that use each term."""

    rises: Rises
    rows: Mapping[str, Any]


def _parts(view: PlatformView, moment: Any) -> list[_Part]:
    import pandas as pd

    from services.analytics.trends import rises

    known = residuals(view.desk, view.platform)
    found = []
    for part in rises(view.desk.engine, view.desk.settings, view.platform, known, moment):
        rows = pd.Series(part.uses.row).groupby(pd.Series(part.uses.term, dtype=object)).unique()
        told = {one.name: np.asarray(rows[one.name], np.int64) for one in part.rising[:MOST_OF_KIND]}
        found.append(_Part(part, told))
    return found


def _fit(own: Any, theirs: Any) -> float | None:
    return None if own is None or theirs is None else float(own @ theirs)


def _interest(
    kind: InterestKind, one: Rising, *, own_posts: int, fit: float | None, posts: tuple[EvidencePost, ...]
) -> Interest:
    lift = None
    if one.lift_ln is not None:
        lift = LiftLn(one.lift_ln, one.lift_low_ln, one.lift_high_ln)
    rise = math.exp(one.rise_ln)
    name = f"#{one.name}" if kind == "hashtag" else f"“{one.name}”"
    did = "how posts with it did is not known" if lift is None else f"posts with it: {words_of(lift)}"
    return Interest(
        kind=kind,
        name=one.name,
        words=f"{name} is used {rise:.1f} times as much as before, in {one.posts} posts of {one.channels} channels; {did}",
        posts=one.posts,
        channels=one.channels,
        own_posts=own_posts,
        rise=rise,
        lift=told(lift),
        fit=fit,
        fits=fit is not None and fit >= LEAST_FIT,
        evidence=posts,
    )


def _telling(view: PlatformView, posts: Any, near: Sequence[str]) -> list[str]:
    """The newest of near channels with a known result, then of others."""
    known = posts[posts["post_id"].isin(view.results["post_id"])]
    close = known["channel_id"].isin(near)
    ordered = [*known.loc[close, "post_id"].iloc[::-1], *known.loc[~close, "post_id"].iloc[::-1]]
    return [str(post) for post in ordered[:MOST_EVIDENCE]]
