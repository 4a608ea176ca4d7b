"""A sentence encoder as one 8-bit ONNX graph: token numbers → what its middle layers hold.

The middle layers tell more of how a headline is put than the last one, which was trained to tell topics apart
(docs/advice/headlines.md). Texts are read one at a time, so that what is read of one never depends on its neighbours (see
features.quantised).
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_TOKENS = 48
DEPTHS = (1 / 3, 2 / 3, 5 / 6)
TOKENS_DEPTH = 2 / 3
GRAPH, TOKENIZER = "encoder.onnx", "tokenizer"
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")


@dataclass(frozen=True)
class Reading:
    """`vector`: means over tokens of the layers at `DEPTHS`, side by side; `tokens`: tokens x width, the layer at `TOKENS_DEPTH`."""

    vector: NDArray[np.float32]
    tokens: NDArray[np.float32]


@dataclass(frozen=True)
class Graph:
    tokenizer: Any = field(repr=False)
    session: Any = field(repr=False)

    def read(self, texts: list[str]) -> list[Reading]:
        distinct = list(dict.fromkeys(texts))
        numbers = self.tokenizer(distinct, truncation=True, max_length=MOST_TOKENS)["input_ids"]
        read = {text: self._one(ids) for text, ids in zip(distinct, numbers, strict=True)}
        return [read[text] for text in texts]

    def _one(self, numbers: list[int]) -> Reading:
        vector, tokens = self.session.run(
            ["vector", "tokens"], {"input_ids": np.asarray([numbers], np.int64)}
        )
        return Reading(vector[0], tokens[0])


def readable(encoder: Path) -> bool:
    """Whether its layers can be taken apart here."""
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(str(encoder), local_files_only=True)
    return config.model_type in ("bert", "roberta", "xlm-roberta")


def open_graph(folder: Path) -> Graph:
    import onnxruntime
    from transformers import AutoTokenizer

    options = onnxruntime.SessionOptions()
    # A headline is too small a job for several threads.
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / GRAPH), options, providers=["CPUExecutionProvider"])
    return Graph(AutoTokenizer.from_pretrained(str(folder / TOKENIZER), local_files_only=True), session)


def write_graph(encoder: Path, folder: Path) -> None:
    """encoder: folder of the published weights, `readable`."""
    from features.quantised import _quantise

    (folder / TOKENIZER).mkdir(parents=True, exist_ok=True)
    for name in _TOKENIZER_FILES:
        if (encoder / name).is_file():
            shutil.copyfile(encoder / name, folder / TOKENIZER / name)
    with tempfile.TemporaryDirectory() as scratch:
        _export(encoder, Path(scratch) / "whole.onnx")
        _quantise(Path(scratch) / "whole.onnx", folder / GRAPH)


def _export(encoder: Path, target: Path) -> None:
    import torch
    from torch import Tensor, nn
    from transformers import AutoModel

    class Middle(nn.Module):
        def __init__(self, network: Any) -> None:
            super().__init__()
            self.embeddings: Any
            self.layers: Any
            self.embeddings, self.layers = network.embeddings, network.encoder.layer
            self.wanted = [max(1, round(len(self.layers) * depth)) for depth in (*DEPTHS, TOKENS_DEPTH)]

        def forward(self, input_ids: Tensor) -> tuple[Tensor, Tensor]:
            # One text without padding: no token is hidden from another.
            beside = torch.zeros_like(input_ids)[:, None, None, :].to(torch.float32)
            states = [self.embeddings(input_ids=input_ids)]
            for layer in self.layers[: max(self.wanted)]:
                out = layer(states[-1], beside)
                states.append(out[0] if isinstance(out, tuple) else out)
            *means, tokens = [states[depth] for depth in self.wanted]
            return torch.cat([one.mean(dim=1) for one in means], dim=1), tokens

    network = AutoModel.from_pretrained(str(encoder), local_files_only=True, attn_implementation="eager")
    ids = torch.arange(6).reshape(1, 6)
    with warnings.catch_warnings(), torch.inference_mode():
        # The tracing exporter is marked as the old one; the new one needs another package and ten times as long.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Middle(network.eval()).eval(), (ids,), str(target),
            input_names=["input_ids"], output_names=["vector", "tokens"],
            dynamic_axes={"input_ids": {1: "tokens"}, "tokens": {1: "tokens"}},
            opset_version=17, dynamo=False,
        )  # fmt: skip
