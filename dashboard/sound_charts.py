"""Charts of sound: the waveform by what is heard, loudness against its target. Altair from frames."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from dashboard.palette import Palette
from dashboard.sound_shapes import KINDS, QUIETEST_LUFS, Target
from dashboard.timelines import hook_layer, time_axis


def kind_colours(colours: Palette) -> dict[str, str]:
    return {
        "speech": colours.speech,
        "pause": colours.quiet,
        "music": colours.music,
        "other": colours.other,
        "silence": colours.quiet,
    }


def waveform(wave: pd.DataFrame, duration_s: float, colours: Palette, *, hook: bool) -> Any:
    """Bars from the lowest to the highest sample of each stretch, coloured by what leads there."""
    reach = max(0.05, float(wave["high"].max()), -float(wave["low"].min())) if len(wave) else 1.0
    by_kind = kind_colours(colours)
    bars = (
        alt.Chart(wave)
        .mark_rect()
        .encode(
            x=alt.X("start:Q", **time_axis(duration_s, colours)),
            x2="end:Q",
            y=alt.Y("low:Q", scale=alt.Scale(domain=[-reach, reach], nice=False), axis=_no_axis()),
            y2="high:Q",
            color=alt.Color(
                "kind:N", scale=alt.Scale(domain=list(KINDS), range=[by_kind[k] for k in KINDS]), legend=None
            ),
            tooltip=[alt.Tooltip("at:N", title="Here")],
        )
    )
    layers = [*hook_layer(duration_s, colours)] if hook else []
    return alt.layer(*layers, bars).properties(height=130)


def _no_axis() -> Any:
    """The room of an axis without one, so that charts of one time stand under one another."""
    return alt.Axis(
        title=None, labels=False, ticks=False, domain=False, grid=False, minExtent=44, maxExtent=44
    )


def loudness(curve: pd.DataFrame, duration_s: float, aim: Target, colours: Palette) -> Any:
    """Short-term loudness as an area, the target as a line."""
    top = max(0.0, float(curve["lufs"].max()) if len(curve) else 0.0)
    y_scale = alt.Scale(domain=[QUIETEST_LUFS, top], nice=False, clamp=True)
    axis = alt.Axis(
        title=None, values=[-50, -40, -30, -20, -10, 0], grid=True, gridColor=colours.faint, domain=False,
        ticks=False, labelColor=colours.muted, labelExpr="replace(datum.label, '-', '−')", minExtent=44, maxExtent=44,
    )  # fmt: skip
    x = alt.X("time:Q", **time_axis(duration_s, colours))
    base = alt.Chart(curve.assign(floor=QUIETEST_LUFS))
    area = base.mark_area(opacity=0.28, color=colours.forecast, interpolate="monotone").encode(
        x=x, y=alt.Y("lufs:Q", scale=y_scale, axis=axis), y2="floor:Q"
    )
    line = base.mark_line(strokeWidth=2, color=colours.forecast, interpolate="monotone").encode(
        x=x,
        y=alt.Y("lufs:Q", scale=y_scale, axis=axis),
        tooltip=[
            alt.Tooltip("time:Q", format=".0f", title="Second"),
            alt.Tooltip("words:N", title="Loudness"),
        ],
    )
    aimed = alt.Chart(pd.DataFrame([{"lufs": aim.lufs, "label": f"target {aim.lufs:.0f}".replace("-", "−")}]))
    rule = aimed.mark_rule(strokeDash=[5, 4], strokeWidth=1.6, color=colours.down).encode(y="lufs:Q")
    label = aimed.mark_text(align="right", dy=-8, dx=-4, fontSize=11.5, color=colours.down).encode(
        x=alt.value("width"), y="lufs:Q", text="label:N"
    )
    return alt.layer(area, line, rule, label).properties(height=150)
