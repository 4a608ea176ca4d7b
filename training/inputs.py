"""What the network sees of a row: standardised numbers, what is missing, and a few directions of the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from training.columns import Singles

EMBEDDING = "text_embedding"
TEXT_DIRECTIONS = 12
_CLIP_SD = 4.0
_MISSING_SHARE = 0.01
_SVD_ROWS = 20_000


@dataclass(frozen=True)
class Standardiser:
    """All float32. `text_directions`: k x 384 (k = 0 without embeddings)."""

    mean: Singles
    scale: Singles
    flagged: Any
    text_mean: Singles
    text_directions: Singles
    text_scale: Singles

    @property
    def width(self) -> int:
        text = len(self.text_directions)
        return len(self.mean) + len(self.flagged) + text + (1 if text else 0)

    def apply(self, x: Singles, embedding: Singles | None) -> Singles:
        """n x width. Missing values sit at the mean and are flagged; so are rows without an embedding."""
        missing = np.isnan(x)
        scaled = np.where(missing, 0.0, np.clip((x - self.mean) / self.scale, -_CLIP_SD, _CLIP_SD))
        parts = [scaled, missing[:, self.flagged]]
        if len(self.text_directions):
            text = (
                np.full((len(x), self.text_directions.shape[1]), np.nan) if embedding is None else embedding
            )
            absent = np.isnan(text[:, :1])
            seen = (np.where(absent, self.text_mean, text) - self.text_mean) @ self.text_directions.T
            parts += [np.clip(seen / self.text_scale, -_CLIP_SD, _CLIP_SD), absent]
        out: Singles = np.concatenate([np.asarray(part, np.float32) for part in parts], axis=1)
        return out

    def arrays(self) -> dict[str, Any]:
        return {name: np.asarray(getattr(self, name)) for name in self.__dataclass_fields__}


def fit_standardiser(x: Singles, embedding: Singles | None) -> Standardiser:
    missing = np.isnan(x)
    counted = np.maximum((~missing).sum(axis=0), 1)
    filled = np.where(missing, 0.0, x).astype(np.float64)
    mean = filled.sum(axis=0) / counted
    spread = np.sqrt((np.where(missing, 0.0, x - mean) ** 2).sum(axis=0) / counted)
    text_mean, directions, text_scale = _text_directions(embedding)
    return Standardiser(
        mean=mean.astype(np.float32),
        scale=np.where(spread > 1e-3, spread, 1.0).astype(np.float32),
        flagged=np.flatnonzero(missing.mean(axis=0) > _MISSING_SHARE).astype(np.int64),
        text_mean=text_mean,
        text_directions=directions,
        text_scale=text_scale,
    )


def embeddings(rows: pd.DataFrame) -> Singles | None:
    """n x d float32 (NaN where a row has none); None where no row has one."""
    if EMBEDDING not in rows.columns:
        return None
    values = rows[EMBEDDING].tolist()
    width = next((len(value) for value in values if value is not None), 0)
    if width == 0:
        return None
    nothing = np.full(width, np.nan, np.float32)
    out: Singles = np.stack([nothing if v is None else np.asarray(v, np.float32) for v in values])
    return out


def _text_directions(embedding: Singles | None) -> tuple[Singles, Singles, Singles]:
    """The leading principal directions of the embeddings, with signs fixed so that refits agree."""
    nothing = np.zeros(0, np.float32), np.zeros((0, 0), np.float32), np.zeros(0, np.float32)
    if embedding is None:
        return nothing
    present = embedding[~np.isnan(embedding[:, 0])][-_SVD_ROWS:].astype(np.float64)
    if len(present) < 5 * TEXT_DIRECTIONS:
        return nothing
    mean = present.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(present - mean, rowvar=False))
    directions = vectors[:, ::-1][:, :TEXT_DIRECTIONS].T
    largest = np.abs(directions).argmax(axis=1)
    directions *= np.sign(directions[np.arange(len(directions)), largest])[:, None]
    scale = np.sqrt(np.maximum(values[::-1][:TEXT_DIRECTIONS], 1e-9))
    return mean.astype(np.float32), directions.astype(np.float32), scale.astype(np.float32)
