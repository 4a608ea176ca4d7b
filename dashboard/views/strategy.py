"""Strategy: what set a channel's outliers apart, what to do more and less of, gaps beside channels alike."""

from __future__ import annotations

import streamlit as st

from creatorlens.advice.strategy import Finding, Strategy
from creatorlens.client import ApiError
from dashboard import advising, interval_charts, session, words
from dashboard import strategy_shapes as shapes
from dashboard.views import choosing


def page() -> None:
    st.title("What to make next?")
    chosen = choosing.channel()
    if chosen is None:
        return
    try:
        with st.spinner("Comparing what was posted…"):
            found = advising.strategy(chosen.channel_id)
    except ApiError as error:
        session.show_missing(error, "This service tells nothing of strategy.")
        return
    st.markdown(found.words)
    st.caption(shapes.basis(found))
    _outliers(found)
    for name, (title, meaning) in shapes.SECTIONS.items():
        if getattr(found, name):
            _findings(name, title, meaning, getattr(found, name))
    empty = shapes.empty(found)
    if empty:
        st.markdown(empty)
    _others(found)
    _interests(found)
    if found.notes:
        st.caption("  \n".join(found.notes))


def _outliers(found: Strategy) -> None:
    st.subheader("Your outliers")
    if not found.outliers:
        st.markdown("No post was far enough above the usual to stand out from ordinary ups and downs.")
        return
    session.table(
        ("", "Published", "Outcome", "Against the usual"),
        shapes.outlier_rows(found.outliers, words.metric(found.platform, found.metric)),
        "Outliers",
    )


def _findings(name: str, title: str, meaning: str, findings: tuple[Finding, ...]) -> None:
    st.subheader(title)
    frame = shapes.findings_frame(findings)
    session.chart(
        interval_charts.changes(frame, session.colours()), shapes.spoken(frame), key=f"strategy-{name}"
    )
    st.caption(f"{meaning} Wide lines hold the effect 19 times out of 20, all traits looked at together.")
    with st.expander("On which posts"):
        session.table(
            ("", "Effect", "Seen on", "Goes with", "For example"),
            shapes.finding_rows(findings),
            f"{title}, posts",
        )


def _others(found: Strategy) -> None:
    if not found.alike:
        return
    st.subheader("Channels alike")
    session.table(
        ("", "Likeness", "Size beside yours", "Posts"), shapes.alike_rows(found.alike), "Channels alike"
    )
    if found.competitors:
        st.markdown("What stood out there:")
        session.table(
            ("", "Channel", "Published", "Outcome", "Against its usual"),
            shapes.outlier_rows(found.competitors, words.metric(found.platform, found.metric), channels=True),
            "Outliers of channels alike",
        )


def _interests(found: Strategy) -> None:
    for name, title in shapes.INTERESTS.items():
        interests = getattr(found, name)
        if not interests:
            continue
        st.subheader(title)
        session.table(
            ("", "Used more", "Posts with it", "Seen on", "For you"), shapes.interest_rows(interests), title
        )
