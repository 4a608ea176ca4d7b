"""A sentence encoder as one 8-bit ONNX graph: token numbers → what its middle layers hold, and the score of its tuned part.

The middle layers tell more of how a headline is put than the last one, which was trained to tell topics apart
(docs/advice/headlines.md). The lower layers stay as published and are computed once for both. Texts are read one at a time, so that what is read of
one never depends on its neighbours (see features.quantised).
"""

from __future__ import annotations

import copy
import shutil
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from training.columns import Floats

MOST_TOKENS = 48
DEPTHS = (1 / 3, 2 / 3, 5 / 6)
GRAPH, TOKENIZER = "encoder.onnx", "tokenizer"
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")


@dataclass(frozen=True)
class Graph:
    """`score` of `read` is all zeros where nothing was tuned."""

    tokenizer: Any = field(repr=False)
    session: Any = field(repr=False)

    def read(self, texts: list[str]) -> tuple[Floats, Floats]:
        """Vectors (n x dimensions: means over tokens of `depths` of the layers, side by side) and scores (n)."""
        distinct = list(dict.fromkeys(texts))
        place = {text: i for i, text in enumerate(distinct)}
        tokens = self.tokenizer(distinct, truncation=True, max_length=MOST_TOKENS)["input_ids"]
        read = [self._one(numbers) for numbers in tokens]
        at = np.array([place[text] for text in texts], np.int64)
        vectors = np.array([vector for vector, _ in read], np.float64)
        return vectors[at], np.array([score for _, score in read], np.float64)[at]

    def _one(self, numbers: list[int]) -> tuple[Any, float]:
        ids = np.asarray([numbers], np.int64)
        vector, score = self.session.run(["vector", "score"], {"input_ids": ids})
        return vector[0], float(score[0])


def depths(encoder: Path) -> tuple[int, ...]:
    """The layers that are read: of six, the second, fourth and fifth; of others those as deep."""
    from transformers import AutoConfig

    layers = int(AutoConfig.from_pretrained(str(encoder), local_files_only=True).num_hidden_layers)
    return tuple(sorted({max(1, round(layers * depth)) for depth in DEPTHS}))


def open_graph(folder: Path) -> Graph:
    import onnxruntime
    from transformers import AutoTokenizer

    options = onnxruntime.SessionOptions()
    # A headline is too small a job for several threads.
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / GRAPH), options, providers=["CPUExecutionProvider"])
    return Graph(AutoTokenizer.from_pretrained(str(folder / TOKENIZER), local_files_only=True), session)


def write_graph(encoder: Path, folder: Path, tail: Any | None = None) -> None:
    """encoder: folder of the published weights; tail: a tuned `training.headline_network.Tail` on top of its lower layers."""
    from features.quantised import _quantise

    folder.mkdir(parents=True, exist_ok=True)
    (folder / TOKENIZER).mkdir(exist_ok=True)
    for name in _TOKENIZER_FILES:
        if (encoder / name).is_file():
            shutil.copyfile(encoder / name, folder / TOKENIZER / name)
    with tempfile.TemporaryDirectory() as scratch:
        _export(encoder, Path(scratch) / "whole.onnx", tail)
        _quantise(Path(scratch) / "whole.onnx", folder / GRAPH)


def _export(encoder: Path, target: Path, tail: Any | None) -> None:
    import torch
    from torch import Tensor, nn

    from training.headline_network import load_network, pooled, through

    wanted = depths(encoder)

    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = load_network(encoder)
            self.tail = copy.deepcopy(tail)
            self.start = 0 if tail is None else tail.start

        def forward(self, input_ids: Tensor) -> tuple[Tensor, Tensor]:
            mask = torch.ones_like(input_ids).to(torch.float32)
            layers, states = self.network.encoder.layer, [self.network.embeddings(input_ids=input_ids)]
            for layer in layers[: max(*wanted, self.start)]:
                states.append(through([layer], states[-1], mask))
            vector = torch.cat([pooled(states[depth], mask) for depth in wanted], dim=1)
            score = vector.sum(dim=1) * 0.0 if self.tail is None else self.tail(states[self.start], mask)
            return vector, score

    ids = torch.arange(12).reshape(2, 6)
    with warnings.catch_warnings(), torch.inference_mode():
        # The tracing exporter is marked as the old one; the new one needs another package and ten times as long.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Both().eval(), (ids,), str(target),
            input_names=["input_ids"], output_names=["vector", "score"],
            dynamic_axes={"input_ids": {0: "texts", 1: "tokens"}, "vector": {0: "texts"}, "score": {0: "texts"}},
            opset_version=17, dynamo=False,
        )  # fmt: skip
