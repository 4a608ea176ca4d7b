"""What drift does to forecasts: distance beyond the usual, times how far the feature moves this model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from creatorlens.api_operations import DriftedFeature
from features.catalogue import BY_NAME
from services.monitoring.distances import (
    EMBEDDING,
    VALUES,
    chance_distances,
    embedding_distance,
    value_distances,
)
from services.monitoring.reference import Reference

TEXT = "text_embedding"
# evidently calls a column drifted from this many standard deviations on; ours, beyond what is usual for it.
DRIFTED = 0.1
# A window of fewer rows does not tell what is usual.
_WINDOW_ROWS = 30
_CHANCE = 0.95


@dataclass(frozen=True)
class InputDrift:
    """`harm_ln`: the sum over features and embedding, at most how far the inputs alone moved forecasts, in ln."""

    features: tuple[DriftedFeature, ...]
    embedding: DriftedFeature | None
    harm_ln: float
    rows: int


@dataclass(frozen=True)
class Usual:
    """The farthest that any four weeks of training lay from the rest of it: seasons, slow growth, the channels that
    happened to post."""

    values: dict[str, float]
    embedding: float


def usual_distances(reference: Reference) -> Usual:
    windows, columns, text = _windows(reference.rows), reference.features, reference.text_columns
    past = [value_distances(rest, window, columns) for window, rest in windows]
    read = [embedding_distance(_present(rest, text), _present(of, text)) for of, rest in windows if text]
    return Usual({name: max([0.0, *(one[name] for one in past)]) for name in columns}, max([0.0, *read]))


def input_drift(reference: Reference, window: pd.DataFrame, usual: Usual) -> InputDrift:
    """window: recent feature rows, with `text_embedding` where titles were read. Features sorted by harm: what goes
    beyond the usual, and beyond what luck does to so many rows, times how far that moves forecasts."""
    columns = [name for name in reference.features if name in window.columns]
    now = value_distances(reference.rows, window, columns)
    chance = chance_distances(reference.rows, len(window), columns)
    features = [
        _drifted(
            name,
            now[name],
            max(usual.values[name], float(np.quantile(chance[name], _CHANCE))),
            reference.moves.get(name, {}).get("per_sd_ln", 0.0),
        )
        for name in columns
    ]
    embedding = _embedding(reference, window, usual.embedding)
    told = sorted(features, key=lambda one: (-one.harm, -one.distance, one.feature))
    harm = sum(one.harm for one in told) + (embedding.harm if embedding else 0.0)
    return InputDrift(tuple(told), embedding, harm, len(window))


def _drifted(name: str, distance: float, usual: float, per_sd_ln: float) -> DriftedFeature:
    beyond = max(0.0, distance - usual)
    words = BY_NAME[name].words if name in BY_NAME else name.replace("_", " ")
    return DriftedFeature(
        feature=name, words=words, method=VALUES, distance=round(distance, 6), drifted=beyond >= DRIFTED,
        harm=round(beyond * per_sd_ln, 6),
    )  # fmt: skip


def _windows(rows: pd.DataFrame) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Each window of training with enough rows, and the rest of training."""
    sizes = rows["window"].value_counts()
    numbers = sorted(int(w) for w, size in sizes.items() if w >= 0 and _WINDOW_ROWS <= size < len(rows) / 2)
    return [(rows.loc[rows["window"] == w], rows.loc[rows["window"] != w]) for w in numbers]


def _embedding(reference: Reference, window: pd.DataFrame, usual: float) -> DriftedFeature | None:
    if reference.text is None or TEXT not in window.columns:
        return None
    columns = reference.text_columns
    vectors = [v for v in window[TEXT] if v is not None]
    if not vectors or len(vectors[0]) != len(reference.text.mean):
        return None
    now = reference.text.apply(np.stack([np.asarray(v, np.float32) for v in vectors]))
    then = _present(reference.rows, columns)
    distance = embedding_distance(then, now)
    beyond = max(0.0, distance - usual)
    effect = reference.moves.get(TEXT, {}).get("effect_ln", 0.0)
    return DriftedFeature(
        feature=TEXT, words="what titles are about", method=EMBEDDING, distance=round(distance, 6),
        drifted=beyond >= DRIFTED, harm=round(beyond * effect, 6),
    )  # fmt: skip


def _present(rows: pd.DataFrame, columns: list[str]) -> Any:
    values = rows[columns].to_numpy(np.float64)
    return values[~np.isnan(values[:, 0])]
