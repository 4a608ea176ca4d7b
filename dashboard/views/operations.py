"""Sections of the engineers' page: promotions with shadow and canary, drift, lineage, model card."""

from __future__ import annotations

import streamlit as st

from creatorlens.api_operations import DriftReport, DriftReports
from creatorlens.client import ApiError
from creatorlens.platforms import Platform
from dashboard import engineering_charts, session, words
from dashboard import operations_shapes as shapes


def promotions() -> None:
    """Who moved which version where, on what figures."""
    try:
        lines = session.promotions().promotions
    except ApiError as error:
        session.show_missing(error, "This service keeps no promotion log.")
        return
    if not lines:
        st.info("No version has been promoted or refused yet.")
        st.code("creatorlens train", language="bash")
        return
    st.subheader("What serves, what is being tried")
    for standing in shapes.standings(lines):
        st.markdown(standing.words)
    st.subheader("Promotion log")
    columns = ("When (UTC)", "Platform", "Version", "Why", "Figures", "By", "Data")
    session.table(columns, shapes.promotion_rows(lines), "Promotion log")
    st.caption("Append-only. `creatorlens rollback` returns to the version before.")


def drift() -> None:
    """How far inputs, embeddings and errors have moved since training."""
    try:
        found = session.drift()
    except ApiError as error:
        session.show_missing(error, "This service does not watch for drift.")
        return
    newest = shapes.latest(found.reports)
    if not newest:
        st.info("Nobody has looked for drift yet.")
        st.code("creatorlens watch", language="bash")
        return
    for report in newest:
        _drift_of(report, found)


def _drift_of(report: DriftReport, found: DriftReports) -> None:
    st.subheader(words.platform(report.platform))
    st.markdown(shapes.drift_sentence(report))
    st.caption(
        f"Posts of {report.window_from:%Y-%m-%d} to {report.window_until:%Y-%m-%d} against those that version "
        f"{report.model_version or 'none'} was trained on; looked at {shapes.stamp(report.created_at)} UTC."
    )
    frame = shapes.drift_frame(report)
    if not frame.empty:
        spoken = "; ".join(f"{row['label']}: {row['words']}" for row in frame.to_dict("records"))
        session.chart(
            engineering_charts.drift(frame, session.colours()), spoken, key=f"drift-{report.platform}"
        )
        st.caption(
            "Length: distance times how far the input moves forecasts, so that what nobody reads raises no alarm. "
            "Orange: drifted."
        )
    errors = shapes.error_rows(report)
    if errors:
        session.table(("Figure", "Value"), errors, f"Errors on {words.platform(report.platform)}")
    with st.expander("Earlier looks"):
        columns = ("When (UTC)", "Posts of", "Version", "Drifted", "Retrain", "Why")
        session.table(columns, shapes.history_rows(found.reports, report.platform), "Earlier looks")


def lineage() -> None:
    """From imported file to graded outcome, by one id."""
    wanted = st.text_input(
        "Lineage id",
        key="lineage",
        bind="query-params",
        placeholder="stands with every forecast and model version",
    )
    if not wanted or not wanted.strip():
        st.info("A forecast on the Forecast page or in the track record leads here: *What it learned from*.")
        return
    try:
        found = session.lineage(wanted.strip())
    except ApiError as error:
        session.show_missing(error, "Nothing is known of that lineage id.")
        return
    st.markdown(shapes.lineage_sentence(found))
    st.subheader("Files")
    session.table(("File", "Kind", "SHA-256", "Import"), shapes.import_rows(found), "Imported files")
    st.subheader("Model versions")
    if found.models:
        columns = ("Version", "Aliases", "Run", "Data", "Code", "Commit")
        session.table(columns, shapes.model_rows(found), "Model versions")
    else:
        st.caption("No model was trained on this state.")


def card() -> None:
    """The card of the version that serves a platform."""
    try:
        serving = [m.platform for m in session.models().models if m.model_version is not None]
    except ApiError as error:
        session.show_trouble(error)
        return
    if not serving:
        st.info("No model yet.")
        return
    platform: Platform = st.segmented_control(
        "Platform",
        serving,
        default=serving[0],
        format_func=words.platform,
        required=True,
        key="card-platform",
    )
    try:
        found = session.model_card(platform or serving[0])
    except ApiError as error:
        session.show_missing(error, f"No card has been made for {words.platform(platform or serving[0])}.")
        return
    # a heading of the card must not outrank the page's own
    st.markdown(found.markdown.replace("\n# ", "\n### ").removeprefix("# "))
    with st.expander("As data"):
        st.json(found.facts)
