"""A forecast taken apart: audience + timing + content, and how two forecasts differ. No Streamlit in here.

Parts are additive in ln(1 + count), so that as changes they multiply: level × (1 + timing) × (1 + content).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import pandas as pd

from creatorlens.api import ForecastAtHorizon, ForecastPart, Prediction
from creatorlens.platforms import MATURE_AGE_H
from dashboard import words

LABELS = {"audience": "usual level of this channel", "timing": "this time", "content": "this content"}
SAME_LN = 1e-9
_Z = NormalDist()
HARDLY_LN = math.log(1.05)
"""Below this a change is called small where its range is not known."""

COLUMNS = ["name", "label", "kind", "start", "end", "low", "high", "value_words", "range_words", "noise"]


def week_forecast(prediction: Prediction) -> ForecastAtHorizon:
    """The forecast that the parts add up to: at the age nearest a week (on the logarithm of ages)."""
    return min(prediction.forecasts, key=lambda f: abs(math.log(f.horizon_h / MATURE_AGE_H)))


def has_parts(prediction: Prediction) -> bool:
    """Whether there is something to take apart: a forecast of the model's own, and its three parts."""
    return len(prediction.parts) == len(LABELS) and not week_forecast(prediction).abstained


def within_noise(part: ForecastPart) -> bool:
    return part.low_ln <= 0.0 <= part.high_ln


def waterfall_frame(prediction: Prediction) -> pd.DataFrame:
    """Rows audience, timing, content and the total, in counts: each bar goes from `start` to `end`, its 80 % interval
    from `low` to `high`. Empty where the forecast cannot be taken apart."""
    if not has_parts(prediction):
        return pd.DataFrame(columns=COLUMNS)
    by_name = {part.name: part for part in prediction.parts}
    rows: list[dict[str, object]] = []
    reached = 0.0
    for name, label in LABELS.items():
        part = by_name[name]  # type: ignore[index]
        start, reached = reached, reached + part.ln
        level = name == "audience"
        rows.append(
            {
                "name": name,
                "label": label,
                "kind": "level" if level else "step",
                "start": math.expm1(reached if level else start),
                "end": math.expm1(reached),
                "low": math.expm1(start + part.low_ln),
                "high": math.expm1(start + part.high_ln),
                "value_words": words.count(math.expm1(part.ln))
                if level
                else words.change(math.expm1(part.ln)),
                "range_words": _range(part, level),
                "noise": not level and within_noise(part),
            }
        )
    rows.append(_total(prediction, reached))
    return pd.DataFrame(rows, columns=COLUMNS)


def _range(part: ForecastPart, level: bool) -> str:
    low, high = math.expm1(part.low_ln), math.expm1(part.high_ln)
    return f"{words.count(low)} to {words.count(high)}" if level else words.between(low, high)


def _total(prediction: Prediction, reached: float) -> dict[str, object]:
    forecast = week_forecast(prediction)
    middle = math.expm1(reached)
    return {
        "name": "forecast",
        "label": f"forecast after {words.horizon(forecast.horizon_h)}",
        "kind": "total",
        "start": middle,
        "end": middle,
        # The whole band stands in the chart above; here it would squeeze the parts to nothing.
        "low": middle,
        "high": middle,
        "value_words": words.count(middle),
        "range_words": f"{words.count(forecast.p10)} to {words.count(forecast.p90)}",
        "noise": False,
    }


def sentence(frame: pd.DataFrame) -> str:
    """'usual level of this channel 12.4k · this time −6 % (−12 % to +1 %) · this content +14 % (+3 % to +26 %)'."""
    said = [
        f"{row['label']} **{row['value_words']}**"
        + (f" ({row['range_words']})" if row["kind"] == "step" else "")
        for row in frame.to_dict("records")
        if row["kind"] != "total"
    ]
    text = " · ".join(said)
    return text[:1].upper() + text[1:]


def noise_sentence(frame: pd.DataFrame) -> str:
    """Which parts may as well be nothing."""
    quiet = [row["label"] for row in frame.to_dict("records") if row["noise"]]
    if not quiet:
        return ""
    verb = "lies" if len(quiet) == 1 else "lie"
    text = f"{' and '.join(quiet)} {verb} within the noise: the range includes no change at all."
    return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class Difference:
    """`effect` of going from one forecast to another, as a change; `low` and `high` its 80 % range, None where it is
    not known; `noise` where the change may as well be none."""

    effect: float
    low: float | None
    high: float | None
    noise: bool

    @property
    def words(self) -> str:
        """'+8 % (−2 % to +19 %)'."""
        if self.low is None or self.high is None:
            return words.change(self.effect)
        return f"{words.change(self.effect)} ({words.between(self.low, self.high)})"


def difference(
    before: ForecastAtHorizon, after: ForecastAtHorizon, a: Prediction, b: Prediction, *, among: int = 1
) -> Difference:
    """From the forecast `before` (of prediction a) to `after` (of b) at one age.

    The range comes from the parts that are not the same in both, their half-widths added as squares, as if errors
    were independent. What both share cancels out: the level of a channel is the same unknown in all its drafts.
    Errors of two drafts that are nearly the same go together, so that the true range is rather narrower.
    `among`: how many differences are looked at to pick one; the best of many stands out by chance alone, so that it
    has to stand out further not to be called noise (Bonferroni).
    """
    ln = math.log1p(max(0.0, after.p50)) - math.log1p(max(0.0, before.p50))
    effect = math.expm1(ln)
    if abs(ln) < SAME_LN:
        return Difference(0.0, 0.0, 0.0, noise=True)
    sides = _sides(a, b)
    if sides is None:
        return Difference(effect, None, None, noise=abs(ln) < HARDLY_LN)
    low, high = ln - sides[0], ln + sides[1]
    wider = _Z.inv_cdf(1 - 0.1 / among) / _Z.inv_cdf(0.9)
    noise = ln - wider * sides[0] <= 0.0 <= ln + wider * sides[1]
    return Difference(effect, math.expm1(low), math.expm1(high), noise=noise)


def _sides(a: Prediction, b: Prediction) -> tuple[float, float] | None:
    """Half-widths (ln) below and above of b - a; None where one of them has no parts."""
    if not (has_parts(a) and has_parts(b)):
        return None
    firsts = {part.name: part for part in a.parts}
    low = high = 0.0
    for part in b.parts:
        first = firsts[part.name]
        shared = part.name == "audience" and a.channel_id == b.channel_id
        if shared or abs(part.ln - first.ln) < SAME_LN:
            continue
        low += (part.ln - part.low_ln) ** 2 + (first.high_ln - first.ln) ** 2
        high += (part.high_ln - part.ln) ** 2 + (first.ln - first.low_ln) ** 2
    return math.sqrt(low), math.sqrt(high)
