"""A forecaster as a folder of ONNX files with a runner that needs onnxruntime and numpy alone.

Exports calibrated quantiles of the primary metric. Imports torch where a network has a share.
"""

from __future__ import annotations

import json
import shutil
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from training import onnx_runner
from training.columns import Floats, horizon_ln, moments, outcome_ln
from training.conformal import Conformal
from training.expert import Expert
from training.members import FAMILIES
from training.metrics import measures
from training.modalities import CONTEXT, EMBEDDINGS
from training.onnx_trees import booster_as_onnx

if TYPE_CHECKING:
    from training.boosting import Boosters
    from training.forecaster import Forecaster

MODEL_FILE = "model.json"
_OPSET = 17


@dataclass(frozen=True)
class Comparison:
    """Exported against the original on `rows`; differences of the quantiles in ln. `accuracy`: mae_ln and pinball
    of both on the rows whose outcome is known."""

    rows: int
    size_bytes: int
    original_bytes: int
    seconds_per_1000: float
    original_seconds_per_1000: float
    one_row_ms: float
    difference_max: float
    difference_mean: float
    accuracy: dict[str, dict[str, float]]


def export(forecaster: Forecaster, folder: Path, *, int8: bool = False) -> None:
    """Writes `folder` anew: model.json, runner.py and a folder per expert. `int8`: the networks' weights in 8 bits."""
    making = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    told = []
    for i, (definition, expert) in enumerate(forecaster.experts.items()):
        own = making / f"expert_{i}"
        own.mkdir()
        told.append({"definition": definition, "folder": own.name, **_export_expert(expert, own, int8)})
    whole = {
        "platform": forecaster.platform.value,
        "features": list(forecaster.feature_names),
        "text_encoder": forecaster.text_encoder,
        "experts": told,
    }
    (making / MODEL_FILE).write_text(json.dumps(whole, sort_keys=True, indent=1), encoding="utf-8")
    shutil.copyfile(onnx_runner.__file__, making / "runner.py")
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)


def runner_columns(rows: pd.DataFrame) -> dict[str, Any]:
    """Feature rows as the runner wants them."""
    columns: dict[str, Any] = {
        name: rows[name].to_numpy(np.float32)
        for name in rows.columns
        if pd.api.types.is_numeric_dtype(rows[name]) and name not in ("base_ln", "floor")
    }
    columns |= {name: rows[name].to_numpy(np.float64) for name in ("base_ln", "floor")}
    columns |= {
        name: rows[name].tolist() for name in (*EMBEDDINGS.values(), "channel_sequence") if name in rows
    }
    columns["horizon_h"] = np.exp(horizon_ln(rows))
    columns["published_us"] = moments(rows["published_at"])
    return columns


def compare(forecaster: Forecaster, folder: Path, rows: pd.DataFrame) -> Comparison:
    """`rows`: of known outcome (labelled) and of definitions the forecaster knows; at least one."""
    import tempfile

    model = onnx_runner.Model(folder)
    got, original, seconds, original_seconds = [], [], 0.0, 0.0
    parts = [
        (name, rows.loc[rows["metric_definition"] == name].reset_index(drop=True))
        for name in forecaster.experts
    ]
    parts = [(name, part) for name, part in parts if len(part)]
    for name, part in parts:
        columns = runner_columns(part)
        seconds += _timed(lambda columns=columns, name=name: got.append(model.quantiles(columns, name)))
        expert = forecaster.experts[name]
        original_seconds += _timed(lambda e=expert, part=part: original.append(e.quantiles(part)))
    found, truth = np.concatenate(got), np.concatenate([outcome_ln(part) for _, part in parts])
    wanted = np.concatenate(original)
    channels = pd.concat([part["channel_id"] for _, part in parts], ignore_index=True)
    first_name, first = parts[0]
    alone = runner_columns(first.head(1))
    with tempfile.TemporaryDirectory() as saved:
        forecaster.save(Path(saved))
        original_bytes = _size(Path(saved))
    away = np.abs(found - wanted)
    return Comparison(
        rows=len(truth),
        size_bytes=_size(folder),
        original_bytes=original_bytes,
        seconds_per_1000=seconds / len(truth) * 1000,
        original_seconds_per_1000=original_seconds / len(truth) * 1000,
        one_row_ms=1000 * min(_timed(lambda: model.quantiles(alone, first_name)) for _ in range(20)),
        difference_max=float(away.max()),
        difference_mean=float(away.mean()),
        accuracy={
            "original": _accuracy(channels, truth, wanted),
            "exported": _accuracy(channels, truth, found),
        },
    )


def _export_expert(expert: Expert, folder: Path, int8: bool) -> dict[str, Any]:
    """Files of the families with a share; what the runner must know of them."""
    members = expert.members
    shares = dict(zip(FAMILIES, expert.shares, strict=True))
    beside = {
        "network": members.network,
        "sequence": members.sequence,
        "quantiles": members.boosted_quantiles,
    }
    for name, member in beside.items():
        if member is None:  # the boosters stand in
            shares["boosters"], shares[name] = shares["boosters"] + shares[name], 0.0
    arrays: dict[str, Any] = {}
    told: dict[str, Any] = {
        "features": list(members.features),
        "usual_ln": members.usual_ln,
        "age": vars(members.age),
        "shares": shares,
        "sizes": [float(np.clip(bound, -1e300, 1e300)) for bound in expert.sizes.to_json()],
        "shifts": _shifts(expert.conformal),
    }
    if shares["boosters"] > 0:
        _export_boosters(members.boosters, folder, "boosters", len(members.features))
    if shares["without_history"] > 0:
        plain = members.plain
        _export_boosters(plain.boosters, folder, "plain", len(plain.features) + len(plain.text))
        arrays |= {f"plain.{name}": value for name, value in plain.text.arrays().items()}
        told["without_history"] = {
            "features": list(plain.features),
            "text": len(plain.text) > 0,
            "usual_ln": plain.usual_ln,
            "age": vars(plain.age),
        }
    if shares["network"] > 0:
        told["network"] = _export_network(members.network, folder, arrays, int8)
    if shares["sequence"] > 0:
        told["sequence"] = _export_sequence(members.sequence, folder, arrays, int8)
    if shares["quantiles"] > 0:
        told["quantiles"] = _export_quantiles(members.boosted_quantiles, folder, arrays)
    np.savez(folder / "inputs.npz", **arrays)
    return told | {"files": sorted(path.name for path in folder.glob("*.onnx"))}


def _export_boosters(boosters: Boosters, folder: Path, name: str, features: int) -> None:
    import onnx

    for i, centre in enumerate(boosters.centres):
        onnx.save(booster_as_onnx(centre, features + 1), folder / f"{name}_centre_{i}.onnx")
    onnx.save(booster_as_onnx(boosters.spread, features), folder / f"{name}_spread.onnx")


def _export_quantiles(member: Any, folder: Path, arrays: dict[str, Any]) -> dict[str, Any]:
    import onnx

    inputs = len(member.features) + len(member.text)
    for i, booster in enumerate(member.boosters):
        onnx.save(booster_as_onnx(booster, inputs), folder / f"quantiles_{i}.onnx")
    arrays |= {f"quantiles.{name}": value for name, value in member.text.arrays().items()}
    return {"features": list(member.features), "text": len(member.text) > 0}


def _export_network(network: Any, folder: Path, arrays: dict[str, Any], int8: bool) -> dict[str, Any]:
    from training.multimodal import RATIOS

    arrays |= {f"network.{name}": value for name, value in network.modalities.arrays().items()}
    arrays |= {f"network.ratios.{name}": value for name, value in network.ratios.arrays().items()}
    width = sum(network.modalities.widths) + network.ratios.width + len(network.modalities.each)
    _export_module(network.module, {"x": (width,)}, folder / "network.onnx", int8)
    each = [
        {**one, "embedding": EMBEDDINGS.get(one["name"]), "always": one["name"] == CONTEXT}
        for one in network.modalities.names()
    ]
    return {"modalities": each, "ratios": list(RATIOS)}


def _export_sequence(network: Any, folder: Path, arrays: dict[str, Any], int8: bool) -> dict[str, Any]:
    from training.steps import LENGTH, WIDTH

    arrays |= {f"sequence.{name}": value for name, value in network.standardiser.arrays().items()}
    inputs = {"x": (network.standardiser.width,), "before": (LENGTH, WIDTH), "length": (1,)}
    _export_module(network.module, inputs, folder / "sequence.onnx", int8)
    return {"features": list(network.features)}


def _export_module(module: Any, inputs: dict[str, tuple[int, ...]], path: Path, int8: bool) -> None:
    """Single precision; any number of rows. The tracing exporter: the newer one needs onnxscript."""
    import copy

    import torch

    example = tuple(torch.zeros((3, *shape)) for shape in inputs.values())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            copy.deepcopy(module).float().eval(),
            example,
            str(path),
            dynamo=False,
            opset_version=_OPSET,
            input_names=list(inputs),
            output_names=["q"],
            dynamic_axes={name: {0: "n"} for name in (*inputs, "q")},
        )
    if int8:
        _quantise(path)


def _quantise(path: Path) -> None:
    """Weights in 8 bits, activations as they come: dynamic quantisation."""
    import logging

    from onnxruntime.quantization import QuantType, quantize_dynamic

    whole = path.with_suffix(".whole")
    path.rename(whole)
    # It remarks on every tensor it need not touch, and recommends what changes nothing in graphs this small.
    logging.disable(logging.WARNING)
    try:
        quantize_dynamic(str(whole), str(path), weight_type=QuantType.QInt8)
    finally:
        logging.disable(logging.NOTSET)
    whole.unlink()


def _shifts(conformal: Conformal) -> dict[str, tuple[float, float]]:
    each = {"everybody": conformal.everybody, **{str(n): one for n, one in conformal.groups.items()}}
    return {name: (one.low, one.high) for name, one in each.items()}


def _accuracy(channels: pd.Series, truth: Floats, quantiles: Floats) -> dict[str, float]:
    told = measures(channels, truth, quantiles)
    return {name: told[name] for name in ("mae_ln", "pinball", "coverage80")}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _timed(run: Any) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
