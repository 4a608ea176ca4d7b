"""What the neural members see of a row, modality by modality, and which modalities a row has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalogue import BY_NAME
from training.columns import Singles, matrix
from training.inputs import Standardiser, fit_standardiser
from training.text_directions import embeddings

# The first is what every row has: history, audience, calendar and format. The others may be missing.
CONTEXT = "context"
EMBEDDINGS = {"text": "text_embedding", "vision": "image_embedding"}
_ORDER = (CONTEXT, "text", "vision", "audio")
# A modality that fewer rows have is not learned: a handful of pictures would be learned by heart.
_LEAST_ROWS = 100


def modality_of(feature: str) -> str:
    """context, text, vision or audio."""
    group = BY_NAME[feature].group if feature in BY_NAME else "context"
    if group == "media":
        return "audio" if feature.startswith("audio_") else "vision"
    return "text" if group == "text" else CONTEXT


@dataclass(frozen=True)
class Modality:
    """`features`: the numbers it consists of; an embedding beside them where `EMBEDDINGS` names one."""

    name: str
    features: tuple[str, ...]
    standardiser: Standardiser

    @property
    def width(self) -> int:
        return self.standardiser.width

    def read(self, rows: pd.DataFrame) -> tuple[Singles, NDArray[np.bool_]]:
        """n x width float32, finite; and which rows have the modality: any number of it, or its embedding."""
        numbers, vectors = matrix(rows, self.features), _vectors(rows, self.name)
        # In double precision: single-precision products of another batch size differ in their last digits.
        exact: Any = None if vectors is None else vectors.astype(np.float64)
        return self.standardiser.apply(numbers, exact), _present(self.name, numbers, vectors)


@dataclass(frozen=True)
class Modalities:
    """Those that training saw, the context first."""

    each: tuple[Modality, ...]

    @property
    def widths(self) -> tuple[int, ...]:
        return tuple(modality.width for modality in self.each)

    def read(self, rows: pd.DataFrame) -> Singles:
        """n x (sum of widths + modalities): the values side by side (0 where missing), then 1 where a row has
        the modality."""
        read = [modality.read(rows) for modality in self.each]
        values = [np.where(there[:, None], x, np.float32(0)) for x, there in read]
        there = np.stack([there for _, there in read], axis=1).astype(np.float32)
        out: Singles = np.concatenate([*values, there], axis=1)
        return out

    def reads(self, name: str) -> bool:
        """Whether the modality's embedding reaches the network."""
        return any(one.name == name and len(one.standardiser.text) > 0 for one in self.each)

    def names(self) -> list[dict[str, Any]]:
        """What `arrays` cannot hold, for JSON."""
        return [{"name": one.name, "features": list(one.features)} for one in self.each]

    def arrays(self) -> dict[str, Any]:
        return {
            f"{one.name}.{key}": value
            for one in self.each
            for key, value in one.standardiser.arrays().items()
        }

    @classmethod
    def of(cls, names: list[dict[str, Any]], arrays: dict[str, Any]) -> Modalities:
        def standardiser(name: str) -> Standardiser:
            start = f"{name}."
            own = {key.removeprefix(start): value for key, value in arrays.items() if key.startswith(start)}
            return Standardiser.from_arrays(own)

        return cls(
            tuple(Modality(one["name"], tuple(one["features"]), standardiser(one["name"])) for one in names)
        )


def fit_modalities(rows: pd.DataFrame, features: tuple[str, ...]) -> Modalities:
    """The numbers among `features` by modality, and the embeddings the rows have."""
    found = []
    for name in _ORDER:
        names = tuple(feature for feature in features if modality_of(feature) == name)
        numbers, vectors = matrix(rows, names), _vectors(rows, name)
        there = _present(name, numbers, vectors)
        if name != CONTEXT and there.sum() < _LEAST_ROWS:
            continue
        own = fit_standardiser(numbers[there], None if vectors is None else vectors[there])
        found.append(Modality(name, names, own))
    return Modalities(tuple(found))


def _present(name: str, numbers: Singles, vectors: Singles | None) -> NDArray[np.bool_]:
    if name == CONTEXT:
        return np.ones(len(numbers), bool)
    any_number: Any = (~np.isnan(numbers)).any(axis=1)
    return any_number if vectors is None else np.logical_or(any_number, ~np.isnan(vectors[:, 0]))


def _vectors(rows: pd.DataFrame, name: str) -> Singles | None:
    return embeddings(rows, EMBEDDINGS[name]) if name in EMBEDDINGS else None
