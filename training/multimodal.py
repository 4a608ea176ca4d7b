"""The multimodal network: an encoder per modality, gated fusion, and a head per metric.

Imports torch: import this module inside functions. Serving needs torch only; training it is
`training.multimodal_training`.
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
from training.modalities import Modalities
from training.quantile_heads import exactly, spread_out

# The channel's own ratios of one count to another: only the heads of the other metrics read them.
RATIOS = ("engagement_ln", "comments_ln")


# Small networks side by side, averaged: on a few thousand rows one alone differs from the next by more than most
# choices of its shape do (docs/experiments.md).
MEMBERS = 8
# Of the standardised inputs, in training only: a row is not learned by heart.
_NOISE_SD = 0.3


class Parallel(nn.Module):
    """`members` linear layers at once: n x width, or members x n x width → members x n x out."""

    def __init__(self, members: int, width: int, out: int, *, bias: bool = True, zero: bool = False) -> None:
        super().__init__()
        bound = 0.0 if zero else max(width, 1) ** -0.5
        self.weight = nn.Parameter(torch.empty(members, width, out).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(members, 1, out).uniform_(-bound, bound)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        out = torch.matmul(x, self.weight)
        return out if self.bias is None else out + self.bias


class MultimodalModule(nn.Module):
    """`widths`: of the modalities, of which the first is in every row; `ratios`: width of what only the other
    metrics' heads read; `heads`: 1 + other metrics. Starts as a constant: with few rows it then leaves the base alone
    rather than guess."""

    def __init__(
        self,
        widths: tuple[int, ...],
        ratios: int,
        heads: int,
        hidden: int = 24,
        dropout: float = 0.3,
        modality_dropout: float = 0.15,
        members: int = MEMBERS,
    ) -> None:
        super().__init__()
        self.widths, self.ratios, self.heads = widths, ratios, heads
        self.modality_dropout, self.size = modality_dropout, members
        self.encoders = nn.ModuleList(
            nn.Sequential(Parallel(members, width, hidden), nn.SiLU(), nn.Dropout(dropout))
            for width in widths
        )
        self.absent = nn.Parameter(torch.zeros(len(widths), members, 1, hidden))
        self.gate = Parallel(members, len(widths) * hidden, len(widths))
        self.linear = nn.ModuleList(Parallel(members, width, 3, bias=False, zero=True) for width in widths)
        self.without = nn.Parameter(torch.zeros(len(widths), members, 1, 3))
        self.bias = nn.Parameter(torch.zeros(heads, 3))
        self.deep = Parallel(members, hidden, heads * 3, zero=True)
        self.beside: Parallel | None = None
        if heads > 1:
            self.beside = Parallel(members, sum(widths) + ratios, (heads - 1) * 3, bias=False, zero=True)

    def forward(self, x: Tensor) -> Tensor:
        """x: n x (widths, ratios, modalities' presence) → n x heads x 3, the members' mean."""
        return self.members(x).mean(dim=0)

    def members(self, x: Tensor) -> Tensor:
        """members x n x heads x 3. What stands in a missing modality's place is never looked at."""
        *values, ratios, there = torch.split(x, [*self.widths, self.ratios, len(self.widths)], dim=1)
        if self.training and self.modality_dropout > 0:
            there = there * self._kept(there)
        here = there > 0.5
        encoded, straight, seen = [], self.bias[0], []
        for i, value in enumerate(values):
            mine = here[:, i : i + 1]
            shown = torch.where(mine, value, 0.0)
            if self.training:
                shown = shown + _NOISE_SD * torch.randn_like(shown)
            seen.append(shown)
            encoded.append(torch.where(mine, self.encoders[i](shown), self.absent[i]))
            straight = straight + torch.where(mine, self.linear[i](shown), self.without[i])
        stacked = torch.stack(encoded, dim=2)
        gates = torch.where(here, torch.sigmoid(self.gate(stacked.flatten(2))), 1.0)
        deep = self.deep((gates.unsqueeze(-1) * stacked).sum(dim=2)).view(self.size, -1, self.heads, 3)
        primary = deep[:, :, :1] + straight.unsqueeze(2)
        if self.beside is None:
            return spread_out(primary)
        beside = self.beside(torch.cat([*seen, ratios], dim=1)).view(self.size, -1, self.heads - 1, 3)
        # Other counts move with the primary one; what it learns of itself must not be bent by them.
        middle = nn.functional.pad(primary[..., :1].detach(), (0, 2))
        others = deep[:, :, 1:] + beside + self.bias[1:] + middle
        return spread_out(torch.cat([primary, others], dim=2))

    def _kept(self, there: Tensor) -> Tensor:
        """1 or 0 per row and modality; the first is always kept."""
        kept = (torch.rand_like(there) >= self.modality_dropout).to(there.dtype)
        return torch.cat([torch.ones_like(kept[:, :1]), kept[:, 1:]], dim=1)


@dataclass(frozen=True)
class MultimodalNetwork:
    """A trained module (double precision, `eval`) with what reads its inputs; `others`: metrics with a head."""

    module: MultimodalModule
    modalities: Modalities
    ratios: Standardiser
    others: tuple[str, ...]

    def predict(self, rows: pd.DataFrame) -> Floats:
        """n x 3: p10, p50, p90 of what base and age slope leave over of ln(1+primary metric)."""
        out: Floats = self._heads(rows)[:, 0]
        return out

    def predict_all(self, rows: pd.DataFrame) -> tuple[Floats, dict[str, Floats]]:
        """`predict`, and of each other metric with a head, n x 3 of ln(1+metric) less the row's base and age slope: add both,
        as to `predict`. A metric that training hardly saw, or that is the primary one, has no head."""
        heads = self._heads(rows)
        return heads[:, 0], {metric: heads[:, 1 + i] for i, metric in enumerate(self.others)}

    def reads(self, modality: str) -> bool:
        """Whether the embedding of the modality ("text", "vision") reaches a forecast."""
        return self.modalities.reads(modality)

    def inputs(self, rows: pd.DataFrame) -> Singles:
        """What the module reads of the rows, float32."""
        return read_inputs(rows, self.modalities, self.ratios)

    def save(self, folder: Path) -> None:
        from safetensors.numpy import save_file
        from safetensors.torch import save_file as save_tensors

        single = {name: value.float().contiguous() for name, value in self.module.state_dict().items()}
        save_tensors(single, folder / "multimodal.safetensors")
        ratios = {f"ratios.{name}": value for name, value in self.ratios.arrays().items()}
        arrays = {name: np.ascontiguousarray(value) for name, value in self.modalities.arrays().items()}
        save_file(arrays | ratios, folder / "multimodal_inputs.safetensors")
        told = {
            "modalities": self.modalities.names(),
            "others": list(self.others),
            "hidden": self.module.absent.shape[-1],
            "members": self.module.size,
        }
        (folder / "multimodal.json").write_text(json.dumps(told, sort_keys=True, indent=1))

    def _heads(self, rows: pd.DataFrame) -> Floats:
        return exactly(self.module, [self.inputs(rows)])


def load_multimodal(folder: Path) -> MultimodalNetwork:
    from safetensors.numpy import load_file
    from safetensors.torch import load_file as load_tensors

    told: dict[str, Any] = json.loads((folder / "multimodal.json").read_text())
    arrays = load_file(folder / "multimodal_inputs.safetensors")
    modalities = Modalities.of(told["modalities"], arrays)
    ratios = Standardiser.from_arrays(
        {name.removeprefix("ratios."): value for name, value in arrays.items() if name.startswith("ratios.")}
    )
    module = MultimodalModule(
        modalities.widths, ratios.width, 1 + len(told["others"]), told["hidden"], members=told["members"]
    )
    module.load_state_dict(load_tensors(folder / "multimodal.safetensors"))
    return MultimodalNetwork(module.double().eval(), modalities, ratios, tuple(told["others"]))


def read_inputs(rows: pd.DataFrame, modalities: Modalities, ratios: Standardiser) -> Singles:
    """n x (widths, ratios, presence) float32."""
    whole = modalities.read(rows)
    values, there = np.split(whole, [sum(modalities.widths)], axis=1)
    out: Singles = np.concatenate([values, ratios.apply(matrix(rows, RATIOS), None), there], axis=1)
    return out
