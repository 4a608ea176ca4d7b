"""Two to four drafts side by side, of one channel or of several: one request, nothing recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from creatorlens.api import ChannelDetail, ChannelSummary
from creatorlens.client import ApiError
from creatorlens.platforms import MATURE_AGE_H, Platform
from creatorlens.records import Draft
from dashboard import comparing, drafting, interval_charts, planning, session, words
from dashboard.views import choosing

FEWEST, MOST = 2, len(comparing.LETTERS)


def page() -> None:
    st.title("Which draft is better?")
    chosen = choosing.channel()
    if chosen is None:
        return
    try:
        channel = session.channel(chosen.channel_id)
        written = _drafts(channel)
        if written is None:
            return
        answers = session.batch(tuple(draft for _, draft in written), (float(MATURE_AGE_H),))
    except ApiError as error:
        session.show_trouble(error)
        return
    _comparison(comparing.entrants(written, answers))


def _drafts(channel: ChannelDetail) -> list[tuple[ChannelDetail, Draft]] | None:
    """The drafts as typed; None while fewer than two have words."""
    number = st.segmented_control(
        "How many drafts", list(range(FEWEST, MOST + 1)), default=FEWEST, required=True, key="compare-n",
        persist_state="session",
    )  # fmt: skip
    kept = session.kept_draft(channel.channel_id)
    columns = st.columns(int(number or FEWEST), gap="medium", border=True)
    written: list[tuple[ChannelDetail, Draft]] = []
    missing = []
    for letter, column in zip(comparing.LETTERS, columns, strict=False):
        with column:
            own, draft = _form(letter, channel, kept)
        if draft is None:
            missing.append(letter)
        else:
            written.append((own, draft))
    if missing:
        st.info(f"Write something in {' and '.join(missing)} to compare.")
        return None
    return written


@dataclass(frozen=True)
class _Start:
    """What a draft's fields hold at first: that of the Forecast page, in the first place with its words."""

    words: str
    text: str
    hashtags: str
    duration: str


def _start(letter: str, channel: ChannelDetail, kept: Draft | None) -> _Start:
    if kept is None:
        return _Start("", "", "", "")
    caption = drafting.has_description(channel.platform)
    first = letter == comparing.LETTERS[0]
    return _Start(
        words=(kept.title if caption else kept.text) if first else "",
        text=kept.text if caption else "",
        hashtags=" ".join(f"#{tag}" for tag in kept.hashtags),
        duration=drafting.duration_words(kept.duration_s),
    )


def _form(letter: str, first: ChannelDetail, kept: Draft | None) -> tuple[ChannelDetail, Draft | None]:
    """One draft. Field labels carry its letter, so that each can be told from the others by ear."""
    fields, below = st.container(), st.container()
    with below:
        channel = first if letter == comparing.LETTERS[0] else _other_channel(letter, first)
    with fields:
        return channel, _fields(letter, channel, kept if channel.channel_id == first.channel_id else None)


def _fields(letter: str, channel: ChannelDetail, kept: Draft | None) -> Draft | None:
    platform = channel.platform
    key = f"compare-{letter}-{channel.channel_id}"
    start = _start(letter, channel, kept)
    title = st.text_area(
        f"{drafting.TITLE_WORDS[platform]} {letter}", value=start.words, key=f"{key}-title", height=90,
        placeholder="What would you post?",
    )  # fmt: skip
    zone = planning.known_zone(
        [planning.zone_of(kept.planned_at) if kept else None, channel.timezone, st.context.timezone,
         session.settings().default_timezone]
    )  # fmt: skip
    at = kept.planned_at if kept is not None else planning.default_planned(datetime.now(UTC), zone)
    local = planning.on_clock(at, zone)
    day_box, clock_box = st.columns(2, wrap=False)
    day = day_box.date_input(f"Day {letter}", local.date(), format="YYYY-MM-DD", key=f"{key}-day")
    clock = clock_box.time_input(f"Time {letter}", local.time(), step=900, key=f"{key}-clock")
    with st.expander(f"Hashtags, format {letter}"):
        text = ""
        if drafting.has_description(platform):
            text = st.text_area(f"Description {letter}", value=start.text, key=f"{key}-text", height=70)
        hashtags = st.text_input(f"Hashtags {letter}", value=start.hashtags, key=f"{key}-tags")
        options = drafting.media_options(platform, kept.media_type if kept is not None else None)
        media = st.selectbox(
            f"Format {letter}", options, format_func=lambda m: drafting.MEDIA_WORDS[m], key=f"{key}-media"
        )
        duration_s = _duration(letter, key, start.duration) if drafting.has_duration(media) else None
    planned = planning.planned(day or local.date(), clock or local.time(), zone)
    return drafting.make_draft(
        channel, planned.at, title=title or "", text=text or "", hashtags=hashtags or "", media_type=media,
        duration_s=duration_s,
    )  # fmt: skip


def _duration(letter: str, key: str, start: str) -> float | None:
    typed = st.text_input(
        f"Length {letter} (min:sec)", value=start, key=f"{key}-duration", placeholder="8:30"
    )
    try:
        return drafting.parse_duration(typed or "")
    except ValueError as error:
        st.caption(f":red[{error}]")
        return None


def _other_channel(letter: str, first: ChannelDetail) -> ChannelDetail:
    """The same channel, unless another is wanted: then the platforms can differ too."""
    if not st.checkbox("Another channel", key=f"compare-{letter}-elsewhere"):
        return first
    platforms = [platform for platform in Platform if session.any_channel(platform)]
    platform: Platform = st.selectbox(
        f"Platform {letter}", platforms, index=platforms.index(first.platform), format_func=words.platform,
        key=f"compare-{letter}-platform",
    )  # fmt: skip
    found: dict[str, ChannelSummary] = {c.channel_id: c for c in session.channels(platform).channels}
    others = [channel_id for channel_id in found if channel_id != first.channel_id] or list(found)
    picked: str = st.selectbox(
        f"Channel {letter}", others, format_func=lambda channel_id: found[channel_id].creator_id,
        key=f"compare-{letter}-channel-{platform}", filter_mode="contains",
    )  # fmt: skip
    return session.channel(picked)


def _comparison(found: list[comparing.Entrant]) -> None:
    horizon_h = float(MATURE_AGE_H)
    counts = comparing.in_counts(found)
    frame = comparing.frame(found, horizon_h, counts=counts)
    st.subheader("Side by side")
    said = comparing.verdict(found, horizon_h)
    if said:
        st.markdown(said)
    if frame.empty:
        st.info("None of these channels has posts enough to say what is usual there.")
    else:
        session.chart(
            interval_charts.rows(frame, session.colours(), counts=counts),
            interval_charts.rows_words(frame),
            key="compare",
        )
        st.caption(
            f"After {words.horizon(horizon_h)}, {comparing.axis_words(found, counts=counts)}. Bars: four times out of "
            "five. Dark mark: the middle. Thin grey mark: the median of the channel's last five posts."
        )
    columns, rows = comparing.figures(found, horizon_h)
    session.table(columns, rows, "Figures of the drafts")
    st.subheader("What differs")
    different = comparing.differing(found)
    if different:
        session.table(columns, different, "What differs between the drafts")
    else:
        st.markdown("Nothing yet: the drafts are the same.")
    for entrant in found:
        forecast = entrant.at(horizon_h)
        if forecast.abstained and forecast.reason:
            st.caption(f"{entrant.letter}: {forecast.reason.rstrip('.')}.")
