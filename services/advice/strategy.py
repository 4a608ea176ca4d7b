"""Strategy for a channel: what set its best posts apart, what it uses too little or too much, what channels like it do well with,
and which trends fit; each with the posts that say so."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from creatorlens.advice.common import EvidencePost
from creatorlens.advice.strategy import AlikeChannel, Finding, Outlier, Strategy
from creatorlens.database import tables
from creatorlens.errors import InputError, NotFoundError
from creatorlens.metric_definitions import primary_metric
from creatorlens.platforms import Platform
from recommend.scoring import LiftLn, percent
from services.advice.desk import Desk, told
from services.advice.evidence import evidence, residuals
from services.advice.platform_view import PlatformView, platform_view
from services.advice.strategy_interests import interests

if TYPE_CHECKING:
    import pandas as pd

    from recommend.strategy.alike import Alike
    from recommend.strategy.findings import Pattern, Patterns

MOST_OUTLIERS = 10
GAP_POSTS = 150
"""Of each channel alike, the newest results: what they do lately, and reading their words takes most of an answer's time."""
COMPETITORS_D = 90

Tell = Callable[["Pattern"], str]


def strategy(desk: Desk, channel_id: str, *, now: datetime | None = None) -> Strategy:
    """As known at `now`. Raises NotFoundError for a channel that is not here, NotReadyError before the platform's features
    were computed. Answers are kept until they are computed anew, for an hour at most."""
    platform = _platform(desk, channel_id)
    moment = now or datetime.now(UTC)
    if moment.tzinfo is None:
        raise InputError("the time needs a zone.", field="now", hint="As in 2026-03-01T12:00:00Z.")
    asked = moment.replace(minute=0, second=0, microsecond=0) if now is None else moment
    key = (platform, desk.generation(platform), asked)
    view = desk.kept.get(("strategy view", *key), lambda: platform_view(desk, platform, moment))
    return desk.kept.get(("strategy", channel_id, *key), lambda: _strategy(view, channel_id))


def _platform(desk: Desk, channel_id: str) -> Platform:
    c = tables.channels.c
    query = select(c.platform).where(c.workspace_id == desk.settings.workspace, c.channel_id == channel_id)
    with desk.engine.connect() as connection:
        platform = connection.execute(query).scalar()
    if platform is None:
        raise NotFoundError(
            f"no channel {channel_id!r} here.",
            field="channel",
            hint="GET /v1/channels lists those that are known.",
        )
    return Platform(platform)


def _strategy(view: PlatformView, channel_id: str) -> Strategy:
    from recommend.strategy.alike import alike
    from recommend.strategy.findings import gaps, own_patterns

    own, traits = view.of([channel_id])
    found = own_patterns(own, traits, view.trait_ln)
    near = alike(view.contents, view.recent, view.size_ln, channel_id)
    channels = [one.channel_id for one in near]
    missed = gaps(*view.of([channel_id, *channels], GAP_POSTS), channel_id, view.trait_ln) if channels else ()
    terms = interests(view, channel_id, channels)
    outliers = _outliers(view, own, MOST_OUTLIERS)
    return Strategy(
        channel_id=channel_id,
        platform=view.platform,
        metric=primary_metric(view.platform),
        as_of=view.moment,
        words=_words(own, found, len(outliers)),
        results=len(own),
        spread=math.exp(float(own["spread"].iloc[0])) if len(own) else None,
        looked_at=found.looked_at,
        outliers=outliers,
        sets_apart=_findings(view, found.sets_apart, _of_outliers),
        underused=_findings(view, found.underused, _little_used),
        overused=_findings(view, found.overused, _much_used),
        alike=tuple(_channel(one) for one in near),
        gaps=_findings(view, missed, _missing),
        competitors=_outliers(view, _lately(view, channels), MOST_OUTLIERS),
        keywords=terms,
        trends=tuple(term for term in terms if term.fits),
        notes=_notes(view, channel_id, own, near),
    )


def _outliers(view: PlatformView, results: pd.DataFrame, most: int) -> tuple[Outlier, ...]:
    """The farthest above the usual first."""
    best = results[results["stands_out"]]
    best = best.assign(spreads=best["ln"] / best["spread"])
    best = best.sort_values(["spreads", "post_id"], ascending=[False, True]).head(most)
    spreads = dict(zip(best["post_id"], best["spreads"], strict=True))
    ln = dict(zip(best["post_id"], best["ln"], strict=True))
    return tuple(
        Outlier(post=post, times_usual=math.exp(ln[post.post_id]), spreads=spreads[post.post_id])
        for post in _evidence(view, list(best["post_id"]))
    )


def _lately(view: PlatformView, channels: Sequence[str]) -> pd.DataFrame:
    """Results of these channels' posts of the `COMPETITORS_D` days before the platform's newest post."""
    import pandas as pd

    results = view.results
    newest = view.posts["published_at"].max()
    recent = results["published_at"] >= newest - pd.Timedelta(days=COMPETITORS_D)
    return results[results["channel_id"].isin(channels) & recent]


def _evidence(view: PlatformView, post_ids: Sequence[str]) -> tuple[EvidencePost, ...]:
    """With results as they are compared here: at equal age, of their time."""
    wanted = view.results[view.results["post_id"].isin(post_ids)]
    ln = dict(zip(wanted["post_id"], wanted["ln"].astype(float), strict=True))
    return evidence(view.desk, view.platform, post_ids, view.moment, over_usual_ln=ln)


def _findings(view: PlatformView, patterns: Sequence[Pattern], tell: Tell) -> tuple[Finding, ...]:
    found = []
    for one in patterns:
        lift = told(one.lift)
        assert lift is not None
        found.append(
            Finding.model_validate(
                {
                    "trait": one.kind,
                    "name": one.name,
                    "words": tell(one),
                    "lift": lift,
                    "posts": one.posts,
                    "channels": one.channels,
                    "share": one.share,
                    "share_of_outliers": one.share_of_outliers,
                    "also": one.also,
                    "evidence": _evidence(view, one.post_ids),
                }
            )
        )
    return tuple(found)


def _channel(one: Alike) -> AlikeChannel:
    size = math.exp(one.size_ln) if math.isfinite(one.size_ln) else None
    return AlikeChannel(channel_id=one.channel_id, similarity=one.cosine, size=size, posts=one.posts)


def _of_outliers(one: Pattern) -> str:
    share = (
        f"{100 * (one.share_of_outliers or 0):.0f} % of those that stood out, {100 * one.share:.0f} % of all"
    )
    return f"Posts with {one.words} did {_span(one.lift)} against your others: {share}."


def _little_used(one: Pattern) -> str:
    return f"Only {one.posts} of your posts have {one.words}, and they did {_span(one.lift)} against your others."


def _much_used(one: Pattern) -> str:
    return f"{100 * one.share:.0f} % of your posts have {one.words}, and they did {_span(one.lift)} against your others."


def _missing(one: Pattern) -> str:
    tried = "You have none" if one.share == 0 else f"{100 * one.share:.0f} % of yours have it"
    return (
        f"On {one.channels} channels like yours {one.posts} posts with {one.words} did {_span(one.lift)} against their "
        f"others. {tried}."
    )


def _span(lift: LiftLn) -> str:
    assert lift.low_ln is not None
    assert lift.high_ln is not None
    return f"{percent(lift.ln)} ({percent(lift.low_ln)} to {percent(lift.high_ln)})"


def _words(own: pd.DataFrame, found: Patterns, outliers: int) -> str:
    from recommend.strategy.findings import MIN_RESULTS

    if len(own) < MIN_RESULTS:
        return (
            f"Results of {len(own)} posts can be compared; it takes {MIN_RESULTS} to tell a pattern from chance. What "
            f"channels like yours do well with is below."
        )
    stood = f"{outliers} of {len(own)} posts stood out" if outliers else f"none of {len(own)} posts stood out"
    if found.sets_apart:
        best = found.sets_apart[0]
        return f"{stood}. What sets them apart most: {best.words}, {_span(best.lift)}."
    if found.underused or found.overused:
        return f"{stood}; nothing sets them apart beyond chance, but see what you use too little or too much."
    return f"{stood}; of {found.looked_at} traits compared nothing sets posts apart beyond chance."


def _notes(view: PlatformView, channel_id: str, own: pd.DataFrame, near: Sequence[Alike]) -> tuple[str, ...]:
    notes = [
        "These are comparisons of what was posted, not experiments: a trait may stand for something else that went with it."
    ]
    mine = view.posts[view.posts["channel_id"] == channel_id]
    known = residuals(view.desk, view.platform)
    matured = known[(known["channel_id"] == channel_id) & (known["known_at"] <= view.moment)]
    waiting = len(mine) - int(mine["post_id"].isin(matured["post_id"]).sum())
    if waiting:
        notes.append(f"{waiting} posts are left out: their outcome at a week was not known yet.")
    if not near:
        notes.append("No channel here posts about the same things: import some to see gaps and competitors.")
    if len(own) and not own["stands_out"].any():
        notes.append(
            "No post was far enough above the usual to stand out from the channel's ordinary ups and downs."
        )
    return tuple(notes)
