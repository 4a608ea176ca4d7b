"""Title and caption advice on a draft: generated, filtered, ranked by what a change is expected to do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from creatorlens.advice.content import Content
from creatorlens.advice.titles import TitleAdvice
from creatorlens.advice.titles import Voice as VoiceTold
from creatorlens.metric_definitions import primary_metric
from services.advice.desk import Desk
from services.advice.headlines import HeadlineModel, find_headlines
from services.advice.title_brief import Own, brief_of, own_of
from services.advice.title_generators import Proposed, proposed
from services.advice.title_words import HeadlinesUse, heard, overall, suggestions, voice_words

if TYPE_CHECKING:
    from recommend.titles.brief import TitleBrief
    from recommend.titles.ranking import Ranking

MOST_SCORED = 16
"""Candidates that the forecast is asked about, in one batch with the draft as it is."""
MOST_SHOWN = 8


@dataclass(frozen=True)
class _Chosen:
    ranking: Ranking
    looked_at: int
    left_out: dict[str, int]


def titles(desk: Desk, content: Content, *, now: datetime | None = None) -> TitleAdvice:
    """As known at `now`. Raises InputError where the draft has no words, NotReadyError before features or a model are there."""
    moment = now or datetime.now(UTC)
    own = own_of(desk, content, "title" if content.now.title.strip() else "text", moment)
    brief = brief_of(desk, content, own)
    made = proposed(desk, brief)
    use = _headlines(desk, brief)
    chosen = _choose(desk, content, brief, own, made, use.model)
    told = suggestions(desk, content, brief, own, chosen.ranking, moment)
    return TitleAdvice(
        content_id=content.content_id,
        version=content.now.version,
        channel_id=content.channel_id,
        platform=content.platform,
        metric=primary_metric(content.platform),
        as_of=moment,
        model_version=desk.source.current(content.platform).model_version,
        words=overall(chosen.ranking, told, chosen.looked_at),
        left_out=chosen.left_out,
        current=brief.current,
        language=brief.language,
        current_voice=_current(brief, own),
        voice_words=voice_words(own, brief),
        headlines=use.model.version if use.model is not None else None,
        headlines_words=use.words,
        supported_by=_supported_by(brief),
        generators=made.uses,
        suggestions=told,
    )


def _choose(
    desk: Desk, content: Content, brief: TitleBrief, own: Own, made: Proposed, headlines: HeadlineModel | None
) -> _Chosen:
    from features.nlp.languages import confidence
    from recommend.titles.choosing import choose
    from recommend.titles.filtering import Filter
    from recommend.titles.ranking import rank

    passing, left_out = Filter(brief, confidence).passing(made.candidates)
    some = choose(passing, MOST_SCORED, field=brief.field, voice=own.voice)
    ranking = rank(
        content.draft(),
        some,
        desk.score,
        headlines=None if headlines is None else partial(headlines.lift, lede=brief.text),
        voice=own.voice,
        most=MOST_SHOWN,
    )
    return _Chosen(ranking, len(some), dict(Counter(left_out) + Counter(ranking.left_out)))


def _headlines(desk: Desk, brief: TitleBrief) -> HeadlinesUse:
    if brief.field != "title":
        return HeadlinesUse(None, "captions are not headlines: the forecast alone ranks them.")
    if brief.language != "en":
        return HeadlinesUse(
            None, "the model of headlines learned from English ones: the forecast alone ranks these."
        )
    model = find_headlines(desk)
    if model is None:
        return HeadlinesUse(None, "no model of headlines is registered: the forecast alone ranks.")
    return HeadlinesUse(
        model, "learned from randomised headline tests; its lifts are of clicks per impression."
    )


def _current(brief: TitleBrief, own: Own) -> VoiceTold | None:
    return None if own.voice is None else heard(own.voice.hear(brief.current.partition("\n")[0]))


def _supported_by(brief: TitleBrief) -> tuple[str, ...]:
    from recommend.titles.filtering import supported_by

    return supported_by(brief)
