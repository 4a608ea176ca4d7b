"""What the network sees of a row: standardised numbers, what is missing, and a few directions of the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from training.columns import Singles
from training.text_directions import TextDirections, fit_text_directions

_CLIP_SD = 4.0
_MISSING_SHARE = 0.01


@dataclass(frozen=True)
class Standardiser:
    """`mean`, `scale`: of each number; `flagged`: the numbers whose absence is told beside them."""

    mean: Singles
    scale: Singles
    flagged: Any
    text: TextDirections
    text_flagged: bool

    @property
    def width(self) -> int:
        return len(self.mean) + len(self.flagged) + len(self.text) + self.text_flagged

    def apply(self, x: Singles, embedding: Singles | None) -> Singles:
        """n x width float32. What is missing sits at the mean. Where that happened in training already it
        is flagged as well; a flag that was never up in training would say nothing."""
        missing = np.isnan(x)
        scaled = np.where(missing, 0.0, np.clip((x - self.mean) / self.scale, -_CLIP_SD, _CLIP_SD))
        parts = [scaled, missing[:, self.flagged]]
        if len(self.text):
            text = self.text.apply(embedding, len(x))
            parts.append(np.clip(np.nan_to_num(text, nan=0.0), -_CLIP_SD, _CLIP_SD))
            if self.text_flagged:
                parts.append(np.isnan(text[:, :1]))
        out: Singles = np.concatenate([np.asarray(part, np.float32) for part in parts], axis=1)
        return out

    def arrays(self) -> dict[str, Any]:
        numbers = {"mean": self.mean, "scale": self.scale, "flagged": self.flagged}
        return numbers | self.text.arrays() | {"text_flagged": np.array([self.text_flagged], np.int64)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Any]) -> Standardiser:
        return cls(
            arrays["mean"], arrays["scale"], arrays["flagged"], TextDirections.from_arrays(arrays),
            bool(arrays["text_flagged"][0]),
        )  # fmt: skip


def fit_standardiser(x: Singles, embedding: Singles | None) -> Standardiser:
    missing = np.isnan(x)
    counted = np.maximum((~missing).sum(axis=0), 1)
    filled = np.where(missing, 0.0, x).astype(np.float64)
    mean = filled.sum(axis=0) / counted
    spread = np.sqrt((np.where(missing, 0.0, x - mean) ** 2).sum(axis=0) / counted)
    text = fit_text_directions(embedding)
    absent = 1.0 if embedding is None else float(np.isnan(embedding[:, 0]).mean())
    return Standardiser(
        mean=mean.astype(np.float32),
        scale=np.where(spread > 1e-3, spread, 1.0).astype(np.float32),
        flagged=np.flatnonzero(missing.mean(axis=0) > _MISSING_SHARE).astype(np.int64),
        text=text,
        text_flagged=len(text) > 0 and absent > _MISSING_SHARE,
    )
