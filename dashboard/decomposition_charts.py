"""The waterfall of a forecast's parts: Altair from frames. No Streamlit in here."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from dashboard.palette import Palette

ROW_PX = 52


def waterfall(frame: pd.DataFrame, colours: Palette) -> Any:
    """A row a part, its words above its bar so that a phone has room; counts on a logarithmic axis, on which equal
    changes are equally long. Thin lines: four times out of five."""
    low = max(1.0, float(frame[["start", "end", "low"]].min().min()))
    high = max(low * 1.5, float(frame[["start", "end", "high"]].max().max()))
    scale = alt.Scale(type="log", domain=[low / 1.08, high * 1.08], nice=False, clamp=True)
    shown = frame.assign(**{name: frame[name].clip(lower=1.0) for name in ("start", "end", "low", "high")})
    y = alt.Y(
        "name:N", sort=list(frame["name"]), axis=None, scale=alt.Scale(paddingInner=0.3, paddingOuter=0.3)
    )

    def x(field: str) -> Any:
        return alt.X(f"{field}:Q", scale=scale, axis=None)

    base = alt.Chart(shown)
    colour = (
        alt.when(alt.datum.noise)
        .then(alt.value(colours.history))
        .when(alt.datum.end >= alt.datum.start)
        .then(alt.value(colours.up))
        .otherwise(alt.value(colours.down))
    )
    tooltip = [
        alt.Tooltip("label:N", title="Part"),
        alt.Tooltip("value_words:N", title="Is"),
        alt.Tooltip("range_words:N", title="Four times out of five"),
    ]
    spread = base.mark_rule(color=colours.muted, strokeWidth=1.5, opacity=0.75, yOffset=8).encode(
        x=x("low"), x2="high:Q", y=y, tooltip=tooltip
    )
    steps = (
        base.transform_filter(alt.datum.kind == "step")
        .mark_bar(height=11, cornerRadius=2, yOffset=8)
        .encode(x=x("start"), x2="end:Q", y=y, color=colour, tooltip=tooltip)
    )
    marks = (
        base.transform_filter(alt.datum.kind != "step")
        .mark_tick(size=17, thickness=4, yOffset=8, orient="vertical", opacity=1)
        .encode(
            x=x("end"), y=y, tooltip=tooltip,
            color=alt.condition(alt.datum.kind == "total", alt.value(colours.forecast), alt.value(colours.ink)),
        )
    )  # fmt: skip
    text = {"fontSize": 12.5, "dy": -12}
    names = base.mark_text(align="left", color=colours.ink, **text).encode(
        x=alt.value(0), y=y, text="label:N", tooltip=tooltip
    )
    values = base.mark_text(align="right", color=colours.ink, fontWeight="bold", **text).encode(
        x=alt.value("width"), y=y, text="value_words:N", tooltip=tooltip
    )
    return alt.layer(spread, steps, marks, names, values).properties(height=ROW_PX * len(frame) + 8)


def spoken(frame: pd.DataFrame) -> str:
    """The chart for people who hear it."""
    return "; ".join(
        f"{row['label']}: {row['value_words']} ({row['range_words']})" for row in frame.to_dict("records")
    )
