"""What else a prediction tells: other metrics, what was seen of the post since, which model made it. No Streamlit in here."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from creatorlens.api import GradedPrediction, OtherMetric, Prediction, Seen
from dashboard import words
from dashboard.forecast_shapes import at_horizon

OTHERS = ("views", "likes", "comments", "shares")


def other_metrics(prediction: Prediction, horizon_h: float) -> list[OtherMetric]:
    """Those at the age nearest to `horizon_h`, in a fixed order, without the primary metric."""
    found = [m for m in prediction.other_metrics if m.metric != prediction.metric]
    if not found:
        return []
    age = min((m.horizon_h for m in found), key=lambda h: abs(math.log(h / horizon_h)))
    return sorted((m for m in found if m.horizon_h == age), key=lambda m: OTHERS.index(m.metric))


def other_metrics_rows(metrics: Sequence[OtherMetric]) -> list[tuple[str, str, str]]:
    """Name, middle, band in words."""
    return [
        (m.metric.capitalize(), words.count(m.p50), f"{words.count(m.p10)} to {words.count(m.p90)}")
        for m in metrics
    ]


def origin(prediction: Prediction) -> str:
    """Which version made it."""
    served = f"version {prediction.model_version} of {prediction.model_name}"
    if prediction.arm == "canary":
        return f"Made by {served}, which is being tried on a share of the forecasts (canary)."
    if prediction.serves == "floor":
        return f"Made by {served}, which answers with the channel's own last posts."
    return f"Made by {served}."


def seen_words(seen: Sequence[Seen], metric: str) -> str:
    """'after 3 hours 1.2k views, after 1 day 4k views'."""
    ordered = sorted(seen, key=lambda s: s.age_h)
    return ", ".join(f"after {age_words(s.age_h)} {words.count(s.value)} {metric}" for s in ordered)


def age_words(hours: float) -> str:
    """0.5 → '30 minutes', 30.4 → '30 hours', 100 → '4.2 days'."""
    if hours < 1:
        return f"{max(1, round(hours * 60))} minutes"
    if hours < 48:
        return "1 hour" if round(hours) == 1 else f"{hours:.0f} hours"
    days = f"{hours / 24:.1f}".removesuffix(".0")
    return f"{days} days"


def revision_frame(first: Prediction | None, revised: Prediction) -> pd.DataFrame:
    """One row per forecast and age: who ('first' or 'revised'), horizon_h, p10, p50, p90 with words; and what was seen
    (who 'seen', p50 alone)."""
    rows: list[dict[str, object]] = []
    for who, prediction in (("first", first), ("revised", revised)):
        for f in prediction.forecasts if prediction is not None else ():
            rows.append(_row(who, f.horizon_h, f.p10, f.p50, f.p90))
    rows += [_row("seen", s.age_h, math.nan, s.value, math.nan) for s in revised.seen]
    columns = ["who", "horizon_h", "age_words", "p10", "p50", "p90", "p50_words", "band_words"]
    return pd.DataFrame(rows, columns=columns)


def _row(who: str, horizon_h: float, p10: float, p50: float, p90: float) -> dict[str, object]:
    band = "" if math.isnan(p10) else f"{words.count(p10)} to {words.count(p90)}"
    return {
        "who": who, "horizon_h": horizon_h, "age_words": age_words(horizon_h), "p10": p10, "p50": p50, "p90": p90,
        "p50_words": words.count(p50), "band_words": band,
    }  # fmt: skip


def revision_sentence(first: Prediction | None, revised: Prediction, horizon_h: float) -> str:
    """What was seen and what that changed, in words; empty where nothing was seen."""
    if not revised.seen:
        return ""
    metric = words.metric(revised.platform, revised.metric)
    now = at_horizon(revised, horizon_h)
    text = f"Seen so far: {seen_words(revised.seen, metric)}."
    if first is None:
        return text
    then = at_horizon(first, horizon_h)
    change = words.change(math.expm1(math.log1p(now.p50) - math.log1p(then.p50)))
    narrower = _width(now.p10, now.p90) / max(1e-9, _width(then.p10, then.p90))
    text += (
        f" The forecast after {words.horizon(now.horizon_h)} went from {words.count(then.p50)} to "
        f"**{words.count(now.p50)}** ({change})"
    )
    return text + (f", its band is {words.share(1 - narrower)} narrower." if narrower < 0.95 else ".")


def _width(low: float, high: float) -> float:
    return math.log1p(max(0.0, high)) - math.log1p(max(0.0, low))


def grades_rows(prediction: GradedPrediction) -> list[tuple[str, ...]]:
    """Age, band, what happened, inside or not: one row per graded age."""
    rows: list[tuple[str, ...]] = []
    for grade in sorted(prediction.grades, key=lambda g: g.horizon_h):
        forecast = at_horizon(prediction, grade.horizon_h)
        rows.append(
            (
                words.horizon(grade.horizon_h),
                f"{words.count(forecast.p10)} to {words.count(forecast.p90)}",
                words.count(grade.outcome),
                "inside the band" if grade.covered80 else "outside the band",
            )
        )
    return rows
