"""What hours, weekdays and months are worth: Altair from frames. No Streamlit in here."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from dashboard.palette import Palette


def effects(frame: pd.DataFrame, colours: Palette) -> Any:
    """A dot with its range for each; grey where the range includes no change."""
    labels = list(frame["label"])
    shown = labels if len(labels) <= 12 else labels[::6]
    axis = alt.Axis(
        title=None,
        values=shown,
        labelAngle=0,
        ticks=False,
        domain=False,
        labelColor=colours.ink,
        labelOverlap=False,
        labelFlush=False,
    )
    x = alt.X("label:N", sort=labels, axis=axis)
    reach = max(0.1, float(frame[["low", "high"]].abs().max().max()) * 1.1)
    scale = alt.Scale(domain=[-reach, reach], nice=False, clamp=True)
    y_axis = alt.Axis(
        title=None, format="+.0%", tickCount=5, gridColor=colours.faint, gridOpacity=0.6, domain=False, ticks=False,
        labelColor=colours.muted,
    )  # fmt: skip

    def y(field: str) -> Any:
        return alt.Y(f"{field}:Q", scale=scale, axis=y_axis)

    colour = (
        alt.when(alt.datum.noise)
        .then(alt.value(colours.history))
        .when(alt.datum.effect >= 0)
        .then(alt.value(colours.up))
        .otherwise(alt.value(colours.down))
    )
    tooltip = [
        alt.Tooltip("label:N", title="When"),
        alt.Tooltip("words:N", title="Against the average"),
        alt.Tooltip("posts:Q", title="Posts"),
    ]
    base = alt.Chart(frame)
    zero = alt.Chart(pd.DataFrame([{"effect": 0.0}])).mark_rule(color=colours.muted).encode(y=y("effect"))
    spread = base.mark_rule(strokeWidth=5, opacity=0.35, strokeCap="round").encode(
        x=x, y=y("low"), y2="high:Q", color=colour, tooltip=tooltip
    )
    dots = base.mark_circle(size=80, opacity=1).encode(x=x, y=y("effect"), color=colour, tooltip=tooltip)
    return alt.layer(zero, spread, dots).properties(height=210)


def effects_words(frame: pd.DataFrame) -> str:
    return "; ".join(f"{row['label']}: {row['words']}" for row in frame.to_dict("records"))
