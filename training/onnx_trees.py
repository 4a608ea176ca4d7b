"""An XGBoost booster as an ONNX graph of one node, from the booster's own JSON.

General converters lag behind XGBoost's quantile models (several trees' targets, a start per quantile); the JSON is
documented and small. Operator: TreeEnsembleRegressor of ai.onnx.ml 3.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

_IR, _OPSET, _ML_OPSET = 8, 17, 3
_LEAF = -1


def booster_as_onnx(booster: Any, features: int) -> Any:
    """onnx.ModelProto: x (n x features, float32, NaN = missing) → q (n x targets, float32).

    Only boosters whose margin is their answer (squared, absolute, pseudo-Huber and quantile errors).
    """
    from onnx import TensorProto, helper

    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    model = learner["gradient_booster"]["model"]
    starts = _starts(learner["learner_model_param"]["base_score"])
    targets = max(len(starts), 1 + max(model["tree_info"], default=0))
    trees = _Trees()
    for number, (tree, target) in enumerate(zip(model["trees"], model["tree_info"], strict=True)):
        trees.add(number, tree, target)
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["x"],
        ["q"],
        domain="ai.onnx.ml",
        n_targets=targets,
        aggregate_function="SUM",
        post_transform="NONE",
        base_values=[float(start) for start in (starts if len(starts) == targets else starts * targets)],
        **trees.attributes(),
    )
    graph = helper.make_graph(
        [node],
        "booster",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", features])],
        [helper.make_tensor_value_info("q", TensorProto.FLOAT, ["n", targets])],
    )
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid("ai.onnx.ml", _ML_OPSET)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=_IR)


class _Trees:
    """Nodes and leaves of all trees side by side, as the operator wants them."""

    def __init__(self) -> None:
        self.nodes: list[tuple[Any, ...]] = []
        self.leaves: list[tuple[int, int, int, float]] = []

    def add(self, number: int, tree: dict[str, Any], target: int) -> None:
        each = zip(
            tree["left_children"], tree["right_children"], tree["split_indices"], tree["split_conditions"],
            tree["default_left"], strict=True,
        )  # fmt: skip
        for at, (left, right, feature, value, default_left) in enumerate(each):
            if left == _LEAF:  # XGBoost keeps a leaf's value where a split keeps its threshold
                self.nodes.append((number, at, 0, 0.0, "LEAF", 0, 0, 0))
                self.leaves.append((number, at, target, float(value)))
            else:
                told = (number, at, feature, float(value), "BRANCH_LT", left, right, int(default_left))
                self.nodes.append(told)

    def attributes(self) -> dict[str, Any]:
        names = ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")
        nodes = [list(column) for column in zip(*self.nodes, strict=True)]
        leaves = [list(column) for column in zip(*self.leaves, strict=True)]
        told = {f"nodes_{name}": column for name, column in zip(names, nodes[:-1], strict=True)}
        told["nodes_missing_value_tracks_true"] = nodes[-1]
        leaf_names = ("treeids", "nodeids", "ids", "weights")
        return told | {f"target_{name}": column for name, column in zip(leaf_names, leaves, strict=True)}


def _starts(told: str) -> list[float]:
    """`base_score`: one number, or (XGBoost 3) a list in brackets, single precision."""
    return [float(np.float32(part)) for part in told.strip("[]").split(",")]
