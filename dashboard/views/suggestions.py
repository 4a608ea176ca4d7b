"""Suggestions on a kept draft: what to change, what that is expected to do; one click applies it, one takes it back."""

from __future__ import annotations

import streamlit as st

from creatorlens.advice.common import Suggestion
from creatorlens.advice.content import Content
from creatorlens.api import ChannelDetail
from creatorlens.client import ApiError
from dashboard import advice_shapes as shapes
from dashboard import advising, forecast_shapes, interval_charts, session, words
from dashboard.views import (
    choosing,
    keeping,
    navigation,
    suggestion_pictures,
    suggestion_times,
    suggestion_words,
)

KINDS = {"titles": "Titles", "hashtags": "Hashtags", "thumbnails": "Thumbnails", "timing": "Time"}


def page() -> None:
    st.title("What could be better?")
    chosen = choosing.channel()
    if chosen is None:
        return
    try:
        channel = session.channel(chosen.channel_id)
        content = keeping.content(channel)
    except ApiError as error:
        session.show_missing(error, "This service keeps no drafts.")
        return
    if content is None:
        return
    left, right = st.columns([5, 8], gap="medium")
    with left:
        _draft(channel, content)
    with right:
        _advice(channel, content)


def _draft(channel: ChannelDetail, content: Content) -> None:
    """The draft as it is now, its forecast, and the way back."""
    now = content.now
    if now.thumbnail is not None:
        _picture(now.thumbnail)
    st.markdown(f"**{words.short(now.title or now.text, 300)}**")
    if now.title and now.text:
        st.caption(words.short(now.text, 240))
    st.caption(" · ".join([*(f"#{tag}" for tag in now.hashtags), words.moment(now.planned_at)]))
    _applied(content)
    _forecast(channel, content)
    _versions(content)


def _picture(sha256: str) -> None:
    try:
        st.image(advising.picture(sha256), width="stretch")
    except ApiError:
        st.caption("Its picture is no longer held here.")


def _applied(content: Content) -> None:
    back = shapes.undoable(content)
    if back is None:
        return
    st.success(_said(content))
    undo, receipt = st.columns(2)
    if undo.button("Undo", key="undo", icon=":material/undo:", help=f"Back to version {back.version}."):
        _back(content, back.version)
    with receipt:
        navigation.link("receipts", "Its receipt", "receipt_long", content=content.content_id)


def _said(content: Content) -> str:
    """What was expected of the suggestion that was applied last."""
    said: str | None = st.session_state.get(f"applied-{content.content_id}")
    if said is not None:
        return said
    try:
        found = advising.receipts(content.content_id).receipts
    except ApiError:
        return "A suggestion was applied."
    return next(
        (one.words for one in found if one.receipt_id == content.now.receipt_id), "A suggestion was applied."
    )


def _forecast(channel: ChannelDetail, content: Content) -> None:
    versions = shapes.compared_versions(content)
    try:
        found = advising.forecasts(tuple(content.draft(one) for one in versions))
    except ApiError as error:
        session.show_trouble(error)
        return
    said = forecast_shapes.verdict(found[-1], shapes.WEEK_H)
    st.subheader(said.headline)
    lines = [
        shapes.moved(before, found[-1], version.version)
        for version, before in reversed(list(zip(versions[:-1], found[:-1], strict=True)))
    ]
    st.markdown("  \n".join(line for line in (*lines, said.note, said.chance, said.band) if line))
    if len(versions) > 1:
        frame = shapes.forecast_rows(versions, found)
        session.chart(
            interval_charts.rows(frame, session.colours(), counts=True),
            interval_charts.rows_words(frame),
            key=f"versions-{channel.channel_id}",
        )
        st.caption("Blue: four times out of five. Dashed: the median of the last five posts.")


def _versions(content: Content) -> None:
    with st.expander(f"Versions ({len(content.versions)})"):
        for version in reversed(content.versions):
            words_box, button_box = st.columns([4, 1], vertical_alignment="center")
            words_box.markdown(shapes.version_words(content, version))
            earlier = version.version != content.now.version
            if earlier and button_box.button("Back", key=f"back-{version.version}", help="As it was then."):
                _back(content, version.version)
        if st.button("Delete this draft", key="forget", type="tertiary"):
            _forget(content)


def _back(content: Content, version: int) -> None:
    try:
        advising.go_back(content, version)
    except ApiError as error:
        session.show_trouble(error)
        return
    st.session_state.pop(f"applied-{content.content_id}", None)
    st.rerun()


def _forget(content: Content) -> None:
    try:
        advising.forget(content)
    except ApiError as error:
        session.show_trouble(error)
        return
    st.query_params.pop("content", None)
    st.rerun()


def _advice(channel: ChannelDetail, content: Content) -> None:
    kind = st.segmented_control(
        "Kind of advice", list(KINDS), format_func=KINDS.get, default="titles", key="advice", required=True,
        label_visibility="collapsed", bind="query-params",
    ) or "titles"  # fmt: skip
    views = {
        "titles": suggestion_words.titles, "hashtags": suggestion_words.hashtags,
        "thumbnails": suggestion_pictures.thumbnails, "timing": suggestion_times.timing,
    }  # fmt: skip
    try:
        wanted = views[kind](channel, content)
    except ApiError as error:
        session.show_trouble(error)
        return
    if wanted is not None:
        _apply(content, wanted)


def _apply(content: Content, wanted: Suggestion) -> None:
    try:
        with st.spinner("Applying, with a forecast before and after…"):
            applied = advising.apply(content, wanted)
    except ApiError as error:
        session.show_trouble(error)
        return
    st.session_state[f"applied-{content.content_id}"] = applied.receipt.words
    st.rerun()
