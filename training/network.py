"""The network member: a linear part and a small deep part, and two widths, as three quantiles.

Imports torch: import this module inside functions. Serving needs torch only; training it is
`training.network_training`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from training.columns import QUANTILES, Floats, Singles
from training.inputs import Standardiser

HIDDEN = 24
DROPOUT = 0.3


class QuantileNetwork(nn.Module):
    """n x width float32 → n x 3: p10, p50, p90 of what base and age slope leave over; never crossing."""

    def __init__(self, width: int, hidden: int = HIDDEN, dropout: float = DROPOUT) -> None:
        super().__init__()
        self.width, self.hidden = width, hidden
        self.linear = nn.Linear(width, 3)
        self.deep = nn.Sequential(
            nn.Linear(width, hidden), nn.SiLU(), nn.Dropout(dropout),
            nn.Linear(hidden, hidden), nn.SiLU(), nn.Dropout(dropout),
            nn.Linear(hidden, 3),
        )  # fmt: skip
        # Starts as a constant: with few rows the network then leaves the base alone rather than guess.
        for layer in (self.linear, self.deep[-1]):
            assert isinstance(layer, nn.Linear)
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        middle, below, above = (self.linear(x) + self.deep(x)).unbind(dim=1)
        widths = nn.functional.softplus(torch.stack([below, above], dim=1))
        return torch.stack([middle - widths[:, 0], middle, middle + widths[:, 1]], dim=1)


def pinball(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean over rows and quantiles."""
    levels = torch.tensor(QUANTILES, dtype=predicted.dtype, device=predicted.device)
    over = target[:, None] - predicted
    lost = torch.maximum(levels * over, (levels - 1) * over).mean(dim=1)
    return (lost * weight).sum() / weight.sum()


@dataclass(frozen=True)
class Network:
    """A trained network with the standardiser of its inputs."""

    module: QuantileNetwork
    standardiser: Standardiser

    def predict(self, x: Singles, embedding: Singles | None) -> Floats:
        """n x 3. Equal rows are computed once: one post asked for at several ages must not differ in the last
        digits by where its rows stand, or a forecast could fall with age."""
        seen = np.ascontiguousarray(self.standardiser.apply(x, embedding))
        whole = seen.view(np.dtype((np.void, seen.itemsize * seen.shape[1]))).ravel()
        _, first, place = np.unique(whole, return_index=True, return_inverse=True)
        with torch.inference_mode():
            out: Floats = self.module(torch.from_numpy(seen[first])).numpy().astype(np.float64)
        return out[place]

    def save(self, folder: Path) -> None:
        from safetensors.numpy import save_file
        from safetensors.torch import save_file as save_tensors

        save_tensors(self.module.state_dict(), folder / "network.safetensors")
        save_file(self.standardiser.arrays(), folder / "standardiser.safetensors")
        shape = {"width": self.module.width, "hidden": self.module.hidden}
        (folder / "network.json").write_text(json.dumps(shape, sort_keys=True))


def load_network(folder: Path) -> Network:
    from safetensors.numpy import load_file
    from safetensors.torch import load_file as load_tensors

    shape: dict[str, Any] = json.loads((folder / "network.json").read_text())
    module = QuantileNetwork(**shape)
    module.load_state_dict(load_tensors(folder / "network.safetensors"))
    module.eval()
    return Network(module, Standardiser.from_arrays(load_file(folder / "standardiser.safetensors")))
