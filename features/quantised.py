"""A transformer as an 8-bit ONNX graph from text tokens to one unit vector: made once, kept beside the features.

Dynamic quantisation of the matrix products, per channel. It reads a title in a third of the time, and forecasts
made from its vectors are as good (docs/experiments.md). Activations are scaled by the text they belong to, so texts
are read one at a time: a vector never depends on what was read beside it.
"""

from __future__ import annotations

import logging
import os
import time
import uuid
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SCHEME = "int8-1"
"""Raised whenever the graph or its quantisation changes: vectors of another scheme are computed anew."""


def open_graph(source: Path, kept: Path) -> Any:
    """The ONNX Runtime session of the model in folder `source`; converted into file `kept` where it is not yet."""
    import onnxruntime

    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        _sweep(kept.parent)
        scratch = kept.with_name(f".{kept.stem}-{uuid.uuid4().hex[:8]}")
        whole, small = scratch.with_suffix(".whole"), scratch.with_suffix(".writing")
        try:
            _export(source, whole)
            _quantise(whole, small)
            small.replace(kept)
        finally:
            whole.unlink(missing_ok=True)
            small.unlink(missing_ok=True)
    options = onnxruntime.SessionOptions()
    # One text is too small a job for several threads; several texts are read at once instead.
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(kept), options, providers=["CPUExecutionProvider"])


def vectors(session: Any, tokens: list[Any], dimensions: int) -> NDArray[np.float32]:
    """n x dimensions, unit length; `tokens`: the token numbers of each text."""

    def one(numbers: Any) -> Any:
        ids = np.asarray([numbers], np.int64)
        return session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]

    out = np.zeros((len(tokens), dimensions), np.float32)
    if len(tokens) < 2:
        out[:] = [one(numbers) for numbers in tokens] or out
        return out
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for i, vector in enumerate(pool.map(one, tokens)):
            out[i] = vector
    return out


def _sweep(folder: Path) -> None:
    """What killed processes left half-written an hour ago or longer: nobody works on it any more."""
    for left in folder.glob(".*"):
        if left.stat().st_mtime < time.time() - 3600:
            left.unlink(missing_ok=True)


def _export(source: Path, target: Path) -> None:
    import torch
    from torch import Tensor, nn
    from transformers import AutoModel

    class Sentence(nn.Module):
        """Mean over tokens of the last layer, unit length."""

        def __init__(self, network: nn.Module) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
            hidden = self.network(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)
            return nn.functional.normalize(mean, dim=1)

    network = AutoModel.from_pretrained(str(source), local_files_only=True, attn_implementation="eager")
    ids = torch.arange(12).reshape(2, 6)
    sizes = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings(), torch.inference_mode():
        # The tracing exporter is marked as the old one; the new one needs another package and ten times as long.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Sentence(network.eval()), (ids, torch.ones_like(ids)), str(target),
            input_names=["input_ids", "attention_mask"], output_names=["vector"],
            dynamic_axes={"input_ids": sizes, "attention_mask": sizes}, opset_version=17, dynamo=False,
        )  # fmt: skip


def _quantise(source: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    root = logging.getLogger()
    before = root.level
    try:
        # It recommends a preparation that changes nothing here, through the root logger.
        root.setLevel(logging.ERROR)
        # Seven of the eight bits: processors without VNNI would overflow, and give other vectors.
        quantize_dynamic(source, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    finally:
        root.setLevel(before)
