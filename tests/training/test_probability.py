"""The chance of beating the floor follows from the three quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.probability import prob_above

numbers = st.floats(-20, 20, allow_nan=False)
widths = st.floats(0, 10, allow_nan=False)


def test_it_agrees_with_the_quantiles() -> None:
    quantiles = np.tile([1.0, 2.0, 4.0], (3, 1))
    assert prob_above(quantiles, np.array([1.0, 2.0, 4.0])) == pytest.approx([0.9, 0.5, 0.1])


def test_no_floor_no_probability() -> None:
    assert np.isnan(prob_above(np.array([[1.0, 2.0, 4.0]]), np.array([np.nan]))).all()


@given(numbers, widths, widths, numbers, numbers)
def test_a_higher_bar_is_never_easier(middle: float, below: float, above: float, a: float, b: float) -> None:
    quantiles = np.tile([middle - below, middle, middle + above], (2, 1))
    low, high = prob_above(quantiles, np.array([min(a, b), max(a, b)]))
    assert 0.0 <= high <= low + 1e-12 <= 1.0 + 1e-12
