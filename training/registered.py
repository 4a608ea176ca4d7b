"""What MLflow runs when a model of ours is loaded (models-from-code: this file travels with the model)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.pyfunc import PythonModel

import mlflow
from training.forecaster import Forecaster


class RegisteredForecaster(PythonModel):  # type: ignore[misc]
    """`forecast` is what we call; `predict` is MLflow's own door (`mlflow models serve`)."""

    forecaster: Forecaster

    def load_context(self, context: Any) -> None:
        self.forecaster = Forecaster.load(Path(context.artifacts["forecaster"]))

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        return self.forecast(model_input)

    def forecast(
        self, rows: pd.DataFrame, drivers: bool = False, floor_only: bool = False, parts: bool = False
    ) -> pd.DataFrame:
        """See `training.forecaster.Forecaster.forecast`."""
        return self.forecaster.forecast(rows, drivers=drivers, floor_only=floor_only, parts=parts)

    def revise(self, rows: pd.DataFrame) -> pd.DataFrame:
        """See `training.forecaster.Forecaster.revise`."""
        return self.forecaster.revise(rows)

    @property
    def platform(self) -> str:
        return self.forecaster.platform.value

    @property
    def feature_names(self) -> tuple[str, ...]:
        return self.forecaster.feature_names

    @property
    def text_encoder(self) -> str | None:
        return self.forecaster.text_encoder

    @property
    def summary(self) -> dict[str, Any]:
        return self.forecaster.summary


mlflow.models.set_model(RegisteredForecaster())
