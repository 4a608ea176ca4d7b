"""Choosing a kept draft of a channel, or keeping the one that was just written."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from creatorlens.advice.content import Content
from creatorlens.api import ChannelDetail
from creatorlens.client import ApiError
from creatorlens.records import Draft
from dashboard import advice_shapes as shapes
from dashboard import advising, drafting, planning, session, words
from dashboard.views import seen_content


def content(channel: ChannelDetail) -> Content | None:
    """The kept draft that is chosen; None where there is none yet, after offering to keep one."""
    kept = advising.contents(channel.channel_id)
    named = _named(channel, kept)
    if named is not None and all(one.content_id != named.content_id for one in kept):
        kept = (named, *kept)
    written = session.kept_draft(channel.channel_id)
    known = {drafting.fingerprint(one.draft()) for one in kept}
    if (
        written is not None
        and drafting.fingerprint(written) not in known
        and not _differs_by_clock(written, kept)
    ):
        _offer(written)
    if not kept:
        _first(channel, expanded=written is None)
        return None
    chosen = _chosen(kept)
    _first(channel, expanded=False)
    return chosen


def _named(channel: ChannelDetail, kept: tuple[Content, ...]) -> Content | None:
    """The draft in the page's address (`?content=ID`), where it is of this channel."""
    wanted = str(st.query_params.get("content", ""))
    for one in kept:
        if one.content_id == wanted:
            return one
    if not wanted:
        return None
    try:
        found = session.client().content(wanted)
    except ApiError:
        return None
    return found if found.channel_id == channel.channel_id else None


def _differs_by_clock(written: Draft, kept: tuple[Content, ...]) -> bool:
    """A kept draft comes back with the same moment told on another clock."""
    return any(one.draft(version) == written for one in kept for version in one.versions)


def _offer(written: Draft) -> None:
    title = words.short(written.title or written.text, 50)
    if st.button(f"Keep “{title}” and see suggestions", type="primary", key="keep-written"):
        _keep(written)


def _chosen(kept: tuple[Content, ...]) -> Content:
    by_id = {one.content_id: one for one in kept}
    wanted = str(st.query_params.get("content", ""))
    key = f"kept-{kept[0].channel_id}"
    if st.session_state.get(key) not in by_id or st.session_state.pop("kept-new", False):
        st.session_state[key] = wanted if wanted in by_id else next(iter(by_id))
    picked: str = st.selectbox(
        "Kept draft",
        list(by_id),
        format_func=lambda one: shapes.name(by_id[one]),
        key=key,
        filter_mode="contains",
    )
    if wanted != picked:
        st.query_params["content"] = picked
    return by_id[picked]


def _first(channel: ChannelDetail, *, expanded: bool) -> None:
    """A small form: what the Forecast page asks for in more detail."""
    caption = drafting.has_description(channel.platform)
    label = drafting.TITLE_WORDS[channel.platform]
    with (
        st.expander("Write a draft", expanded=expanded),
        st.form("keep-new", border=False, clear_on_submit=True),
    ):
        title = st.text_input(label, key="keep-title", placeholder="What will you post?")
        text = st.text_area("Description", key="keep-text", height=70) if caption else ""
        tags = st.text_input("Hashtags", key="keep-tags", placeholder="#one #two")
        if not st.form_submit_button("Keep it"):
            return
    zone = planning.known_zone([channel.timezone, st.context.timezone, session.settings().default_timezone])
    seen = max(channel.recent_posts, key=lambda post: post.published_at, default=None)
    draft = drafting.make_draft(
        channel,
        planning.default_planned(datetime.now(UTC), zone),
        title=title or "",
        text=text or "",
        hashtags=tags or "",
        media_type=drafting.media_options(channel.platform, seen.media_type if seen else None)[0],
    )
    if draft is None:
        st.warning(f"Write a {label.lower()} first.")
        return
    _keep(draft)


def _keep(draft: Draft) -> None:
    try:
        made = advising.keep(draft, _picture_of(draft))
    except ApiError as error:
        session.show_trouble(error)
        return
    st.query_params["content"] = made.content_id
    st.session_state["kept-new"] = True
    st.rerun()


def _picture_of(draft: Draft) -> str | None:
    """The picture that came with the draft on the Content page."""
    seen = seen_content.get()
    if seen is None or draft.analysis_id != seen.analysis.analysis_id:
        return None
    return next((one.file.sha256 for one in seen.analysis.files if one.file.kind == "image"), None)
