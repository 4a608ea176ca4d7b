"""How posts that resembled this one did: on its own channel, and on the others of the platform.

A kernel mean over earlier posts by the cosine of their sentence vectors, of results against each channel's level at the
time, taken only from outcomes known at the moment asked for. Vectors are kept as whole numbers of 8 bits: their products
are exact in float32 whatever the order of summation, so that a post gets the same bits alone and among thousands.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.asof import Floats, Ints, micros

SIMILAR_FEATURES = (
    ("own_similar_lift", "how posts with similar words did on this channel"),
    ("own_similar_n_ln", "how many posts of the channel resemble it"),
    ("platform_similar_lift", "how posts with similar words did on other channels"),
)
SIMILAR_NAMES: tuple[str, ...] = tuple(name for name, _ in SIMILAR_FEATURES)

OWN_LAST = 200
PLATFORM_LAST = 4000
MIN_OWN, MIN_PLATFORM = 3, 50
# A post whose cosine is this much lower weighs e times less; the prior is the weight of one at cosine .7.
TEMPERATURE = 0.1
PRIOR = 0.05
CLIP_LN = 3.0
# Components of unit vectors of some hundred dimensions hardly exceed it; 127 squared times 1,000 stays below 2^24.
LARGEST = 0.3
BLOCK = 256

Bytes = NDArray[np.int8]


@dataclass(frozen=True)
class Memory:
    """Matured outcomes in the order they became known. `channel`: n codes into `channels`; `residual`: ln(1+outcome) minus
    the channel's level at publishing; `vectors`: n x d int8 (see `to_bytes`), rows of zeros where a post has none."""

    channels: pd.Index
    channel: Ints
    post_id: NDArray[np.object_]
    known_us: Ints
    residual: Floats
    vectors: Bytes

    def similar(self, channel_id: Any, at: Ints, vectors: Any) -> pd.DataFrame:
        """`SIMILAR_NAMES` as float32, index 0..n-1, for posts of `channel_id` asked at `at` (microseconds); vectors: n x d
        unit vectors, NaN where there is none. NaN where too few earlier outcomes are known."""
        out = np.full((len(at), len(SIMILAR_NAMES)), np.nan, np.float32)
        if len(at) == 0:
            return pd.DataFrame(out, columns=list(SIMILAR_NAMES))
        told = np.flatnonzero(~np.isnan(np.asarray(vectors, np.float32)[:, 0]))
        code = self.channels.get_indexer(pd.Index(np.asarray(channel_id, dtype=object)))
        until = np.searchsorted(self.known_us, at, side="right")
        order = told[np.argsort(until[told], kind="stable")]
        own = self._by_channel()
        for start in range(0, len(order), BLOCK):
            rows = order[start : start + BLOCK]
            asked = to_bytes(np.asarray(vectors, np.float32)[rows]).astype(np.float32)
            low = max(0, int(until[rows[0]]) - PLATFORM_LAST)
            near = asked @ self.vectors[low : until[rows[-1]]].astype(np.float32).T
            for i, row in enumerate(rows):
                first = max(low, int(until[row]) - PLATFORM_LAST)
                others = self.channel[first : until[row]] != code[row]
                out[row, 2] = _lift(
                    near[i, first - low : until[row] - low][others],
                    self.residual[first : until[row]][others],
                    MIN_PLATFORM,
                )[0]
                mine = own.get(int(code[row]))
                if mine is None:
                    continue
                mine = mine[: np.searchsorted(mine, until[row])][-OWN_LAST:]
                dots = asked[i] @ self.vectors[mine].astype(np.float32).T
                out[row, :2] = _lift(dots, self.residual[mine], MIN_OWN)
        return pd.DataFrame(out, columns=list(SIMILAR_NAMES))

    def nearest(self, channel_id: str, at: int, vector: Any, most: int) -> list[tuple[str, float]]:
        """post_id and cosine of the channel's outcomes known at the moment (microseconds), most alike first; `vector`: one
        unit vector."""
        code = int(self.channels.get_indexer(pd.Index([channel_id], dtype=object))[0])
        mine = np.flatnonzero(self.channel[: np.searchsorted(self.known_us, at, side="right")] == code)
        if code < 0 or len(mine) == 0:
            return []
        asked = to_bytes(np.asarray(vector, np.float32)[None])[0].astype(np.float32)
        cosine = self.vectors[mine].astype(np.float32) @ asked * (LARGEST / 127) ** 2
        order = np.argsort(-cosine, kind="stable")[:most]
        return [(str(self.post_id[mine[i]]), float(min(1.0, cosine[i]))) for i in order]

    def save(self, folder: Path) -> None:
        frame = pd.DataFrame(
            {"post_id": self.post_id, "channel_id": self.channels.to_numpy(dtype=object)[self.channel],
             "known_us": self.known_us, "residual": self.residual}
        )  # fmt: skip
        frame.astype({"post_id": str, "channel_id": str}).to_parquet(folder / "memory.parquet", index=False)
        np.save(folder / "memory_vectors.npy", self.vectors)

    def _by_channel(self) -> dict[int, Ints]:
        order = np.argsort(self.channel, kind="stable")
        codes, starts = np.unique(self.channel[order], return_index=True)
        return dict(zip(codes.tolist(), np.split(order, starts[1:]), strict=True)) if len(codes) else {}


def make_memory(outcomes: pd.DataFrame, vectors: Bytes) -> Memory:
    """outcomes: post_id, channel_id, known_us, residual (NaN: no level was known); vectors: aligned to them."""
    kept = np.flatnonzero(outcomes["residual"].notna().to_numpy() & (vectors != 0).any(axis=1))
    known = outcomes["known_us"].to_numpy(np.int64)[kept]
    kept = kept[np.lexsort((outcomes["post_id"].to_numpy(dtype=str)[kept], known))]
    channel, channels = pd.factorize(outcomes["channel_id"].to_numpy(dtype=object)[kept], sort=True)
    return Memory(
        channels=pd.Index(channels, dtype=object),
        channel=channel.astype(np.int64),
        post_id=outcomes["post_id"].to_numpy(dtype=object)[kept],
        known_us=outcomes["known_us"].to_numpy(np.int64)[kept],
        residual=outcomes["residual"].to_numpy(np.float64)[kept].clip(-CLIP_LN, CLIP_LN),
        vectors=np.ascontiguousarray(vectors[kept]),
    )


def memory_of(residuals: pd.DataFrame, post_id: pd.Series, vectors: Any) -> Memory:
    """residuals: as `Histories.residuals`; vectors: n x d unit vectors of the posts `post_id`."""
    place = pd.Index(post_id).get_indexer(pd.Index(residuals["post_id"]))
    kept = to_bytes(np.asarray(vectors, np.float32)[place])
    return make_memory(residuals.assign(known_us=micros(residuals["known_at"])), kept)


def load_memory(folder: Path) -> Memory | None:
    """Of a generation of features; None where it was made without an encoder. Vectors stay on disk until read."""
    if not (folder / "memory.parquet").is_file():
        return None
    told = pd.read_parquet(folder / "memory.parquet")
    channel, channels = pd.factorize(told["channel_id"].to_numpy(dtype=object), sort=True)
    vectors = np.load(folder / "memory_vectors.npy", mmap_mode="r")
    return Memory(
        channels=pd.Index(channels, dtype=object),
        channel=channel.astype(np.int64),
        post_id=told["post_id"].to_numpy(dtype=object),
        known_us=told["known_us"].to_numpy(np.int64),
        residual=told["residual"].to_numpy(np.float64),
        vectors=vectors,
    )


def to_bytes(vectors: Any) -> Bytes:
    """n x d unit vectors → int8; rows of NaN become zeros, which resemble nothing and are left out of a memory."""
    scaled = np.nan_to_num(np.asarray(vectors, np.float32)) * np.float32(127 / LARGEST)
    out: Bytes = np.rint(scaled.clip(-127, 127)).astype(np.int8)
    return out


def _lift(dots: Any, residual: Floats, least: int) -> tuple[float, float]:
    """Shrunk kernel mean of residuals against their mean, and ln of the weight it rests on."""
    if len(residual) < least:
        return np.nan, np.nan
    cosine = dots.astype(np.float64) * (LARGEST / 127) ** 2
    weight = np.exp((cosine - 1.0) / TEMPERATURE)
    total = float(weight.sum())
    lift = float((weight * (residual - residual.mean())).sum()) / (total + PRIOR)
    return lift, float(np.log(total + 1e-9))
