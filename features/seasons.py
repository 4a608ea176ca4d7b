"""What an hour, a weekday or a month is worth on a platform: posterior effects on ln outcome over the channel's level.

A mixed model, residual = mean + channel + hour + weekday + month + calendar month of one year + noise, every effect
normal around zero. Channels are absorbed (within-channel comparison as far as their number of posts allows, as in
Henderson 1953); the spread of each kind of effect is found by EM, so that effects are shrunk to what the data can
tell. "Calendar month of one year" keeps a single good December from passing for a season.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from features.asof import Floats, Ints, micros
from features.terms import CLIP_LN

Kind = Literal["hour", "weekday", "month"]
KINDS: tuple[Kind, ...] = ("hour", "weekday", "month")
SIZES: dict[Kind, int] = {"hour": 24, "weekday": 7, "month": 12}
FIRST: dict[Kind, int] = {"hour": 0, "weekday": 0, "month": 1}
YEARS = 3
MOST_OUTCOMES = 200_000
MIN_OUTCOMES = 50
Z80 = 1.2815515655446004
ROUNDS = 60
SMALLEST_VARIANCE = 1e-6


@dataclass(frozen=True)
class SeasonEffect:
    """`value`: local hour 0..23, weekday 0 (Monday)..6, month 1..12. ln effect against the mean post's, 80 % interval,
    and the number of outcomes it rests on."""

    kind: Kind
    value: int
    effect_ln: float
    low_ln: float
    high_ln: float
    posts: int


def season_effects(residuals: pd.DataFrame, as_of: pd.Timestamp) -> list[SeasonEffect]:
    """From `features.histories.Histories.residuals`: outcomes known at `as_of` of posts of the last `YEARS`.

    Values nobody posted at are left out; nothing at all below `MIN_OUTCOMES` outcomes.
    """
    known = known_residuals(residuals, as_of, days=YEARS * 365.25)
    if len(known) < MIN_OUTCOMES:
        return []
    y = known["residual"].to_numpy(dtype=float).clip(-CLIP_LN, CLIP_LN)
    channel = pd.factorize(known["channel_id"])[0].astype(np.int64)
    codes = {kind: known[kind].to_numpy(dtype=np.int64) - FIRST[kind] for kind in KINDS}
    mean, covariance = _posterior(y, channel, codes, _calendar_month(known))
    found: list[SeasonEffect] = []
    start = 0
    for kind in KINDS:
        own = slice(start, start + SIZES[kind])
        found += _effects(kind, mean[own], covariance[own, own], codes[kind])
        start += SIZES[kind]
    return found


def known_residuals(residuals: pd.DataFrame, as_of: pd.Timestamp, *, days: float) -> pd.DataFrame:
    """Rows known at `as_of` (known_at <= as_of) of posts published in the last `days`, at most `MOST_OUTCOMES`."""
    recent = residuals["published_at"] >= as_of - pd.Timedelta(days=days)
    kept = residuals.loc[recent & (residuals["known_at"] <= as_of) & residuals["residual"].notna()]
    if len(kept) <= MOST_OUTCOMES:
        return kept
    newest = np.sort(np.argsort(micros(kept["published_at"]), kind="stable")[-MOST_OUTCOMES:])
    return kept.iloc[newest]


def spread(y: Floats, group: Ints) -> tuple[float, float]:
    """Variance within groups and between their true means (one-way analysis of variance, at least zero)."""
    n = np.bincount(group)
    mean = np.bincount(group, weights=y) / n
    freedom = len(y) - len(n)
    total = float(np.var(y))
    within = float(((y - mean[group]) ** 2).sum() / freedom) if freedom > 0 else total / 2
    size = (len(y) - (n.astype(float) ** 2).sum() / len(y)) / max(1, len(n) - 1)
    between = float((n * (mean - y.mean()) ** 2).sum() / max(1, len(n) - 1))
    own = max(0.0, (between - within) / size) if size > 0 else 0.0
    return max(within, SMALLEST_VARIANCE), own


def _calendar_month(known: pd.DataFrame) -> Ints:
    at = known["published_at"].dt
    return pd.factorize(at.year * 12 + at.month)[0].astype(np.int64)


def _posterior(y: Floats, channel: Ints, codes: dict[Kind, Ints], cell: Ints) -> tuple[Floats, Any]:
    """Mean and covariance of the effects, in the order of `KINDS`; what is absorbed comes after them."""
    from scipy.sparse import csr_matrix, hstack

    def one_hot(code: Ints, size: int) -> Any:
        return csr_matrix((np.ones(len(code)), code, np.arange(len(code) + 1)), shape=(len(code), size))

    blocks = [(codes[kind], SIZES[kind]) for kind in KINDS] + [(cell, int(cell.max()) + 1)]
    x = hstack([one_hot(*block) for block in blocks] + [np.ones((len(y), 1))], format="csr")
    noise, own = spread(y, channel)
    n = np.bincount(channel)
    absorbed = own / (noise + n * own)
    per_channel = (one_hot(channel, len(n)).T @ x).tocsr()
    sums = np.bincount(channel, weights=y)
    a = (x.T @ x - per_channel.T @ per_channel.multiply(absorbed[:, None]).tocsr()).toarray() / noise
    b = (x.T @ y - per_channel.T @ (absorbed * sums)) / noise
    owner = np.repeat(np.arange(len(blocks)), [size for _, size in blocks])
    variance = np.full(len(blocks), 0.01)
    for _ in range(ROUNDS):
        prior = np.r_[1.0 / variance[owner], 1e-9]
        covariance = np.linalg.inv(a + np.diag(prior))
        mean = covariance @ b
        second = mean[:-1] ** 2 + np.diag(covariance)[:-1]
        variance = np.maximum(np.bincount(owner, weights=second) / np.bincount(owner), SMALLEST_VARIANCE)
    return mean, covariance


def _effects(kind: Kind, mean: Floats, covariance: Any, code: Ints) -> list[SeasonEffect]:
    """Against the mean post: contrasts weighted by how many posts each value has."""
    posts = np.bincount(code, minlength=SIZES[kind])
    contrast = np.eye(len(mean)) - posts / posts.sum()
    effect = contrast @ mean
    sd = np.sqrt(np.maximum(np.diag(contrast @ covariance @ contrast.T), 0.0))
    return [
        SeasonEffect(
            kind, i + FIRST[kind], float(effect[i]), float(effect[i] - Z80 * sd[i]),
            float(effect[i] + Z80 * sd[i]), int(posts[i]),
        )
        for i in range(len(mean))
        if posts[i] > 0
    ]  # fmt: skip
