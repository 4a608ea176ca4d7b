"""Scores pictures by the clicks they are expected to get, from what was read of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from training.columns import Floats
from training.headline_calibration import Calibration
from training.headline_features import Scale

Picture = Mapping[str, Any]
"""Numbers of a picture by the names of `features.media_features.IMAGE`; missing or None: not known, taken as usual."""


@dataclass(frozen=True)
class Pictures:
    names: tuple[str, ...]
    scale: Scale
    effects: Floats
    calibration: Calibration
    summary: dict[str, Any] = field(default_factory=dict)

    def score(self, pictures: Sequence[Picture]) -> Floats:
        """One number per picture, in ln clicks per impression; only differences mean something."""
        out: Floats = self.scale.apply(values_of(pictures, self.names)) @ self.effects
        return out

    def lifts(self, current: Picture, candidates: Sequence[Picture]) -> Floats:
        """n x 3: expected ln of clicks against `current`, and the ends of its 80 % interval."""
        told = self.score([current, *candidates])
        values = values_of([current, *candidates], self.names)
        same = (np.nan_to_num(values[1:]) == np.nan_to_num(values[0])).all(axis=1)
        return self.calibration.lifts(told[1:] - told[0], np.where(same, 0.0, 1.0))

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        told = {
            "names": list(self.names), "centre": self.scale.centre.tolist(), "spread": self.scale.spread.tolist(),
            "effects": self.effects.tolist(), "calibration": vars(self.calibration), "summary": self.summary,
        }  # fmt: skip
        (folder / "pictures.json").write_text(json.dumps(told, sort_keys=True, indent=1))


def load_pictures(folder: Path) -> Pictures:
    told: dict[str, Any] = json.loads((folder / "pictures.json").read_text())
    return Pictures(
        names=tuple(told["names"]),
        scale=Scale(np.array(told["centre"]), np.array(told["spread"])),
        effects=np.array(told["effects"]),
        calibration=Calibration(**told["calibration"]),
        summary=told["summary"],
    )


def values_of(pictures: Sequence[Picture], names: Sequence[str]) -> Floats:
    """n x d, NaN where a number is not known."""

    def one(value: Any) -> float:
        return float("nan") if value is None else float(value)

    return np.array([[one(picture.get(name)) for name in names] for picture in pictures], float).reshape(
        len(pictures), len(names)
    )
