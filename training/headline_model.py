"""Scores headlines by the clicks they are expected to get, and compares two: words and surface, vectors, a tuned encoder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from training.columns import Floats
from training.headline_calibration import Calibration, distances
from training.headline_features import Features, Scale, Surface, Terms
from training.headline_graph import GRAPH, Graph, open_graph


@dataclass(frozen=True)
class Headlines:
    """Members: a linear one, and where an encoder was at hand a tuned one; the score is their weighted sum, in ln clicks per
    impression up to a constant of the test. `summary`: what it was trained on and how it did on later weeks."""

    features: Features
    effects: Floats
    graph: Graph | None
    shares: tuple[float, float]
    calibration: Calibration
    summary: dict[str, Any] = field(default_factory=dict)

    def each(self, headlines: Sequence[str]) -> Floats:
        """n x 2: the linear member's score and the tuned one's, 0 where there is none."""
        texts = list(headlines)
        if not texts:
            return np.zeros((0, 2))
        if self.graph is None:
            linear = self.features.apply(texts, None) @ self.effects
            return np.stack([linear, np.zeros(len(texts))], axis=1)
        vectors, tuned = self.graph.read(texts)
        linear = self.features.apply(texts, lambda _: vectors) @ self.effects
        return np.stack([linear, tuned], axis=1)

    def score(self, headlines: Sequence[str]) -> Floats:
        """One number per headline; only differences between headlines of one test or draft mean something."""
        out: Floats = self.each([_plain(text) for text in headlines]) @ np.array(self.shares)
        return out

    def lifts(self, current: str, candidates: Sequence[str]) -> Floats:
        """n x 3: expected ln of clicks against `current`, and the ends of its 80 % interval."""
        texts = [_plain(text) for text in (current, *candidates)]
        told = self.score(texts)
        return self.calibration.lifts(told[1:] - told[0], distances(texts[1:], [texts[0]] * len(candidates)))

    def save(self, folder: Path) -> None:
        """Without the graph, which lies in `folder` already where there is one."""
        folder.mkdir(parents=True, exist_ok=True)
        f = self.features
        told = {
            "surface": list(f.surface.names), "terms": list(f.terms.names), "weights": list(f.weights),
            "shares": list(self.shares), "calibration": vars(self.calibration), "summary": self.summary,
        }  # fmt: skip
        (folder / "headlines.json").write_text(json.dumps(told, sort_keys=True, indent=1, ensure_ascii=False))
        arrays = {
            "surface_centre": f.surface.scale.centre, "surface_spread": f.surface.scale.spread, "rare": f.terms.rare,
            "effects": self.effects, **({} if f.vectors is None else {"centre": f.vectors.centre, "spread": f.vectors.spread}),
        }  # fmt: skip
        np.savez(folder / "headlines.npz", **arrays)


def load_headlines(folder: Path) -> Headlines:
    told: dict[str, Any] = json.loads((folder / "headlines.json").read_text())
    with np.load(folder / "headlines.npz") as kept:
        arrays = {name: kept[name] for name in kept.files}
    surface, terms, vectors = told["weights"]
    features = Features(
        Surface(tuple(told["surface"]), Scale(arrays["surface_centre"], arrays["surface_spread"])),
        Terms(tuple(told["terms"]), arrays["rare"]),
        Scale(arrays["centre"], arrays["spread"]) if "centre" in arrays else None,
        (surface, terms, vectors),
    )
    share, tuned = told["shares"]
    return Headlines(
        features=features,
        effects=arrays["effects"],
        graph=open_graph(folder) if (folder / GRAPH).is_file() else None,
        shares=(share, tuned),
        calibration=Calibration(**told["calibration"]),
        summary=told["summary"],
    )


def _plain(text: str) -> str:
    return " ".join(str(text).split())
