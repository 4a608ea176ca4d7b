"""From model and settings records to what the engineers' page shows. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from creatorlens.api import ModelInfo
from creatorlens.settings import Settings
from dashboard import words

METRICS = (
    ("spearman", "Spearman", "{:.3f}"),
    ("mae_ln", "MAE ln", "{:.3f}"),
    ("within_creator_spearman", "Within creator", "{:.3f}"),
    ("coverage80", "Coverage 80", "{:.1%}"),
    ("width80", "Width 80", "{:.2f}"),
    ("share_shown", "Share shown", "{:.0%}"),
    ("n", "Posts", "{:,.0f}"),
)


@dataclass(frozen=True)
class Tool:
    label: str
    address: str
    purpose: str


def tools(settings: Settings) -> tuple[Tool, ...]:
    """Where the other user interfaces listen."""
    mlflow = settings.mlflow_uri
    if not mlflow.startswith(("http:", "https:")):
        mlflow = f"http://{settings.host}:{settings.mlflow_port}"
    return (
        Tool("Prefect", f"http://{settings.host}:{settings.prefect_port}", "Flows: what ran, when, how long"),
        Tool("MLflow", mlflow, "Training runs and the model registry"),
        Tool("API", settings.api, "The HTTP service, to try out in the browser"),
        Tool("OpenAPI", f"{settings.api}/v1/openapi.json", "The description of the HTTP interface"),
        Tool("Metrics", f"{settings.api}/metrics", "For Prometheus"),
    )


def metric_words(metrics: Mapping[str, float]) -> list[tuple[str, str]]:
    """Label and value of the metrics people look for, in a fixed order."""
    found = []
    for key, label, pattern in METRICS:
        value = _pick(metrics, key)
        if value is not None:
            found.append((label, pattern.format(value)))
    return found


def against_floor(models: Iterable[ModelInfo]) -> pd.DataFrame:
    """platform, who ('model' or 'floor'), mae_ln: where both were measured."""
    rows = []
    for model in models:
        own = _pick(model.metrics, "mae_ln")
        floor = _pick(model.metrics, "floor_mae_ln", "floor.mae_ln")
        if own is None or floor is None:
            continue
        for who, value in (("model", own), ("floor", floor)):
            rows.append(
                {
                    "platform": words.platform(model.platform),
                    "who": who,
                    "mae_ln": value,
                    "value": f"{value:.3f} {who}",
                }
            )
    return pd.DataFrame(rows, columns=["platform", "who", "mae_ln", "value"])


def against_floor_words(frame: pd.DataFrame) -> str:
    return "; ".join(f"{row['platform']}: {row['value']}" for row in frame.to_dict("records"))


def without_model(models: Iterable[ModelInfo]) -> str:
    """One sentence on the platforms that nothing serves yet; empty where there are none."""
    names = [words.platform(model.platform) for model in models if model.serves is None]
    if not names:
        return ""
    return f"No model yet for {', '.join(sorted(names))}: `creatorlens train --platform NAME`, once posts are imported."


def _pick(metrics: Mapping[str, float], *names: str) -> float | None:
    """The first of the names that was logged, bare or under a prefix such as `backtest_`."""
    for name in names:
        for key in (name, f"backtest_{name}", f"backtest.{name}"):
            if key in metrics:
                return metrics[key]
    return None
