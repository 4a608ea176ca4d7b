"""Charts of video: motion with cuts and the hook windows, fit to platforms. Altair from frames."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from dashboard.palette import Palette
from dashboard.timelines import hook_layer, time_axis

FIT_ROW_PX = 34


def timeline(motion: pd.DataFrame, cuts: pd.DataFrame, duration_s: float, colours: Palette) -> Any:
    """Motion as an area, cuts as lines through it, the first 3 s and 15 s shaded."""
    top = max(0.25, float(motion["motion"].max()) * 1.15) if len(motion) else 1.0
    scale = alt.Scale(domain=[0, top], nice=False, clamp=True)
    axis = alt.Axis(
        title=None, grid=False, domain=False, ticks=False, values=[0, top * 0.94],
        labelExpr=f"datum.value > {top / 2} ? 'fast' : 'still'", labelColor=colours.muted, minExtent=44, maxExtent=44,
    )  # fmt: skip
    x = alt.X("time:Q", **time_axis(duration_s, colours))
    layers: list[Any] = [*hook_layer(duration_s, colours, labelled=True)]
    if len(motion):
        base = alt.Chart(motion)
        tooltip = [
            alt.Tooltip("time:Q", format=".1f", title="Second"),
            alt.Tooltip("words:N", title="Motion"),
        ]
        layers.append(
            base.mark_area(
                opacity=0.3,
                color=colours.forecast,
                line={"color": colours.forecast, "strokeWidth": 2},
                interpolate="monotone",
            ).encode(x=x, y=alt.Y("motion:Q", scale=scale, axis=axis), tooltip=tooltip)
        )
    if len(cuts):
        layers.append(
            alt.Chart(cuts)
            .mark_rule(color=colours.down, strokeWidth=2)
            .encode(x=x, tooltip=[alt.Tooltip("words:N", title="Here")])
        )
    moves = len(motion) > 0 and float(motion["motion"].max()) >= 0.01
    return alt.layer(*layers).properties(height=150 if moves else 70)


def timeline_words(cuts: pd.DataFrame, sentence: str) -> str:
    """The chart for people who hear it."""
    return f"Timeline. {sentence.replace('*', '')} " + "; ".join(cuts["words"])


def fit(placements: pd.DataFrame, colours: Palette) -> Any:
    """A bar a placement, full where shape and length are as recommended."""
    order = list(placements["placement"])
    y = alt.Y("placement:N", sort=order, axis=None, scale=alt.Scale(paddingInner=0.2, paddingOuter=0.1))
    x = alt.X("score:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False))
    base = alt.Chart(placements)
    colour = alt.condition(alt.datum.chosen, alt.value(colours.forecast), alt.value(colours.history))
    tooltip = [
        alt.Tooltip("placement:N", title="Where"),
        alt.Tooltip("aspect_rule:N", title="Shape"),
        alt.Tooltip("duration_rule:N", title="Length"),
    ]
    track = (
        alt.Chart(placements.assign(left=0.0, right=1.0))
        .mark_bar(height=6, cornerRadius=3, yOffset=8, color=colours.faint)
        .encode(x=alt.X("left:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False)), x2="right:Q", y=y)
    )
    bars = base.mark_bar(height=6, cornerRadius=3, yOffset=8).encode(x=x, y=y, color=colour, tooltip=tooltip)
    name = base.mark_text(align="left", dy=-6, fontSize=12.5, color=colours.ink).encode(
        x=alt.value(0), y=y, text="placement:N", tooltip=tooltip
    )
    ends = base.mark_text(align="right", dy=-6, fontSize=12, color=colours.muted).encode(
        x=alt.value("width"), y=y, text="words:N", tooltip=tooltip
    )
    return alt.layer(track, bars, name, ends).properties(height=FIT_ROW_PX * len(order) + 12)
