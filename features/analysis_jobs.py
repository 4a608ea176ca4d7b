"""What a worker is asked to read, and how it answers: files, words, sound to be cleaned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from creatorlens.reading.files import FileFacts, Identity, Refusal
from creatorlens.reading.text import TextReading
from creatorlens.settings import Settings
from features.absent import Absent
from features.analysis import Found, Kept, Options, glance, read_file, read_pictures_together, short
from features.media.limits import USUAL, Limits
from features.nlp.words import Words
from features.weights.models import Models


@dataclass(frozen=True)
class ReadFile:
    path: Path
    file: FileFacts
    kept: Kept = field(default_factory=dict)
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class ReadPictures:
    """Pictures of which nothing is known yet, through the learned models together."""

    files: tuple[tuple[Path, FileFacts], ...]


@dataclass(frozen=True)
class Glance:
    """What a picture looks like, and nothing more."""

    path: Path


@dataclass(frozen=True)
class ReadWords:
    """`kept`: by part of TextReading, the key it was read under and the part as plain values."""

    words: Words
    kept: Mapping[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class WordsRead:
    """`keys` of every part; `cached`: parts that were taken as they were kept."""

    reading: TextReading
    keys: dict[str, str]
    cached: tuple[str, ...]


@dataclass(frozen=True)
class CleanSound:
    """Write `target` with less noise."""

    source: Path
    target: Path


Job = ReadFile | ReadPictures | Glance | ReadWords | CleanSound
Answer = Found | list[Found | Refusal] | Identity | WordsRead | None


class Reader:
    """Answers jobs in a worker process; models are loaded when first needed and kept."""

    def __init__(self, settings: Settings, limits: Limits = USUAL) -> None:
        self._settings = settings
        self._models = Models(settings)
        self._limits = limits

    def __call__(self, job: Job) -> Answer:
        if isinstance(job, ReadFile):
            return read_file(job.path, job.file, self._models, self._limits, job.kept, job.options)
        if isinstance(job, ReadPictures):
            return read_pictures_together(job.files, self._models, self._limits)
        if isinstance(job, ReadWords):
            return self._words(job)
        if isinstance(job, Glance):
            return glance(job.path, self._limits)
        from features.audio.denoise import denoise

        denoise(job.source, job.target, self._limits)
        return None

    def _words(self, job: ReadWords) -> WordsRead:
        from features.nlp import reading
        from features.nlp.topic_store import load_topics, topic_folder

        found = load_topics(topic_folder(self._settings, self._settings.workspace))
        corpus = None if isinstance(found, Absent) else found
        keys = {
            name: short(key)
            for name, key in reading.part_keys(job.words, self._models, corpus=corpus).items()
        }
        types = {extractor.field: extractor.part for extractor in reading.EXTRACTORS}
        known = {
            name: types[name].model_validate(kept)
            for name, (key, kept) in job.kept.items()
            if keys.get(name) == key
        }
        read = reading.read_text(job.words, self._models, known, corpus=corpus)
        return WordsRead(read, keys, tuple(sorted(known)))


def make_reader(settings: Settings) -> Callable[[Job], Answer]:
    """What `Workers` start."""
    return Reader(settings)
