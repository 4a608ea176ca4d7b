"""Challenger against champion: a paired bootstrap over creators, on posts neither had trained on.

Posts of one creator share luck, so creators are drawn with replacement, not posts: all that a statistic needs are
sums by creator, and a resample is a vector of how often each was drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from training.columns import QUANTILES, Floats

Rule = Literal["better", "not worse"]
Unit = Literal["creators", "weeks"]

RESAMPLES = 4_000
SEED = 104_729
CONFIDENCE = 0.95
MARGIN, KEPT = 0.05, 0.5
"""What "not worse" may cost: this share of the champion's pinball loss, and no more than leaves this share of what the
champion gains on the floor. Two fits of one recipe a week apart differ by up to 1.4 % (docs/adr/0006)."""
COVERAGE = 0.8
COVERAGE_TOLERANCE = 0.01
SEGMENT_POSTS = 100
MIN_POSTS = 30
MIN_BLOCKS = 5
# Below this many creators (by Kish's effective number) a creator's weeks are drawn instead.
MIN_CREATORS = 4.0
_AT_ONCE = 500
_DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Bounded:
    """An estimate between its two one-sided bounds."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Segment:
    """`difference`: of pinball, challenger - champion; bounds hold for all segments together (Bonferroni)."""

    name: str
    posts: int
    difference: Bounded
    worse: bool


@dataclass(frozen=True)
class Verdict:
    """Whether the challenger `won` under `rule`, why in words, and the figures it rests on.

    `difference`: of mean pinball, challenger - `against`; `farther`: how much farther from 80 % the challenger's
    coverage is. `blocks`: creators (or creators' weeks, see `unit`) drawn."""

    won: bool
    reason: str
    rule: Rule
    against: str
    posts: int
    creators: int
    blocks: int
    unit: Unit
    pinball: tuple[float, float]
    difference: Bounded
    coverage: tuple[float, float]
    farther: Bounded
    segments: tuple[Segment, ...]

    @property
    def figures(self) -> dict[str, float]:
        """Flat, for the promotion log; only what is a number."""
        who = self.against
        found = {
            "posts": float(self.posts),
            "creators": float(self.creators),
            "blocks": float(self.blocks),
            "pinball": self.pinball[0],
            f"{who}_pinball": self.pinball[1],
            "pinball_difference": self.difference.value,
            "pinball_difference_low": self.difference.low,
            "pinball_difference_high": self.difference.high,
            "coverage80": self.coverage[0],
            f"{who}_coverage80": self.coverage[1],
            "coverage_farther": self.farther.value,
            "coverage_farther_low": self.farther.low,
        }
        for one in self.segments:
            found[f"{one.name}: posts"] = float(one.posts)
            found[f"{one.name}: pinball_difference"] = one.difference.value
            found[f"{one.name}: pinball_difference_low"] = one.difference.low
        return {name: round(value, 6) for name, value in found.items() if np.isfinite(value)}


def challenge(
    pairs: pd.DataFrame,
    rule: Rule = "better",
    *,
    against: str = "champion",
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
) -> Verdict:
    """pairs: one row per post that neither trained on: channel_id, published_at, truth, challenger_p10, _p50, _p90 and
    champion_p10, _p50, _p90 in ln(1+metric); and what segments need: base_ln, floor_ln (NaN without history),
    media_type.

    "better": the upper bound of the difference in pinball is below 0. "not worse": below the margin (`MARGIN`).
    Either way coverage may not be farther from 80 %, and no segment of `SEGMENT_POSTS` worse, beyond what the
    bootstrap calls noise. The same pairs give the same verdict.
    """
    codes, unit = blocks(pairs)
    names, member = _segments(pairs)
    lost, covered = _losses(pairs, "challenger"), _losses(pairs, "champion")
    sums = _sums(codes, member, np.stack([lost[0], covered[0], lost[1], covered[1]], axis=1))
    whole = sums.sum(axis=0)
    drawn = _resampled(sums, resamples)
    ours, theirs, our_coverage, their_coverage = _means(whole[None, :, :])[0, 0]
    worst = 1 - (1 - confidence) / max(1, len(names))
    segments = []
    for i, name in enumerate(names, start=1):
        found = _bounded(drawn, whole, i, sums, worst, _pinball_difference)
        allowed = MARGIN * _means(whole[None, :, :])[0, i, 1] if rule == "not worse" else 0.0
        segments.append(Segment(name, int(whole[i, 0]), found, bool(found.low > allowed)))
    difference = _bounded(drawn, whole, 0, sums, confidence, _pinball_difference)
    farther = _bounded(drawn, whole, 0, sums, confidence, _farther)
    verdict = Verdict(
        won=False, reason="", rule=rule, against=against, posts=len(pairs),
        creators=int(pairs["channel_id"].nunique()), blocks=len(sums), unit=unit, pinball=(ours, theirs),
        difference=difference, coverage=(our_coverage, their_coverage), farther=farther,
        segments=tuple(segments),
    )  # fmt: skip
    return _judged(verdict, _margin(pairs, verdict), confidence)


def _margin(pairs: pd.DataFrame, v: Verdict) -> float:
    """Below which the upper bound has to be."""
    if v.rule == "better":
        return 0.0
    margin = MARGIN * v.pinball[1]
    if "floor_p50" in pairs:
        gained = float(_losses(pairs, "floor")[0].mean()) - v.pinball[1]
        margin = min(margin, max(0.0, (1 - KEPT) * gained))
    return margin


def blocks(pairs: pd.DataFrame) -> tuple[NDArray[np.int64], Unit]:
    """Number of each row's block. Creators; where there are few, or a few own most posts, each creator's weeks: what
    is then known holds for these creators alone."""
    creators, _ = pd.factorize(pairs["channel_id"], sort=True)
    creators = creators.astype(np.int64)
    if _effective(np.bincount(creators)) >= MIN_CREATORS:
        return creators, "creators"
    week = pd.DatetimeIndex(pairs["published_at"]).as_unit("us").asi8 // (7 * _DAY_US)
    both = pd.DataFrame({"creator": creators, "week": week})
    return both.groupby(["creator", "week"], sort=True).ngroup().to_numpy(np.int64), "weeks"


def _effective(sizes: NDArray[np.int64] | Floats) -> float:
    """Kish's effective number of blocks: that many of equal size would say as much."""
    total = float(np.sum(sizes))
    return total**2 / float(np.sum(np.square(sizes, dtype=float))) if total else 0.0


def _losses(pairs: pd.DataFrame, who: str) -> tuple[Floats, Floats]:
    """Of each row: pinball averaged over the quantiles, and whether the 80 % interval held it."""
    quantiles = pairs[[f"{who}_{q}" for q in ("p10", "p50", "p90")]].to_numpy(np.float64)
    truth = pairs["truth"].to_numpy(np.float64)
    over, levels = truth[:, None] - quantiles, np.array(QUANTILES)
    lost: Floats = np.maximum(levels * over, (levels - 1) * over).mean(axis=1)
    inside = (truth >= quantiles[:, 0]) & (truth <= quantiles[:, 2])
    return lost, inside.astype(np.float64)


def _segments(pairs: pd.DataFrame) -> tuple[list[str], NDArray[np.bool_]]:
    """Names of the large segments, and n x (1 + segments) of who belongs: everybody first."""
    found: dict[str, NDArray[np.bool_]] = {}
    base = pairs["base_ln"].to_numpy(np.float64) if "base_ln" in pairs else np.full(len(pairs), np.nan)
    if len(pairs) and np.isfinite(base).all() and np.ptp(base) > 0:
        low, high = np.quantile(base, [1 / 3, 2 / 3])
        found["small channels"], found["large channels"] = base <= low, base > high
        found["middle channels"] = ~(found["small channels"] | found["large channels"])
    if "floor_ln" in pairs:
        found["channels without history"] = pairs["floor_ln"].isna().to_numpy()
    if "media_type" in pairs:
        kinds = pairs["media_type"].astype(str).to_numpy()
        found |= {f"media {kind}": kinds == kind for kind in np.unique(kinds)}
    large = {name: of for name, of in found.items() if of.sum() >= SEGMENT_POSTS and not of.all()}
    everybody = np.ones(len(pairs), bool)
    return list(large), np.stack([everybody, *large.values()], axis=1)


def _sums(codes: NDArray[np.int64], member: NDArray[np.bool_], columns: Floats) -> Floats:
    """blocks x segments x (posts and the sums of each column)."""
    count = int(codes.max(initial=-1)) + 1
    with_one = np.concatenate([np.ones((len(columns), 1)), columns], axis=1)
    out = np.zeros((count, member.shape[1], with_one.shape[1]))
    for i in range(member.shape[1]):
        for j in range(with_one.shape[1]):
            weights = with_one[:, j] * member[:, i]
            out[:, i, j] = np.bincount(codes, weights=weights, minlength=count)
    return out


def _resampled(sums: Floats, resamples: int) -> Floats:
    """resamples x segments x columns: sums over as many blocks as there are, drawn with replacement."""
    count, segments, columns = sums.shape
    random = np.random.default_rng(SEED)
    flat, parts = sums.reshape(count, segments * columns), []
    for start in range(0, resamples if count else 0, _AT_ONCE):
        size = min(_AT_ONCE, resamples - start)
        parts.append(random.multinomial(count, np.full(count, 1 / count), size=size) @ flat)
    drawn = np.concatenate(parts) if parts else np.zeros((0, segments * columns))
    return drawn.reshape(-1, segments, columns)


def _means(sums: Floats) -> Floats:
    """... x segments x (pinball of both, coverage of both) from ... x (posts, their sums)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        out: Floats = sums[..., 1:] / sums[..., :1]
    return out


def _pinball_difference(means: Floats) -> Floats:
    out: Floats = means[..., 0] - means[..., 1]
    return out


def _farther(means: Floats) -> Floats:
    """How much farther from 80 % the challenger's coverage is."""
    out: Floats = np.abs(means[..., 2] - COVERAGE) - np.abs(means[..., 3] - COVERAGE)
    return out


def _bounded(
    drawn: Floats,
    whole: Floats,
    segment: int,
    sums: Floats,
    confidence: float,
    statistic: Callable[[Floats], Floats],
) -> Bounded:
    """Percentile bounds, widened for few blocks of unequal size: a plain percentile interval of few blocks is too
    narrow. The widened level is Phi(-sqrt(G / (G - 1)) t) with Student's t of G - 1 degrees of freedom (Hesterberg
    2015, "What teachers should know about the bootstrap", expanded percentile interval), G by Kish."""
    value = float(statistic(_means(whole[None, segment, :]))[0])
    found = statistic(_means(drawn[:, segment, :]))
    found = found[np.isfinite(found)]
    effective = _effective(sums[:, segment, 0])
    if len(found) == 0 or effective < 2:
        return Bounded(value, -np.inf, np.inf)
    t = stats.t.ppf(confidence, effective - 1)
    level = float(stats.norm.cdf(-np.sqrt(effective / (effective - 1)) * t))
    low, high = np.quantile(found, [level, 1 - level])
    return Bounded(value, float(low), float(high))


def _judged(v: Verdict, margin: float, confidence: float) -> Verdict:
    who = "the floor" if v.against == "floor" else f"the {v.against}"
    if v.posts < MIN_POSTS or v.blocks < MIN_BLOCKS:
        reason = f"{v.posts} posts in {v.blocks} blocks are too few to compare with {who}"
        return replace(v, reason=reason)
    of = (
        f"{v.creators:,} creators" if v.unit == "creators" else f"{v.blocks:,} weeks of {v.creators} creators"
    )
    told = (
        f"pinball {v.pinball[0]:.4f} against {who}'s {v.pinball[1]:.4f} on {v.posts:,} posts of {of} that neither "
        f"had trained on, a difference of {v.difference.value:+.4f}, at most {v.difference.high:+.4f} with "
        f"{confidence:.0%} confidence"
    )
    against: list[str] = []
    if not v.difference.high < margin:
        needed = "below 0" if v.rule == "better" else f"below {margin:+.4f}"
        against.append(f"not shown to be {v.rule}: that has to be {needed}")
    if v.farther.low > COVERAGE_TOLERANCE:
        against.append(f"its 80 % interval held {v.coverage[0]:.1%}, {who}'s {v.coverage[1]:.1%}")
    for one in v.segments:
        if one.worse:
            against.append(f"worse on {one.name}: {one.difference.value:+.4f} on {one.posts:,} posts")
    won = not against
    return replace(v, won=won, reason=f"{told}; {'; '.join(against)}" if against else told)
