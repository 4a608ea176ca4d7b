"""The chart of the engineers' page."""

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
