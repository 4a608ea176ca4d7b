"""Early performance: what is still to come of a post, once it has been seen.

A post seen at age a with value v will have at age h what it has now and what it still adds. How much is learned from
posts observed at least twice (`growth_curve`; where many posts were seen three times and more, an LSTM over a post's own
observations beside it: `revision_sequence`), and calibrated on posts seen later than those. Without pairs enough, the growth
that the unrevised forecast itself expects between the two ages serves, with a cautious spread.

Nothing is below what was seen already; at h = a the revision is what was seen, and for a post just published the
unrevised forecast.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from training.columns import QUANTILES, Floats
from training.conformal import quantile
from training.growth_curve import GrowthCurve, fit_growth_curve
from training.growth_pairs import GrowthPairs, Track, growth_pairs

if TYPE_CHECKING:
    from training.revision_sequence import EarlySequence

MIN_PAIRS = 60
MIN_LONG_POSTS = 150
"""Posts seen at least three times, from which an LSTM over their observations is tried."""

FIT_SHARE = 0.65
_MIN_CALIBRATION = 15
# What is kept beside the simplest must be 3 % better on posts seen later: a few hundred pairs tell no less apart.
_WORTH = 0.97
# Of age only: an observation this young says half as much as the unrevised forecast.
HALF_TRUST_H = 6.0
PRIOR_YOUNGEST_H = 24.0
_PRIOR_FADE = 0.1
_Z80 = 1.2816
_FALLS_SHARE = 0.05


@dataclass(frozen=True)
class Margins:
    """Conformal: `down` is taken from p10 (ln), `up` multiplies p90's growth; of `n` pairs never learned from."""

    down: float
    up: float
    n: int

    def apply(self, growth: Floats, *, monotone: bool) -> Floats:
        out = growth.copy()
        lowest = out[:, 0] - self.down
        out[:, 0] = np.minimum(np.maximum(lowest, 0.0) if monotone else lowest, out[:, 1])
        out[:, 2] = np.maximum(out[:, 2] * self.up, out[:, 1])
        return out


@dataclass(frozen=True)
class Revision:
    """`curve` None: the unrevised forecast's own growth serves. `monotone`: counts practically never fall here.

    `figures`: what decided, for people (pairs, posts, losses on posts seen later).
    """

    curve: GrowthCurve | None
    margins: Margins
    monotone: bool
    figures: dict[str, float]
    sequence: EarlySequence | None = None
    sequence_margins: Margins | None = None

    def apply(
        self,
        quantiles_at_seen: Floats,
        quantiles_at_horizon: Floats,
        seen_age_h: Floats,
        seen_value: Floats,
        horizon_h: Floats,
        sequence: Sequence[Sequence[tuple[float, float]]] | None = None,
    ) -> Floats:
        """n x 3 in ln(1+metric), never crossing, never falling with the horizon.

        quantiles_*: n x 3, unrevised, at the age last seen and at the horizon. `sequence`: all observations
        (age_h, value) of each row, ascending, the last one as in seen_age_h and seen_value. A horizon that is past
        is answered with what can have been by then.
        """
        age = np.maximum(np.asarray(seen_age_h, float), 1e-3)
        horizon = np.asarray(horizon_h, float)
        seen = np.log1p(np.maximum(np.asarray(seen_value, float), 0.0))
        before, after = np.asarray(quantiles_at_seen, float), np.asarray(quantiles_at_horizon, float)
        early, late = np.minimum(age, horizon), np.maximum(age, horizon)
        growth = self._growth(before, after, seen, early, late, sequence)
        past = horizon < age
        # Backwards: what was added since then is taken off again.
        grown = seen[:, None] + np.where(past[:, None], -growth[:, ::-1], growth)
        trust = trust_in(age, self._youngest_h)[:, None]
        out = np.where(past[:, None], grown, trust * grown + (1.0 - trust) * after)
        if self.monotone:
            out = np.where(past[:, None], np.minimum(out, seen[:, None]), np.maximum(out, seen[:, None]))
        else:
            out[:, 1] = np.where(past, np.minimum(out[:, 1], seen), np.maximum(out[:, 1], seen))
        result: Floats = np.sort(out, axis=1)
        return result

    @property
    def _youngest_h(self) -> float:
        return PRIOR_YOUNGEST_H if self.curve is None else self.curve.youngest_h

    def _growth(
        self,
        before: Floats,
        after: Floats,
        seen: Floats,
        early: Floats,
        late: Floats,
        sequence: Sequence[Sequence[tuple[float, float]]] | None,
    ) -> Floats:
        if self.curve is None:
            return _prior_growth(before, after, early, late)
        surprise = seen - before[:, 1]
        growth = self.curve.growth(early, late, surprise)
        out = self.margins.apply(growth, monotone=self.monotone)
        if self.sequence is not None and self.sequence_margins is not None and sequence is not None:
            tracks = [_track(one) for one in sequence]
            long = np.array([len(track) > 1 for track in tracks], bool)
            if long.any():
                told = self.sequence.growth(growth[long], [t for t in tracks if len(t) > 1], self.curve)
                out[long] = self.sequence_margins.apply(told, monotone=self.monotone)
        return out

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        curve = self.curve
        told: dict[str, Any] = {
            "curve": None
            if curve is None
            else {
                "weights": curve.weights.tolist(),
                "youngest_h": curve.youngest_h,
                "oldest_h": curve.oldest_h,
            },
            "margins": vars(self.margins),
            "monotone": self.monotone,
            "figures": self.figures,
            "sequence_margins": None if self.sequence_margins is None else vars(self.sequence_margins),
        }
        if self.sequence is not None:
            self.sequence.save(folder)
        (folder / "revision.json").write_text(json.dumps(told, sort_keys=True, indent=1))


def load_revision(folder: Path) -> Revision:
    told: dict[str, Any] = json.loads((folder / "revision.json").read_text())
    curve, sequence = told["curve"], None
    if told["sequence_margins"] is not None:
        from training.revision_sequence import load_early_sequence

        sequence = load_early_sequence(folder)
    return Revision(
        curve=None
        if curve is None
        else GrowthCurve(np.array(curve["weights"]), curve["youngest_h"], curve["oldest_h"]),
        margins=Margins(**told["margins"]),
        monotone=told["monotone"],
        figures=told["figures"],
        sequence=sequence,
        sequence_margins=None if told["sequence_margins"] is None else Margins(**told["sequence_margins"]),
    )


def fit_revision(rows: pd.DataFrame, forecasts: Floats | None = None) -> Revision:
    """rows: labelled rows of one metric definition, several observations per post; forecasts: n x 3 in ln(1+metric) that
    the model gave each row at its own age before anything was seen, NaN where it gave none (best from models that
    had not trained on the row). With too few pairs the revision rests on the forecast's own growth."""
    pairs = growth_pairs(rows, None if forecasts is None else np.asarray(forecasts, float)[:, 1])
    return fit_from_pairs(pairs)


def fit_from_pairs(pairs: GrowthPairs) -> Revision:
    """In the order of time; the later part, without creators of the earlier, decides what is kept and how wide it is."""
    falls = float((pairs.growth < 0).mean()) if len(pairs) else 0.0
    monotone = falls < _FALLS_SHARE
    figures = {"pairs": float(len(pairs)), "posts": float(pairs.posts), "falls_share": falls}
    learn, judge = _by_time(pairs)
    if len(pairs) < MIN_PAIRS or len(judge) < _MIN_CALIBRATION:
        return Revision(None, Margins(0.0, 1.0, 0), True, figures)
    plain, conditional = (fit_growth_curve(learn, surprise=flag) for flag in (False, True))
    lost = [growth_loss(_of(curve, judge), judge) for curve in (plain, conditional)]
    surprise = lost[1] < _WORTH * lost[0]
    figures |= {"loss": lost[0], "loss_with_surprise": lost[1], "surprise_kept": float(surprise)}
    earlier = conditional if surprise else plain
    margins = _margins(_of(earlier, judge), judge)
    curve = fit_growth_curve(pairs, surprise=surprise)
    sequence, sequence_margins = _sequence(pairs, learn, judge, earlier, curve, figures)
    return Revision(curve, margins, monotone, figures, sequence, sequence_margins)


def growth_loss(growth: Floats, pairs: GrowthPairs) -> float:
    """Mean pinball loss over p10, p50, p90, each post weighing the same."""
    over = pairs.growth[:, None] - growth
    levels = np.array(QUANTILES)
    lost = np.maximum(levels * over, (levels - 1) * over).mean(axis=1)
    return float(np.average(lost, weights=pairs.weight))


def trust_in(age_h: Floats, youngest_h: float) -> Floats:
    """1 for ages that were learned from, falling to 0 for a post just published."""
    untried = np.clip(1.0 - age_h / youngest_h, 0.0, 1.0)
    out: Floats = age_h / (age_h + HALF_TRUST_H * untried)
    return out


def _of(curve: GrowthCurve, pairs: GrowthPairs) -> Floats:
    return curve.growth(pairs.age_h, pairs.later_h, pairs.surprise)


def _by_time(pairs: GrowthPairs) -> tuple[GrowthPairs, GrowthPairs]:
    if len(pairs) == 0:
        return pairs, pairs
    cut = np.sort(pairs.seen_us)[min(int(len(pairs) * FIT_SHARE), len(pairs) - 1)]
    earlier = pairs.seen_us < cut
    known = set(pairs.channel_id[earlier].tolist())
    new = np.array([channel not in known for channel in pairs.channel_id], bool)
    # One creator alone: later posts of the same channel must do.
    apart = ~earlier & new
    judge = apart if apart.sum() >= _MIN_CALIBRATION else ~earlier
    return pairs.take(earlier), pairs.take(judge)


def _margins(growth: Floats, pairs: GrowthPairs) -> Margins:
    low, _, high = QUANTILES
    ratio = pairs.growth / np.maximum(growth[:, 2], 1e-6)
    return Margins(
        down=quantile(growth[:, 0] - pairs.growth, 1.0 - low, weight=pairs.weight, unseen=True),
        up=max(quantile(ratio, high, weight=pairs.weight, unseen=True), 0.5),
        n=len(pairs),
    )


def _sequence(
    pairs: GrowthPairs,
    learn: GrowthPairs,
    judge: GrowthPairs,
    earlier: GrowthCurve,
    curve: GrowthCurve,
    figures: dict[str, float],
) -> tuple[EarlySequence | None, Margins | None]:
    """An LSTM over the post's own observations, where posts enough have them and it is better on later posts."""
    learning, judging = learn.take(learn.long_tracks), judge.take(judge.long_tracks)
    figures["posts_seen_thrice"] = float(pairs.take(pairs.long_tracks).posts)
    if learning.posts < MIN_LONG_POSTS * FIT_SHARE or len(judging) < _MIN_CALIBRATION:
        return None, None
    from training.revision_sequence import fit_early_sequence

    tried = fit_early_sequence(learning, _of(earlier, learning), earlier)
    told = tried.growth(_of(earlier, judging), judging.tracks, earlier)
    figures["sequence_loss"] = growth_loss(told, judging)
    figures["sequence_loss_without"] = growth_loss(_of(earlier, judging), judging)
    if figures["sequence_loss"] >= _WORTH * figures["sequence_loss_without"]:
        return None, None
    long = pairs.take(pairs.long_tracks)
    return fit_early_sequence(long, _of(curve, long), curve), _margins(told, judging)


def _prior_growth(before: Floats, after: Floats, early: Floats, late: Floats) -> Floats:
    """What the unrevised forecast itself adds between the two ages. The spread: counts at two ages are correlated by
    (early/late)^0.1, which is wider than any platform we saw twice (TikTok: exponents of 0.03 to 0.06)."""
    forward = np.maximum(np.abs(after[:, 1] - before[:, 1]), 0.0)
    spread = (np.maximum(after[:, 2] - after[:, 0], 0.2)) / (2 * _Z80)
    apart = spread * np.sqrt(np.maximum(1.0 - (early / late) ** (2 * _PRIOR_FADE), 0.0))
    return np.stack([np.maximum(forward - _Z80 * apart, 0.0), forward, forward + _Z80 * apart], axis=1)


def _track(observations: Sequence[tuple[float, float]]) -> Track:
    return tuple(
        (float(np.log(max(age, 1e-3))), float(np.log1p(max(value, 0.0)))) for age, value in observations
    )
