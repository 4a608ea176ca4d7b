"""Topic shares of a new text under a learned latent Dirichlet allocation (Hoffman, Bach and Blei 2010), in numpy."""

from __future__ import annotations

from typing import Any

import numpy as np

ROUNDS = 100
CLOSE = 1e-3


def expected_log(pseudo_counts: Any) -> Any:
    """exp(E[ln p]) under the Dirichlet of each row: topics x terms."""
    from scipy.special import psi

    return np.exp(psi(pseudo_counts) - psi(pseudo_counts.sum(axis=1, keepdims=True)))


def topic_shares(counts: Any, expected: Any) -> Any:
    """Texts x topics, rows sum to 1; the prior of a topic is 1/topics, as when it was learned."""
    k = len(expected)
    out = np.full((len(counts), k), 1 / k)
    for row, text in enumerate(counts):
        terms = np.flatnonzero(text)
        if len(terms):
            gamma = _gamma(text[terms], expected[:, terms], 1 / k)
            out[row] = gamma / gamma.sum()
    return out


def _gamma(counts: Any, words: Any, prior: float) -> Any:
    from scipy.special import psi

    gamma = np.ones(len(words))
    for _ in range(ROUNDS):
        topics = np.exp(psi(gamma) - psi(gamma.sum()))
        last, gamma = gamma, prior + topics * (words @ (counts / (topics @ words + np.finfo(float).eps)))
        if np.abs(gamma - last).mean() < CLOSE:
            break
    return gamma
