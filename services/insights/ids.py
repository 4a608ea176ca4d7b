"""Names and fingerprints: prediction ids, hashes of drafts and of everything a forecast was made from."""

from __future__ import annotations

import hashlib
import json
import os
import time
import unicodedata
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any

import numpy as np

from creatorlens.records import Draft


def prediction_id() -> str:
    return time_ordered_id()


def time_ordered_id() -> str:
    """A UUID of version 7: ordered by time, so that an index grows at its end."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return str(uuid.UUID(int=value))


def draft_hash(title: str, text: str) -> str:
    """The same for a draft and for the post it became: spaces and Unicode forms do not count."""
    # A set marker between the two keeps ("ab", "") apart from ("a", "b").
    plain = "\x1f".join(" ".join(unicodedata.normalize("NFC", part).split()) for part in (title, text))
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def draft_record(draft: Draft) -> dict[str, Any]:
    """The draft as the ledger keeps it; together with the model version enough to forecast it again."""
    return {
        "channel_id": draft.channel_id,
        "platform": draft.platform.value,
        "planned_at": draft.planned_at.isoformat(),
        "title": draft.title,
        "text": draft.text,
        "hashtags": list(draft.hashtags),
        "media_type": draft.media_type.value,
        "duration_s": draft.duration_s,
        "category": draft.category,
        "followers": draft.followers,
        "post_id": draft.post_id,
    }


def input_hash(
    draft: Draft,
    numbers: np.ndarray,
    embedding: np.ndarray | None,
    model_name: str,
    model_version: str,
    *,
    arrays: Mapping[str, np.ndarray] | None = None,
    seen: Sequence[tuple[float, float]] = (),
) -> str:
    """sha256 over the draft, every number the model was given (as bytes, so exactly) and the model.

    numbers: float64 of any length; NaN counts as one value whatever its bits. arrays: by name, what was read besides
    the embedding of the text; seen: ages and values of the post's own observations. Where there are none of these,
    the hash is what it was before they were known.
    """
    keys = draft_record(draft) | {"planned_at": draft.planned_at.astimezone(UTC).isoformat()}
    digest = hashlib.sha256()
    for part in (
        json.dumps(keys, sort_keys=True, ensure_ascii=True).encode(),
        exact_bytes(numbers, "<f8"),
        b"" if embedding is None else exact_bytes(embedding, "<f4"),
        f"{model_name}/{model_version}".encode(),
        *_more(arrays or {}, seen),
    ):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _more(arrays: Mapping[str, np.ndarray], seen: Sequence[tuple[float, float]]) -> Iterator[bytes]:
    for name, array in sorted(arrays.items()):
        yield f"{name} {list(array.shape)}".encode()
        yield exact_bytes(array, "<f4")
    if seen:
        yield b"seen"
        yield exact_bytes(np.asarray(seen, float), "<f8")


def exact_bytes(values: np.ndarray, dtype: str) -> bytes:
    plain = np.asarray(values).astype(dtype)
    return np.where(np.isnan(plain), np.nan, plain).astype(dtype).tobytes()
