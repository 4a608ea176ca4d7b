"""Sections that every page with a prediction shares: what it is made of, what else it tells, what made it."""

from __future__ import annotations

import streamlit as st

from creatorlens.api import Prediction
from dashboard import decomposition_charts, decomposition_shapes, prediction_shapes, session, words
from dashboard.views import navigation


def decomposition(prediction: Prediction) -> None:
    """Audience + timing + content = the forecast. Nothing where the model does not take it apart."""
    frame = decomposition_shapes.waterfall_frame(prediction)
    if frame.empty:
        return
    st.subheader("What the forecast is made of")
    st.markdown(decomposition_shapes.sentence(frame))
    session.chart(
        decomposition_charts.waterfall(frame, session.colours()),
        decomposition_charts.spoken(frame),
        key=f"parts-{prediction.prediction_id}",
    )
    age = words.horizon(decomposition_shapes.week_forecast(prediction).horizon_h)
    quiet = decomposition_shapes.noise_sentence(frame)
    st.caption(
        f"After {age}. Each bar starts where the one above ends; thin lines hold it four times out of five. "
        f"This time and this content are against a usual time and usual content. {quiet}".strip()
    )


def other_metrics(prediction: Prediction, horizon_h: float) -> None:
    """Likes, comments, shares beside the primary metric."""
    found = prediction_shapes.other_metrics(prediction, horizon_h)
    if not found:
        return
    st.subheader("What else it will get")
    session.table(
        ("", "Middle", "Four times out of five"),
        prediction_shapes.other_metrics_rows(found),
        "Other metrics",
    )
    st.caption(f"After {words.horizon(found[0].horizon_h)}.")


def origin(prediction: Prediction) -> None:
    """The version that made it, and the way back to the files it learned from."""
    st.caption(prediction_shapes.origin(prediction))
    if prediction.lineage_id is not None:
        navigation.link(
            "engineers",
            "What it learned from",
            "account_tree",
            section="Lineage",
            lineage=prediction.lineage_id,
        )
