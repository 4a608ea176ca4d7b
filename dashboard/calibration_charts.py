"""Stated against observed: Altair from frames. No Streamlit in here."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from dashboard.palette import Palette
from dashboard.track_shapes import PROMISED

ROW_PX = 34


def reliability(frame: pd.DataFrame, colours: Palette) -> Any:
    """Stated chance across, share that came true upwards: on the diagonal the odds are right. Lines hold the true share
    19 times out of 20; larger dots rest on more posts."""
    scale = alt.Scale(domain=[0, 1], nice=False)
    values = [0, 0.25, 0.5, 0.75, 1]
    style: dict[str, Any] = {
        "format": "%", "values": values, "domain": False, "ticks": False, "gridColor": colours.faint,
        "gridOpacity": 0.6, "labelColor": colours.muted, "titleColor": colours.muted, "titleFontWeight": "normal",
    }  # fmt: skip
    x = alt.X("stated:Q", scale=scale, axis=alt.Axis(title="stated chance", **style))

    def y(field: str) -> Any:
        return alt.Y(f"{field}:Q", scale=scale, axis=alt.Axis(title="came true", **style))

    tooltip = [
        alt.Tooltip("label:N", title="Stated"),
        alt.Tooltip("observed_words:N", title="Came true"),
        alt.Tooltip("range_words:N", title="In truth, 19 of 20"),
    ]
    line = pd.DataFrame([{"stated": 0.0, "observed": 0.0}, {"stated": 1.0, "observed": 1.0}])
    diagonal = (
        alt.Chart(line)
        .mark_line(color=colours.ink, strokeDash=[5, 4], strokeWidth=1.2)
        .encode(x=x, y=y("observed"))
    )
    colour = alt.condition(alt.datum.apart, alt.value(colours.down), alt.value(colours.forecast))
    base = alt.Chart(frame)
    spread = base.mark_rule(strokeWidth=2.5, opacity=0.55).encode(
        x=x, y=y("low"), y2="high:Q", color=colour, tooltip=tooltip
    )
    dots = base.mark_circle(opacity=1).encode(
        x=x, y=y("observed"), color=colour, tooltip=tooltip,
        size=alt.Size("n:Q", scale=alt.Scale(type="sqrt", range=[40, 260]), legend=None),
    )  # fmt: skip
    numbers = base.mark_text(fontSize=10.5, dx=8, dy=9, align="left", color=colours.muted).encode(
        x=x, y=y("observed"), text="n:Q"
    )
    return alt.layer(diagonal, spread, dots, numbers).properties(height=320)


def inside(frame: pd.DataFrame, colours: Palette) -> Any:
    """Share inside the band with its range, row by row, against the promised 80 %."""
    low = min(0.5, float(frame["low"].min()) - 0.05)
    x_scale = alt.Scale(domain=[max(0.0, low), 1.0], nice=False)
    axis = alt.Axis(
        title=None, format="%", values=[0, 0.2, 0.4, 0.6, 0.8, 1.0], domain=False, ticks=False,
        gridColor=colours.faint, gridOpacity=0.6, labelColor=colours.muted,
    )  # fmt: skip

    def x(field: str) -> Any:
        return alt.X(f"{field}:Q", scale=x_scale, axis=axis)

    y_axis = alt.Axis(
        title=None,
        domain=False,
        ticks=False,
        labelColor=colours.ink,
        labelFontSize=12.5,
        labelLimit=150,
        minExtent=118,
    )
    y = alt.Y("label:N", sort=list(frame["label"]), axis=y_axis)
    tooltip = [
        alt.Tooltip("label:N", title="Slice"),
        alt.Tooltip("observed_words:N", title="Inside the band"),
        alt.Tooltip("range_words:N", title="In truth, 19 of 20"),
    ]
    colour = alt.condition(alt.datum.apart, alt.value(colours.down), alt.value(colours.forecast))
    promise = (
        alt.Chart(pd.DataFrame([{"observed": PROMISED}]))
        .mark_rule(color=colours.ink, strokeDash=[5, 4])
        .encode(x=x("observed"))
    )
    base = alt.Chart(frame)
    spread = base.mark_rule(strokeWidth=6, opacity=0.4, strokeCap="round").encode(
        x=x("low"), x2="high:Q", y=y, color=colour, tooltip=tooltip
    )
    dots = base.mark_circle(size=100, opacity=1).encode(x=x("observed"), y=y, color=colour, tooltip=tooltip)
    return alt.layer(promise, spread, dots).properties(height=ROW_PX * len(frame) + 48)
