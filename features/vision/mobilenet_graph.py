"""MobileNetV2 weights in the layout of `transformers` as an ONNX graph, without loading torch.

Torch and transformers cost some 500 MB and several seconds of a worker; ONNX Runtime runs the same network in a
third of the time. Architecture: Sandler et al. 2018; segmentation head: DeepLabV3, Chen et al. 2017.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

STRIDES = (2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1)
TORCH_EPS = 1e-5


class Graph:
    """Collects nodes and weights; every method returns the name of its output."""

    def __init__(self, weights: dict[str, Any], eps: float, tf_padding: bool) -> None:
        self.weights, self.eps, self.tf_padding = weights, eps, tf_padding
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        from onnx import helper

        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, values: Any) -> str:
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def relu6(self, value: str) -> str:
        return self.node(
            "Clip",
            [value, self.constant(np.float32(0).reshape(())), self.constant(np.float32(6).reshape(()))],
        )

    def convolution(
        self,
        value: str,
        layer: str,
        size: int,
        *,
        stride: int = 1,
        dilation: int = 1,
        eps: float | None = None,
    ) -> tuple[str, int]:
        """`layer`'s convolution with its batch norm folded in; `size` is the input's side. -> output and its side."""
        kernel = self.weights[f"{layer}.convolution.weight"].astype(np.float32)
        bias: Any = self.weights.get(f"{layer}.convolution.bias")
        scale = self.weights.get(f"{layer}.normalization.weight")
        if scale is not None:
            variance = self.weights[f"{layer}.normalization.running_var"]
            mean = self.weights[f"{layer}.normalization.running_mean"]
            scale = scale / np.sqrt(variance + (self.eps if eps is None else eps))
            bias = self.weights[f"{layer}.normalization.bias"] - mean * scale
            kernel = kernel * scale[:, None, None, None]
        span = kernel.shape[2]
        before, after = self._padding(size, span, stride, dilation)
        out = self.node(
            "Conv", [value, self.constant(kernel.astype(np.float32)), self.constant(bias.astype(np.float32))],
            kernel_shape=[span, span], strides=[stride, stride], dilations=[dilation, dilation],
            pads=[before, before, after, after], group=self._groups(layer, kernel),
        )  # fmt: skip
        return out, (size + before + after - dilation * (span - 1) - 1) // stride + 1

    def _padding(self, size: int, span: int, stride: int, dilation: int) -> tuple[int, int]:
        """TensorFlow's 'same' puts the odd pixel after; torch's is even."""
        if not self.tf_padding:
            return ((span - 1) // 2 * dilation,) * 2
        along = max(span - (size % stride or stride), 0)
        return along // 2 * dilation, (along - along // 2) * dilation

    @staticmethod
    def _groups(layer: str, kernel: Any) -> int:
        depthwise = layer.endswith("conv_3x3") and kernel.shape[1] == 1
        return int(kernel.shape[0]) if depthwise else 1


def build(folder: Path, size: int) -> bytes:
    """The model in `folder` for pictures of `size` x `size`.

    Input `pixels` (N x 3 x size x size). Outputs `pooled` (N x features) and, with a classifier, `logits`
    (N x classes); or of a segmentation model `logits` (N x classes x side x side) alone.
    """
    from onnx import TensorProto, helper
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text())
    graph = Graph(
        load_file(folder / "model.safetensors"),
        config.get("layer_norm_eps", 1e-3),
        config.get("tf_padding", True),
    )
    prefix = "mobilenet_v2." if any(name.startswith("mobilenet_v2.") for name in graph.weights) else ""
    value, side = _backbone(graph, prefix, size, config.get("output_stride", 32))
    if any(name.startswith("segmentation_head.") for name in graph.weights):
        outputs = {"logits": _segmentation(graph, value, side)}
    else:
        value = graph.relu6(graph.convolution(value, f"{prefix}conv_1x1", side)[0])
        pooled = graph.node("Flatten", [graph.node("GlobalAveragePool", [value])])
        outputs = {"pooled": pooled}
        if "classifier.weight" in graph.weights:
            weights = [graph.constant(graph.weights[f"classifier.{kind}"]) for kind in ("weight", "bias")]
            outputs["logits"] = graph.node("Gemm", [pooled, *weights], transB=1)
    for name, source in outputs.items():
        graph.nodes.append(helper.make_node("Identity", [source], [name]))
    shaped = helper.make_graph(
        graph.nodes, "mobilenet_v2",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 3, size, size])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs], graph.constants,
    )  # fmt: skip
    model = helper.make_model(shaped, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return model.SerializeToString()


def _backbone(graph: Graph, prefix: str, size: int, output_stride: int) -> tuple[str, int]:
    stem = f"{prefix}conv_stem"
    value, side = graph.convolution("pixels", f"{stem}.first_conv", size, stride=2)
    value = graph.relu6(value)
    if f"{stem}.expand_1x1.convolution.weight" in graph.weights:
        value = graph.relu6(graph.convolution(value, f"{stem}.expand_1x1", side)[0])
    value, side = graph.convolution(value, f"{stem}.conv_3x3", side)
    value, side = graph.convolution(graph.relu6(value), f"{stem}.reduce_1x1", side)
    reached, dilation = 2, 1
    for i, usual in enumerate(STRIDES):
        # Once the picture is small enough, later steps look farther apart instead of making it smaller.
        stride, spread = (1, dilation) if reached == output_stride else (usual, 1)
        if reached == output_stride:
            dilation *= usual
        else:
            reached *= usual
        value, side = _block(graph, f"{prefix}layer.{i}", value, side, stride, spread)
    return value, side


def _block(graph: Graph, layer: str, value: str, side: int, stride: int, dilation: int) -> tuple[str, int]:
    channels = graph.weights[f"{layer}.expand_1x1.convolution.weight"].shape[1]
    out = graph.relu6(graph.convolution(value, f"{layer}.expand_1x1", side)[0])
    out, after = graph.convolution(out, f"{layer}.conv_3x3", side, stride=stride, dilation=dilation)
    out, after = graph.convolution(graph.relu6(out), f"{layer}.reduce_1x1", after)
    if stride == 1 and graph.weights[f"{layer}.reduce_1x1.convolution.weight"].shape[0] == channels:
        out = graph.node("Add", [value, out])
    return out, after


def _segmentation(graph: Graph, value: str, side: int) -> str:
    head = "segmentation_head"
    pooled = graph.node("GlobalAveragePool", [value])
    pooled = graph.node("Relu", [graph.convolution(pooled, f"{head}.conv_pool", 1, eps=TORCH_EPS)[0]])
    near = graph.node("Relu", [graph.convolution(value, f"{head}.conv_aspp", side, eps=TORCH_EPS)[0]])
    # One pixel enlarged to the map is the same value everywhere.
    wide = graph.node("Expand", [pooled, graph.node("Shape", [near])])
    both = graph.node("Concat", [wide, near], axis=1)
    both = graph.node("Relu", [graph.convolution(both, f"{head}.conv_projection", side, eps=TORCH_EPS)[0]])
    return graph.convolution(both, f"{head}.classifier", side)[0]
