"""Charts of tests: how likely a change is found by when, and how sure one is by now. No Streamlit in here."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from dashboard.palette import Palette

HEIGHT = 220
PERCENT = "format(datum.value, '+.0%')"


def power(frame: pd.DataFrame, wanted: float, colours: Palette) -> Any:
    """frame: days, power. The planned power is dashed."""
    x = alt.X("days:Q", title="Days", axis=_axis(colours), scale=alt.Scale(zero=True, nice=False))
    y = alt.Y("power:Q", title=None, axis=_axis(colours, format="%"), scale=alt.Scale(domain=[0, 1]))
    tooltip = [
        alt.Tooltip("days:Q", title="Days", format=".1f"),
        alt.Tooltip("power:Q", title="Found by then", format=".0%"),
    ]
    line = alt.Chart(frame).mark_line(color=colours.forecast, strokeWidth=2.5, point=len(frame) < 12)
    rule = alt.Chart(pd.DataFrame({"power": [wanted]})).mark_rule(color=colours.muted, strokeDash=[4, 3])
    return alt.layer(rule.encode(y=y), line.encode(x=x, y=y, tooltip=tooltip)).properties(height=HEIGHT)


def path(frame: pd.DataFrame, smallest: float, colours: Palette) -> Any:
    """frame: at, variant, effect, low, high. Intervals of one variant against the first by time; zero is drawn, the smallest
    change worth finding dashed on both sides."""
    x = alt.X("at:T", title=None, axis=_axis(colours))
    axis = _axis(colours, labelExpr=PERCENT)
    reach = max(smallest * 1.5, 0.1)
    low = max(float(frame["low"].quantile(0.1)), -0.95)
    high = min(float(frame["high"].quantile(0.9)), 5.0)
    scale = alt.Scale(domain=[min(low, -reach), max(high, reach)], clamp=True, nice=False)
    tooltip = [
        alt.Tooltip("at:T", title="Until"),
        alt.Tooltip("effect:Q", title="Change", format="+.1%"),
        alt.Tooltip("low:Q", title="from", format="+.1%"),
        alt.Tooltip("high:Q", title="to", format="+.1%"),
    ]
    base = alt.Chart(frame)
    band = base.mark_area(opacity=0.25, color=colours.forecast).encode(
        x=x, y=alt.Y("low:Q", title=None, axis=axis, scale=scale), y2="high:Q"
    )
    line = base.mark_line(color=colours.forecast, strokeWidth=2.5, point=True).encode(
        x=x, y=alt.Y("effect:Q", title=None, axis=axis, scale=scale), tooltip=tooltip
    )
    marks = pd.DataFrame(
        {"effect": [0.0, smallest, 1 / (1 + smallest) - 1], "kind": ["zero", "worth", "worth"]}
    )
    rules = (
        alt.Chart(marks)
        .mark_rule(color=colours.muted)
        .encode(
            y=alt.Y("effect:Q", scale=scale),
            strokeDash=alt.condition(alt.datum.kind == "zero", alt.value([1, 0]), alt.value([4, 3])),
        )
    )
    return alt.layer(band, rules, line).properties(height=HEIGHT)


def _axis(colours: Palette, **more: Any) -> Any:
    return alt.Axis(
        grid=True, gridColor=colours.faint, domain=False, ticks=False, labelColor=colours.muted,
        titleColor=colours.muted, **more,
    )  # fmt: skip
