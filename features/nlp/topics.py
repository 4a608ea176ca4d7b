"""Topics of a workspace's own posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TopicModel:
    model_id: str


def fit_topics(
    texts: Sequence[str], vectors: Any | None = None, *, seed: int = 0, known_at: str | None = None
) -> TopicModel:
    raise NotImplementedError
