"""A forecast in three addends: audience + timing + content = ln(1+p50), whatever families made it.

Two-player Shapley values of the ensemble's middle: the post's own timing and content are exchanged for usual ones, alone
and together; what is left with both usual is the audience's. How far such a claim may be trusted is measured on posts the
models had not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.catalogue import BY_NAME
from training.columns import Floats, Ints, Singles, matrix
from training.text_directions import EMBEDDING, embeddings

NAMES = ("audience", "timing", "content")
PICTURE = "image_embedding"
_USUALS = 4
_Z80 = 1.2816
_MIN_UNSEEN = 100
_TIMING_BESIDES = frozenset({"channel_daypart_lift", "channel_weekday_lift"})
_CONTENT_GROUPS = frozenset({"text", "format", "media", "similar"})
_CONTENT_BESIDES = frozenset(
    {
        "channel_tag_lift", "channel_format_lift", "channel_category_lift", "platform_tag_lift",
        "platform_category_lift", "tag_familiar_share",
    }
)  # fmt: skip

Centre = Callable[[pd.DataFrame], Floats]
"""Rows → the ensemble's middle, n, in ln(1+metric)."""


def part_of(feature: str) -> str:
    """audience, timing or content."""
    group = BY_NAME[feature].group if feature in BY_NAME else "history"
    if feature in _TIMING_BESIDES or (group == "calendar" and feature != "channel_age_ln_d"):
        return "timing"
    return "content" if feature in _CONTENT_BESIDES or group in _CONTENT_GROUPS else "audience"


@dataclass(frozen=True)
class Decomposition:
    """`timing`, `content`: usual values of those features, K x features; `text`: K mean embeddings, or None. `away`,
    `share`: of each of `NAMES`, how far models fitted on less differed (ln), and how far claims were off (as a share)."""

    timing_names: tuple[str, ...]
    content_names: tuple[str, ...]
    timing: Singles
    content: Singles
    text: Singles | None
    away: tuple[float, float, float]
    share: tuple[float, float, float]

    def with_intervals(self, values: Floats) -> Floats:
        """n x 3 parts (`NAMES`), of `shares_of` → n x 3 x 3 (ln, low, high: 80 % interval)."""
        half = _Z80 * np.hypot(np.array(self.away), np.abs(values) * np.array(self.share))
        out: Floats = np.stack([values, values - half, values + half], axis=2)
        # The audience is the level itself: what is uncertain of it is what the other two leave, not a share of it.
        rest = np.hypot(half[:, 1], half[:, 2])
        out[:, 0, 1], out[:, 0, 2] = values[:, 0] - rest, values[:, 0] + rest
        return out

    def split(self, centre: Centre, rows: pd.DataFrame) -> Floats:
        """n x 3: audience, timing, content; they add up to `centre(rows)`."""
        every = np.arange(len(rows))
        return self.shares_of(centre(self.asked(rows, every)), every)

    def asked(self, rows: pd.DataFrame, split: Ints) -> pd.DataFrame:
        """What a model is asked to split some of the rows (their places): all rows, and behind them those again with usual
        times, with usual contents, and with both."""
        n, (usual_time, usual_content, both) = len(split), self._exchanged(len(rows), len(split))
        again = np.concatenate([np.arange(len(rows)), np.tile(split, 3 * len(self.timing))])
        numbers = rows.select_dtypes("number")
        # One block of numbers, exchanged in place: eighty columns one by one are what a draft would wait for.
        values = numbers.to_numpy(np.float64)[again]
        _put(values, numbers.columns, self.timing_names, self.timing, n, (usual_time, both))
        _put(values, numbers.columns, self.content_names, self.content, n, (usual_content, both))
        rest = rows[rows.columns.difference(numbers.columns)].take(again).reset_index(drop=True)
        for name, usual in ((EMBEDDING, self.text), (PICTURE, None)):
            if name in rest.columns:
                rest[name] = _with_usual(rest[name].tolist(), usual, n, (usual_content, both))
        return pd.concat([pd.DataFrame(values, columns=numbers.columns), rest], axis=1)

    def shares_of(self, middle: Floats, split: Ints) -> Floats:
        """middle: of `asked`. n x 3: audience, timing, content of each row that is split."""
        n, k = len(split), len(self.timing)
        exchanged = self._exchanged(len(middle) - 3 * k * n, n)
        whole = middle[split]
        without_time, without_content, neither = (
            middle[part].reshape(k, n).mean(axis=0) for part in exchanged
        )
        timing = ((whole - without_time) + (without_content - neither)) / 2
        content = ((whole - without_content) + (without_time - neither)) / 2
        out: Floats = np.stack([whole - timing - content, timing, content], axis=1)
        return out

    def _exchanged(self, before: int, n: int) -> tuple[slice, slice, slice]:
        """Where in `asked`, behind `before` rows, the times of n rows are usual, their contents, and both."""
        long = len(self.timing) * n
        first, second, third = (slice(before + i * long, before + (i + 1) * long) for i in range(3))
        return first, second, third

    def to_json(self) -> dict[str, Any]:
        return {
            "timing_names": list(self.timing_names),
            "content_names": list(self.content_names),
            "timing": _told(self.timing),
            "content": _told(self.content),
            "text": None if self.text is None else _told(self.text),
            "away": list(self.away),
            "share": list(self.share),
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Decomposition:
        text = told["text"]
        away, share = told["away"], told["share"]
        return cls(
            tuple(told["timing_names"]), tuple(told["content_names"]), _read(told["timing"]), _read(told["content"]),
            None if text is None else _read(text), (away[0], away[1], away[2]), (share[0], share[1], share[2]),
        )  # fmt: skip


def fit_decomposition(rows: pd.DataFrame, features: tuple[str, ...]) -> Decomposition:
    """Usual times and contents of training rows, with nothing known yet of how far to trust the parts."""
    timing = tuple(name for name in features if part_of(name) == "timing")
    content = tuple(name for name in features if part_of(name) == "content")
    vectors = embeddings(rows)
    hours = np.arctan2(*matrix(rows, ("hour_sin", "hour_cos")).T) if len(rows) else np.zeros(0)
    lead = vectors[:, 0] if vectors is not None else matrix(rows, ("headline_chars",))[:, 0]
    return Decomposition(
        timing_names=timing,
        content_names=content,
        timing=_usual(matrix(rows, timing), hours),
        content=_usual(matrix(rows, content), lead),
        text=None if vectors is None else _usual(vectors, lead, np.nanmean),
        away=(0.0, 0.0, 0.0),
        share=(0.0, 0.0, 0.0),
    )


def with_reliability(
    fitted: Decomposition, by_final: Floats, by_rounds: Floats, truth: Floats, channel: Any
) -> Decomposition:
    """by_final, by_rounds: the same unseen rows' parts (n x 3) by the serving model and by those that had not seen them; truth: n.

    `share`: of a regression of what the other parts leave of the truth on the part's claim, how far its slope is from 1,
    and its standard error over channels.
    """
    if len(truth) < _MIN_UNSEEN:
        return _replaced(fitted, (0.0, 0.25, 0.25), (0.0, 1.0, 1.0))
    away = np.median(np.abs(by_final - by_rounds), axis=0) / 0.6745 / np.sqrt(2)
    share = [0.0, *(_off(by_rounds, truth, channel, part) for part in (1, 2))]
    return _replaced(fitted, tuple(float(value) for value in away), tuple(share))


def _off(parts: Floats, truth: Floats, channel: Any, part: int) -> float:
    claim = parts[:, part] - parts[:, part].mean()
    left = truth - parts.sum(axis=1) + parts[:, part]
    left = np.clip(left - np.median(left), -2.0, 2.0)
    power = float((claim**2).sum())
    if power < 1e-9:
        return 1.0
    slope = float((claim * left).sum()) / power
    scores = pd.Series(claim * (left - slope * claim)).groupby(np.asarray(channel, dtype=object)).sum()
    error = float(np.sqrt((scores**2).sum())) / power
    return float(np.clip(np.hypot(1.0 - slope, error), 0.0, 2.0))


def _usual(values: Singles, lead: Any, middle: Any = np.nanmedian) -> Singles:
    """K x features: middles of the rows' quarters by `lead`: of many posts each, nobody's own."""
    import warnings

    quarters = np.array_split(np.argsort(np.nan_to_num(lead), kind="stable"), _USUALS)
    with warnings.catch_warnings():
        # A column that no row of a quarter has stays missing.
        warnings.filterwarnings(
            "ignore", message="All-NaN slice|Mean of empty slice", category=RuntimeWarning
        )
        found = [
            middle(values[part], axis=0) if len(part) else np.full(values.shape[1], np.nan)
            for part in quarters
        ]
    return np.stack(found).astype(np.float32)


def _put(
    values: Floats, columns: pd.Index, names: tuple[str, ...], usual: Singles, n: int, where: Sequence[slice]
) -> None:
    there = [i for i, name in enumerate(names) if name in columns]
    at = columns.get_indexer([names[i] for i in there])
    for part in where:
        values[part, at] = np.repeat(usual[:, there], n, axis=0)


def _with_usual(vectors: list[Any], usual: Singles | None, n: int, where: Sequence[slice]) -> pd.Series:
    for part in where:
        for i in range(part.start, part.stop):
            vectors[i] = None if usual is None else usual[(i - part.start) // n]
    return pd.Series(vectors, dtype=object)


def _replaced(fitted: Decomposition, away: Any, share: Any) -> Decomposition:
    from dataclasses import replace

    return replace(fitted, away=(away[0], away[1], away[2]), share=(share[0], share[1], share[2]))


def _told(values: Singles) -> list[list[float | None]]:
    return [[None if value != value else float(value) for value in row] for row in values]


def _read(told: list[list[float | None]]) -> Singles:
    return np.array([[np.nan if value is None else value for value in row] for row in told], np.float32)
