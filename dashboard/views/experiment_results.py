"""A test that was started: what it says, what is shown next, and what was seen of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import streamlit as st

from creatorlens.advice.experiments import Experiment, ObservationOfVariant, Verdict
from creatorlens.client import ApiError
from creatorlens.errors import InputError
from dashboard import experiment_charts as charts
from dashboard import experiment_shapes as shapes
from dashboard import session, words


def show(experiment_id: str) -> None:
    try:
        test = session.client().experiment(experiment_id)
    except ApiError as error:
        session.show_trouble(error)
        return
    if test.verdict is not None:
        _says(test, test.verdict)
    if test.status == "running":
        _feed(test)
        if st.button("Stop the test", key=f"stop-{experiment_id}", help="It stays as it stands."):
            _stop(experiment_id)


def _says(test: Experiment, verdict: Verdict) -> None:
    st.subheader(verdict.words)
    coming = shapes.shares(test, verdict)
    if coming:
        st.markdown(coming)
    heard = "Posts" if test.kind == "time" else "Clicked, of shown"
    session.table(
        ("", heard, "Rate", "Against the first", "The best, chance"),
        shapes.counts_rows(test, verdict),
        "Variants",
    )
    frame = shapes.path(verdict)
    for variant in frame["variant"].unique():
        own = frame[frame["variant"] == variant]
        last = own.iloc[-1]
        told = f"{variant} against the first: {words.between(last['low'], last['high'])} by now."
        st.markdown(f"**{variant}** against the first, as it became known")
        session.chart(
            charts.path(own, test.plan.smallest, session.colours()),
            told,
            key=f"path-{test.experiment_id}-{variant}",
        )
    for remark in verdict.remarks:
        st.caption(remark)
    st.caption(
        f"Intervals hold at all times at once: look as often as you like. A difference that is none is claimed in at most "
        f"{words.share(verdict.level)} of tests."
    )
    if test.status != "running" and test.decided_at is not None:
        st.caption(f"{test.status.capitalize()} on {words.day(test.decided_at)}.")


def _feed(test: Experiment) -> None:
    st.subheader("What was seen")
    typed, from_file = st.tabs(["Type it in", "From a file"])
    with typed, st.form(f"feed-{test.experiment_id}", clear_on_submit=True):
        _form(test)
    with from_file:
        file = st.file_uploader(
            "CSV: variant_id, period_start, period_end, impressions, clicks",
            type=["csv"],
            key=f"csv-{test.experiment_id}",
        )
        if file is not None and st.button("Take it in", key=f"take-{test.experiment_id}"):
            try:
                _tell(test, shapes.from_csv(file.getvalue()))
            except InputError as error:
                st.warning(str(error))


def _form(test: Experiment) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    if test.kind == "time":
        names = {one.variant_id: shapes.label(one) for one in test.variants}
        slot = st.selectbox("Slot", list(names), format_func=names.get)
        post = st.text_input("Post (its id on the platform)")
        day = st.date_input("Published", yesterday)
        if st.form_submit_button("Tell it"):
            at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            _typed(test, lambda: shapes.posted(slot, post, at))
        return
    day = st.date_input("Day", yesterday)
    counts = []
    for one in test.variants:
        shown_box, clicked_box = st.columns(2)
        shown = shown_box.number_input(f"Impressions of {shapes.label(one)}", 0, None, None)
        clicked = clicked_box.number_input(f"Clicks on {one.variant_id}", 0, None, None)
        counts.append((shown, clicked))
    if st.form_submit_button("Tell it"):
        _typed(test, lambda: shapes.day_of(test, day, counts))


def _typed(test: Experiment, made: Callable[[], list[ObservationOfVariant]]) -> None:
    try:
        observations = made()
    except InputError as error:
        st.warning(str(error))
        return
    if not observations:
        st.warning("Nothing was typed in.")
        return
    _tell(test, observations)


def _tell(test: Experiment, observations: list[ObservationOfVariant]) -> None:
    try:
        session.client().observe_experiment(test.experiment_id, observations)
    except ApiError as error:
        session.show_trouble(error)
        return
    st.rerun()


def _stop(experiment_id: str) -> None:
    try:
        session.client().stop_experiment(experiment_id)
    except ApiError as error:
        session.show_trouble(error)
        return
    st.rerun()
