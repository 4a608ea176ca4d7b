"""The charts of the forecast page: Altair from frames. No Streamlit in here."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from creatorlens.api import Band
from dashboard import words
from dashboard.palette import Palette
from dashboard.planning import WEEKDAYS

LOG_FROM = 12.0
"""Where the largest value is this many times the smallest, the axis is logarithmic."""

COUNTS = "replace(format(datum.value, '~s'), 'G', 'B')"
BAR_PX = 34
HEAT_AT_LEAST = 0.05
"""The heat map's full colour stands for at least this change, so that noise does not glow."""


def hero(
    history: pd.DataFrame,
    forecasts: pd.DataFrame,
    band: Band | None,
    floor: float | None,
    metric: str,
    colours: Palette,
) -> Any:
    """The last posts as dots, the channel's typical band behind them, the forecast as bars at the right."""
    y = _y_scale(history, forecasts, band)
    edge = float(len(history)) + 0.9
    right = float(forecasts["position"].max()) + _half_step(forecasts) if len(forecasts) else edge
    x = alt.X(
        "position:Q",
        scale=alt.Scale(domain=[0.3, right], nice=False),
        axis=_forecast_axis(forecasts, colours) if len(forecasts) else None,
    )
    layers = []
    if band is not None:
        layers.append(_band_layer(_band_frame(band, right), x, y, colours))
    floors = pd.DataFrame() if floor is None else _floor_frame(floor, right)
    if len(floors):
        layers.append(_floor_layer(floors, x, y, colours))
    if len(history):
        layers.append(_history_layer(history, x, y, metric, colours))
    # words last: dots must not run over them
    if len(floors):
        layers.append(_label(floors, "floor", -9, x, y, colours))
    if band is not None:
        # the floor has a label of its own: keep to the edge of the band that is farther from it
        near_top = floor is not None and abs(band.p90 - floor) < abs(floor - band.p10)
        field, dy = ("p10", -10) if near_top else ("p90", 12)
        layers.append(_label(_band_frame(band, right), field, dy, x, y, colours))
    if len(forecasts):
        layers += _forecast_layers(forecasts, x, y, metric, colours)
    return alt.layer(*layers).resolve_scale(y="shared").properties(height=360)


def _half_step(forecasts: pd.DataFrame) -> float:
    positions = list(forecasts["position"])
    return (positions[1] - positions[0]) * 0.6 if len(positions) > 1 else 1.2


def _y_scale(history: pd.DataFrame, forecasts: pd.DataFrame, band: Band | None) -> Any:
    values = [*history.get("outcome", []), *forecasts.get("p10", []), *forecasts.get("p90", [])]
    if band is not None:
        values += [band.p10, band.p90]
    top, bottom = max(values, default=1.0), min(values, default=0.0)
    if top > LOG_FROM * max(bottom, 1.0):
        return alt.Scale(type="log", domain=[max(bottom, 1.0) * 0.75, top * 1.35], clamp=True, nice=False)
    return alt.Scale(type="linear", domain=[0, top * 1.12 or 1.0], nice=False)


def ticks(scale: Any) -> dict[str, Any]:
    """Round numbers for the axis. Vega's own ticks on a logarithmic axis are many and uneven."""
    low, high = scale["domain"]
    if scale["type"] != "log":
        return {"tickCount": 5}
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if high / low < 300 else (1,)
    values = [step * 10.0**decade for decade in decades for step in steps]
    return {"values": [value for value in values if low <= value <= high]}


def _y(field: str, scale: Any, colours: Palette) -> Any:
    axis = alt.Axis(
        title=None, labelExpr=COUNTS, **ticks(scale), grid=True, gridColor=colours.faint, gridOpacity=0.6,
        domain=False, ticks=False, labelColor=colours.muted,
    )  # fmt: skip
    return alt.Y(f"{field}:Q", scale=scale, axis=axis)


def _band_frame(band: Band, right: float) -> pd.DataFrame:
    label = "typical for this channel"
    return pd.DataFrame([{"position": 0.3, "end": right, "p10": band.p10, "p90": band.p90, "label": label}])


def _band_layer(frame: pd.DataFrame, x: Any, y: Any, colours: Palette) -> Any:
    area = alt.Chart(frame).mark_rect(color=colours.history, opacity=0.16)
    return area.encode(x=x, x2="end:Q", y=_y("p10", y, colours), y2="p90:Q")


def _floor_frame(floor: float, right: float) -> pd.DataFrame:
    return pd.DataFrame([{"position": 0.3, "end": right, "floor": floor, "label": "median of the last five"}])


def _floor_layer(frame: pd.DataFrame, x: Any, y: Any, colours: Palette) -> Any:
    rule = alt.Chart(frame).mark_rule(color=colours.muted, strokeDash=[5, 4], strokeWidth=1.2)
    return rule.encode(x=x, x2="end:Q", y=_y("floor", y, colours))


def _label(frame: pd.DataFrame, field: str, dy: float, x: Any, y: Any, colours: Palette) -> Any:
    """Words at the left edge, on a halo that keeps them readable over dots."""
    base = alt.Chart(frame).encode(x=x, y=_y(field, y, colours), text="label:N")
    style = {"align": "left", "baseline": "middle", "dx": 6, "dy": dy, "fontSize": 11}
    halo = base.mark_text(stroke=colours.paper, strokeWidth=4, strokeJoin="round", opacity=0.8, **style)
    return halo + base.mark_text(color=colours.muted, **style)


def _history_layer(history: pd.DataFrame, x: Any, y: Any, metric: str, colours: Palette) -> Any:
    """Filled dots for matured outcomes, hollow ones for posts that are still young."""
    return (
        alt.Chart(history)
        .mark_point(size=58, filled=True, strokeWidth=1.6, opacity=1)
        .encode(
            x=x,
            y=_y("outcome", y, colours),
            stroke=alt.value(colours.history),
            fill=alt.condition(alt.datum.young, alt.value(colours.paper), alt.value(colours.history)),
            tooltip=[
                alt.Tooltip("title:N", title="Post"),
                alt.Tooltip("outcome_words:N", title=metric.capitalize()),
                alt.Tooltip("published:N", title="Published"),
                alt.Tooltip("seen:N", title="Counted"),
            ],
        )
    )


def _forecast_layers(forecasts: pd.DataFrame, x: Any, y: Any, metric: str, colours: Palette) -> list[Any]:
    colour = colours.history if bool(forecasts["abstained"].any()) else colours.forecast
    chosen = alt.datum.chosen
    tooltip = [
        alt.Tooltip("label:N", title="After"),
        alt.Tooltip("p50_words:N", title=f"Middle ({metric})"),
        alt.Tooltip("p10_words:N", title="Low (1 in 10 below)"),
        alt.Tooltip("p90_words:N", title="High (1 in 10 above)"),
    ]
    base = alt.Chart(forecasts)
    bars = base.mark_bar(size=BAR_PX, cornerRadius=6, color=colour).encode(
        x=x,
        y=_y("p10", y, colours),
        y2="p90:Q",
        opacity=alt.condition(chosen, alt.value(0.62), alt.value(0.24)),
        tooltip=tooltip,
    )
    middle = base.mark_tick(
        size=BAR_PX, thickness=2.5, color=colours.ink, orient="horizontal", opacity=1
    ).encode(x=x, y=_y("p50", y, colours), tooltip=tooltip)
    number = base.mark_text(dy=-9, fontSize=11.5, fontWeight="bold", color=colours.ink).encode(
        x=x, y=_y("p50", y, colours), text="p50_words:N", tooltip=tooltip
    )
    ends = [
        base.transform_filter(chosen)
        .mark_text(dy=dy, fontSize=11, color=colours.muted)
        .encode(x=x, y=_y(field, y, colours), text=f"{field}_words:N")
        for field, dy in (("p90", -9), ("p10", 10))
    ]
    return [bars, middle, number, *ends]


def _forecast_axis(forecasts: pd.DataFrame, colours: Palette) -> Any:
    pairs = list(zip(forecasts["position"], forecasts["label"], strict=True))
    expression = "''"
    for position, label in pairs:
        expression = f"abs(datum.value - {position}) < 0.01 ? '{label}' : ({expression})"
    return alt.Axis(
        values=[position for position, _ in pairs], labelExpr=expression, title=None, grid=False,
        ticks=False, domain=False, labelColor=colours.ink, labelFontSize=12, labelPadding=8,
        labelOverlap=False, labelFlush=False,
    )  # fmt: skip


def drivers(frame: pd.DataFrame, colours: Palette) -> Any:
    """Diverging bars around zero; the words stand above their bar, so that a phone has room for them."""
    reach = float(frame["effect"].abs().max()) * 1.25
    order = list(frame["feature"])
    y = alt.Y("feature:N", sort=order, axis=None, scale=alt.Scale(paddingInner=0.3, paddingOuter=0.3))
    x = alt.X("effect:Q", axis=None, scale=alt.Scale(domain=[-reach, reach]))
    base = alt.Chart(frame)
    colour = alt.condition(alt.datum.up, alt.value(colours.up), alt.value(colours.down))
    tooltip = [alt.Tooltip("words:N", title="What"), alt.Tooltip("effect_words:N", title="Effect")]
    bars = base.mark_bar(height=9, cornerRadius=3, yOffset=11).encode(x=x, y=y, color=colour, tooltip=tooltip)
    zero = (
        alt.Chart(pd.DataFrame([{"effect": 0.0}]))
        .mark_rule(color=colours.muted, strokeWidth=1, opacity=0.5)
        .encode(x=x)
    )
    text = base.mark_text(align="left", fontSize=12.5, dy=-9, color=colours.ink, limit=420).encode(
        x=alt.value(0), y=y, text="words:N", tooltip=tooltip
    )
    ends = [
        base.transform_filter(side)
        .mark_text(align=align, dx=dx, dy=11, fontSize=12, fontWeight="bold", color=colours.ink)
        .encode(x=x, y=y, text="effect_words:N")
        for side, align, dx in (
            (alt.datum.effect >= 0, "left", 5),
            (alt.datum.effect < 0, "right", -5),
        )
    ]
    return alt.layer(zero, bars, text, *ends).properties(height=54 * len(frame) + 10)


def timing(frame: pd.DataFrame, colours: Palette) -> Any:
    """Weekday × hour: how the forecast's middle would change; the present choice is framed."""
    reach = max(HEAT_AT_LEAST, float(frame["change"].abs().max()))
    x = alt.X(
        "hour:O",
        axis=alt.Axis(
            title=None, labelAngle=0, values=[0, 6, 12, 18, 23], labelExpr="datum.value + ':00'",
            labelColor=colours.muted, ticks=False, domain=False, labelFlush=True,
        ),
        scale=alt.Scale(paddingInner=0.08),
    )  # fmt: skip
    y = alt.Y(
        "weekday:O",
        sort=list(WEEKDAYS),
        axis=alt.Axis(title=None, ticks=False, domain=False, labelColor=colours.ink),
        scale=alt.Scale(paddingInner=0.08),
    )
    colour = alt.Color(
        "change:Q",
        scale=alt.Scale(
            domain=[-reach, 0, reach], range=[colours.down, colours.neutral, colours.up], interpolate="lab"
        ),
        legend=alt.Legend(
            title=None, orient="bottom", labelExpr="datum.value == 0 ? 'same' : format(datum.value, '+.0%')",
            gradientLength=180, gradientThickness=8,
            values=[-reach, 0, reach], labelColor=colours.muted,
        ),
    )  # fmt: skip
    tooltip = [
        alt.Tooltip("at_words:N", title="When"),
        alt.Tooltip("change_words:N", title="Against your choice"),
        alt.Tooltip("p50_words:N", title="Middle"),
    ]
    cells = alt.Chart(frame).mark_rect(cornerRadius=2).encode(x=x, y=y, color=colour, tooltip=tooltip)
    choice = (
        alt.Chart(frame)
        .transform_filter(alt.datum.chosen)
        .mark_rect(fillOpacity=0, stroke=colours.ink, strokeWidth=2.4, cornerRadius=2)
        .encode(x=x, y=y, tooltip=tooltip)
    )
    return (cells + choice).properties(height=290)


def hero_words(metric: str, forecasts: pd.DataFrame, band: Band | None) -> str:
    """What the hero chart shows, for people who hear it instead."""
    parts = [f"The channel's last posts by {metric}."]
    if band is not None:
        parts.append(f"Typical: {words.count(band.p10)} to {words.count(band.p90)}.")
    for row in forecasts.to_dict("records"):
        parts.append(
            f"After {row['label']}: {row['p10_words']} to {row['p90_words']}, middle {row['p50_words']}."
        )
    return " ".join(parts)
