"""What charts along the time of a recording share: one axis of minutes and seconds, the hook windows, lanes."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from dashboard.palette import Palette

HOOKS_S = (3.0, 15.0)
LANE_PX = 26
_CLOCK = "floor(datum.value / 60) + ':' + format(datum.value % 60, '02.0f')"


def time_axis(duration_s: float, colours: Palette, *, labels: bool = True) -> dict[str, Any]:
    """Channel options of an x in seconds over the whole recording."""
    return {
        "scale": alt.Scale(domain=[0, max(duration_s, 0.1)], nice=False, clamp=True),
        "axis": alt.Axis(
            title=None, grid=False, domain=False, ticks=False, labels=labels, labelExpr=_CLOCK, tickMinStep=1,
            tickCount=6, labelColor=colours.muted, labelFlush=True, labelPadding=4,
        ),
    }  # fmt: skip


def hook_layer(duration_s: float, colours: Palette, *, labelled: bool = False) -> list[Any]:
    """The first 3 s and 15 s as bands behind the chart; windows longer than the recording are left out."""
    ends = [end for end in HOOKS_S if end < duration_s]
    if not ends:
        return []
    rows = pd.DataFrame([{"from": 0.0, "to": end, "label": f"{end:.0f} s"} for end in ends])
    base = alt.Chart(rows)
    x, x2 = alt.X("from:Q", **time_axis(duration_s, colours)), "to:Q"
    layers = [base.mark_rect(color=colours.forecast, opacity=0.07).encode(x=x, x2=x2)]
    if labelled:
        layers.append(
            base.mark_text(align="right", baseline="top", dx=-4, fontSize=10.5, color=colours.muted).encode(
                x=alt.X("to:Q", **time_axis(duration_s, colours)), y=alt.value(2), text="label:N"
            )
        )
    return layers


def lanes(stretches: pd.DataFrame, duration_s: float, colours: Palette, kinds: dict[str, str]) -> Any:
    """A row a kind: bars where it is there. Columns lane, start, end, kind, words."""
    order = list(dict.fromkeys(stretches["lane"]))
    y = alt.Y(
        "lane:N",
        sort=order,
        scale=alt.Scale(paddingInner=0.35, paddingOuter=0.15),
        axis=alt.Axis(
            title=None, ticks=False, domain=False, labelColor=colours.muted, labelFontSize=12, minExtent=44,
            maxExtent=44, labelPadding=4, labelLimit=44,
        ),
    )  # fmt: skip
    bars = (
        alt.Chart(stretches)
        .mark_bar(cornerRadius=3)
        .encode(
            x=alt.X("start:Q", **time_axis(duration_s, colours)),
            x2="end:Q",
            y=y,
            color=alt.Color(
                "kind:N", scale=alt.Scale(domain=list(kinds), range=list(kinds.values())), legend=None
            ),
            tooltip=[alt.Tooltip("words:N", title="Here")],
        )
    )
    return alt.layer(*hook_layer(duration_s, colours), bars).properties(height=LANE_PX * len(order) + 26)
