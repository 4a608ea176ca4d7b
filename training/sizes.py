"""How large a channel is beside the others: thirds by its level when the post was published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.columns import Floats

NAMES = ("small", "middle", "large")
NEW = len(NAMES)


@dataclass(frozen=True)
class Sizes:
    """Bounds between the thirds, in ln(1+metric) of the level."""

    lower: float
    upper: float

    def of(self, base_ln: Floats, has_history: NDArray[np.bool_]) -> NDArray[np.int64]:
        """0, 1, 2 from small to large; `NEW` for channels without any matured outcome."""
        third = (base_ln > self.lower).astype(np.int64) + (base_ln > self.upper)
        return np.where(has_history, third, NEW).astype(np.int64)

    def to_json(self) -> list[float]:
        return [self.lower, self.upper]

    @classmethod
    def from_json(cls, told: list[float]) -> Sizes:
        return cls(*told)


def fit_sizes(base_ln: Floats, has_history: NDArray[np.bool_]) -> Sizes:
    """Thirds of the posts of channels with a history."""
    known: Any = base_ln[has_history & ~np.isnan(base_ln)]
    if len(known) == 0:
        return Sizes(np.inf, np.inf)
    return Sizes(*(float(value) for value in np.quantile(known, [1 / 3, 2 / 3])))
