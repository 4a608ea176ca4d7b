"""The words of a draft read: title and text, what is said and what is written in the picture, beside earlier titles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from creatorlens.reading.analysis import FileReading
from creatorlens.reading.base import Part
from creatorlens.reading.files import Refusal
from creatorlens.reading.text import TextReading
from creatorlens.settings import Settings
from features.absent import Absent
from features.analysis_jobs import ReadWords, WordsRead
from features.nlp.words import Words
from services.analysis.desk import Desk
from services.content import kept_parts
from services.content.kept_parts import New

SUBTITLES = ("text/vtt", "application/x-subrip")


def words_of(
    title: str, text: str, files: Sequence[FileReading], earlier: Sequence[str], most: int
) -> Words | None:
    """None where there is nothing to read. `most` characters of each."""
    said = [one.audio.transcript.text for one in files if one.audio is not None and one.audio.transcript]
    said += [one.words for one in files if one.words and one.file.mime in SUBTITLES]
    written = [one.words for one in files if one.words and one.file.mime not in SUBTITLES]
    caption = "\n\n".join([part for part in (text, *written) if part.strip()])
    words = Words(
        title=title,
        text=caption[:most],
        transcript="\n".join(said)[:most],
        on_screen="\n".join(_on_screen(files))[:most],
        earlier_titles=tuple(earlier),
    )
    there = (words.title, words.text, words.transcript, words.on_screen)
    return words if any(part.strip() for part in there) else None


def read_words(engine: Engine, settings: Settings, desk: Desk, words: Words) -> TextReading | Refusal:
    """Parts that were read of the same words before are taken."""
    digest = replace(words, earlier_titles=()).digest()
    kept = {
        name.removeprefix("text."): (one.key, _wrapped(one.value))
        for name, one in kept_parts.load(engine, settings.workspace, digest).items()
    }
    known = {name: (key, value) for name, (key, value) in kept.items() if value is not None}
    answer: WordsRead | Refusal = desk.ask_words(ReadWords(words, known))
    if isinstance(answer, Refusal):
        return answer
    new = _new(answer, set(answer.cached))
    kept_parts.save(engine, settings.workspace, digest, new, datetime.now(UTC))
    return answer.reading


def _new(answer: WordsRead, cached: set[str]) -> Mapping[str, New]:
    found: dict[str, New] = {}
    for name, key in answer.keys.items():
        part = getattr(answer.reading, name)
        if isinstance(part, Part) and name not in cached:
            found[f"text.{name}"] = New(key, part)
    return found


def _wrapped(value: Mapping[str, Any] | Absent) -> Mapping[str, Any] | None:
    return None if isinstance(value, Absent) else value


def _on_screen(files: Sequence[FileReading]) -> list[str]:
    """Every line once, in order."""
    lines: dict[str, None] = {}
    for one in files:
        readings = [one.image] if one.image is not None else []
        if one.video is not None and one.video.frames is not None:
            readings += [frame.reading for frame in one.video.frames.frames]
        for reading in readings:
            if reading.words is not None:
                lines.update(dict.fromkeys(line for line in reading.words.text.splitlines() if line.strip()))
    return list(lines)
