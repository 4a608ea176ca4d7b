"""A headline as numbers: its surface, its words, and what a sentence encoder makes of it, in blocks that are scaled apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from training.columns import Floats

TERM = r"\w+|[^\w\s]"
LEAST_USES = 8
MOST_TERMS = 1500
_FURTHEST = 4.0


@dataclass(frozen=True)
class Scale:
    """Standard deviations of what it was fitted on, at most 4, over the root of how many there are: rows of about unit length."""

    centre: Floats
    spread: Floats

    def apply(self, values: Floats) -> Floats:
        scaled = (np.where(np.isnan(values), self.centre, values) - self.centre) / self.spread
        out: Floats = np.clip(scaled, -_FURTHEST, _FURTHEST) / np.sqrt(len(self.centre))
        return out


def fit_scale(values: Floats) -> Scale:
    return Scale(np.nanmean(values, axis=0), np.nanstd(values, axis=0) + 1e-9)


@dataclass(frozen=True)
class Surface:
    """Counts, marks and cues of a headline."""

    names: tuple[str, ...]
    scale: Scale

    def apply(self, headlines: Sequence[str]) -> Floats:
        return self.scale.apply(_measured(headlines)[list(self.names)].to_numpy(np.float64))


def fit_surface(headlines: Sequence[str]) -> Surface:
    measured = _measured(headlines)
    kept = [name for name in measured.columns if measured[name].nunique(dropna=True) > 1]
    return Surface(tuple(kept), fit_scale(measured[kept].to_numpy(np.float64)))


@dataclass(frozen=True)
class Terms:
    """Words, marks and pairs of neighbours: 1 + ln of how often, times how rare (smoothed), unit length."""

    names: tuple[str, ...]
    rare: Floats

    def apply(self, headlines: Sequence[str]) -> Floats:
        place = {name: i for i, name in enumerate(self.names)}
        out = np.zeros((len(headlines), len(self.names)))
        for row, headline in enumerate(headlines):
            for term, uses in Counter(terms_of(headline)).items():
                if term in place:
                    out[row, place[term]] = (1 + np.log(uses)) * self.rare[place[term]]
        length = np.linalg.norm(out, axis=1, keepdims=True)
        return out / np.where(length > 0, length, 1.0)


def fit_terms(headlines: Sequence[str], least: int = LEAST_USES, most: int = MOST_TERMS) -> Terms:
    """The `most` terms that stand in at least `least` headlines, each headline counted once."""
    texts = sorted(set(headlines))
    used = Counter(term for text in texts for term in set(terms_of(text)))
    often = sorted((term for term, uses in used.items() if uses >= least), key=lambda t: (-used[t], t))[:most]
    rare = np.log((1 + len(texts)) / (1 + np.array([used[term] for term in often], float))) + 1
    return Terms(tuple(often), rare)


def terms_of(headline: str) -> list[str]:
    import regex

    words = regex.findall(TERM, headline.lower().replace("’", "'"))
    return words + [f"{first} {second}" for first, second in pairwise(words)]


@dataclass(frozen=True)
class Features:
    """Blocks side by side, each times its weight: a heavier block is trusted more by a ridge. `vectors` None: no encoder."""

    surface: Surface
    terms: Terms
    vectors: Scale | None
    weights: tuple[float, float, float]

    def apply(self, headlines: Sequence[str], vectors: Floats | None) -> Floats:
        """vectors: what the encoder holds of each headline."""
        blocks = [
            self.surface.apply(headlines) * self.weights[0],
            self.terms.apply(headlines) * self.weights[1],
        ]
        if self.vectors is not None:
            if vectors is None:
                raise ValueError("fitted with an encoder, asked without one")
            blocks.append(self.vectors.apply(vectors) * self.weights[2])
        return np.hstack(blocks)


def fit_features(
    headlines: Sequence[str], vectors: Floats | None, weights: tuple[float, float, float]
) -> Features:
    """headlines: distinct ones; vectors: a row each, None without an encoder."""
    scale = None if vectors is None else fit_scale(vectors)
    return Features(fit_surface(headlines), fit_terms(headlines), scale, weights)


def _measured(headlines: Sequence[str]) -> Any:
    from features.nlp.columns import nlp_features
    from features.text import text_features

    titles = pd.Series(list(headlines), dtype=object)
    none, tags = pd.Series([""] * len(titles)), pd.Series([[]] * len(titles))
    return pd.concat([text_features(titles, none, tags), nlp_features(titles, none, tags)], axis=1)
