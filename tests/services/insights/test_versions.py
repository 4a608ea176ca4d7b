"""A version runs on the code it was registered with, whatever code is at hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.insights.made_with import code_hash, made_with
from services.insights.versions import recompute, stored_version

MODEL = """
import mlflow
import pandas as pd


class Answers(mlflow.pyfunc.PythonModel):
    feature_names = ()

    def forecast(self, rows, *, drivers=False, floor_only=False):
        from training.answer import FACTOR

        return pd.DataFrame({"p50": rows["floor"] * FACTOR, "drivers": [[] for _ in range(len(rows))]})

    def predict(self, context, model_input, params=None):
        return self.forecast(model_input)


mlflow.models.set_model(Answers())
"""


def test_code_that_is_not_at_hand_runs_in_a_process_of_its_own(settings: Settings, tmp_path: Path) -> None:
    import mlflow

    package = tmp_path / "training"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "answer.py").write_text("FACTOR = 3.0\n")
    (tmp_path / "model.py").write_text(MODEL)
    (settings.home / "mlflow").mkdir(parents=True)
    mlflow.set_tracking_uri(settings.mlflow_uri)
    mlflow.set_registry_uri(settings.mlflow_uri)
    mlflow.create_experiment("creatorlens-youtube", artifact_location=settings.mlflow_artifacts.as_uri())
    mlflow.set_experiment("creatorlens-youtube")
    with mlflow.start_run():
        logged = mlflow.pyfunc.log_model(
            name="model", python_model=str(tmp_path / "model.py"), code_paths=[str(package)],
            pip_requirements=["mlflow"], registered_model_name="creatorlens-youtube",
        )  # fmt: skip
    version = str(logged.registered_model_version)
    client = mlflow.MlflowClient()
    client.set_model_version_tag("creatorlens-youtube", version, "code_hash", "of long ago")
    # Whoever edits the folder it was logged from changes nothing.
    (package / "answer.py").write_text("FACTOR = 7.0\n")

    stored = stored_version(settings, Platform.YOUTUBE, version)
    rows = pd.DataFrame({"floor": [0.1, 2.0]})
    found = recompute(stored, rows, drivers=True, floor_only=False)
    assert found.answers["p50"].tolist() == [0.1 * 3.0, 6.0]
    assert found.answers["drivers"].tolist() == [[], []]
    assert found.made_with["code"] != made_with(stored.model())["code"]
    import creatorlens
    import features

    installed = [Path(str(module.__file__)).parent for module in (features, creatorlens)]
    assert found.made_with["code"] == code_hash([stored.folder / "code" / "training", *installed])
