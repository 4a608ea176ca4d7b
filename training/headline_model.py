"""Scores headlines by the clicks they are expected to get, and compares two."""

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
from training.headline_graph import GRAPH, Graph, Reading, open_graph
from training.headline_tokens import TokenScores

MOST_RECENT = 20_000


@dataclass(frozen=True)
class Headlines:
    """Members: a linear one over surface, words and vectors; and where an encoder is at hand a network over tokens. The score is
    their weighted sum, in ln clicks per impression up to a constant. `summary`: what it was trained on and how it did on
    later weeks."""

    features: Features
    effects: Floats
    graph: Graph | None
    tokens: TokenScores | None
    shares: tuple[float, float]
    calibration: Calibration
    summary: dict[str, Any] = field(default_factory=dict)
    recent: dict[str, float] = field(default_factory=dict, repr=False, compare=False)

    def each(self, headlines: Sequence[str], read: Sequence[Reading] | None = None) -> Floats:
        """n x 2: the score of the linear member and of the network, 0 where there is none. `read`: what the encoder holds of
        them, where that is known already."""
        texts = list(headlines)
        out = np.zeros((len(texts), 2))
        if not texts:
            return out
        if read is None and self.graph is not None:
            read = self.graph.read(texts)
        vectors = None if read is None else np.array([one.vector for one in read], np.float64)
        out[:, 0] = self.features.apply(texts, vectors) @ self.effects
        if read is not None and self.tokens is not None:
            out[:, 1] = self.tokens.apply([one.tokens for one in read])
        return out

    def score(self, headlines: Sequence[str]) -> Floats:
        """One number per headline; only differences between headlines of one test or draft mean something. Those of late are
        remembered: a draft is asked about again and again."""
        texts = [_plain(text) for text in headlines]
        known = {text: self.recent.get(text) for text in texts}
        new = [text for text, told in known.items() if told is None]
        told = dict(zip(new, (self.each(new) @ np.array(self.shares)).tolist(), strict=True))
        if len(self.recent) > MOST_RECENT:
            self.recent.clear()
        self.recent.update(told)
        known |= told
        return np.array([known[text] for text in texts], np.float64)

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
            "effects": self.effects,
            **({} if f.vectors is None else {"centre": f.vectors.centre, "spread": f.vectors.spread}),
            **({} if self.tokens is None else self.tokens.arrays()),
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
        tokens=TokenScores.of_arrays(arrays),
        shares=(share, tuned),
        calibration=Calibration(**told["calibration"]),
        summary=told["summary"],
    )


def _plain(text: str) -> str:
    return " ".join(str(text).split())
