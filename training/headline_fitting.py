"""Fitting the members on tests, and judging them on later weeks they had not seen."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from training.columns import Floats
from training.headline_calibration import Calibration, fit_calibration
from training.headline_effects import effects_of
from training.headline_features import fit_features
from training.headline_figures import figures
from training.headline_graph import open_graph, write_graph
from training.headline_model import Headlines
from training.headline_rows import HeadlineRows, split_at
from training.headline_tuning import Recipe, read_lower, tune

Progress = Callable[[str], None]

WEIGHTS = (0.1, 0.03, 0.33)
"""Of surface, terms and vectors: prior standard deviations of their effects (docs/advice/headlines.md)."""
WEIGHTS_WITHOUT = (0.2, 0.15, 0.0)
SHARES = (0.5, 0.5)
LATER_SHARE = 0.25
_UNKNOWN = Calibration(1.0, 0.05, 0.05, 0)


@dataclass(frozen=True)
class Fitted:
    """`model`: fitted on all rows, calibrated on the later ones. `later`: tests of the newest weeks, `score`: those of members fitted
    without them; `figures`: how they did."""

    model: Headlines
    later: HeadlineRows
    score: Floats
    figures: dict[str, float]


def fit(
    rows: HeadlineRows,
    encoder: Path | None,
    folder: Path,
    recipe: Recipe | None = None,
    progress: Progress = lambda _: None,
) -> Fitted:
    """encoder: folder of a sentence encoder's weights, None for the linear member alone. The final graph is left in `folder`."""
    recipe = recipe or Recipe()
    week = first_later_week(rows)
    earlier, later = split_at(rows, week)
    progress(f"headlines: fit on tests before week {week}, judge on the later ones")
    with tempfile.TemporaryDirectory() as scratch:
        judged = fit_members(earlier, encoder, Path(scratch), recipe, progress)
        score = judged.score(later.headlines)
    found = figures(later, score)
    calibration = fit_calibration(later, score)
    progress(f"headlines: {found.get('significant', 0):.1%} of clear pairs of later weeks in the right order")
    progress("headlines: fit on everything known")
    model = fit_members(rows, encoder, folder, recipe, progress)
    return Fitted(replace(model, calibration=calibration), later, score, found)


def fit_members(
    rows: HeadlineRows,
    encoder: Path | None,
    folder: Path,
    recipe: Recipe,
    progress: Progress = lambda _: None,
) -> Headlines:
    """Not calibrated yet. `folder` receives the graph."""
    rows = rows.take(rows.telling)
    texts = rows.headlines
    if encoder is None:
        features = fit_features(texts, None, WEIGHTS_WITHOUT)
        effects = effects_of(rows, features.apply(texts, None))
        return Headlines(features, effects, None, (1.0, 0.0), _UNKNOWN)
    progress(f"headlines: read {len(set(texts)):,} of them")
    lower = read_lower(encoder, texts, recipe.start, recipe.threads)
    write_graph(encoder, folder, tune(rows, encoder, lower, recipe, progress))
    graph = open_graph(folder)
    vectors = dict(zip(distinct := sorted(set(texts)), graph.read(distinct)[0], strict=True))

    def encode(some: list[str]) -> Any:
        return np.array([vectors[text] for text in some])

    features = fit_features(texts, encode, WEIGHTS)
    effects = effects_of(rows, features.apply(texts, encode))
    return Headlines(features, effects, graph, SHARES, _UNKNOWN)


def first_later_week(rows: HeadlineRows, share: float = LATER_SHARE) -> int:
    """From that week on lie about `share` of the pairs."""
    of = np.sort(rows.week[rows.pairs[:, 0]]) if len(rows.pairs) else np.sort(rows.week)
    return int(of[int(len(of) * (1 - share))])
