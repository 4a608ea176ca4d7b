"""What a version was trained on, as training left it with the run (training/reference.py writes it)."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ARTIFACT = "reference/reference.parquet"
METADATA = b"creatorlens.reference"
_NOT_FEATURES = ("window", "text_")


@dataclass(frozen=True)
class Losses:
    """Of the backtest: mean, its standard error, and the standard deviation between cut-offs beyond that."""

    mean: float
    se: float
    between: float


@dataclass(frozen=True)
class Directions:
    """The directions to which training's embeddings were reduced; float32: d, k x d, k."""

    mean: Any
    directions: Any
    scale: Any

    def apply(self, vectors: Any) -> Any:
        """n x d → n x k, each with spread 1 in training."""
        return (vectors - self.mean) @ self.directions.T / self.scale


@dataclass(frozen=True)
class Reference:
    """rows: a sample of training's features, with `window` (28 days each, counted back from the newest post; -1
    older). moves: by feature `effect_ln` and `per_sd_ln`. backtest: by who answers (served, floor) and measure."""

    rows: pd.DataFrame
    moves: dict[str, dict[str, float]]
    text: Directions | None
    backtest: dict[str, dict[str, Losses]]
    known_until: datetime
    trained_rows: int

    @property
    def features(self) -> list[str]:
        return [
            name for name in self.rows.columns if not name.startswith(_NOT_FEATURES) or name in self.moves
        ]

    @property
    def text_columns(self) -> list[str]:
        """The sample's embeddings in their directions; empty where training had none."""
        return [f"text_{i}" for i in range(len(self.text.scale))] if self.text is not None else []


def read_reference(path: Path) -> Reference:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    told: dict[str, Any] = json.loads(table.schema.metadata[METADATA])
    text = told["text"]
    return Reference(
        rows=table.to_pandas(ignore_metadata=True),
        moves=told["moves"],
        text=Directions(*(_array(text[f"text_{name}"]) for name in Directions.__dataclass_fields__))
        if text
        else None,
        backtest={
            who: {name: Losses(**values) for name, values in of.items()}
            for who, of in told["backtest"].items()
        },
        known_until=datetime.fromisoformat(told["known_until"]),
        trained_rows=told["rows"],
    )


def load_reference(client: Any, run_id: str | None) -> Reference | None:
    """From the run's artifacts; None where the version was trained before such a file was kept."""
    from mlflow.exceptions import MlflowException

    if run_id is None:
        return None
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with tempfile.TemporaryDirectory() as folder:
        try:
            if not client.list_artifacts(run_id, ARTIFACT.partition("/")[0]):
                return None
            return read_reference(Path(client.download_artifacts(run_id, ARTIFACT, folder)))
        except MlflowException:
            return None


def _array(packed: dict[str, Any]) -> Any:
    return np.frombuffer(base64.b64decode(packed["f4"]), "<f4").reshape(packed["shape"])
