"""A small network over the tokens of a headline: each token is judged in its context, and the ones that matter are weighed up.

score = w · Σ a_t gelu(W h_t + b), with a = softmax over tokens of u · h_t; h_t is what the encoder's middle layer holds of
token t, in standard deviations. A few of them, trained from different seeds, are averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.columns import Floats

Tokens = NDArray[np.float32]
FURTHEST = 4.0


@dataclass(frozen=True)
class TokenScores:
    """`inner` (k x width x hidden), `bias` (k x hidden), `attend` (k x width), `outer` (k x hidden): one slice per seed. Constants are
    left out: only differences mean something."""

    centre: Any
    spread: Any
    inner: Any
    bias: Any
    attend: Any
    outer: Any

    def apply(self, read: Sequence[Tokens]) -> Floats:
        return np.array([self._one(tokens) for tokens in read], np.float64)

    def _one(self, tokens: Tokens) -> float:
        from scipy.special import erf

        h = standard(tokens, self.centre, self.spread)
        a = h @ self.attend.T
        a = np.exp(a - a.max(axis=0))
        a /= a.sum(axis=0)
        members, width, hidden = self.inner.shape
        wide = self.inner.transpose(1, 0, 2).reshape(width, members * hidden)
        x = h @ wide + self.bias.reshape(-1)
        judged = (0.5 * x * (1 + erf(x / np.sqrt(2)))).reshape(len(h), members, hidden)
        weighed = np.einsum("tk,tkh->kh", a, judged)
        return float((weighed * self.outer).sum(axis=1).mean())

    def arrays(self) -> dict[str, Any]:
        return {f"tokens_{name}": value for name, value in vars(self).items()}

    @classmethod
    def of_arrays(cls, arrays: dict[str, Any]) -> TokenScores | None:
        told = {name.removeprefix("tokens_"): v for name, v in arrays.items() if name.startswith("tokens_")}
        return cls(**told) if told else None


def standard(tokens: Tokens, centre: Any, spread: Any) -> Any:
    return np.clip((tokens - centre) / spread, -FURTHEST, FURTHEST)
