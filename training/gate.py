"""Where the model may speak: channel by channel, against the floor, on outcomes it had not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.columns import Floats

# One viral post must not decide for a channel.
_CLIP_LN = 2.0
# Standard errors by which the floor must have been closer: refusing on less followed luck, and cost more than it saved
# (docs/experiments.md).
_SURE = 1.0
_PRIOR_POSTS = (30.0, 200.0)
_MIN_CHANNELS = 5


@dataclass(frozen=True)
class ChannelRecord:
    """`worse_ln`: mean of |model error| - |floor error| over `n` unseen posts, shrunk to the platform's, less the margin by which
    one must be sure: above 0 the floor serves."""

    worse_ln: float
    n: int


@dataclass(frozen=True)
class Gate:
    platform_worse_ln: float
    channels: dict[str, ChannelRecord]

    def refusal(self, channel_id: str) -> str | None:
        """Why the floor serves this channel, in words; None where the model does."""
        record = self.channels.get(channel_id)
        if record is not None and record.worse_ln > 0:
            return (
                "the median of your last five posts has been closer than our model "
                f"on {_posts(record.n)} of yours it had not seen"
            )
        if record is None and self.platform_worse_ln > 0:
            return "the median of the last five posts has been closer than our model on this platform"
        return None

    def to_json(self) -> dict[str, Any]:
        return {
            "platform_worse_ln": self.platform_worse_ln,
            "channels": {name: [r.worse_ln, r.n] for name, r in sorted(self.channels.items())},
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Gate:
        channels = {name: ChannelRecord(worse, n) for name, (worse, n) in told["channels"].items()}
        return cls(told["platform_worse_ln"], channels)


def fit_gate(
    channel_id: pd.Series, model_error: Floats, floor_error: Floats, round_of: NDArray[np.int64]
) -> Gate:
    """Absolute errors in ln space on unseen posts; rows without a floor (NaN) do not count.

    `round_of`: number of the out-of-time round each row belongs to. A channel's record counts as far as
    channels that were worse in one round were worse in the next as well.
    """
    worse = np.clip(model_error - floor_error, -_CLIP_LN, _CLIP_LN)
    known = ~np.isnan(worse)
    if not known.any():
        return Gate(0.0, {})
    by_channel = pd.Series(worse[known]).groupby(channel_id.to_numpy(dtype=object)[known])
    n, mean = by_channel.size().to_numpy(dtype=float), by_channel.mean().to_numpy(dtype=float)
    platform = float(worse[known].mean())
    prior = _prior_posts(channel_id.to_numpy(dtype=object)[known], worse[known], round_of[known])
    shrunk = (n * mean + prior * platform) / (n + prior)
    shrunk = shrunk - _SURE * worse[known].std() / np.sqrt(n + prior)
    names = [str(name) for name in by_channel.size().index]
    records = {name: ChannelRecord(float(s), int(k)) for name, s, k in zip(names, shrunk, n, strict=True)}
    return Gate(platform, records)


def _prior_posts(channel: NDArray[np.object_], worse: Floats, round_of: NDArray[np.int64]) -> float:
    """How many posts the platform's mean is worth: noise within channels over what persists between them.

    What persists is the covariance of channels' means over two rounds; the spread of one round's means
    would count luck that a channel's neighbouring posts share.
    """
    rounds = np.unique(round_of)
    if len(rounds) < 2:
        return _PRIOR_POSTS[1]
    frame = pd.DataFrame({"channel": channel, "worse": worse - worse.mean(), "round": round_of})
    cells = frame.groupby(["channel", "round"])["worse"].agg(["mean", "size"]).unstack("round")
    first, last = rounds[-2], rounds[-1]
    both = cells[[("mean", first), ("mean", last), ("size", first), ("size", last)]].dropna().to_numpy()
    if len(both) < _MIN_CHANNELS:
        return _PRIOR_POSTS[1]
    weight = np.minimum(both[:, 2], both[:, 3])
    persistent = float(np.average(both[:, 0] * both[:, 1], weights=weight))
    noise = float(worse.var())
    return float(np.clip(noise / persistent, *_PRIOR_POSTS)) if persistent > 0 else _PRIOR_POSTS[1]


def _posts(n: int) -> str:
    return "the last one" if n == 1 else f"the last {n}"
