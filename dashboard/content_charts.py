"""Bars of shares with their words, and the ratings of a panel. Altair from frames."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from dashboard.palette import Palette

ROW_PX = 38


def bars(rows: pd.DataFrame, name: str, colours: Palette) -> Any:
    """One bar a row from 0 to 1, its name above, its words at the right. Columns `name`, share, words."""
    y = alt.Y(
        f"{name}:N", sort=list(rows[name]), axis=None, scale=alt.Scale(paddingInner=0.2, paddingOuter=0.1)
    )
    x = alt.X("share:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False))
    base = alt.Chart(rows)
    tooltip = [alt.Tooltip(f"{name}:N", title="What"), alt.Tooltip("words:N", title="How much")]
    track = (
        alt.Chart(rows.assign(left=0.0, right=1.0))
        .mark_bar(height=6, cornerRadius=3, yOffset=9, color=colours.faint)
        .encode(x=alt.X("left:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False)), x2="right:Q", y=y)
    )
    filled = base.mark_bar(height=6, cornerRadius=3, yOffset=9, color=colours.forecast).encode(
        x=x, y=y, tooltip=tooltip
    )
    text = base.mark_text(align="left", dy=-7, fontSize=12.5, color=colours.ink).encode(
        x=alt.value(0), y=y, text=f"{name}:N"
    )
    ends = base.mark_text(align="right", dy=-7, fontSize=12, color=colours.muted).encode(
        x=alt.value("width"), y=y, text="words:N"
    )
    return alt.layer(track, filled, text, ends).properties(height=ROW_PX * len(rows) + 12)


def ratings(rows: pd.DataFrame, colours: Palette) -> Any:
    """How a panel would spread its ratings from 1 to 10. Columns rating, share, words."""
    x = alt.X(
        "rating:O",
        sort=list(rows["rating"]),
        axis=alt.Axis(title=None, labelAngle=0, ticks=False, domain=False, labelColor=colours.muted),
    )
    return (
        alt.Chart(rows)
        .mark_bar(cornerRadius=3, color=colours.forecast, opacity=0.85)
        .encode(
            x=x,
            y=alt.Y("share:Q", axis=None),
            tooltip=[alt.Tooltip("rating:N", title="Rating"), alt.Tooltip("words:N", title="Would give it")],
        )
        .properties(height=110)
    )
