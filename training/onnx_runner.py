"""Forecasts of an exported model: onnxruntime and numpy, nothing else. This file travels in the exported folder.

    from runner import Model
    quantiles = Model("FOLDER").quantiles(columns)   # n x 3: p10, p50, p90 of ln(1+metric)

`columns`: name → n values. The model's features (`Model.features`; NaN or left out = missing), `base_ln`, `floor` (NaN
without history), `horizon_h`, `published_us` (microseconds since 1970), and where there are any `text_embedding`,
`image_embedding` (n vectors or None) and `channel_sequence` (n arrays of k x 6, newest last, or None).
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

NARROWEST_LN = 0.05  # of a boosted member's p50 - p10 and p90 - p50
LONGEST_H = 87_600.0
YOUNG_DAMPING = 0.5  # below the ages that training saw much of
CLIP_SD = 4.0
CLIP_LN = 4.0
NEW = 3  # the calibration of channels without history
STEPS, STEP_WIDTH = 16, 9
DAY_US, EPOCH_2000_US = 86_400_000_000, 946_684_800_000_000
USUAL_DAYS, USUAL_AGE, USUAL_GAP = (3.4, 1.5), (6.0, 2.0), (1.5, 1.0)

Columns = dict[str, Any]
Array = np.ndarray


class Model:
    """An exported folder. One expert per metric definition; without a name the most frequent one answers."""

    def __init__(self, folder: str | Path, threads: int = 1) -> None:
        self.told = json.loads((Path(folder) / "model.json").read_text(encoding="utf-8"))
        self.experts = {
            one["definition"]: _Expert(Path(folder) / one["folder"], one, threads)
            for one in self.told["experts"]
        }

    @property
    def features(self) -> list[str]:
        return list(self.told["features"])

    def quantiles(self, columns: Columns, definition: str | None = None) -> Array:
        """n x 3 of ln(1+metric), calibrated; whether the floor should serve instead is not asked here."""
        return self.experts[definition or next(iter(self.experts))].quantiles(columns)

    def counts(self, columns: Columns, definition: str | None = None) -> Array:
        """n x 3 of the metric itself."""
        return np.maximum(np.expm1(np.minimum(self.quantiles(columns, definition), 60.0)), 0.0)


class _Expert:
    def __init__(self, folder: Path, told: dict[str, Any], threads: int) -> None:
        self.told = told
        with np.load(folder / "inputs.npz") as arrays:
            self.arrays = dict(arrays)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = threads
        self.sessions = {
            name: onnxruntime.InferenceSession(
                str(folder / name), options, providers=["CPUExecutionProvider"]
            )
            for name in told["files"]
        }

    def quantiles(self, columns: Columns) -> Array:
        told, n = self.told, len(np.asarray(columns["base_ln"]))
        age = np.log(np.clip(np.asarray(columns["horizon_h"], np.float64), 1.0, LONGEST_H))
        base = np.asarray(columns["base_ln"], np.float64)
        level = np.where(np.isnan(base), told["usual_ln"], base) + _age(told["age"], age)
        shares = told["shares"]
        out = np.zeros((n, 3))
        if shares["boosters"] > 0:
            numbers = _matrix(columns, told["features"], n)
            out += shares["boosters"] * (level[:, None] + self._boosted("boosters", numbers, age))
        if shares["network"] > 0:
            out += shares["network"] * (level[:, None] + self._network(columns, n))
        if shares["sequence"] > 0:
            out += shares["sequence"] * (level[:, None] + self._sequence(columns, n))
        if shares["without_history"] > 0:
            out += shares["without_history"] * self._plain(columns, age, n)
        if shares["quantiles"] > 0:
            out += shares["quantiles"] * (level[:, None] + self._boosted_quantiles(columns, n))
        return self._calibrated(out, base, ~np.isnan(np.asarray(columns["floor"], np.float64)))

    def _boosted(self, name: str, numbers: Array, age: Array) -> Array:
        aged = np.concatenate([numbers, age.astype(np.float32)[:, None]], axis=1)
        centres = [file for file in self.sessions if file.startswith(f"{name}_centre_")]
        middle = np.mean([self._run(file, x=aged)[:, 0] for file in centres], axis=0)
        around = np.sort(self._run(f"{name}_spread.onnx", x=numbers), axis=1)
        below = np.maximum(around[:, 1] - around[:, 0], NARROWEST_LN)
        above = np.maximum(around[:, 2] - around[:, 1], NARROWEST_LN)
        return np.stack([middle - below, middle, middle + above], axis=1)

    def _plain(self, columns: Columns, age: Array, n: int) -> Array:
        told = self.told["without_history"]
        numbers = self._with_text("plain", told, columns, n)
        level = told["usual_ln"] + _age(told["age"], age)
        return level[:, None] + self._boosted("plain", numbers, age)

    def _boosted_quantiles(self, columns: Columns, n: int) -> Array:
        numbers = self._with_text("quantiles", self.told["quantiles"], columns, n)
        boosters = [file for file in self.sessions if file.startswith("quantiles_")]
        return np.sort(np.mean([self._run(file, x=numbers) for file in boosters], axis=0), axis=1)

    def _with_text(self, name: str, told: dict[str, Any], columns: Columns, n: int) -> Array:
        numbers = _matrix(columns, told["features"], n)
        if not told["text"]:
            return numbers
        text = self._directions(name, _vectors(columns, "text_embedding"), n)
        return np.concatenate([numbers, text], axis=1)

    def _network(self, columns: Columns, n: int) -> Array:
        values, presence = [], []
        for one in self.told["network"]["modalities"]:
            numbers = _matrix(columns, one["features"], n)
            vectors = _vectors(columns, one["embedding"]) if one["embedding"] else None
            there = ~np.isnan(numbers).all(axis=1)
            if vectors is not None:
                there |= ~np.isnan(vectors[:, 0])
            there = np.ones(n, bool) if one["always"] else there
            x = self._standardised(f"network.{one['name']}", numbers, vectors)
            values.append(np.where(there[:, None], x, 0))
            presence.append(there[:, None])
        ratios = _matrix(columns, self.told["network"]["ratios"], n)
        values.append(self._standardised("network.ratios", ratios, None))
        return self._run("network.onnx", x=np.concatenate([*values, *presence], axis=1))[:, 0]

    def _sequence(self, columns: Columns, n: int) -> Array:
        numbers = _matrix(columns, self.told["sequence"]["features"], n)
        before, length = _steps(columns, n)
        own = self._standardised("sequence", numbers, None)
        return self._run("sequence.onnx", x=own, before=before, length=length)[:, 0]

    def _standardised(self, name: str, numbers: Array, vectors: Array | None) -> Array:
        """Missing numbers sit at the mean; where training missed some, a flag says so."""
        told = {key: self.arrays[f"{name}.{key}"] for key in ("mean", "scale", "flagged", "text_flagged")}
        missing = np.isnan(numbers)
        scaled = np.clip((numbers - told["mean"]) / told["scale"], -CLIP_SD, CLIP_SD)
        parts = [np.where(missing, 0.0, scaled), missing[:, told["flagged"]]]
        if len(self.arrays[f"{name}.text_directions"]):
            text = self._directions(name, vectors, len(numbers))
            parts.append(np.clip(np.nan_to_num(text, nan=0.0), -CLIP_SD, CLIP_SD))
            if told["text_flagged"][0]:
                parts.append(np.isnan(text[:, :1]))
        return np.concatenate([np.asarray(part, np.float32) for part in parts], axis=1)

    def _directions(self, name: str, vectors: Array | None, n: int) -> Array:
        mean, directions, scale = (
            self.arrays[f"{name}.text_{key}"] for key in ("mean", "directions", "scale")
        )
        if vectors is None:
            return np.full((n, len(directions)), np.nan, np.float32)
        # The trees were grown on sums in single precision, in this order: others may fall on a split's other side.
        single = name in ("plain", "quantiles")
        away = vectors.astype(np.float32 if single else np.float64) - mean
        return (np.einsum("nd,kd->nk", away, directions) / scale).astype(np.float32)

    def _calibrated(self, quantiles: Array, base: Array, has_history: Array) -> Array:
        lower, upper = self.told["sizes"]
        group = np.where(has_history, (base > lower).astype(int) + (base > upper), NEW)
        shifts = self.told["shifts"]
        table = np.array([shifts.get(str(number), shifts["everybody"]) for number in range(NEW + 1)])
        low, high = table[group].T
        middle = quantiles[:, 1]
        below = np.minimum(quantiles[:, 0] + low, middle)
        return np.stack([below, middle, np.maximum(quantiles[:, 2] + high, middle)], axis=1)

    def _run(self, file: str, **inputs: Array) -> Array:
        single = {name: np.ascontiguousarray(value, np.float32) for name, value in inputs.items()}
        (out,) = self.sessions[file].run(None, single)
        return np.asarray(out, np.float64)


def _age(told: dict[str, float], age: Array) -> Array:
    age = np.where(np.isnan(age), told["centre"], age)
    damped = (1.0 - YOUNG_DAMPING) * np.minimum(age - told["young"], 0.0)
    return told["intercept"] + told["slope"] * (age - told["centre"] - damped)


def _matrix(columns: Columns, names: list[str], n: int) -> Array:
    out = np.full((n, len(names)), np.nan, np.float32)
    for i, name in enumerate(names):
        if name in columns:
            out[:, i] = np.asarray(columns[name], np.float32)
    return out


def _vectors(columns: Columns, name: str) -> Array | None:
    given = list(columns.get(name, []))
    width = next((len(one) for one in given if one is not None), 0)
    if width == 0:
        return None
    nothing = np.full(width, np.nan, np.float32)
    return np.stack([nothing if one is None else np.asarray(one, np.float32) for one in given])


def _steps(columns: Columns, n: int) -> tuple[Array, Array]:
    """The channel's earlier posts relative to the row: n x STEPS x STEP_WIDTH, and how many there are."""
    out, length = np.zeros((n, STEPS, STEP_WIDTH)), np.zeros((n, 1))
    base = np.nan_to_num(np.asarray(columns["base_ln"], np.float64))
    for i, given in enumerate(columns.get("channel_sequence", [])):
        if given is None or len(given) == 0:
            continue
        outcome, day, age, video, short, gap = np.asarray(given, np.float64)[-STEPS:].T
        published = (int(columns["published_us"][i]) - EPOCH_2000_US) / DAY_US
        told = [
            np.clip(outcome - base[i], -CLIP_LN, CLIP_LN),
            _scaled(np.log1p(np.maximum(published - day, 0.0)), *USUAL_DAYS),
            _scaled(gap, *USUAL_GAP),
            _scaled(age, *USUAL_AGE),
            np.nan_to_num(video),
            np.nan_to_num(short),
            np.isnan(gap),
            np.isnan(age),
            np.isnan(short),
        ]
        out[i, : len(outcome)] = np.stack(told, axis=1)
        length[i] = len(outcome)
    return out, length


def _scaled(value: Array, usual: float, spread: float) -> Array:
    return np.where(np.isnan(value), 0.0, np.clip((value - usual) / spread, -CLIP_LN, CLIP_LN))
