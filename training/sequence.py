"""The sequence network: an LSTM over the channel's last posts, and the post's own features at its end.

Imports torch: import this module inside functions. Serving needs torch only; training it is
`training.sequence_training`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from training.columns import Floats, Singles, matrix
from training.inputs import Standardiser
from training.quantile_heads import exactly, spread_out
from training.steps import LENGTH, WIDTH, steps


class SequenceModule(nn.Module):
    """`width` of the post's own features, `steps` of each earlier post; see `forward`."""

    def __init__(self, width: int, steps: int = WIDTH, hidden: int = 16, dropout: float = 0.3) -> None:
        super().__init__()
        self.hidden = hidden
        self.lstm = nn.LSTM(steps, hidden, batch_first=True)
        self.nothing = nn.Parameter(torch.zeros(hidden))
        self.own = nn.Sequential(nn.Linear(width, hidden), nn.SiLU(), nn.Dropout(dropout))
        self.linear = nn.Linear(width, 3)
        self.deep = nn.Sequential(
            nn.Linear(2 * hidden, hidden), nn.SiLU(), nn.Dropout(dropout), nn.Linear(hidden, 3)
        )
        # Starts as a constant: with few rows the network then leaves the base alone rather than guess.
        for layer in (self.linear, self.deep[-1]):
            assert isinstance(layer, nn.Linear)
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, before: Tensor, length: Tensor) -> Tensor:
        """x: n x width; before: n x LENGTH x steps, oldest first, what is behind `length` (n x 1) is never
        looked at → n x 1 x 3."""
        there = torch.arange(before.shape[1], device=before.device)[None] < length
        states, _ = self.lstm(torch.where(there.unsqueeze(-1), before, 0.0))
        last = (length.long() - 1).clamp_min(0).unsqueeze(-1).expand(-1, 1, self.hidden)
        state = torch.where(length > 0.5, states.gather(1, last).squeeze(1), self.nothing)
        raw = self.linear(x) + self.deep(torch.cat([state, self.own(x)], dim=1))
        return spread_out(raw.unsqueeze(1))

    def members(self, x: Tensor, before: Tensor, length: Tensor) -> Tensor:
        """1 x n x 1 x 3: one network alone."""
        out: Tensor = self(x, before, length)
        return out.unsqueeze(0)


@dataclass(frozen=True)
class SequenceNetwork:
    """A trained module (double precision, `eval`) with what reads its inputs."""

    module: SequenceModule
    features: tuple[str, ...]
    standardiser: Standardiser

    def predict(self, rows: pd.DataFrame) -> Floats:
        """n x 3: p10, p50, p90 of what base and age slope leave over of ln(1+primary metric). A row without
        `channel_sequence` is one of a channel without a known outcome."""
        out: Floats = exactly(self.module, self.inputs(rows))[:, 0]
        return out

    def inputs(self, rows: pd.DataFrame) -> list[Singles]:
        """What the module reads of the rows: own features, steps, lengths; float32."""
        return [self.standardiser.apply(matrix(rows, self.features), None), *steps(rows)]

    def save(self, folder: Path) -> None:
        from safetensors.numpy import save_file
        from safetensors.torch import save_file as save_tensors

        single = {name: value.float().contiguous() for name, value in self.module.state_dict().items()}
        save_tensors(single, folder / "sequence.safetensors")
        arrays = {name: np.ascontiguousarray(value) for name, value in self.standardiser.arrays().items()}
        save_file(arrays, folder / "sequence_inputs.safetensors")
        told = {"features": list(self.features), "hidden": self.module.hidden, "steps": WIDTH}
        (folder / "sequence.json").write_text(json.dumps(told, sort_keys=True, indent=1))


def load_sequence(folder: Path) -> SequenceNetwork:
    from safetensors.numpy import load_file
    from safetensors.torch import load_file as load_tensors

    told: dict[str, Any] = json.loads((folder / "sequence.json").read_text())
    standardiser = Standardiser.from_arrays(load_file(folder / "sequence_inputs.safetensors"))
    module = SequenceModule(standardiser.width, told["steps"], told["hidden"])
    module.load_state_dict(load_tensors(folder / "sequence.safetensors"))
    return SequenceNetwork(module.double().eval(), tuple(told["features"]), standardiser)


__all__ = ["LENGTH", "SequenceModule", "SequenceNetwork", "load_sequence"]
