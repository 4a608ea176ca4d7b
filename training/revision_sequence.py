"""An LSTM over a post's own observations: did it grow faster or slower so far than posts of its age do?

Imports torch: import this module inside functions. One thread, fixed seed, a few hundred posts in seconds.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.columns import QUANTILES, Floats
from training.growth_curve import GrowthCurve
from training.growth_pairs import GrowthPairs, Track
from training.steady import in_blocks

HIDDEN = 8
MOST_STEPS = 8
_ROUNDS = 120
_LR = 0.03
_DECAY = 0.01
_SEED = 11
# A post's past changes its growth at most e^1.5-fold.
_MOST = 1.5


class PaceLstm(nn.Module):
    """n x steps x 3 and lengths → n x 3: ln factors on the growth curve's quantiles."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(3, HIDDEN, batch_first=True)
        self.out = nn.Linear(HIDDEN, 3)
        # Starts as no change: with few posts the curve stays as it is.
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, steps: Tensor, lengths: Tensor) -> Tensor:
        states, _ = self.lstm(steps)
        last = states[torch.arange(len(steps)), lengths - 1]
        return _MOST * torch.tanh(self.out(last))


@dataclass(frozen=True)
class EarlySequence:
    module: PaceLstm

    def growth(self, growth: Floats, tracks: Sequence[Track], curve: GrowthCurve) -> Floats:
        """growth: n x 3 of the curve from the last observation on; the same, as the post's own past changes it."""
        steps, lengths = (part.numpy() for part in _steps(tracks, curve))
        factors: Floats = in_blocks(self._factors, steps, lengths).astype(np.float64)
        changed: Floats = np.sort(growth * np.exp(factors), axis=1)
        return changed

    def _factors(self, steps: NDArray[np.float32], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
        with torch.inference_mode():
            out: NDArray[np.float32] = self.module(torch.from_numpy(steps), torch.from_numpy(lengths)).numpy()
        return out

    def save(self, folder: Path) -> None:
        from safetensors.torch import save_file

        save_file(self.module.state_dict(), folder / "early_sequence.safetensors")
        (folder / "early_sequence.json").write_text(json.dumps({"hidden": HIDDEN}))


def load_early_sequence(folder: Path) -> EarlySequence:
    from safetensors.torch import load_file

    module = PaceLstm()
    module.load_state_dict(load_file(folder / "early_sequence.safetensors"))
    module.eval()
    return EarlySequence(module)


def fit_early_sequence(pairs: GrowthPairs, growth: Floats, curve: GrowthCurve) -> EarlySequence:
    """pairs: posts seen at least twice before; growth: n x 3 of the curve for them. Pinball loss, every post weighing
    the same."""
    steps, lengths = _steps(pairs.tracks, curve)
    base = torch.from_numpy(growth.astype(np.float32))
    truth = torch.from_numpy(pairs.growth.astype(np.float32))[:, None]
    weight = torch.from_numpy((pairs.weight / pairs.weight.sum()).astype(np.float32))
    levels = torch.tensor(QUANTILES)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(_SEED)
            module = PaceLstm()
        descent = torch.optim.AdamW(module.parameters(), lr=_LR, weight_decay=_DECAY)
        for _ in range(_ROUNDS):
            over = truth - base * torch.exp(module(steps, lengths))
            lost = torch.maximum(levels * over, (levels - 1) * over).mean(dim=1)
            descent.zero_grad()
            (lost * weight).sum().backward()  # type: ignore[no-untyped-call]
            descent.step()
    finally:
        torch.set_num_threads(threads)
    module.eval()
    return EarlySequence(module)


def _steps(tracks: Sequence[Track], curve: GrowthCurve) -> tuple[Tensor, Tensor]:
    """n x k x 3: ln age, how the growth since the observation before compares to what was usual, ln of the ages'
    ratio; and the lengths. The newest `MOST_STEPS` observations."""
    out = np.zeros((len(tracks), MOST_STEPS, 3), np.float32)
    lengths = np.zeros(len(tracks), np.int64)
    for n, track in enumerate(tracks):
        newest = np.array(track[-MOST_STEPS:])
        lengths[n] = len(newest)
        ln_age, y = newest[:, 0], newest[:, 1]
        out[n, : len(newest), 0] = (ln_age - 5.0) / 2.0
        if len(newest) > 1:
            age = np.exp(ln_age)
            usual = curve.growth(age[:-1], age[1:], np.full(len(age) - 1, np.nan))
            pace = (np.diff(y) - usual[:, 1]) / (usual[:, 2] - usual[:, 0] + 0.05)
            out[n, 1 : len(newest), 1] = np.clip(pace, -3.0, 3.0)
            out[n, 1 : len(newest), 2] = np.diff(ln_age)
    return torch.from_numpy(out), torch.from_numpy(lengths)
