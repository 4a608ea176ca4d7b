"""Forecasts as intervals on one axis, and along hours, days and ages: Altair from frames. No Streamlit in here."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from dashboard.forecast_charts import COUNTS, LOG_FROM, ticks
from dashboard.palette import Palette

ROW_PX = 60
AXIS_PX = 48
TIMES = "'×' + format(datum.value, '~g')"


def rows(frame: pd.DataFrame, colours: Palette, *, counts: bool) -> Any:
    """frame: label, p10, p50, p90, floor, p50_words, band_words, chance_words, modelled. A row a draft: its words above,
    the band as a bar, the middle as a mark, the floor dashed. What is no forecast of ours is grey."""
    scale = _scale(frame, counts)
    axis = alt.Axis(
        title=None, labelExpr=COUNTS if counts else TIMES, **ticks(scale), grid=True, gridColor=colours.faint,
        domain=False, ticks=False, labelColor=colours.muted,
    )  # fmt: skip

    def x(field: str) -> Any:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    y = alt.Y(
        "label:N", sort=list(frame["label"]), axis=None, scale=alt.Scale(paddingInner=0.3, paddingOuter=0.3)
    )
    tooltip = [
        alt.Tooltip("label:N", title="Draft"),
        alt.Tooltip("p50_words:N", title="Middle"),
        alt.Tooltip("band_words:N", title="Four out of five"),
        alt.Tooltip("chance_words:N", title="Chance to beat the last five"),
    ]
    base = alt.Chart(frame)
    colour = alt.condition(alt.datum.modelled, alt.value(colours.forecast), alt.value(colours.history))
    bars = base.mark_bar(height=15, cornerRadius=5, opacity=0.42, yOffset=8).encode(
        x=x("p10"), x2="p90:Q", y=y, color=colour, tooltip=tooltip
    )
    middles = base.mark_tick(
        size=19, thickness=3, yOffset=8, orient="vertical", opacity=1, color=colours.ink
    ).encode(x=x("p50"), y=y, tooltip=tooltip)
    floors = (
        base.transform_filter("isValid(datum.floor)")
        .mark_tick(size=27, thickness=1.5, yOffset=8, orient="vertical", opacity=1, color=colours.muted)
        .encode(x=x("floor"), y=y, strokeDash=alt.value([3, 2]))
    )
    text = {"fontSize": 12.5, "dy": -15}
    names = base.mark_text(align="left", color=colours.ink, limit=230, **text).encode(
        x=alt.value(0), y=y, text="label:N", tooltip=tooltip
    )
    values = base.mark_text(align="right", color=colours.ink, fontWeight="bold", **text).encode(
        x=alt.value("width"), y=y, text="p50_words:N", tooltip=tooltip
    )
    return alt.layer(bars, floors, middles, names, values).properties(height=ROW_PX * len(frame) + AXIS_PX)


def rows_words(frame: pd.DataFrame) -> str:
    """The chart for people who hear it."""
    return "; ".join(
        f"{row['label']}: middle {row['p50_words']}, four times out of five {row['band_words']}, "
        f"chance to beat the last five posts: {row['chance_words']}"
        for row in frame.to_dict("records")
    )


def _scale(frame: pd.DataFrame, counts: bool) -> Any:
    low = float(frame[["p10", "floor"]].min().min())
    high = float(frame[["p90", "floor"]].max().max())
    least = 1.0 if counts else 0.05
    if high > LOG_FROM * max(low, least):
        return alt.Scale(type="log", domain=[max(low, least) * 0.8, high * 1.25], clamp=True, nice=False)
    return alt.Scale(type="linear", domain=[0, high * 1.1 or 1.0], nice=False)


def curve(frame: pd.DataFrame, colours: Palette, *, every: int = 1) -> Any:
    """frame: label, position, p50, p50_words, change_words, noise, chosen. The middle forecast along hours or days as
    a line; points that differ from the choice by more than noise are filled. The axis starts at nought: a line that
    looks flat says that the time hardly matters."""
    labels = frame["label"].tolist()
    shown = [i for i in range(len(labels)) if i % every == 0]
    expression = "''"
    for i in shown:
        expression = f"datum.value == {i} ? '{labels[i]}' : ({expression})"
    x = alt.X(
        "position:Q",
        scale=alt.Scale(domain=[-0.4, len(labels) - 0.6], nice=False),
        axis=alt.Axis(
            title=None, values=shown, labelExpr=expression, grid=False, ticks=False, domain=False,
            labelColor=colours.ink, labelOverlap=False,
        ),
    )  # fmt: skip
    top = float(frame["p50"].max()) * 1.15 or 1.0
    y_scale = alt.Scale(domain=[0, top], nice=False)
    y = alt.Y(
        "p50:Q",
        scale=y_scale,
        axis=alt.Axis(
            title=None, labelExpr=COUNTS, tickCount=4, gridColor=colours.faint, gridOpacity=0.6, domain=False,
            ticks=False, labelColor=colours.muted,
        ),
    )  # fmt: skip
    tooltip = [
        alt.Tooltip("at_words:N", title="When"),
        alt.Tooltip("p50_words:N", title="Middle"),
        alt.Tooltip("change_words:N", title="Against your choice"),
    ]
    base = alt.Chart(frame)
    line = base.mark_line(color=colours.forecast, strokeWidth=2, opacity=0.55).encode(x=x, y=y)
    fill = alt.condition(alt.datum.noise, alt.value(colours.paper), alt.value(colours.forecast))
    dots = base.mark_circle(size=48, opacity=1, stroke=colours.forecast, strokeWidth=1.5).encode(
        x=x, y=y, fill=fill, tooltip=tooltip
    )
    choice = (
        base.transform_filter(alt.datum.chosen)
        .mark_circle(size=170, opacity=1, filled=False, stroke=colours.ink, strokeWidth=2.2)
        .encode(x=x, y=y, tooltip=tooltip)
    )
    return alt.layer(line, dots, choice).properties(height=200)


def changes(frame: pd.DataFrame, colours: Palette) -> Any:
    """frame: label, effect, low, high, words, noise. A row a change: a dot with its range around no change."""
    reach = max(0.08, float(frame[["effect", "low", "high"]].abs().max().max()) * 1.15)
    x_scale = alt.Scale(domain=[-reach, reach], nice=False, clamp=True)

    def x(field: str) -> Any:
        return alt.X(f"{field}:Q", scale=x_scale, axis=None)

    y = alt.Y(
        "label:N", sort=list(frame["label"]), axis=None, scale=alt.Scale(paddingInner=0.3, paddingOuter=0.3)
    )
    colour = (
        alt.when(alt.datum.noise)
        .then(alt.value(colours.history))
        .when(alt.datum.effect >= 0)
        .then(alt.value(colours.up))
        .otherwise(alt.value(colours.down))
    )
    tooltip = [alt.Tooltip("label:N", title="Change"), alt.Tooltip("words:N", title="Effect")]
    base = alt.Chart(frame)
    zero = (
        alt.Chart(pd.DataFrame([{"effect": 0.0}]))
        .mark_rule(color=colours.muted, opacity=0.5)
        .encode(x=x("effect"))
    )
    spread = base.mark_rule(strokeWidth=6, opacity=0.35, strokeCap="round", yOffset=8).encode(
        x=x("low"), x2="high:Q", y=y, color=colour, tooltip=tooltip
    )
    dots = base.mark_circle(size=110, opacity=1, yOffset=8).encode(
        x=x("effect"), y=y, color=colour, tooltip=tooltip
    )
    text = {"fontSize": 12.5, "dy": -12}
    names = base.mark_text(align="left", color=colours.ink, **text).encode(
        x=alt.value(0), y=y, text="label:N"
    )
    values = base.mark_text(align="right", fontWeight="bold", color=colours.ink, **text).encode(
        x=alt.value("width"), y=y, text="words:N"
    )
    return alt.layer(zero, spread, dots, names, values).properties(height=50 * len(frame) + 8)


def ages(frame: pd.DataFrame, colours: Palette) -> Any:
    """frame of `prediction_shapes.revision_frame`: first forecast grey, revised blue, what was seen as dots."""
    shown = frame.assign(age=frame["horizon_h"].clip(lower=0.5))
    low = max(1.0, float(frame[["p10", "p50"]].min().min()))
    high = float(frame[["p90", "p50"]].max().max())
    scale = (
        alt.Scale(type="log", domain=[low * 0.75, high * 1.3], clamp=True, nice=False)
        if high > LOG_FROM * low
        else alt.Scale(type="linear", domain=[0, high * 1.12], nice=False)
    )
    first, last = float(shown["age"].min()), float(shown["age"].max())
    values = [h for h in (1, 6, 24, 72, 168, 720, 2160) if first * 0.6 <= h <= last * 1.5]
    x_axis = alt.Axis(
        title=None, values=values, grid=False, ticks=False, domain=False, labelColor=colours.ink,
        labelExpr="datum.value < 24 ? datum.value + ' h' : datum.value / 24 + (datum.value == 24 ? ' day' : ' days')",
    )  # fmt: skip
    x_scale = alt.Scale(type="log", domain=[first * 0.6, last * 1.5], nice=False)
    y_axis = alt.Axis(
        title=None, labelExpr=COUNTS, **ticks(scale), gridColor=colours.faint, gridOpacity=0.6, domain=False,
        ticks=False, labelColor=colours.muted,
    )  # fmt: skip
    tooltip = [
        alt.Tooltip("who:N", title="What"),
        alt.Tooltip("age_words:N", title="Age"),
        alt.Tooltip("p50_words:N", title="Middle"),
        alt.Tooltip("band_words:N", title="Four out of five"),
    ]
    x = alt.X("age:Q", scale=x_scale, axis=x_axis)

    def y(field: str) -> Any:
        return alt.Y(f"{field}:Q", scale=scale, axis=y_axis)

    layers = []
    for who, colour, shift in (("first", colours.history, -9), ("revised", colours.forecast, 9)):
        part = alt.Chart(shown[shown["who"] == who])
        layers.append(
            part.mark_bar(size=13, cornerRadius=5, color=colour, opacity=0.45, xOffset=shift).encode(
                x=x, y=y("p10"), y2="p90:Q", tooltip=tooltip
            )
        )
        layers.append(
            part.mark_tick(
                size=16, thickness=3, color=colour, opacity=1, xOffset=shift, orient="horizontal"
            ).encode(x=x, y=y("p50"), tooltip=tooltip)
        )
    dots = alt.Chart(shown[shown["who"] == "seen"]).mark_circle(size=90, color=colours.ink, opacity=1)
    layers.append(dots.encode(x=x, y=y("p50"), tooltip=tooltip))
    return alt.layer(*layers).properties(height=250)
