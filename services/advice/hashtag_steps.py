"""Hashtag steps as suggestions: what changes in the draft, what the forecast expects of it, and posts that speak for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from creatorlens.advice.common import Change, EvidencePost, Suggestion
from creatorlens.advice.content import Content, ContentVersion
from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from recommend.hashtags.steps import Steps
from recommend.hashtags.words import clean, tags_in, without
from recommend.scoring import Scored, lift
from services.advice.desk import Desk, suggestion_id, told
from services.advice.evidence import evidence

if TYPE_CHECKING:
    from recommend.hashtags.index import TagIndex

MOST_EVIDENCE = 3


@dataclass(frozen=True)
class Suggested:
    """`reason`: why the forecast has no say, or None."""

    best: Suggestion | None
    add: tuple[Suggestion, ...]
    drop: tuple[Suggestion, ...]
    reason: str | None


@dataclass(frozen=True)
class Evidence:
    """Where posts with a hashtag are found: the channel's own first, then of all."""

    index: TagIndex
    until: int
    channel_id: str

    def post_ids(self, tag: str) -> list[str]:
        code = self.index.codes([tag])
        if not len(code):
            return []
        posts = self.index.posts_with(int(code[0]), self.until)[::-1]
        own = self.index.channel[posts] == self.index.channels.get_indexer([self.channel_id])[0]
        return [str(post_id) for post_id in self.index.post_id[[*posts[own], *posts[~own]][:MOST_EVIDENCE]]]


@dataclass(frozen=True)
class _Step:
    change: Change
    words: str
    because: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def draft_tags(version: ContentVersion) -> list[str]:
    """Listed and written in its words, each once."""
    listed = [clean(tag) for tag in version.hashtags]
    return list(dict.fromkeys(tag for tag in [*listed, *tags_in(f"{version.title}\n{version.text}")] if tag))


def suggested(
    desk: Desk,
    content: Content,
    found: Steps,
    posts: Evidence,
    now: datetime,
    because: dict[str, tuple[str, ...]],
) -> Suggested:
    """`because`: of hashtags, by name."""
    version = content.now
    have = draft_tags(version)
    best = () if found.best is None else (_best(version, have, found.best),)
    add = [
        _Step(change_to(version, [*have, tag]), f"Add #{tag}.", because.get(tag, ()), (tag,))
        for tag in found.add
    ]
    drop = [
        _Step(change_to(version, [one for one in have if one != tag]), f"Drop #{tag}: {why}.")
        for tag, why in found.drop
    ]
    # words that are nothing but hashtags cannot do without them all
    steps = [step for step in (*best, *add, *drop) if _says_something(version.changed(step.change))]
    before, after, reason = _forecast(desk, content, steps)
    told_by = _told_by(desk, content.platform, steps, posts, now)
    every = [
        _suggestion(content, step, before, score, among=len(steps), reason=reason, evidence=shown)
        for step, score, shown in zip(steps, after, told_by, strict=True)
    ]
    by_step = {id(step): one for step, one in zip(steps, every, strict=True)}
    return Suggested(
        best=next((by_step[id(step)] for step in best if id(step) in by_step), None),
        add=tuple(by_step[id(step)] for step in add if id(step) in by_step),
        drop=tuple(by_step[id(step)] for step in drop if id(step) in by_step),
        reason=reason,
    )


def change_to(version: ContentVersion, tags: Sequence[str]) -> Change:
    """What makes these the draft's hashtags: listed ones keep their spelling, written ones are taken out of the words."""
    gone = {tag for tag in draft_tags(version) if tag not in tags}
    title, text = without(version.title, gone), without(version.text, gone)
    written = set(tags_in(f"{title}\n{text}"))
    listed = {clean(tag): tag for tag in reversed(version.hashtags)}
    new = tuple(listed.get(tag, tag) for tag in tags if tag in listed or tag not in written)
    return Change(
        title=title if title != version.title else None,
        text=text if text != version.text else None,
        hashtags=new if new != tuple(version.hashtags) else None,
    )


def _says_something(version: ContentVersion) -> bool:
    return bool(version.title.strip() or version.text.strip())


def _best(version: ContentVersion, have: Sequence[str], tags: Sequence[str]) -> _Step:
    new = [f"#{tag}" for tag in tags if tag not in have]
    gone = [f"#{tag}" for tag in have if tag not in tags]
    parts = [f"{verb} {', '.join(names)}" for verb, names in (("add", new), ("drop", gone)) if names]
    words = "; ".join(parts)
    return _Step(change_to(version, tags), f"{words[:1].upper()}{words[1:]}.", tags=tuple(tags))


def _forecast(
    desk: Desk, content: Content, steps: Sequence[_Step]
) -> tuple[Scored | None, list[Scored | None], str | None]:
    nothing: list[Scored | None] = [None] * len(steps)
    if not steps:
        return None, nothing, None
    drafts = [content.draft(), *(content.draft(content.now.changed(step.change)) for step in steps)]
    try:
        before, *after = desk.score(drafts)
    except NotReadyError as error:
        return None, nothing, str(error)
    if before.abstained:
        return before, list(after), f"the forecast has no say here: {before.reason}"
    return before, list(after), None


def _told_by(
    desk: Desk, platform: Platform, steps: Sequence[_Step], posts: Evidence, now: datetime
) -> list[tuple[EvidencePost, ...]]:
    """One look into the database for all of them."""
    wanted = [
        list(dict.fromkeys(i for tag in step.tags for i in posts.post_ids(tag)))[:MOST_EVIDENCE]
        for step in steps
    ]
    every = list(dict.fromkeys(post_id for some in wanted for post_id in some))
    found = {one.post_id: one for one in evidence(desk, platform, every, now)}
    return [tuple(found[post_id] for post_id in some if post_id in found) for some in wanted]


def _suggestion(
    content: Content,
    step: _Step,
    before: Scored | None,
    after: Scored | None,
    *,
    among: int,
    reason: str | None,
    evidence: tuple[EvidencePost, ...],
) -> Suggestion:
    known = before is not None and after is not None and reason is None
    return Suggestion(
        suggestion_id=suggestion_id(content.content_id, content.now.version, "hashtags", step.change),
        kind="hashtags",
        change=step.change,
        words=step.words,
        because=step.because if reason is None else (*step.because, reason),
        lift=told(lift(before, after, among=among)) if known and before and after else None,
        prob_beats_floor=after.prob_beats_floor if known and after else None,
        evidence=evidence,
    )
