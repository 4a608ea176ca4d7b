"""A model card made from the run itself: what the version was trained on, how it did, where it should not be used.

After Mitchell and others, "Model Cards for Model Reporting" (2019). Every number in it is a metric of the run or a
tag of the version, under the key that `numbers` gives it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from creatorlens.metric_definitions import DEFINITIONS, primary_metric
from features.catalogue import MEDIA_NAMES
from training.backtest import BacktestReport
from training.card_markdown import markdown
from training.card_words import INTENDED, NOT_INTENDED, limits
from training.forecaster import Forecaster
from training.segments import segments

ARTIFACTS = "card"
_CUT_OFF = ("trained_on", "n", "mae_ln", "floor_mae_ln", "pinball", "floor_pinball", "coverage80")
_TOLD_TAGS = ("data_hash", "code_hash", "parameters_hash", "lineage_id", "git_commit", "known_until")
DESCRIPTION_CHARS = 5_000


def card_facts(
    model: Forecaster,
    rows: pd.DataFrame,
    report: BacktestReport,
    backtest_metrics: dict[str, float],
    tags: dict[str, str],
    packages: Sequence[str],
) -> dict[str, Any]:
    """rows: those trained on; backtest_metrics and tags: as logged with the run. The same run gives the same card."""
    by_segment = segments(report.predictions, rows)
    numbers = {name: value for name, value in backtest_metrics.items() if np.isfinite(value)}
    numbers |= _data_numbers(rows, model) | _calibration(report.predictions)
    for i, cut in enumerate(report.summary["cut_offs"], start=1):
        numbers |= {f"cut_off_{i}_{key}": float(cut[key]) for key in _CUT_OFF if cut.get(key) is not None}
    for segment in by_segment:
        numbers |= {f"segment_{segment.name}_{key}": value for key, value in segment.figures.items()}
    facts: dict[str, Any] = {
        "model_name": f"creatorlens-{model.platform.value}",
        "platform": model.platform.value,
        "metric": primary_metric(model.platform),
        "definitions": _definitions(rows, model),
        "published": [f"{rows['published_at'].min():%Y-%m-%d}", f"{rows['published_at'].max():%Y-%m-%d}"],
        "text_encoder": model.text_encoder,
        "media": any(name in model.feature_names for name in MEDIA_NAMES),
        "tags": {name: tags[name] for name in _TOLD_TAGS if name in tags},
        "backtest_from": report.summary["from"][:10],
        "cut_offs": [cut["cut_off"][:10] for cut in report.summary["cut_offs"]],
        "segments": [{"name": one.name, "words": one.words} for one in by_segment],
        "numbers": dict(sorted(numbers.items())),
        "intended_use": INTENDED,
        "not_intended_use": NOT_INTENDED,
        "packages": list(packages),
    }
    return facts | {"limits": limits(facts)}


def log_card(facts: dict[str, Any], scratch: Path) -> str:
    """Into the active MLflow run: the numbers as metrics, the card as `card/card.json` and `card/card.md`. Gives what
    fits into a version's description."""
    import mlflow

    text, folder = markdown(facts), scratch / ARTIFACTS
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "card.json").write_text(json.dumps(facts, indent=1, sort_keys=True, allow_nan=False) + "\n")
    (folder / "card.md").write_text(text)
    # Those of the backtest are logged by training itself.
    mlflow.log_metrics({k: v for k, v in facts["numbers"].items() if not k.startswith("backtest_")})
    mlflow.log_artifacts(str(folder), ARTIFACTS)
    return description(text)


def description(text: str) -> str:
    """The card's sections as far as they fit, and where the rest is."""
    rest = "\n\nThe rest is in `card/card.md`, with the artifacts of the run.\n"
    if len(text) <= DESCRIPTION_CHARS:
        return text
    kept, *sections = text.split("\n## ")
    for section in sections:
        if len(kept) + len(section) + len(rest) + 4 > DESCRIPTION_CHARS:
            break
        kept += f"\n## {section}"
    return kept[: DESCRIPTION_CHARS - len(rest)].rstrip() + rest


def _data_numbers(rows: pd.DataFrame, model: Forecaster) -> dict[str, float]:
    return {
        "data_rows": float(len(rows)),
        "data_posts": float(rows["post_id"].nunique()),
        "data_channels": float(rows["channel_id"].nunique()),
        "data_backfilled_share": round(float(rows["backfilled"].mean()), 6),
        "data_rows_left_out": float(sum(model.left_out.values())),
        "data_features": float(len(model.feature_names)),
    }


def _calibration(predictions: pd.DataFrame) -> dict[str, float]:
    """How often outcomes lay at or below each quantile, and above the floor against what was stated."""
    truth = predictions["truth"].to_numpy(np.float64)
    found = {
        f"calibration_below_{q}": float((truth <= predictions[f"served_{q}"].to_numpy(np.float64)).mean())
        for q in ("p10", "p50", "p90")
    }
    stated, floor = predictions["prob_beats_floor"].to_numpy(np.float64), predictions["floor_ln"].to_numpy()
    both = ~np.isnan(stated) & ~np.isnan(floor)
    if both.any():
        found["calibration_beats_floor_stated"] = float(stated[both].mean())
        found["calibration_beats_floor_came_true"] = float((truth[both] > floor[both]).mean())
    return {name: round(value, 6) for name, value in found.items()}


def _definitions(rows: pd.DataFrame, model: Forecaster) -> list[dict[str, Any]]:
    """Every way of counting among the rows; `used` where there were enough of them for a model."""
    names = sorted({str(name) for name in rows["metric_definition"]} | set(model.left_out))
    return [
        {
            "name": name,
            "meaning": DEFINITIONS[name].meaning if name in DEFINITIONS else "",
            "used": name in model.experts,
        }
        for name in names
    ]
