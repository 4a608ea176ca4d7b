"""Models that belong to no platform, in MLflow: one experiment and one registered model each, versions, the champion's alias."""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from creatorlens.settings import Settings
from training import tracking
from training.hashes import code_hash, folder_hash, git_commit, package_folders

PACKAGES = ("pandas", "numpy", "scipy", "pyarrow", "onnxruntime", "transformers", "mlflow")


@dataclass(frozen=True)
class Version:
    """`decision`: promoted, refused, or empty before the gate has spoken."""

    version: str
    run_id: str
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def decision(self) -> str:
        return self.tags.get("decision", "")

    @property
    def reason(self) -> str:
        return self.tags.get("decision_reason", "")

    @property
    def summary(self) -> dict[str, Any]:
        return dict(json.loads(self.tags.get("summary", "{}")))


@dataclass(frozen=True)
class Registry:
    """What is kept under one name."""

    client: Any
    settings: Settings
    name: str
    experiment_id: str

    def hashes(self, frame: pd.DataFrame, *told: str) -> dict[str, str]:
        """Of the rows, of what else the training depends on, and of the code that travels with the model."""
        digest = hashlib.sha256("\n".join(told).encode())
        for column in sorted(frame.columns):
            digest.update(column.encode())
            digest.update(
                pd.util.hash_pandas_object(frame[column].astype(str), index=False).to_numpy().tobytes()
            )
        return {"data_hash": digest.hexdigest(), "code_hash": code_hash(package_folders())}

    def same(self, hashes: Mapping[str, str]) -> Version | None:
        """The newest version, if it was made of the same and the gate has spoken."""
        for version in self.versions()[:1]:
            if version.decision and all(version.tags.get(key) == value for key, value in hashes.items()):
                return version
        return None

    def versions(self) -> list[Version]:
        """Newest first."""
        found = self.client.search_model_versions(f"name = '{self.name}'")
        return [_told(one) for one in sorted(found, key=lambda one: -int(one.version))]

    def champion(self) -> Version | None:
        from mlflow.exceptions import MlflowException

        try:
            return _told(self.client.get_model_version_by_alias(self.name, tracking.CHAMPION))
        except MlflowException as error:
            # An alias never set is INVALID_PARAMETER_VALUE in the SQL store, RESOURCE_DOES_NOT_EXIST over REST.
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise

    def fresh(self, version: Version) -> Version:
        return _told(self.client.get_model_version(self.name, version.version))

    def table(self, version: Version, name: str) -> pd.DataFrame:
        """A table that the version's run kept."""
        import mlflow

        return pd.read_parquet(mlflow.artifacts.download_artifacts(run_id=version.run_id, artifact_path=name))

    def download(self, version: Version, artifact: str, into: Path) -> Path:
        """The folder of the model's artifact."""
        import mlflow

        found = mlflow.artifacts.download_artifacts(
            f"models:/{self.name}/{version.version}", dst_path=str(into)
        )
        return Path(found) / "artifacts" / artifact

    def register(
        self,
        folder: Path,
        artifact: str,
        hashes: Mapping[str, str],
        figures: Mapping[str, float],
        tables: Mapping[str, pd.DataFrame],
        example: pd.DataFrame,
        run_name: str,
        summary: Mapping[str, Any],
    ) -> Version:
        """folder: what `training/registered_<artifact>.py` loads. The version exists once everything else is there."""
        import tempfile

        import mlflow

        tags = {tracking.HOME_TAG: str(self.settings.home), "git_commit": git_commit() or "none", **hashes}
        with (
            tempfile.TemporaryDirectory() as scratch,
            mlflow.start_run(experiment_id=self.experiment_id, run_name=run_name, tags=tags) as run,
        ):
            mlflow.log_metrics(dict(figures))
            mlflow.log_dict(dict(summary), "summary.json")
            for name, table in tables.items():
                table.to_parquet(Path(scratch) / name)
                mlflow.log_artifact(str(Path(scratch) / name))
            logged = mlflow.pyfunc.log_model(
                name="model",
                python_model=str(Path(__file__).parent / f"registered_{artifact}.py"),
                artifacts={artifact: str(folder)},
                code_paths=[str(path) for path in package_folders()],
                pip_requirements=_requirements(),
                input_example=example,
            )
        version_tags = {
            **hashes, "artifact_hash": folder_hash(folder), "summary": json.dumps(dict(summary), sort_keys=True),
        }  # fmt: skip
        registered = mlflow.register_model(logged.model_uri, self.name, tags=version_tags)
        return Version(str(registered.version), run.info.run_id, version_tags)

    def decide(self, version: Version, won: bool, reason: str) -> None:
        """The tags first, the alias last: cut short in between, the old champion serves on."""
        told = {"decision": "promoted" if won else "refused", "decision_reason": reason[:5_000]}
        for key, value in told.items():
            self.client.set_model_version_tag(self.name, version.version, key, value)
        if won:
            self.client.set_registered_model_alias(self.name, tracking.CHAMPION, version.version)


@contextmanager
def training(settings: Settings, name: str) -> Iterator[Registry]:
    """One training of the model per home at a time; a run left open by a killed one is closed."""
    folder = settings.home / "training"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        client = tracking.connect(settings)
        experiment_id = _experiment(client, settings, name)
        tracking.close_killed_runs(client, settings, experiment_id)
        yield Registry(client, settings, name, experiment_id)


def _experiment(client: Any, settings: Settings, name: str) -> str:
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    folder = None
    if settings.tracking_uri is None:
        settings.mlflow_artifacts.mkdir(parents=True, exist_ok=True)
        folder = (settings.mlflow_artifacts / name).as_uri()
    return str(client.create_experiment(name, artifact_location=folder))


def _told(version: Any) -> Version:
    return Version(str(version.version), version.run_id, dict(version.tags))


def _requirements() -> list[str]:
    from importlib.metadata import version

    return [f"{name}=={version(name).split('+')[0]}" for name in PACKAGES]
