"""A saved forecast: what was said, what was seen since, how it was revised, how it ended, and where it comes from."""

from __future__ import annotations

import streamlit as st

from creatorlens.api import GradedPrediction, Prediction
from creatorlens.client import ApiError
from creatorlens.platforms import MATURE_AGE_H
from dashboard import forecast_shapes, interval_charts, session, words
from dashboard import prediction_shapes as shapes
from dashboard.views import navigation, prediction_parts


def page() -> None:
    st.title("A saved forecast")
    wanted = st.text_input(
        "Number of the forecast", key="prediction", bind="query-params",
        placeholder="as it was shown when you saved it",
    )  # fmt: skip
    if not wanted or not wanted.strip():
        st.info("Save a forecast on the Forecast page; its number leads back to it here.")
        return
    try:
        prediction = session.prediction(wanted.strip())
        first = session.prediction(prediction.revises) if prediction.revises else None
    except ApiError as error:
        session.show_missing(error, "No forecast of that number is in the track record.")
        return
    _said(prediction)
    if first is not None:
        _change(first, prediction)
    _newest(prediction)
    _graded(prediction)
    _try_out(prediction)
    prediction_parts.decomposition(prediction)
    prediction_parts.other_metrics(prediction, float(MATURE_AGE_H))
    prediction_parts.origin(prediction)
    _again(prediction)


def _said(prediction: GradedPrediction) -> None:
    said = forecast_shapes.verdict(prediction, float(MATURE_AGE_H))
    st.subheader(said.headline)
    st.markdown("  \n".join(line for line in (said.note, said.chance, said.band) if line))
    st.caption(
        f"For {words.day(prediction.planned_at)} on {words.platform(prediction.platform)}, said on "
        f"{words.day(prediction.created_at)}"
        + (", looking back: its outcome could be known by then." if prediction.retrospective else ".")
    )


def _change(first: Prediction, revised: Prediction) -> None:
    """What was seen, and what that did to the forecast."""
    st.subheader("Revised by what was seen")
    changed = shapes.revision_sentence(first, revised, float(MATURE_AGE_H))
    st.markdown(changed)
    frame = shapes.revision_frame(first, revised)
    session.chart(interval_charts.ages(frame, session.colours()), changed.replace("*", ""), key="revision")
    st.caption("Grey: the first forecast. Blue: the revised one. Dots: what was seen.")


def _newest(prediction: GradedPrediction) -> None:
    """A forecast that was replaced says by what."""
    if not prediction.revised_by:
        return
    st.info("This forecast has been revised since: its post was seen.")
    navigation.link("saved", "See the revised forecast", "update", prediction=prediction.revised_by[-1])


def _try_out(prediction: GradedPrediction) -> None:
    """What the forecast becomes once the post has so many; nothing is recorded."""
    if prediction.revises is not None or prediction.grades:
        return
    metric = words.metric(prediction.platform, prediction.metric)
    with st.expander("It is out already: what does it come to?"):
        age_box, count_box = st.columns(2)
        hours = age_box.number_input("Hours since publishing", 0.5, 8760.0, 24.0, 1.0, key="seen-age")
        count = count_box.number_input(f"{metric.capitalize()} by then", 0, None, None, key="seen-count")
        if count is None:
            st.caption(
                "Nothing is recorded. Observations that are imported, or sent to the webhook, revise it for good."
            )
            return
        try:
            revised = session.revised(prediction.prediction_id, [(float(hours), float(count))])
        except ApiError as error:
            session.show_missing(error, "This service does not revise forecasts.")
            return
        said = forecast_shapes.verdict(revised, float(MATURE_AGE_H))
        st.markdown(f"**{said.headline}.** {said.band}")
        _change(prediction, revised)


def _graded(prediction: GradedPrediction) -> None:
    st.subheader("How it ended")
    rows = shapes.grades_rows(prediction)
    if not rows:
        st.markdown("Not graded yet: its outcome has not been imported.")
        return
    session.table(("Age", "Forecast", "What happened", ""), rows, "Grades")


def _again(prediction: GradedPrediction) -> None:
    """For who wants to know: compute it again from what was kept."""
    if not st.button(
        "Compute it again", help="From the stored inputs and model: is it the same to the last bit?"
    ):
        return
    try:
        with st.spinner("Computing…"):
            found = session.replay(prediction.prediction_id)
    except ApiError as error:
        session.show_missing(error, "This service does not compute forecasts again.")
        return
    if found.exact:
        st.success("The same to the last bit.")
        return
    st.warning("Not the same:")
    rows = [(d.what, d.then, d.now) for d in found.differences]
    session.table(("What", "Then", "Now"), rows, "What differs")
