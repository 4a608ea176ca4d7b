"""What MLflow runs when a click-through model is loaded (models-from-code: this file travels with the model)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow.pyfunc import PythonModel

import mlflow
from training.click_through_model import Picture, Pictures, load_pictures


class RegisteredClickThrough(PythonModel):  # type: ignore[misc]
    """`lifts` is what we call; `predict` is MLflow's own door: numbers of pictures → a column `score`."""

    pictures: Pictures

    def load_context(self, context: Any) -> None:
        self.pictures = load_pictures(Path(context.artifacts["click_through"]))

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        score = self.pictures.score(model_input.to_dict("records"))
        return pd.DataFrame({"score": score}, index=model_input.index)

    def lifts(self, current: Picture, candidates: Sequence[Picture]) -> np.ndarray[Any, np.dtype[np.float64]]:
        """See `training.click_through_model.Pictures.lifts`."""
        return self.pictures.lifts(current, candidates)

    @property
    def summary(self) -> dict[str, Any]:
        return self.pictures.summary


mlflow.models.set_model(RegisteredClickThrough())
