"""What features of a headline do to clicks: best linear unbiased prediction over randomised tests.

ln(clicks per impression) = test + picture + features · effect + what is left of the headline + noise of counting. Test, picture
and what is left are random with given variances, the effects have unit variance (a ridge). Only differences inside a
test inform the effects; those beside one picture most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from training.columns import Floats
from training.headline_rows import HeadlineRows, Ints


@dataclass(frozen=True)
class Spread:
    """Variances of ln rates: between tests, between pictures of one test, and of headlines beyond their features."""

    test: float = 5.0
    picture: float = 0.06
    left: float = 0.1


def roots(rows: HeadlineRows, spread: Spread) -> Iterator[tuple[Ints, Floats]]:
    """Each test's row numbers, and the matrix that makes its errors independent and of variance one."""
    variance = 1 / (rows.clicks + 0.5) + spread.left
    by_test = np.argsort(rows.test, kind="stable")
    for some in np.split(by_test, np.flatnonzero(np.diff(rows.test[by_test])) + 1):
        picture = rows.stratum[some]
        errors = spread.test + spread.picture * (picture[:, None] == picture) + np.diag(variance[some])
        yield some, np.linalg.inv(np.linalg.cholesky(errors))


def effects_of(rows: HeadlineRows, x: Floats, spread: Spread | None = None) -> Floats:
    """One effect per column of x (n x d), in ln clicks."""
    features, outcomes = np.empty_like(x), np.empty(len(x))
    for some, root in roots(rows, spread or Spread()):
        y = rows.ln_rate[some]
        features[some], outcomes[some] = root @ x[some], root @ (y - y.mean())
    ridge = features.T @ features
    ridge[np.diag_indices_from(ridge)] += 1.0
    return np.asarray(np.linalg.solve(ridge, features.T @ outcomes), np.float64)
