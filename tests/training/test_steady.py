"""A row's result does not depend on the rows beside it: replays are exact only then."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from training.steady import ROWS, in_blocks


@pytest.fixture(scope="module")
def layers() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(130, 24), torch.nn.SiLU(), torch.nn.Linear(24, 3))


def test_a_row_alone_gives_what_it_gave_among_others(layers: torch.nn.Module) -> None:
    rows = np.random.default_rng(0).normal(size=(3 * ROWS + 5, 130)).astype(np.float32)

    def compute(block: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return layers(torch.from_numpy(block)).numpy()

    together = in_blocks(compute, rows)
    alone = np.concatenate([in_blocks(compute, rows[i : i + 1]) for i in range(len(rows))])
    turned = in_blocks(compute, rows[::-1])[::-1]
    assert together.shape == (len(rows), 3)
    assert (together == alone).all()
    assert (together == turned).all()


def test_several_arrays_go_together_and_none_gives_none() -> None:
    a, b = np.arange(70.0), np.arange(140.0).reshape(70, 2)
    assert (in_blocks(lambda x, y: x + y.sum(axis=1), a, b) == a + b.sum(axis=1)).all()
    assert in_blocks(lambda x: x[:, None], a[:0]).shape == (0, 1)
