"""What models read of sentence embeddings: the few directions in which a platform's titles differ most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from training.columns import Singles, matrix

EMBEDDING = "text_embedding"
DIRECTIONS = 12
_SVD_ROWS = 20_000


@dataclass(frozen=True)
class TextDirections:
    """All float32. `mean`: d; `directions`: k x d; `scale`: k. k = 0 where training had no embeddings."""

    mean: Singles
    directions: Singles
    scale: Singles

    def __len__(self) -> int:
        return len(self.directions)

    def apply(self, embedding: Singles | None, n: int) -> Singles:
        """n x k, each direction with spread 1; NaN for rows without an embedding."""
        if len(self) == 0 or embedding is None:
            return np.full((n, len(self)), np.nan, np.float32)
        # einsum adds up each row alike; a matrix product would depend on how many rows there are.
        along = np.einsum("nd,kd->nk", embedding - self.mean, self.directions)
        out: Singles = (along / self.scale).astype(np.float32)
        return out

    def arrays(self) -> dict[str, Any]:
        return {f"text_{name}": np.asarray(getattr(self, name)) for name in self.__dataclass_fields__}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Any]) -> TextDirections:
        return cls(arrays["text_mean"], arrays["text_directions"], arrays["text_scale"])


def fit_text_directions(embedding: Singles | None) -> TextDirections:
    """Principal directions of the newest rows' embeddings, with signs fixed so that refits agree."""
    nothing = TextDirections(np.zeros(0, np.float32), np.zeros((0, 0), np.float32), np.zeros(0, np.float32))
    if embedding is None:
        return nothing
    present = embedding[~np.isnan(embedding[:, 0])][-_SVD_ROWS:].astype(np.float64)
    if len(present) < 5 * DIRECTIONS:
        return nothing
    mean = present.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(present - mean, rowvar=False))
    directions = vectors[:, ::-1][:, :DIRECTIONS].T
    largest = np.abs(directions).argmax(axis=1)
    directions *= np.sign(directions[np.arange(len(directions)), largest])[:, None]
    scale = np.sqrt(np.maximum(values[::-1][:DIRECTIONS], 1e-9))
    return TextDirections(mean.astype(np.float32), directions.astype(np.float32), scale.astype(np.float32))


def with_directions(rows: pd.DataFrame, names: tuple[str, ...], text: TextDirections) -> Singles:
    """n x (names + k): the named features, and the text's directions beside them."""
    numbers = matrix(rows, names)
    if len(text) == 0:
        return numbers
    return np.concatenate([numbers, text.apply(embeddings(rows), len(rows))], axis=1)


def embeddings(rows: pd.DataFrame, name: str = EMBEDDING) -> Singles | None:
    """n x d float32 (NaN where a row has none); None where no row has one."""
    if name not in rows.columns:
        return None
    values = rows[name].tolist()
    width = next((len(value) for value in values if value is not None), 0)
    if width == 0:
        return None
    nothing = np.full(width, np.nan, np.float32)
    out: Singles = np.stack([nothing if v is None else np.asarray(v, np.float32) for v in values])
    return out
