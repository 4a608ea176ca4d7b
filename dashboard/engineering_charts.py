"""The charts of the engineers' page: Altair from frames. No Streamlit in here."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from dashboard.palette import Palette


def against_floor(frame: pd.DataFrame, colours: Palette) -> Any:
    """Model and floor side by side for each platform."""
    platforms = list(dict.fromkeys(frame["platform"]))
    axis = alt.Axis(title=None, ticks=False, domain=False, labelColor=colours.ink, labelFontSize=13)
    y = alt.Y("platform:N", sort=platforms, axis=axis, scale=alt.Scale(paddingInner=0.35))
    offset = alt.YOffset("who:N", sort=["model", "floor"])
    x = alt.X("mae_ln:Q", axis=None, scale=alt.Scale(domain=[0, float(frame["mae_ln"].max()) * 1.25]))
    colour = alt.condition(alt.datum.who == "model", alt.value(colours.forecast), alt.value(colours.history))
    base = alt.Chart(frame)
    bars = base.mark_bar(cornerRadius=3).encode(x=x, y=y, yOffset=offset, color=colour)
    numbers = base.mark_text(align="left", dx=6, color=colours.ink).encode(
        x=x, y=y, yOffset=offset, text="value:N"
    )
    return (bars + numbers).properties(height=60 * len(platforms) + 20)


def drift(frame: pd.DataFrame, colours: Palette) -> Any:
    """What drifted, by how much it moves forecasts; grey where the drift itself is no more than chance."""
    y = alt.Y(
        "label:N", sort=list(frame["label"]), axis=None, scale=alt.Scale(paddingInner=0.3, paddingOuter=0.3)
    )
    x = alt.X("harm:Q", axis=None, scale=alt.Scale(domain=[0, float(frame["harm"].max()) * 1.05 or 1.0]))
    colour = alt.condition(alt.datum.drifted, alt.value(colours.down), alt.value(colours.history))
    tooltip = [
        alt.Tooltip("feature:N", title="Feature"),
        alt.Tooltip("distance:Q", title="Distance", format=".3f"),
        alt.Tooltip("method:N", title="Method"),
        alt.Tooltip("harm:Q", title="Harm (ln)", format=".4f"),
    ]
    base = alt.Chart(frame)
    bars = base.mark_bar(height=8, cornerRadius=3, yOffset=7).encode(x=x, y=y, color=colour, tooltip=tooltip)
    text = {"fontSize": 12.5, "dy": -9}
    names = base.mark_text(align="left", color=colours.ink, limit=190, **text).encode(
        x=alt.value(0), y=y, text="label:N", tooltip=tooltip
    )
    values = base.mark_text(align="right", color=colours.muted, **text).encode(
        x=alt.value("width"), y=y, text="words:N", tooltip=tooltip
    )
    return alt.layer(bars, names, values).properties(height=46 * len(frame) + 8)
