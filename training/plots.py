"""Three pictures of a backtest: are the quantiles honest, where are the errors, what does the model look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.catalogue import BY_NAME
from training.columns import QUANTILES

_AGE_EDGES_H = (0.0, 24.0, 72.0, 168.0, 720.0, 2160.0, np.inf)
_AGE_WORDS = ("under a day", "1-3 days", "3-7 days", "7-30 days", "30-90 days", "over 90 days", "age unknown")
_SHOWN = 15


def write_plots(folder: Path, predictions: pd.DataFrame, importance: dict[str, float]) -> list[Path]:
    """calibration.png, residuals_by_horizon.png, importance.png."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _calibration(folder / "calibration.png", predictions),
        _residuals(folder / "residuals_by_horizon.png", predictions),
        _importance(folder / "importance.png", importance),
    ]


def _calibration(path: Path, predictions: pd.DataFrame) -> Path:
    figure, axes = _figure()
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1, label="honest")
    for name, colour in (("served", "#1f5fa8"), ("floor", "#b0653a")):
        below = [
            float((predictions["truth"] <= predictions[f"{name}_{q}"]).mean()) for q in ("p10", "p50", "p90")
        ]
        axes.plot(QUANTILES, below, marker="o", color=colour, label=name)
    axes.set(
        xlabel="quantile", ylabel="share of outcomes at or below it", title="Calibration on unseen posts"
    )
    axes.legend(frameon=False)
    return _save(figure, path)


def _residuals(path: Path, predictions: pd.DataFrame) -> Path:
    hours = predictions["age_h"].to_numpy(np.float64)
    at = np.where(
        np.isnan(hours), len(_AGE_WORDS) - 1, np.searchsorted(_AGE_EDGES_H, hours, side="right") - 1
    )
    residual = (predictions["truth"] - predictions["served_p50"]).to_numpy(np.float64)
    bins = [i for i in range(len(_AGE_WORDS)) if (at == i).any()]
    figure, axes = _figure()
    axes.boxplot([residual[at == i] for i in bins], showfliers=False)
    axes.set_xticks(range(1, len(bins) + 1), [f"{_AGE_WORDS[i]}\n{(at == i).sum()} posts" for i in bins])
    axes.axhline(0, color="0.7", linewidth=1)
    axes.set(ylabel="ln(1+outcome) - ln(1+p50)", title="Residuals by age at observation")
    return _save(figure, path)


def _importance(path: Path, importance: dict[str, float]) -> Path:
    top = list(importance.items())[:_SHOWN][::-1]
    figure, axes = _figure()
    words = [BY_NAME[name].words if name in BY_NAME else name for name, _ in top]
    axes.barh(range(len(top)), [gain for _, gain in top], color="#1f5fa8")
    axes.set_yticks(range(len(top)), words)
    axes.set(xlabel="total gain of the boosted centre", title="What the model looks at")
    return _save(figure, path)


def _figure() -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def _save(figure: Any, path: Path) -> Path:
    figure.savefig(path, dpi=110, metadata={"Software": None})
    return path
