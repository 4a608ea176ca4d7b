"""Choosing the platform and the channel, kept in the address so that a link leads back to it."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from creatorlens.api import ChannelSummary
from creatorlens.client import ApiError
from creatorlens.platforms import Platform
from dashboard import fetching, session, words


def channel() -> ChannelSummary | None:
    """The channel chosen; None after saying why there is none."""
    try:
        platforms = _platforms()
        if not platforms:
            _nothing_imported()
            return None
        side, main = st.columns([5, 8], gap="medium", vertical_alignment="bottom")
        with side:
            chosen = _platform(platforms)
        with main:
            return _channel(chosen)
    except ApiError as error:
        session.show_trouble(error)
        return None


def anywhere() -> tuple[Platform, ChannelSummary | None]:
    """A platform, and one of its channels where there is one and it is wanted: a draft can be read without."""
    side, main = st.columns([5, 8], gap="medium", vertical_alignment="bottom")
    with side:
        names = [platform.value for platform in Platform]
        if "content-platform" not in st.session_state:
            known = st.session_state.get("platform") or _linked().partition(":")[0]
            st.session_state["content-platform"] = known if known in names else names[0]
        chosen: str = st.selectbox(
            "Platform", names, format_func=lambda name: words.platform(Platform(name)),
            key="content-platform", persist_state="session",
        )  # fmt: skip
    platform = Platform(chosen)
    with main:
        if session.any_channel(platform):
            return platform, _channel(platform)
        st.caption(
            f"No channel on {words.platform(platform)} has been imported: the draft is read by itself."
        )
    return platform, None


def platform() -> Platform | None:
    """The platform chosen; None where nothing has been imported."""
    platforms = _platforms()
    if not platforms:
        _nothing_imported()
        return None
    return _platform(platforms)


def _platforms() -> list[Platform]:
    """Platforms that have a channel. The list itself is cached, so this costs one look each a minute."""
    return [platform for platform in Platform if session.any_channel(platform)]


def _platform(platforms: list[Platform]) -> Platform:
    names = [platform.value for platform in platforms]
    if "platform" not in st.session_state:
        linked = _linked().partition(":")[0]
        st.session_state["platform"] = linked if linked in names else names[0]
    chosen = st.segmented_control(
        "Platform",
        names,
        format_func=lambda name: words.platform(Platform(name)),
        key="platform",
        required=True,
        persist_state="session",
    )
    return Platform(chosen or names[0])


def _channel(platform: Platform) -> ChannelSummary | None:
    found = session.channels(platform)
    if found.more:
        found = _searched(platform, found)
    if not found.channels:
        st.caption("No channel of that name.")
        return None
    by_id = {item.channel_id: item for item in found.channels}
    key = f"channel_{platform.value}"
    if st.session_state.get(key) not in by_id:
        linked = _linked()
        st.session_state[key] = linked if linked in by_id else next(iter(by_id))
    now = datetime.now(UTC)
    picked: str = st.selectbox(
        "Channel",
        list(by_id),
        format_func=lambda channel_id: _label(by_id[channel_id], now),
        key=key,
        filter_mode="contains",
        persist_state="session",
    )
    if _linked() != picked:
        st.query_params["channel"] = picked
    return by_id[picked]


def _linked() -> str:
    """The channel that the page's address names (`?channel=youtube:UC123`)."""
    return str(st.query_params.get("channel", ""))


def _searched(platform: Platform, listed: fetching.ChannelChoice) -> fetching.ChannelChoice:
    typed = st.text_input(
        "Find a channel",
        key=f"find-{platform.value}",
        placeholder=f"Search beyond the {len(listed.channels)} most recent",
        live="400ms",
        type="search",
    )
    return session.channels(platform, typed.strip()) if typed and typed.strip() else listed


def _label(item: ChannelSummary, now: datetime) -> str:
    parts = [item.creator_id, f"{words.count(item.posts)} posts"]
    if item.last_published_at is not None:
        parts.append(f"last {words.ago(item.last_published_at, now)}")
    return "  ·  ".join(parts)


def _nothing_imported() -> None:
    st.info("No channel has been imported yet. Bring in posts and their outcomes, then reload this page:")
    st.code(
        "creatorlens import posts.csv observations.csv\ncreatorlens featurize\ncreatorlens train",
        language="bash",
    )
    st.caption("Or look around with a made-up corpus: `creatorlens demo`")
