"""Who reads: worker processes for files, one more for words, and the keys under which parts are kept."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from creatorlens.reading.files import Kind, Refusal
from creatorlens.settings import Settings
from features.analysis import Options, part_keys, part_types
from features.analysis_jobs import CleanSound, Glance, ReadFile, ReadPictures, ReadWords
from features.media.limits import MIB, USUAL, Limits
from features.media.worker import Workers, usual_count
from features.media_features import NUMBERS
from features.weights.models import Models

READER = "features.analysis_jobs:make_reader"
WORDS_MEMORY_BYTES = 2_000 * MIB
"""The language detector and the text models together."""
KINDS: tuple[Kind, ...] = ("image", "audio", "video")


@dataclass(frozen=True)
class Keys:
    """Of one kind of file: by extractor, the key a kept part must have and the record it is."""

    keys: Mapping[str, str]
    types: Mapping[str, type[Any]]

    def read_with(self, options: Options) -> str:
        """Names all that reads such a file now: extractors with their versions and weights, and the numbers taken."""
        told = [key for name, key in sorted(self.keys.items()) if name not in options.left_out]
        told += [number.name for number in NUMBERS]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()


class Desk:
    """Thread-safe; processes start when first needed. Close it, or use `with`. `reader`: 'module:function' of a reader of
    files that does more than ours."""

    def __init__(
        self, settings: Settings, workers: int | None = None, limits: Limits = USUAL, reader: str = READER
    ) -> None:
        self.settings = settings
        self.limits = replace(limits, seconds=settings.analysis_seconds)
        self.count = workers or settings.analysis_workers or usual_count()
        self._files = Workers(self.count, reader, settings, self.limits)
        of_words = replace(self.limits, memory_bytes=max(WORDS_MEMORY_BYTES, self.limits.memory_bytes))
        self._words = Workers(1, READER, settings, of_words)
        self._models = Models(settings)
        self._keys: dict[Kind, Keys] = {}
        self._lock = threading.Lock()

    @classmethod
    def for_many(cls, settings: Settings, workers: int | None = None) -> Desk:
        """A desk for hundreds of files: cores are shared out between the workers, instead of each using all."""
        count = workers or settings.analysis_workers or usual_count()
        threads = min(settings.model_threads, max(1, usual_count() // count))
        return cls(settings.model_copy(update={"model_threads": threads}), count)

    def keys(self, kind: Kind) -> Keys:
        """Worked out once: a changed setting or new weights need a new desk."""
        with self._lock:
            if kind not in self._keys:
                self._keys[kind] = Keys(part_keys(kind, self._models), part_types(kind))
            return self._keys[kind]

    def ask(self, job: ReadFile | ReadPictures | Glance | CleanSound) -> Any | Refusal:
        if isinstance(job, ReadPictures):
            return self._files.run(job, self.limits.seconds * len(job.files))
        return self._files.run(job)

    def ask_more(self, job: Any) -> Any | Refusal:
        """Of a `reader` that does more than ours."""
        return self._files.run(job)

    def ask_words(self, job: ReadWords) -> Any | Refusal:
        return self._words.run(job)

    def close(self) -> None:
        self._files.close()
        self._words.close()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
