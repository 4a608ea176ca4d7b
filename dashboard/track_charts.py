"""The charts of the track record: Altair from frames. No Streamlit in here."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from dashboard.forecast_charts import COUNTS, LOG_FROM, ticks
from dashboard.palette import Palette
from dashboard.track_shapes import PROMISED


def coverage(frame: pd.DataFrame, colours: Palette) -> Any:
    """Share inside the band with its range of chance, against the promised 80 %."""
    x = _category(frame, colours)
    y = alt.Y(
        "coverage:Q",
        scale=alt.Scale(domain=[0, 1]),
        axis=_axis(colours, format="%", values=[0, 0.2, 0.4, 0.6, 0.8, 1]),
    )
    tooltip = [
        alt.Tooltip("label:N", title="Slice"),
        alt.Tooltip("coverage_words:N", title="Inside the band"),
        alt.Tooltip("n:Q", title="Graded forecasts"),
    ]
    promise = (
        alt.Chart(pd.DataFrame([{"coverage": PROMISED}]))
        .mark_rule(color=colours.ink, strokeDash=[5, 4])
        .encode(y=y)
    )
    base = alt.Chart(frame)
    spread = base.mark_rule(color=colours.forecast, opacity=0.4, strokeWidth=6, strokeCap="round").encode(
        x=x, y=alt.Y("low:Q"), y2="high:Q", tooltip=tooltip
    )
    dots = base.mark_circle(color=colours.forecast, size=110, opacity=1).encode(x=x, y=y, tooltip=tooltip)
    return (promise + spread + dots).properties(height=240)


def skill(frame: pd.DataFrame, colours: Palette) -> Any:
    """How much smaller (up) or larger (down) the error was than the floor's."""
    x = _category(frame, colours)
    reach = max(0.1, float(frame["skill"].abs().max()) * 1.3)
    y = alt.Y(
        "skill:Q", scale=alt.Scale(domain=[-reach, reach]), axis=_axis(colours, format="+%", tickCount=5)
    )
    colour = alt.condition(alt.datum.skill >= 0, alt.value(colours.up), alt.value(colours.down))
    tooltip = [
        alt.Tooltip("label:N", title="Slice"),
        alt.Tooltip("skill_words:N", title="Better than the floor by"),
        alt.Tooltip("n:Q", title="Graded forecasts"),
    ]
    zero = alt.Chart(pd.DataFrame([{"skill": 0.0}])).mark_rule(color=colours.ink).encode(y=y)
    bars = (
        alt.Chart(frame.dropna(subset=["skill"]))
        .mark_bar(cornerRadius=3, size=22)
        .encode(x=x, y=y, color=colour, tooltip=tooltip)
    )
    return (bars + zero).properties(height=240)


def outcomes(frame: pd.DataFrame, metric: str, colours: Palette) -> Any:
    """Each forecast as a bar, what happened as a dot: in colour where it fell outside."""
    top = float(frame[["p90", "outcome"]].max().max())
    bottom = float(frame[["p10", "outcome"]].min().min())
    log = top > LOG_FROM * max(bottom, 1.0)
    scale = (
        alt.Scale(type="log", domain=[max(bottom, 1.0) * 0.75, top * 1.3], clamp=True, nice=False)
        if log
        else alt.Scale(type="linear", domain=[0, top * 1.1], nice=False)
    )
    axis = _axis(colours, labelExpr=COUNTS, **ticks(scale))
    x = alt.X("position:Q", axis=None, scale=alt.Scale(domain=[0.3, len(frame) + 0.7], nice=False))
    tooltip = [
        alt.Tooltip("planned:N", title="Planned"),
        alt.Tooltip("outcome_words:N", title=metric.capitalize()),
        alt.Tooltip("band_words:N", title="Forecast"),
        alt.Tooltip("made_by:N", title="Band from"),
    ]
    width = max(4, min(16, 360 // max(1, len(frame))))
    base = alt.Chart(frame)
    bars = base.mark_bar(size=width, cornerRadius=4, color=colours.forecast, opacity=0.3).encode(
        x=x, y=alt.Y("p10:Q", scale=scale, axis=axis), y2="p90:Q", tooltip=tooltip
    )
    middles = base.mark_tick(size=width, thickness=2, color=colours.forecast, orient="horizontal").encode(
        x=x, y=alt.Y("p50:Q", scale=scale, axis=axis), tooltip=tooltip
    )
    dots = base.mark_circle(size=70, opacity=1, stroke=colours.paper, strokeWidth=1).encode(
        x=x,
        y=alt.Y("outcome:Q", scale=scale, axis=axis),
        color=alt.condition(alt.datum.inside, alt.value(colours.ink), alt.value(colours.down)),
        tooltip=tooltip,
    )
    return (bars + middles + dots).properties(height=300)


def calibration(frame: pd.DataFrame, colours: Palette) -> Any:
    """Where outcomes fell (bars) against where they should fall (marks)."""
    x = alt.X(
        "part:N",
        sort=list(frame["part"]),
        axis=alt.Axis(title=None, labelAngle=0, ticks=False, domain=False, labelColor=colours.ink),
    )
    top = max(0.5, float(frame["share"].max()) * 1.2)
    y = alt.Y("share:Q", scale=alt.Scale(domain=[0, top]), axis=_axis(colours, format="%", tickCount=4))
    tooltip = [
        alt.Tooltip("part:N", title="Outcome"),
        alt.Tooltip("share_words:N", title="Share"),
        alt.Tooltip("expected:Q", title="Expected", format=".0%"),
        alt.Tooltip("n:Q", title="Forecasts"),
    ]
    base = alt.Chart(frame)
    bars = base.mark_bar(cornerRadius=3, size=42, color=colours.forecast, opacity=0.55).encode(
        x=x, y=y, tooltip=tooltip
    )
    marks = base.mark_tick(size=52, thickness=3, color=colours.ink, orient="horizontal").encode(
        x=x, y=alt.Y("expected:Q"), tooltip=tooltip
    )
    return (bars + marks).properties(height=240)


def _category(frame: pd.DataFrame, colours: Palette) -> Any:
    axis = alt.Axis(
        title=None, labelAngle=0, ticks=False, domain=False, labelColor=colours.ink, labelOverlap=True
    )
    return alt.X("label:N", sort=list(frame["label"]), axis=axis)


def _axis(colours: Palette, **options: Any) -> Any:
    return alt.Axis(
        title=None, domain=False, ticks=False, gridColor=colours.faint, gridOpacity=0.6, labelOverlap=False,
        labelColor=colours.muted, **options,
    )  # fmt: skip
