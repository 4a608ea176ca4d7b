"""Versions that differ in code, side by side in one process: each runs on its own."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pandas as pd

from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.insights.registry import ChampionSource
from tests.services.insights.conftest import MEDIAN_MODEL

ROWS = pd.DataFrame({"floor": [100.0], "horizon_h": [24.0]})
YOUTUBE = Platform.YOUTUBE


def register_with_code(settings: Settings, folder: Path, times: int) -> str:
    """A model whose answer comes from the `training` package that travels with it."""
    import mlflow

    (folder / "training").mkdir(parents=True)
    (folder / "training" / "__init__.py").touch()
    (folder / "training" / "marker.py").write_text(f"TIMES = {times}\n")
    source = MEDIAN_MODEL.replace(
        'self.times = context.model_config["times"]',
        "from training.marker import TIMES\n        self.times = TIMES",
    )
    (folder / "model.py").write_text(source)
    mlflow.set_tracking_uri(settings.mlflow_uri)
    mlflow.set_registry_uri(settings.mlflow_uri)
    name = f"creatorlens-{YOUTUBE.value}"
    if mlflow.get_experiment_by_name(name) is None:
        mlflow.create_experiment(name, artifact_location=settings.mlflow_artifacts.as_uri())
    mlflow.set_experiment(name)
    with mlflow.start_run():
        logged = mlflow.pyfunc.log_model(
            name="model", python_model=str(folder / "model.py"), code_paths=[str(folder / "training")],
            pip_requirements=["mlflow"], registered_model_name=name,
        )  # fmt: skip
    version = str(logged.registered_model_version)
    mlflow.MlflowClient().set_registered_model_alias(name, "champion", version)
    return version


def test_a_new_champion_runs_on_its_own_code_and_the_old_one_goes_on_with_its_own(
    settings: Settings, tmp_path: Path, empty_registry: Path
) -> None:
    import training.level

    (settings.home / "mlflow").mkdir(parents=True)
    shutil.copy(empty_registry, settings.home / "mlflow" / "mlflow.db")
    source = ChampionSource(settings)
    register_with_code(settings, tmp_path / "old", 2)
    old = source.current(YOUTUBE)
    register_with_code(settings, tmp_path / "new", 3)
    new = source.current(YOUTUBE)
    answers = [float(served.forecast(ROWS)["p50"].iloc[0]) for served in (old, new, old)]
    assert answers == [200, 300, 200]
    # a process that has a `training` of its own keeps it
    assert sys.modules["training.level"] is training.level
