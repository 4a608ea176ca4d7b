"""Receipts: every applied suggestion, what was expected of it, and what came of it."""

from __future__ import annotations

import streamlit as st

from creatorlens.advice.content import Content, Receipt
from creatorlens.client import ApiError
from dashboard import advice_shapes, advising, session, words
from dashboard import receipt_shapes as shapes
from dashboard.views import navigation

SHOWN = 30


def page() -> None:
    st.title("What came of the suggestions?")
    named = str(st.query_params.get("content", ""))
    try:
        found = advising.receipts(named or None)
        kept = {one.content_id: one for one in advising.contents()}
    except ApiError as error:
        session.show_missing(error, "No draft of that number is kept here.")
        return
    if named:
        st.caption("Receipts of one draft.")
        navigation.link("receipts", "All receipts", "receipt_long")
    if not found.receipts:
        st.info(
            "Nothing has been applied yet. Apply a suggestion on the Suggestions page; its receipt stands here."
        )
        navigation.link("suggestions", "Suggestions", "lightbulb")
        return
    st.markdown("  \n".join(shapes.record_lines(found.record)))
    st.caption(
        "Nobody sees what a post would have got without the change: these figures judge the forecasts, not the change. "
        "What a change does, only a test tells."
    )
    for one in found.receipts[:SHOWN]:
        _receipt(one, kept.get(one.content_id))
    if len(found.receipts) > SHOWN:
        st.caption(f"And {len(found.receipts) - SHOWN} older ones.")


def _receipt(one: Receipt, content: Content | None) -> None:
    with st.container(border=True):
        st.markdown(f"**{shapes.heading(one)}**")
        if content is not None:
            st.caption(advice_shapes.name(content))
        session.table(("", "Before", "After"), shapes.change_rows(one), "Change")
        st.markdown("  \n".join(line for line in (one.words, shapes.chance(one)) if line))
        _grades(one, content)
        _similar(one, content)
        before, after = st.columns(2)
        with before:
            navigation.link("saved", "Forecast without it", "visibility", prediction=one.before_prediction_id)
        with after:
            navigation.link("saved", "Forecast with it", "visibility", prediction=one.after_prediction_id)


def _grades(one: Receipt, content: Content | None) -> None:
    rows = shapes.grade_rows(one, _metric(content))
    if rows:
        session.table(("Age", "What happened", "Band", "Floor", "Which forecast came nearer"), rows, "Grades")
    elif content is not None and content.post_id is not None:
        st.caption("Published; not graded yet: its outcome has not been imported.")
    else:
        st.caption("Not published yet, as far as is known here.")


def _similar(one: Receipt, content: Content | None) -> None:
    if not one.similar:
        return
    with st.expander(f"Your most similar posts ({len(one.similar)})"):
        session.table(
            ("", "Published", "Outcome", "Over the usual", "Likeness"),
            advice_shapes.evidence_rows(one.similar, _metric(content)),
            "Similar posts",
        )


def _metric(content: Content | None) -> str:
    if content is None:
        return ""
    channel = session.channel(content.channel_id)
    return words.metric(channel.platform, channel.metric)
