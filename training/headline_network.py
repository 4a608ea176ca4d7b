"""The upper layers of a sentence encoder, to be tuned on tests of headlines; the lower ones stay as published."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from torch import Tensor, nn

_HIDDEN = -1e4


class Tail(nn.Module):
    """Layers from `start` on, mean over tokens, one score. `lower`: what the layers below give (texts x tokens x width)."""

    def __init__(self, network: Any, start: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.start = start
        self.layers = copy.deepcopy(network.encoder.layer[start:])
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(int(network.config.hidden_size), 1)
        # Nothing is said before anything was learned.
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, lower: Tensor, mask: Tensor) -> Tensor:
        told: Tensor = self.head(self.drop(pooled(through(self.layers, lower, mask), mask)))
        return told[:, 0]


def load_network(folder: Path) -> Any:
    """A BERT-like encoder from a folder, ready to read. Raises ValueError for another architecture."""
    from transformers import AutoModel

    network = AutoModel.from_pretrained(str(folder), local_files_only=True, attn_implementation="eager")
    if not hasattr(network, "embeddings") or not hasattr(getattr(network, "encoder", None), "layer"):
        raise ValueError(f"{folder.name} is no encoder of BERT's kind")
    return network.eval()


def through(layers: Any, hidden: Tensor, mask: Tensor) -> Tensor:
    """mask: texts x tokens, 1 for a token, 0 for padding."""
    beside = (1.0 - mask[:, None, None, :]) * _HIDDEN
    for layer in layers:
        out = layer(hidden, beside)
        hidden = out[0] if isinstance(out, tuple) else out
    return hidden


def pooled(hidden: Tensor, mask: Tensor) -> Tensor:
    weight = mask.unsqueeze(-1)
    return (hidden * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1)
