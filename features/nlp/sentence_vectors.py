"""Unit vectors of short texts for everything that compares meanings, by the sentence encoder of the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.absent import Absent
from features.embedding_cache import RecentTexts
from features.encoder import Encoder, Vectors, load_encoder
from features.weights.models import Models


@dataclass(frozen=True)
class SentenceVectors:
    """`kept`: texts read already, as a batch has them. Nothing is loaded before the first question."""

    models: Models
    kept: Mapping[str, Any] = field(default_factory=dict)

    def of(self, texts: Sequence[str]) -> Vectors | Absent:
        """n x dimensions, or why not."""
        encoder = self.encoder()
        if isinstance(encoder, Absent):
            return encoder
        new = [text for text in texts if text not in self.kept]
        read = dict(zip(new, encoder.encode(new), strict=True)) if new else {}
        rows = [self.kept[text] if text in self.kept else read[text] for text in texts]
        return np.stack(rows) if rows else np.zeros((0, encoder.dimensions), np.float32)

    def with_texts(self, texts: Sequence[str]) -> SentenceVectors:
        """The same, with these read in one pass."""
        encoder = self.encoder()
        distinct = list(dict.fromkeys(texts))
        if isinstance(encoder, Absent) or not distinct:
            return self
        # Past the memory of recent texts: a batch would only push out what is worked on.
        return SentenceVectors(
            self.models, dict(zip(distinct, encoder.encoder.encode(distinct), strict=True))
        )

    @property
    def model_id(self) -> str | None:
        encoder = self.encoder()
        return None if isinstance(encoder, Absent) else encoder.model_id

    def token_counts(self, texts: Sequence[str]) -> list[int] | None:
        """As the encoder counts them, without its marks for beginning and end; None without an encoder."""
        counter = self.models.once(("token counter", self.model_id), self._counter)
        if counter is None:
            return None
        return [len(found) for found in counter.encode_batch_fast(list(texts), add_special_tokens=False)]

    def _counter(self) -> Any | None:
        """A tokenizer of its own: cutting is a state of the encoder's, set anew by whoever called it last."""
        from tokenizers import Tokenizer

        encoder = self.encoder()
        if isinstance(encoder, Absent) or not isinstance(encoder.encoder, Encoder):
            return None
        counter = Tokenizer.from_str(encoder.encoder.tokenizer.backend_tokenizer.to_str())
        counter.no_truncation()
        counter.no_padding()
        return counter

    def encoder(self) -> RecentTexts | Absent:
        """Loaded once per process; it remembers the last texts."""

        def load() -> RecentTexts | Absent:
            found = load_encoder(self.models.settings)
            return found if isinstance(found, Absent) else RecentTexts(found)

        return self.models.once(("sentence encoder", self.models.settings.text_encoder), load)
