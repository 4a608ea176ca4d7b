"""Our model taken apart: the gate off, the floor as we serve it, each modality removed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks._quality_contenders import COLUMNS
from training.columns import floor_ln

MODALITIES = ("text numbers", "embedding", "calendar", "audience", "history", "sequence")
_GROUP = {"text numbers": "text", "calendar": "calendar", "audience": "audience", "history": "history"}
_EMBEDDINGS = ("text_embedding", "image_embedding")
_SEQUENCE = "channel_sequence"


def reduced(rows: pd.DataFrame, without: str | None) -> pd.DataFrame:
    """Rows without one modality. Without history the base is the platform's level for an audience of that size."""
    from features.catalogue import names

    if without is None:
        return rows
    if without == "embedding":
        return rows.drop(columns=[name for name in _EMBEDDINGS if name in rows.columns])
    if without == "sequence":
        return rows.drop(columns=_SEQUENCE, errors="ignore")
    gone = [name for name in names(_GROUP[without]) if name in rows.columns]  # type: ignore[arg-type]
    out = rows.drop(columns=gone)
    if without == "history":
        out = out.drop(columns=_SEQUENCE, errors="ignore")
        level = rows["base_level_ln"] - rows["base_over_platform"]
        out["base_ln"] = level.where(level.notna(), rows["base_ln"])
    return out


def beside(model: Any, ahead: pd.DataFrame, answer: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The answer with more columns (`ungated_p10`, `served floor_p50`...), and the summary."""
    out = answer.copy()
    for name, options in (("ungated", {"gated": False}), ("served floor", {"floor_only": True})):
        told = model.forecast(ahead, **options)
        out[[f"{name}_{q}" for q in COLUMNS]] = np.log1p(told[list(COLUMNS)].to_numpy(np.float64))
    lone = np.isnan(floor_ln(ahead))
    out.loc[lone, [f"served floor_{q}" for q in COLUMNS]] = np.nan
    return out, {"summary": model.summary}
