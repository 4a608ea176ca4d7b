"""From the reading of words to highlights, scales and sentences. No Streamlit in here."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import pairwise

import pandas as pd

from creatorlens.reading.text import Agreement, ChannelTitles, Match, Readability, TextField, TextReading
from dashboard import words
from dashboard.findings import Finding, listed, sentence
from dashboard.scales import Scale

CUE_WORDS = {
    "question": "Question", "number": "Number", "bracket": "Bracket", "list": "List", "superlative": "Superlative",
    "urgency": "Urgency", "curiosity": "Curiosity", "call_to_action": "Call to action",
    "second_person": "Speaks to “you”", "negation": "Negation", "emphasis": "Emphasis",
}  # fmt: skip
FIELD_WORDS: dict[TextField, str] = {
    "title": "title", "caption": "text", "transcript": "what is said", "on_screen": "text on screen",
}  # fmt: skip
LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "pl": "Polish", "ru": "Russian", "uk": "Ukrainian", "tr": "Turkish", "ar": "Arabic",
    "hi": "Hindi", "id": "Indonesian", "vi": "Vietnamese", "th": "Thai", "ja": "Japanese", "ko": "Korean",
    "zh": "Chinese", "sv": "Swedish", "da": "Danish", "no": "Norwegian", "fi": "Finnish", "cs": "Czech",
    "ro": "Romanian", "hu": "Hungarian", "el": "Greek", "he": "Hebrew", "fa": "Persian", "bn": "Bengali",
}  # fmt: skip
PHRASES_SHOWN = 10


@dataclass(frozen=True)
class Piece:
    """A stretch of a text; `cues` names what was found in it, '' where nothing was."""

    text: str
    cues: str


def language(code: str) -> str:
    return LANGUAGES.get(code, code)


def pieces(text: str, matches: list[tuple[str, Match]]) -> tuple[Piece, ...]:
    """The text cut at every match, overlapping cues named together. `matches`: name of the cue and where."""
    edges = sorted({0, len(text), *(e for _, m in matches for e in (m.start, m.end) if 0 <= e <= len(text))})
    found = []
    for start, end in pairwise(edges):
        names = list(
            dict.fromkeys(name for name, match in matches if match.start <= start and match.end >= end)
        )
        found.append(Piece(text[start:end], ", ".join(names)))
    return tuple(found)


def matches(reading: TextReading, field: TextField) -> list[tuple[str, Match]]:
    if reading.cues is None:
        return []
    return [
        (CUE_WORDS.get(cue.kind, cue.kind), match)
        for cue in reading.cues.cues
        for match in cue.found
        if match.field == field
    ]


def highlighted(text: str, reading: TextReading, field: TextField) -> str:
    """The text as markup with its cues marked; hovering or hearing a mark tells which cue it is."""
    parts = []
    for piece in pieces(text, matches(reading, field)):
        if piece.cues:
            parts.append(f'<mark title="{escape(piece.cues)}">{escape(piece.text)}</mark>')
        else:
            parts.append(escape(piece.text))
    return f'<p class="cl-said">{"".join(parts)}</p>'


def cue_chips(reading: TextReading) -> tuple[tuple[str, str], ...]:
    """('Question · “Why”', all its words) for every cue that was found."""
    if reading.cues is None:
        return ()
    chips = []
    for cue in reading.cues.cues:
        found = list(dict.fromkeys(match.text.strip() for match in cue.found if match.text.strip()))
        first = f" · {words.short(found[0], 24)}" if found else ""
        more = f" +{len(found) - 1}" if len(found) > 1 else ""
        chips.append(
            (f"{CUE_WORDS.get(cue.kind, cue.kind)}{first}{more}", listed(f"“{text}”" for text in found))
        )
    return tuple(chips)


def no_cues(reading: TextReading) -> str:
    """What to say where none was found; '' where some were, or nobody looked."""
    if reading.cues is None or reading.cues.cues:
        return ""
    return "No question, number, list, bracket, urgency, curiosity or call to action in these words."


def phrase_chips(reading: TextReading) -> tuple[tuple[str, str], ...]:
    if reading.keywords is None:
        return ()
    how = "rare in your posts" if reading.keywords.method == "corpus" else "prominent in this text"
    return tuple(
        (phrase.phrase, f"{how}; used {phrase.count} time{'s' if phrase.count > 1 else ''}")
        for phrase in reading.keywords.phrases[:PHRASES_SHOWN]
    )


def entity_chips(reading: TextReading) -> tuple[tuple[str, str], ...]:
    if reading.entities is None:
        return ()
    kinds = {"PER": "person", "ORG": "organisation", "LOC": "place", "MISC": "name"}
    seen = {entity.text: kinds.get(entity.kind, entity.kind) for entity in reading.entities.entities}
    return tuple(seen.items())


def scales(reading: TextReading) -> tuple[Scale, ...]:
    """Mood, ease and novelty, each between two words."""
    found: list[Scale] = []
    if reading.sentiment is not None:
        value = reading.sentiment.compound
        found.append(Scale("Mood", "hostile", "glad", (value + 1) / 2, mood(value)))
    if reading.readability is not None:
        found.append(_ease(reading.readability))
    if reading.channel is not None:
        channel = reading.channel
        found.append(Scale("Beside earlier titles", "said before", "new", channel.novelty, novelty(channel)))
    return tuple(found)


def mood(compound: float) -> str:
    """VADER's own bounds at ±0.05; strong from ±0.6."""
    if abs(compound) < 0.05:
        return "neutral"
    strong = "clearly " if abs(compound) >= 0.6 else ""
    return f"{strong}{'positive' if compound > 0 else 'negative'}"


def _ease(readability: Readability) -> Scale:
    if readability.flesch_ease is not None:
        ease = readability.flesch_ease
        return Scale("Reading", "hard", "easy", ease / 100, ease_words(ease))
    lix = readability.lix
    name = "easy" if lix < 30 else "medium" if lix < 50 else "hard"
    return Scale("Reading", "hard", "easy", 1 - (lix - 20) / 40, name)


def ease_words(ease: float) -> str:
    """The names that Flesch gave to ranges of his score."""
    bounds = (
        (30, "very hard"),
        (50, "hard"),
        (60, "fairly hard"),
        (70, "plain"),
        (80, "fairly easy"),
        (90, "easy"),
    )
    return next((name for bound, name in bounds if ease < bound), "very easy")


def novelty(channel: ChannelTitles) -> str:
    return (
        "new"
        if channel.novelty > 0.6
        else "a variation"
        if channel.novelty > 0.25
        else "much like an earlier one"
    )


def nearest(channel: ChannelTitles) -> str:
    return f"Nearest of {channel.earlier} earlier titles: “{words.short(channel.nearest, 90)}”."


def topics_frame(reading: TextReading) -> pd.DataFrame:
    """Topics of the workspace's own posts in this text: topic, share, words."""
    columns = ["topic", "share", "words"]
    if reading.topics is None:
        return pd.DataFrame(columns=columns)
    topics = sorted(reading.topics.lda, key=lambda topic: -topic.share)[:4]
    rows = [(", ".join(t.words[:4]), t.share, words.share(t.share)) for t in topics if t.share >= 0.05]
    return pd.DataFrame(rows, columns=columns)


def agreement_frame(agreement: Agreement | None) -> pd.DataFrame:
    """How far two fields speak of the same: pair, share (0-1), words. By meaning where there is an encoder."""
    rows = []
    for pair in agreement.pairs if agreement is not None else ():
        value = pair.cosine if pair.cosine is not None else pair.overlap
        if value is None:
            continue
        how = "alike in meaning" if pair.cosine is not None else "of the words shared"
        names = f"{FIELD_WORDS[pair.one]} and {FIELD_WORDS[pair.other]}"
        rows.append((sentence(names)[:-1], max(0.0, value), f"{words.share(max(0.0, value))} {how}"))
    return pd.DataFrame(rows, columns=["pair", "share", "words"])


def in_short(reading: TextReading) -> str:
    """Language, feeling and length in a sentence."""
    parts = []
    if reading.language is not None:
        said = language(reading.language.code)
        sure = reading.language.confidence
        parts.append(said if sure >= 0.5 else f"probably {said} ({words.share(sure)} sure)")
        others = {
            f.code for f in reading.language.fields if f.code != reading.language.code and f.confidence >= 0.5
        }
        if others:
            parts.append(f"also {listed(language(code) for code in sorted(others))}")
    if reading.emotion is not None and reading.emotion.labels and reading.emotion.labels[0].score >= 0.4:
        best = reading.emotion.labels[0]
        parts.append(f"{best.label} ({words.share(best.score)})")
    if reading.readability is not None and reading.readability.reading_s >= 3:
        parts.append(f"{reading.readability.reading_s:.0f} s to read")
    return sentence("; ".join(parts))


def findings(reading: TextReading, title: str, limit: int) -> tuple[Finding, ...]:
    """What to look at in the words."""
    found: list[Finding] = []
    if len(title) > limit:
        found.append(
            Finding("look", "The title is too long", f"{len(title)} characters; {limit} are allowed.")
        )
    if reading.channel is not None and reading.channel.novelty < 0.1:
        found.append(Finding("look", "Nearly a title you have used before", f"“{reading.channel.nearest}”"))
    if reading.cues is not None and reading.cues.cues:
        named = [CUE_WORDS.get(cue.kind, cue.kind).lower() for cue in reading.cues.cues[:4]]
        found.append(Finding("plain", f"The words use: {listed(named)}"))
    return tuple(found)
