"""Measures as a dot between two words: what a figure means is where it lies, so that is what is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import altair as alt
import pandas as pd

from dashboard.palette import Palette

ROW_PX = 54
REACH = [-0.014, 1.014]
"""Room for the dot at either end."""


@dataclass(frozen=True)
class Scale:
    """`position` 0-1 between `low` and `high`; `words` what it comes to; `look` draws the dot in the colour of findings."""

    name: str
    low: str
    high: str
    position: float
    words: str
    look: bool = False


def frame(scales: Iterable[Scale]) -> pd.DataFrame:
    rows = [asdict(scale) | {"position": min(1.0, max(0.0, scale.position))} for scale in scales]
    return pd.DataFrame(rows, columns=["name", "low", "high", "position", "words", "look"])


def spoken(scales: pd.DataFrame) -> str:
    """The chart for people who hear it."""
    return "; ".join(f"{row['name']}: {row['words']}" for row in scales.to_dict("records"))


def draw(scales: pd.DataFrame, colours: Palette) -> Any:
    """A row a measure: its name and its words above, a track with the dot, the words of both ends below."""
    y = alt.Y("name:N", sort=list(scales["name"]), axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))
    x = alt.X("position:Q", axis=None, scale=alt.Scale(domain=REACH, nice=False))
    base = alt.Chart(scales)
    tooltip = [alt.Tooltip("name:N", title="What"), alt.Tooltip("words:N", title="Here")]
    track = (
        alt.Chart(scales.assign(left=0.012, right=0.988))
        .mark_rule(strokeWidth=5, strokeCap="round", color=colours.faint)
        .encode(x=alt.X("left:Q", axis=None, scale=alt.Scale(domain=REACH, nice=False)), x2="right:Q", y=y)
    )
    dot = base.mark_circle(size=150, opacity=1, stroke=colours.paper, strokeWidth=2).encode(
        x=x,
        y=y,
        color=alt.condition(alt.datum.look, alt.value(colours.down), alt.value(colours.forecast)),
        tooltip=tooltip,
    )
    texts = [
        base.mark_text(align="left", dy=-15, fontSize=12.5, fontWeight=600, color=colours.ink).encode(
            x=alt.value(0), y=y, text="name:N"
        ),
        base.mark_text(align="right", dy=-15, fontSize=12.5, color=colours.ink).encode(
            x=alt.value("width"), y=y, text="words:N"
        ),
        base.mark_text(align="left", dy=14, fontSize=11, color=colours.muted).encode(
            x=alt.value(0), y=y, text="low:N"
        ),
        base.mark_text(align="right", dy=14, fontSize=11, color=colours.muted).encode(
            x=alt.value("width"), y=y, text="high:N"
        ),
    ]
    return alt.layer(track, dot, *texts).properties(height=ROW_PX * len(scales))
