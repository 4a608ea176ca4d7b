"""Embeddings of texts met before: on disk for posts, in memory for drafts while they are worked on.

On disk they lie by the hash of model and text, so that no text is encoded twice, not even after a kill: each
block of new vectors is a Parquet shard of its own, moved into place when whole.
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np

from creatorlens.settings import Settings
from features.encoder import ReadsText, Vectors

BLOCK = 1024
RECENT = 4_096


def embed(
    settings: Settings, encoder: ReadsText, texts: list[str], progress: Callable[[str], None] | None = None
) -> Vectors:
    """Vectors of the texts (n x dimensions), from the cache where they are there."""
    keys = [text_key(encoder.model_id, text) for text in texts]
    folder = (
        settings.features_home / "embeddings" / hashlib.sha256(encoder.model_id.encode()).hexdigest()[:16]
    )
    known = _read(folder, set(keys))
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    new = list(missing.items())
    for start in range(0, len(new), BLOCK):
        block = new[start : start + BLOCK]
        vectors = encoder.encode([text for _, text in block])
        _write(folder, [key for key, _ in block], vectors)
        known.update(zip([key for key, _ in block], vectors, strict=True))
        if progress is not None:
            progress(f"embeddings: {min(start + BLOCK, len(new))} of {len(new)} new texts")
    if not keys:
        return np.zeros((0, encoder.dimensions), dtype=np.float32)
    return np.stack([known[key] for key in keys]).astype(np.float32)


class RecentTexts:
    """An encoder that remembers the last texts it read: a draft is forecast many times while it is written."""

    def __init__(self, encoder: ReadsText, size: int = RECENT) -> None:
        from cachetools import LRUCache

        self.encoder = encoder
        self.model_id, self.dimensions = encoder.model_id, encoder.dimensions
        self._vectors: LRUCache[str, Vectors] = LRUCache(size)
        self._lock = threading.Lock()

    def encode(self, texts: list[str]) -> Vectors:
        """As `Encoder.encode`."""
        with self._lock:
            found = {text: self._vectors[text] for text in texts if text in self._vectors}
        new = list(dict.fromkeys(text for text in texts if text not in found))
        if new:
            found.update(zip(new, self.encoder.encode(new), strict=True))
            with self._lock:
                self._vectors.update((text, found[text]) for text in new)
        return np.stack([found[text] for text in texts]) if texts else self.encoder.encode([])


def text_key(model_id: str, text: str) -> bytes:
    return hashlib.sha256(f"{model_id}\n{text}".encode("utf-8", errors="replace")).digest()


def _read(folder: Path, wanted: set[bytes]) -> dict[bytes, Vectors]:
    import pyarrow.parquet as pq

    known: dict[bytes, Vectors] = {}
    for shard in sorted(folder.glob("*.parquet")) if folder.exists() else []:
        table = pq.read_table(shard)
        width = len(table["vector"][0])
        vectors = table["vector"].combine_chunks().values.to_numpy().reshape(-1, width)
        for key, vector in zip(table["key"].to_pylist(), vectors, strict=True):
            if key in wanted:
                known[key] = vector
    return known


def _write(folder: Path, keys: list[bytes], vectors: Vectors) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), vectors.shape[1])
    shard = folder / f"{uuid.uuid4().hex}.parquet"
    beside = shard.with_suffix(".writing")
    pq.write_table(pa.table({"key": pa.array(keys, pa.binary(32)), "vector": column}), beside)
    beside.replace(shard)
