"""What the model of headlines is compared with: the longer headline, and pairwise logistic regressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from training.columns import Floats
from training.headline_features import fit_surface
from training.headline_figures import z_of
from training.headline_rows import HeadlineRows

Scorer = Callable[[list[str]], Floats]


def longer(texts: list[str]) -> Floats:
    return np.array([len(text) for text in texts], float)


def pairwise_logistic(
    rows: HeadlineRows, encode: Callable[[list[str]], Any] | None, strength: float = 0.3
) -> Scorer:
    """Which of two got the higher rate, from the difference of TF-IDF and surface features (and of a frozen encoder's vectors), each
    pair weighted by its |z|."""
    from scipy.sparse import csr_matrix, hstack, vstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    rows = rows.take(rows.telling)
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True).fit(sorted(set(rows.headlines)))
    surface = fit_surface(rows.headlines)

    def features(texts: list[str]) -> Any:
        blocks = [words.transform(texts), csr_matrix(surface.apply(texts) * 2)]
        if encode is not None:
            blocks.append(csr_matrix(encode(texts)))
        return hstack(blocks).tocsr()

    first, second = rows.pairs.T
    z = z_of(rows, first, second)
    x = features(rows.headlines)
    over = x[first] - x[second]
    both, label = vstack([over, -over]), np.concatenate([z > 0, z < 0])
    fitted = LogisticRegression(C=strength, max_iter=300).fit(
        both, label, sample_weight=np.abs(np.tile(z, 2))
    )
    return lambda texts: fitted.decision_function(features(texts))
