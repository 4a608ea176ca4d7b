"""Ranked titles as the creator reads them: what is changed, what it is expected to do, what own posts say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from creatorlens.advice.common import Change, EvidencePost
from creatorlens.advice.content import Content
from creatorlens.advice.titles import PatternRecord, TitleSuggestion, Voice
from recommend.titles.patterns import patterns_changed
from services.advice.desk import Desk, suggestion_id, told
from services.advice.evidence import evidence

if TYPE_CHECKING:
    from recommend.titles.brief import TitleBrief
    from recommend.titles.ranking import Ranked, Ranking
    from recommend.titles.voice import Heard
    from services.advice.headlines import HeadlineModel
    from services.advice.title_brief import Own

MOST_EVIDENCE = 3


@dataclass(frozen=True)
class HeadlinesUse:
    model: HeadlineModel | None
    words: str


def suggestions(
    desk: Desk, content: Content, brief: TitleBrief, own: Own, ranking: Ranking, now: datetime
) -> tuple[TitleSuggestion, ...]:
    """In the order ranked."""
    speaking = [_patterns(brief, own, one) for one in ranking.shown]
    posts = _posts(desk, content, own, [name for names in speaking for name in names], now)
    return tuple(
        _suggestion(content, brief, own, ranking, one, names, posts)
        for one, names in zip(ranking.shown, speaking, strict=True)
    )


def heard(found: Heard) -> Voice:
    return Voice(score=found.score, differs=found.differs)


def overall(ranking: Ranking, shown: Sequence[TitleSuggestion], looked_at: int) -> str:
    """`looked_at`: wordings that passed the filter."""
    if not shown:
        if looked_at:
            why = ", ".join(f"{n} {reason}" for reason, n in ranking.left_out.items())
            return f"Keep yours. What else was found is left out: {why}."
        return "No other wording was found that is grammatical and says only what the content does."
    best = shown[0]
    if best.lift is not None and best.lift.effect > 0 and not best.lift.noise:
        return f"{best.words} Expected: {best.lift.words}. The best of {looked_at} looked at."
    if ranking.before.abstained:
        why = f"The forecast has no say here ({ranking.before.reason or 'it is the floor'})"
        return f"{why}. Other wordings are {_ordered(shown)}."
    return f"No detectable difference ({looked_at} looked at). Other wordings are {_ordered(shown)}."


def voice_words(own: Own, brief: TitleBrief) -> str:
    what = "titles" if brief.field == "title" else "first lines"
    if own.voice is None:
        from recommend.titles.voice import FEWEST

        return f"{len(own.titles)} own {what} are known; it takes {FEWEST} different ones to tell a voice."
    return f"Learned from {len(own.voice.own)} own {what}; half of those score above 0.5."


def _ordered(shown: Sequence[TitleSuggestion]) -> str:
    if any(one.headline_lift is not None for one in shown):
        return "in the order that headline tests and your own voice suggest"
    return "nearest to what is expected and to your own voice first"


def _suggestion(
    content: Content,
    brief: TitleBrief,
    own: Own,
    ranking: Ranking,
    one: Ranked,
    names: Sequence[str],
    posts: dict[str, tuple[EvidencePost, ...]],
) -> TitleSuggestion:
    candidate = one.candidate
    change = Change(title=candidate.words) if candidate.field == "title" else Change(text=candidate.words)
    patterns = tuple(_record(own, name) for name in names)
    seen = {post.post_id: post for name in names for post in posts[name]}
    return TitleSuggestion(
        suggestion_id=suggestion_id(content.content_id, content.now.version, "titles", change),
        kind="titles",
        change=change,
        words=_words(one),
        because=tuple(_because(ranking, one, patterns)),
        lift=told(one.lift),
        prob_beats_floor=None if one.after.abstained else one.after.prob_beats_floor,
        evidence=tuple(seen.values())[:MOST_EVIDENCE],
        field=candidate.field,
        before=brief.title if candidate.field == "title" else brief.text,
        after=candidate.words,
        operator=candidate.operator,
        made_by=candidate.made_by,
        voice=None if one.voice is None else heard(one.voice),
        forecast_lift=told(one.forecast),
        headline_lift=told(one.headline),
        patterns=patterns,
    )


def _words(one: Ranked) -> str:
    first = one.candidate.words.partition("\n")[0]
    what = "Title" if one.candidate.field == "title" else "Text begins"
    return f"{what}: “{first}” ({one.candidate.operator})."


def _because(ranking: Ranking, one: Ranked, patterns: Sequence[PatternRecord]) -> list[str]:
    found = [pattern.words for pattern in patterns]
    if one.voice is not None and one.voice.differs:
        found.append(f"unlike your own: {', '.join(one.voice.differs)}")
    if one.forecast is None:
        why = ranking.before.reason or one.after.reason or "it is the floor's"
        found.append(f"the forecast of this channel has no say: {why}")
    elif one.forecast.ln == 0 and one.forecast.low_ln == one.forecast.high_ln:
        found.append("the forecast reads no difference in these words")
    return found


def _patterns(brief: TitleBrief, own: Own, one: Ranked) -> list[str]:
    """Marks the change brings in of which own posts say something."""
    if one.candidate.field != brief.field:
        return []
    before, after = (text.partition("\n")[0] for text in (brief.current, one.candidate.words))
    return [name for name in patterns_changed(before, after) if name in own.patterns]


def _record(own: Own, name: str) -> PatternRecord:
    found = own.patterns[name]
    lift = told(found.lift)
    assert lift is not None
    return PatternRecord(pattern=name, n=found.n, lift=lift, words=found.words)


def _posts(
    desk: Desk, content: Content, own: Own, names: Sequence[str], now: datetime
) -> dict[str, tuple[EvidencePost, ...]]:
    """By pattern, the newest own posts with it; one question for all."""
    newest = {
        name: [own.post_ids[place] for place in own.patterns[name].posts[-MOST_EVIDENCE:][::-1]]
        for name in dict.fromkeys(names)
    }
    asked = list(dict.fromkeys(post for posts in newest.values() for post in posts))
    found = {post.post_id: post for post in evidence(desk, content.platform, asked, now)}
    return {name: tuple(found[post] for post in posts if post in found) for name, posts in newest.items()}
