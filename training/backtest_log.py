"""What a run's rolling backtest forecast, kept with the run: later champions and challengers are compared on it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from creatorlens.platforms import MediaType
from training.parameters import Parameters

FILE = "predictions.parquet"
KNOWN_UNTIL = "known_until"
"""Tag of a run: when the newest outcome that its model may have trained on became known."""
_KEPT = (
    "post_id", "channel_id", "published_at", "age_h", "metric_definition", "truth", "floor_ln", "base_ln",
    "served_p10", "served_p50", "served_p90", "floor_p10", "floor_p50", "floor_p90", "cut_off",
)  # fmt: skip


def parameters_hash(parameters: Parameters) -> str:
    """sha256 of what the models are trained with; with the code's hash it says whether two recipes are one."""
    import hashlib

    return hashlib.sha256(parameters.model_dump_json().encode()).hexdigest()


def log_backtest(predictions: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Into the active MLflow run: `predictions` of the backtest over `rows`, one row per post, quantiles in
    ln(1+metric)."""
    import mlflow

    kept = predictions[[name for name in _KEPT if name in predictions]].copy()
    kept["media_type"] = media_type(rows, predictions["post_id"])
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / FILE
        kept.to_parquet(path, index=False)
        mlflow.log_artifact(str(path))


def read_backtest(client: Any, run_id: str) -> pd.DataFrame | None:
    """None where the run logged none (it was made before this was kept, or its artifacts are gone)."""
    from mlflow.exceptions import MlflowException

    with tempfile.TemporaryDirectory() as scratch:
        try:
            if FILE not in {file.path for file in client.list_artifacts(run_id)}:
                return None
            return pd.read_parquet(client.download_artifacts(run_id, FILE, scratch))
        except (MlflowException, FileNotFoundError):
            return None


def media_type(rows: pd.DataFrame, post_ids: pd.Series) -> list[str]:
    """Of each post, read back from its features; "unknown" where none of them says."""
    kinds = [kind.value for kind in MediaType if f"is_{kind.value}" in rows]
    once = rows.drop_duplicates("post_id").set_index("post_id")
    flags = once.reindex(post_ids.to_numpy(dtype=object))[[f"is_{kind}" for kind in kinds]]
    matrix = np.nan_to_num(flags.to_numpy(np.float32)) > 0.5
    return [kinds[int(row.argmax())] if row.any() else "unknown" for row in matrix]
