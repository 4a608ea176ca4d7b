"""What MLflow runs when a model of headlines is loaded (models-from-code: this file travels with the model)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow.pyfunc import PythonModel

import mlflow
from training.headline_model import Headlines, load_headlines


class RegisteredHeadlines(PythonModel):  # type: ignore[misc]
    """`lifts` and `score` are what we call; `predict` is MLflow's own door: a column `headline` → a column `score`."""

    headlines: Headlines

    def load_context(self, context: Any) -> None:
        self.headlines = load_headlines(Path(context.artifacts["headlines"]))

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        return pd.DataFrame({"score": self.score(model_input["headline"].tolist())}, index=model_input.index)

    def score(self, headlines: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
        """See `training.headline_model.Headlines.score`."""
        return self.headlines.score(headlines)

    def lifts(
        self, current: str, candidates: Sequence[str], lede: str = ""
    ) -> np.ndarray[Any, np.dtype[np.float64]]:
        """See `training.headline_model.Headlines.lifts`. The lede is not read (docs/experiments.md)."""
        return self.headlines.lifts(current, candidates)

    @property
    def summary(self) -> dict[str, Any]:
        return self.headlines.summary


mlflow.models.set_model(RegisteredHeadlines())
