"""The version that serves a platform, from the registry into an exported folder, compared with itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from creatorlens.errors import InputError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from training import tracking
from training.forecaster import Forecaster
from training.judging import known_until
from training.onnx_export import MODEL_FILE, Comparison, compare, export
from training.train import known_rows


@dataclass(frozen=True)
class Exported(Comparison):
    """`rows_unseen`: of `rows`, those whose outcome the version cannot have trained on."""

    platform: str
    model_name: str
    version: str
    folder: str
    int8: bool
    rows_unseen: int


def export_champion(
    settings: Settings,
    platform: Platform,
    folder: Path,
    *,
    int8: bool = False,
    newest: int = 2_000,
    say: Callable[[str], None] = lambda _: None,
) -> Exported:
    """Writes `folder`, and compares on the posts whose outcome became known last.

    Raises NotReadyError where no model serves; InputError where `folder` holds something else.
    """
    if (
        folder.exists()
        and not (folder / MODEL_FILE).is_file()
        and (folder.is_file() or any(folder.iterdir()))
    ):
        raise InputError(
            f"{folder} is there and no export.",
            field="--out",
            hint="Name a folder that is empty or not there yet.",
        )
    client = tracking.connect(settings)
    version = _serving(client, platform)
    say(f"{platform.value}: load version {version.version}")
    forecaster = _load(version)
    say(f"{platform.value}: write {folder}")
    export(forecaster, folder, int8=int8)
    rows = known_rows(settings, platform, None)
    rows = rows.loc[rows["is_last"] & rows["metric_definition"].isin(list(forecaster.experts))]
    rows = rows.sort_values("outcome_known_at", kind="stable").tail(newest)
    unseen = rows["outcome_known_at"] > known_until(client.get_run(version.run_id))
    say(f"{platform.value}: compare on {len(rows):,} posts")
    return Exported(
        **asdict(compare(forecaster, folder, rows)),
        platform=platform.value,
        model_name=version.name,
        version=str(version.version),
        folder=str(folder),
        int8=int8,
        rows_unseen=int(unseen.sum()),
    )


def _serving(client: Any, platform: Platform) -> Any:
    """The champion; else the version whose floor serves: its model is exported all the same."""
    from mlflow.exceptions import MlflowException

    for alias in (tracking.CHAMPION, tracking.FLOOR):
        try:
            return client.get_model_version_by_alias(tracking.model_name(platform), alias)
        except MlflowException:
            continue
    raise NotReadyError(
        f"no model for {platform.value} yet: run creatorlens train --platform {platform.value}"
    )


def _load(version: Any) -> Forecaster:
    import tempfile

    import mlflow

    with tempfile.TemporaryDirectory() as scratch:
        uri = f"models:/{version.name}/{version.version}"
        found = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=scratch)
        try:
            return Forecaster.load(Path(found) / "artifacts" / "forecaster")
        except (KeyError, FileNotFoundError, TypeError) as error:
            raise NotReadyError(
                f"version {version.version} of {version.name} was trained by another release: train it again."
            ) from error
