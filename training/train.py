"""Training a platform: rows → gate backtest → fit on everything → MLflow run → registered version, last."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from training import tracking
from training.backtest import BacktestReport, Fold, folds_of, report_of, run_fold
from training.backtest_log import log_backtest, parameters_hash
from training.forecaster import Forecaster
from training.hashes import code_hash, data_hash, folder_hash, git_commit, in_fixed_order, package_folders
from training.model_card import card_facts, log_card
from training.parameters import Parameters
from training.plots import write_plots
from training.processes import in_processes, usual_workers
from training.reference import log_reference
from training.text_directions import EMBEDDING
from training.tuned import parameters_in_use

GATE_FOLDS = 4
GATE_SHARE = 0.75
Progress = Callable[[str], None]

PACKAGES = ("pandas", "numpy", "xgboost", "torch", "safetensors", "scipy", "pydantic", "mlflow")


@dataclass(frozen=True)
class TrainReport:
    """`skipped`: data and code are those of `version` already. `metrics`: of the gate backtest, as logged."""

    platform: str
    model_name: str
    version: str
    run_id: str
    skipped: bool
    rows: int
    metrics: dict[str, float]
    summary: dict[str, Any]


def train_platform(
    engine: Engine,
    settings: Settings,
    platform: Platform,
    until: datetime | None = None,
    progress: Progress = lambda _: None,
    *,
    force: bool = False,
    parameters: Parameters | None = None,
) -> TrainReport:
    """Register a new version of `creatorlens-<platform>`, trained on what was known at `until` (now) with `parameters` (those in
    use).

    Raises NotReadyError where there are no features yet or too few known outcomes. Kill it at any time:
    the version is registered in the last step, and the next training closes the run left open.
    """
    del engine  # rows come through the feature store; the signature is that of every room's verb
    rows = known_rows(settings, platform, until)
    with tracking.training_lock(settings, platform):
        client = tracking.connect(settings)
        experiment_id = tracking.experiment(client, settings, platform)
        tracking.close_killed_runs(client, settings, experiment_id)
        parameters = parameters or parameters_in_use(settings, platform)
        hashes = {
            "data_hash": data_hash(rows),
            "code_hash": code_hash(package_folders()),
            "parameters_hash": parameters_hash(parameters),
        }
        done = None if force else _same(client, platform, hashes)
        if done is not None:
            progress(f"{platform.value}: data and code are those of version {done.version}; nothing to do")
            return _skipped(client, platform, done, len(rows))
        progress(f"{platform.value}: {len(rows):,} rows; backtest, and a fit on everything known")
        whole = _Whole(rows, platform, parameters, _text_encoder(settings, platform))
        model, report = _fitted(whole, progress)
        hashes |= _origin(settings, platform, rows)
        return _register(experiment_id, settings, rows, model, report, hashes, until, progress)


@dataclass(frozen=True)
class _Whole:
    """The fit that serves, on everything known."""

    rows: pd.DataFrame
    platform: Platform
    parameters: Parameters
    encoder: str | None


def _fitted(whole: _Whole, progress: Progress) -> tuple[Forecaster, BacktestReport]:
    """The model that serves and its backtest, side by side where there are processors: the longest first."""
    rows, platform, start = whole.rows, whole.platform, gate_start(whole.rows)
    folds = folds_of(rows, start, platform, folds=GATE_FOLDS, parameters=whole.parameters, progress=progress)
    tasks: list[_Whole | Fold] = [whole, *reversed(folds)]
    model, *parts = in_processes(_work, tasks, usual_workers(len(rows)))
    return model, report_of(parts[::-1], platform, start)


def _work(task: _Whole | Fold) -> Any:
    if isinstance(task, Fold):
        return run_fold(task)
    return Forecaster.fit(task.rows, task.platform, task.parameters, text_encoder=task.encoder)


def known_rows(settings: Settings, platform: Platform, until: datetime | None) -> pd.DataFrame:
    """Labelled rows through Feast, with outcomes known at `until`, in a fixed order."""
    from features.rows import training_rows

    rows = training_rows(settings, platform)
    if until is not None:
        rows = rows.loc[rows["outcome_known_at"] <= pd.Timestamp(until)]
        last = ~rows.sort_values("outcome_known_at", kind="stable")["post_id"].duplicated(keep="last")
        rows = rows.assign(is_last=last)
    if rows.empty:
        raise NotReadyError(
            f"no known outcome on {platform.value}{f' by {until:%Y-%m-%d}' if until else ''}: "
            "import observations and run `creatorlens featurize` first."
        )
    return in_fixed_order(rows)


def _text_encoder(settings: Settings, platform: Platform) -> str | None:
    from features.manifest import read_manifest

    manifest = read_manifest(settings, platform)
    return manifest.encoder if manifest is not None else None


def _origin(settings: Settings, platform: Platform, rows: pd.DataFrame) -> dict[str, str]:
    """Which imported files the rows came from (the id of their lineage), and up to when outcomes were known."""
    from features.manifest import read_manifest

    manifest = read_manifest(settings, platform)
    told = {"known_until": rows["outcome_known_at"].max().isoformat()}
    return told | ({"lineage_id": manifest.lineage_id} if manifest and manifest.lineage_id else {})


def gate_start(rows: pd.DataFrame) -> pd.Timestamp:
    """When three quarters of the posts were out: the rest decides whether the model may serve."""
    posts = rows.drop_duplicates("post_id")["published_at"].sort_values()
    return pd.Timestamp(posts.iloc[int(len(posts) * GATE_SHARE)])


def _same(client: Any, platform: Platform, hashes: dict[str, str]) -> Any:
    for version in tracking.versions(client, platform)[:1]:
        if all(version.tags.get(name) == value for name, value in hashes.items()):
            return version
    return None


def _skipped(client: Any, platform: Platform, version: Any, rows: int) -> TrainReport:
    logged = client.get_run(version.run_id).data.metrics
    metrics = {name: value for name, value in logged.items() if name.startswith("backtest")}
    name = tracking.model_name(platform)
    summary = json.loads(version.tags.get("summary", "{}"))
    return TrainReport(
        platform.value, name, str(version.version), version.run_id, True, rows, metrics, summary
    )


def _register(
    experiment_id: str,
    settings: Settings,
    rows: pd.DataFrame,
    model: Forecaster,
    report: BacktestReport,
    hashes: dict[str, str],
    until: datetime | None,
    progress: Progress,
) -> TrainReport:
    import mlflow

    platform, metrics = model.platform, flat_metrics(report.summary)
    tags = {tracking.HOME_TAG: str(settings.home), "git_commit": git_commit() or "none", **hashes}
    started = datetime.now(UTC)
    name = f"{platform.value} until {rows['outcome_known_at'].max():%Y-%m-%d}, {len(rows)} rows, {started:%Y-%m-%d %H:%M}"
    with (
        tempfile.TemporaryDirectory() as scratch,
        mlflow.start_run(experiment_id=experiment_id, run_name=name, tags=tags) as run,
    ):
        mlflow.log_params(_parameters(model, report, until))
        mlflow.log_metrics(metrics)
        mlflow.log_dict(report.summary, "backtest.json")
        log_backtest(report.predictions, rows)
        card = log_card(card_facts(model, rows, report, metrics, tags, pip_requirements()), Path(scratch))
        log_reference(model, rows, report.predictions, Path(scratch))
        for plot in write_plots(Path(scratch) / "plots", report.predictions, _importance(model)):
            mlflow.log_artifact(str(plot), "plots")
        model.save(Path(scratch) / "forecaster")
        hashes = {**hashes, "artifact_hash": folder_hash(Path(scratch) / "forecaster")}
        progress(f"{platform.value}: log the model")
        logged = _log_model(mlflow, Path(scratch) / "forecaster", model, rows)
    version_tags = {**hashes, "summary": json.dumps(model.summary, sort_keys=True)}
    registered = mlflow.register_model(logged.model_uri, tracking.model_name(platform), tags=version_tags)
    tracking.connect(settings).update_model_version(registered.name, registered.version, description=card)
    progress(f"{platform.value}: registered version {registered.version}")
    return TrainReport(
        platform.value, registered.name, str(registered.version), run.info.run_id, False,
        len(rows), metrics, model.summary,
    )  # fmt: skip


def _log_model(mlflow: Any, folder: Path, model: Forecaster, rows: pd.DataFrame) -> Any:
    example = input_example(rows, model)
    return mlflow.pyfunc.log_model(
        name="model",
        python_model=str(Path(__file__).parent / "registered.py"),
        artifacts={"forecaster": str(folder)},
        code_paths=[str(path) for path in package_folders()],
        pip_requirements=pip_requirements(),
        signature=_signature(example, model.forecast(example)),
        input_example=example,
    )


def _signature(example: pd.DataFrame, answer: pd.DataFrame) -> Any:
    """Whoever calls without an encoder may leave the embedding out."""
    from mlflow.models import ModelSignature, infer_signature
    from mlflow.types.schema import ColSpec, Schema

    found = infer_signature(example, answer)
    columns = [ColSpec(c.type, c.name, required=c.name != EMBEDDING) for c in found.inputs.inputs]
    return ModelSignature(Schema(columns), found.outputs)


def input_example(rows: pd.DataFrame, model: Forecaster) -> pd.DataFrame:
    """Three rows as a caller gives them: no outcome; doubles, which any caller's numbers fit into."""
    keys = ["post_id", "channel_id", "platform", "published_at", "floor", "base_ln"]
    some = rows[[*keys, *model.feature_names]].tail(3).reset_index(drop=True)
    numbers = [name for name in some.columns if name not in keys[:4]]
    # copied: in one piece again, or pandas warns whoever trains of a hundred single columns
    some = some.astype(dict.fromkeys(numbers, "float64")).copy()
    # MLflow's schema knows times without a zone only; they are UTC.
    some["published_at"] = (
        some["published_at"].dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[ns]")
    )
    # Nobody else's words or names travel with a model.
    some["post_id"] = [f"post-{i}" for i in range(len(some))]
    some["channel_id"] = f"{model.platform.value}:example"
    if model.text_encoder is not None:
        width = next(len(vector) for vector in rows[EMBEDDING] if vector is not None)
        some[EMBEDDING] = [np.full(width, width**-0.5)] * len(some)
    return some.assign(horizon_h=168.0)


def pip_requirements() -> list[str]:
    from importlib.metadata import version

    return [f"{name}=={version(name).split('+')[0]}" for name in PACKAGES]


def flat_metrics(summary: dict[str, Any]) -> dict[str, float]:
    """The backtest's numbers as MLflow metrics: backtest_mae_ln, backtest_floor_mae_ln, ..."""
    found = {}
    for prefix, part in (
        ("backtest", summary), ("backtest_floor", summary["floor"]),
        ("backtest_plain_xgboost", summary["plain_xgboost"]), ("backtest_ungated", summary["ungated"]),
    ):  # fmt: skip
        for key, value in part.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                found[f"{prefix}_{key}"] = float(value)
    return dict(sorted(found.items()))


def _parameters(model: Forecaster, report: BacktestReport, until: datetime | None) -> dict[str, Any]:
    summary = model.summary
    return {
        "platform": model.platform.value,
        "until": until.isoformat() if until else "everything known",
        "features": len(model.feature_names),
        "metric_definitions": ", ".join(model.experts),
        "rows": sum(summary["rows"].values()),
        "rows_left_out": sum(model.left_out.values()),
        "backtest_from": report.summary["from"],
        "backtest_cut_offs": len(report.summary["cut_offs"]),
        **{f"shares {name}": str(shares) for name, shares in summary["shares"].items()},
    }


def _importance(model: Forecaster) -> dict[str, float]:
    expert = next(iter(model.experts.values()))
    return expert.members.boosters.importance(expert.members.features)
