"""Fitting the members on tests, and judging them on later weeks they had not seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from training.columns import Floats
from training.headline_calibration import Calibration, fit_calibration
from training.headline_effects import effects_of
from training.headline_features import fit_features
from training.headline_figures import figures
from training.headline_graph import Graph, Reading, open_graph, write_graph
from training.headline_learning import Recipe, learn
from training.headline_model import Headlines
from training.headline_rows import HeadlineRows, split_at

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
    """encoder: folder of a sentence encoder's weights, None to do without; its graph is left in `folder`."""
    rows = rows.take(rows.telling)
    read = None if encoder is None else read_all(rows.headlines, encoder, folder, progress)
    week = first_later_week(rows)
    earlier, later = split_at(rows, week)
    progress(f"headlines: fit on tests before week {week}, judge on the later ones")
    score = scored(fit_members(earlier, read, recipe, progress), later, read)
    found = figures(later, score)
    calibration = fit_calibration(later, score)
    progress(f"headlines: {found.get('significant', 0):.1%} of clear pairs of later weeks in the right order")
    progress("headlines: fit on everything known")
    model = fit_members(rows, read, recipe, progress)
    return Fitted(replace(model, calibration=calibration), later, score, found)


@dataclass(frozen=True)
class Read:
    """What the encoder holds of each headline, by headline, and the graph that read them."""

    graph: Graph
    of: dict[str, Reading]


def read_all(headlines: list[str], encoder: Path, folder: Path, progress: Progress = lambda _: None) -> Read:
    distinct = sorted(set(headlines))
    progress(f"headlines: read {len(distinct):,} of them")
    write_graph(encoder, folder)
    graph = open_graph(folder)
    return Read(graph, dict(zip(distinct, graph.read(distinct), strict=True)))


def fit_members(
    rows: HeadlineRows, read: Read | None, recipe: Recipe | None, progress: Progress = lambda _: None
) -> Headlines:
    """Not calibrated yet."""
    texts = rows.headlines
    distinct = sorted(set(texts))
    if read is None:
        features = fit_features(distinct, None, WEIGHTS_WITHOUT)
        effects = effects_of(rows, features.apply(texts, None))
        return Headlines(features, effects, None, None, (1.0, 0.0), _UNKNOWN)
    features = fit_features(distinct, _vectors(distinct, read), WEIGHTS)
    effects = effects_of(rows, features.apply(texts, _vectors(texts, read)))
    tokens = learn(rows, {text: read.of[text].tokens for text in distinct}, recipe, progress)
    return Headlines(features, effects, read.graph, tokens, SHARES, _UNKNOWN)


def scored(model: Headlines, rows: HeadlineRows, read: Read | None) -> Floats:
    """Without reading again."""
    known = None if read is None else [read.of[text] for text in rows.headlines]
    out: Floats = model.each(rows.headlines, known) @ np.array(model.shares)
    return out


def _vectors(texts: list[str], read: Read) -> Floats:
    return np.array([read.of[text].vector for text in texts], np.float64)


def first_later_week(rows: HeadlineRows, share: float = LATER_SHARE) -> int:
    """From that week on lie about `share` of the pairs."""
    of = np.sort(rows.week[rows.pairs[:, 0]]) if len(rows.pairs) else np.sort(rows.week)
    return int(of[int(len(of) * (1 - share))])
