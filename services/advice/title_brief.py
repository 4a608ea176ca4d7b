"""What generators of titles are told: the draft's words, what was read of its files, how the channel writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from creatorlens.advice.content import Content
from creatorlens.errors import InputError, NotFoundError
from recommend.titles.brief import TextField, TitleBrief
from services.advice.desk import Desk
from services.advice.kept import Kept

if TYPE_CHECKING:
    from creatorlens.reading.analysis import Analysis
    from features.nlp.words import Words
    from recommend.titles.patterns import PatternLift
    from recommend.titles.voice import Voice

CHANNEL_CHARS = 600
"""Of the newest titles, from which the channel's language is told."""
ELSEWHERE = 0.05
"""A language the channel does not write in, against the one it does."""
MOST_EARLIER = 300
MOST_KEPT = 256


@dataclass(frozen=True)
class Own:
    """The channel's own titles, or first lines of captions, as known at a moment; oldest first. `patterns`: what posts with a
    question, a number and the like did, by name; `post_ids` as their places count them."""

    titles: tuple[str, ...]
    languages: Mapping[str, float]
    voice: Voice | None
    patterns: Mapping[str, PatternLift]
    post_ids: tuple[str, ...]


def own_of(desk: Desk, content: Content, field: TextField, now: datetime) -> Own:
    """Kept for an hour at most. Raises NotReadyError before the platform's features were computed."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    key = (content.channel_id, field, content.post_id, hour, desk.generation(content.platform))
    return kept_titles(desk).get((content.platform, *key), lambda: _own(desk, content, field, now))


def kept_titles(desk: Desk) -> Kept:
    """A shelf of their own: titles of many channels must not push out what other advice fitted."""
    return desk.kept.get(("titles",), lambda: Kept(MOST_KEPT))


def brief_of(desk: Desk, content: Content, own: Own) -> TitleBrief:
    """Raises InputError where the draft has no words of its own to begin from."""
    told = content.now
    if not f"{told.title}{told.text}".strip():
        raise InputError(
            "the draft has neither a title nor a text.", field="content_id",
            hint="Give it a working title: PUT /v1/content/{id}.",
        )  # fmt: skip
    words, phrases, spoken = _read(desk, content)
    return TitleBrief(
        platform=content.platform,
        title=told.title,
        text=told.text,
        transcript=words.transcript,
        on_screen=words.on_screen,
        hashtags=told.hashtags,
        keyphrases=phrases,
        language=language_of(f"{told.title}\n{told.text}", spoken, own.languages),
        banned=banned_words(desk.settings.banned_words),
        earlier=own.titles,
    )


def language_of(text: str, spoken: str | None, usual: Mapping[str, float]) -> str | None:
    """The likeliest of the text, where the channel's own and the one spoken in it are likelier beforehand: titles are short,
    and full of names."""
    from features.nlp.languages import confidence

    found = confidence(text)
    weighed = {
        code: value * (ELSEWHERE + usual.get(code, 0.0) + (code == spoken)) for code, value in found.items()
    }
    return max(weighed, key=lambda code: weighed[code]) if weighed else None


def banned_words(told: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in told.split(",") if word.strip())


def _own(desk: Desk, content: Content, field: TextField, now: datetime) -> Own:
    from features.nlp.languages import confidence
    from recommend.titles.patterns import pattern_lifts
    from recommend.titles.voice import learn_voice
    from services.advice.evidence import residuals

    posts = desk.posts(content.platform, content.channel_id, until=now)
    posts = posts[posts["post_id"] != content.post_id]
    lines = posts[field].fillna("").str.strip().str.partition("\n")[0]
    posts, lines = posts[lines != ""].tail(MOST_EARLIER), lines[lines != ""].tail(MOST_EARLIER)
    titles = tuple(str(line) for line in lines)
    known = residuals(desk, content.platform)
    known = known[(known["channel_id"] == content.channel_id) & (known["known_at"] <= now)]
    over = dict(zip(known["post_id"], known["residual"].astype(float), strict=True))
    return Own(
        titles=titles,
        languages=confidence(_newest(titles)),
        voice=learn_voice(titles),
        patterns=pattern_lifts(titles, [over.get(post, float("nan")) for post in posts["post_id"]]),
        post_ids=tuple(str(post) for post in posts["post_id"]),
    )


def _newest(titles: Sequence[str]) -> str:
    chosen: list[str] = []
    for title in reversed(titles):
        if sum(map(len, chosen)) > CHANNEL_CHARS:
            break
        chosen.append(title)
    return "\n".join(chosen)


def _read(desk: Desk, content: Content) -> tuple[Words, tuple[str, ...], str | None]:
    """(words, keyphrases, language spoken). An analysis that is gone is as none."""
    from features.nlp.words import Words
    from services.analysis.reading_words import words_of

    told, analysis = content.now, _analysis(desk, content.now.analysis_id)
    files = analysis.files if analysis is not None else ()
    words = words_of(told.title, told.text, files, (), desk.settings.max_text_chars) or Words(
        title=told.title
    )
    spoken = [one.audio.transcript.language for one in files if one.audio and one.audio.transcript]
    return words, _phrases(desk, words), next((code for code in spoken if code), None)


def _analysis(desk: Desk, analysis_id: str | None) -> Analysis | None:
    from services.analysis.stored import stored_analysis

    if analysis_id is None:
        return None
    try:
        return stored_analysis(desk.engine, desk.settings.workspace, analysis_id)
    except NotFoundError:
        return None


def _phrases(desk: Desk, words: Words) -> tuple[str, ...]:
    from features.absent import Absent
    from features.nlp.keyphrases import read_keywords
    from features.nlp.source import source
    from features.weights.models import Models

    models = desk.kept.get(("models",), lambda: Models(desk.settings))
    found = read_keywords(source(words, models), models)
    return () if isinstance(found, Absent) else tuple(one.phrase for one in found.phrases)
