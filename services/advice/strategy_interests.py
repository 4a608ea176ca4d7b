"""Terms on the rise on the platform, and which of them are near what the channel posts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from creatorlens.advice.strategy import Interest
from recommend.scoring import LiftLn, words_of
from services.advice.desk import told
from services.advice.evidence import evidence, residuals
from services.advice.platform_view import PlatformView

if TYPE_CHECKING:
    from features.trends import Rising
    from recommend.strategy.alike import Contents
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
        ("rises", view.platform, view.desk.generation(view.platform), moment), lambda: _rises(view, moment)
    )
    contents = view.contents
    own = contents.mean(view.recent.loc[view.recent["channel_id"] == channel_id, "post_id"])
    found = []
    for part in parts:
        rows = pd.Series(part.uses.row).groupby(pd.Series(part.uses.term, dtype=object)).unique()
        for one in part.rising[:MOST_OF_KIND]:
            found.append(_interest(view, part, one, rows[one.name], channel_id, alike, own, contents))
    return tuple(found)


def _rises(view: PlatformView, moment: Any) -> list[Rises]:
    from services.analytics.trends import rises

    known = residuals(view.desk, view.platform)
    return rises(view.desk.engine, view.desk.settings, view.platform, known, moment)


def _interest(
    view: PlatformView,
    part: Rises,
    one: Rising,
    rows: Any,
    channel_id: str,
    alike: Sequence[str],
    own: Any,
    contents: Contents,
) -> Interest:
    posts = part.posts.iloc[np.asarray(rows, np.int64)]
    theirs = contents.mean(posts["post_id"])
    fit = None if own is None or theirs is None else float(own @ theirs)
    lift = None
    if one.lift_ln is not None:
        lift = LiftLn(one.lift_ln, one.lift_low_ln, one.lift_high_ln)
    own_posts = int((posts["channel_id"] == channel_id).sum())
    rise = math.exp(one.rise_ln)
    name = f"#{one.name}" if part.kind == "hashtag" else f"“{one.name}”"
    did = "how posts with it did is not known" if lift is None else f"posts with it: {words_of(lift)}"
    return Interest(
        kind=part.kind,
        name=one.name,
        words=f"{name} is used {rise:.1f} times as much as before, in {one.posts} posts of {one.channels} channels; {did}",
        posts=one.posts,
        channels=one.channels,
        own_posts=own_posts,
        rise=rise,
        lift=told(lift),
        fit=fit,
        fits=fit is not None and fit >= LEAST_FIT,
        evidence=evidence(view.desk, view.platform, _telling(view, posts, [channel_id, *alike]), view.moment),
    )


def _telling(view: PlatformView, posts: Any, near: Sequence[str]) -> list[str]:
    """The newest of near channels with a known result, then of others."""
    known = posts[posts["post_id"].isin(view.results["post_id"])]
    close = known["channel_id"].isin(near)
    ordered = [*known.loc[close, "post_id"].iloc[::-1], *known.loc[~close, "post_id"].iloc[::-1]]
    return [str(post) for post in ordered[:MOST_EVIDENCE]]
