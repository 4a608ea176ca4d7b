"""What if: move what can be changed in a draft and see the forecast move; one request a change, nothing recorded."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import streamlit as st

from creatorlens.api import ChannelDetail
from creatorlens.client import ApiError
from creatorlens.platforms import HORIZONS_H, MATURE_AGE_H, MediaType
from creatorlens.records import Draft
from dashboard import (
    decomposition_shapes,
    drafting,
    forecast_shapes,
    interval_charts,
    planning,
    session,
    words,
)
from dashboard import what_if_shapes as shapes
from dashboard.views import choosing, prediction_parts


def page() -> None:
    st.title("What if?")
    chosen = choosing.channel()
    if chosen is None:
        return
    try:
        channel = session.channel(chosen.channel_id)
    except ApiError as error:
        session.show_trouble(error)
        return
    left, right = st.columns([5, 8], gap="medium")
    with left:
        before, after = _controls(channel)
    with right:
        if before is None or after is None:
            st.info("Write a title first. Then every change you make shows what it does to the forecast.")
            return
        found = _ask(before, after)
        if found is not None:
            _answer(channel, found)


def _ask(before: Draft, after: Draft) -> shapes.Answer | None:
    asked = shapes.question(before, after, datetime.now(UTC))
    horizons = tuple(sorted({float(MATURE_AGE_H), _horizon()}))
    try:
        with st.spinner("Trying other hours and days…"):
            return shapes.answer(asked, session.batch(asked.drafts, horizons))
    except ApiError as error:
        session.show_trouble(error)
        return None


def _horizon() -> float:
    return float(st.session_state.get("horizon") or MATURE_AGE_H)


def _controls(channel: ChannelDetail) -> tuple[Draft | None, Draft | None]:
    """The draft to start from, and the draft as the controls have it."""
    kept = session.kept_draft(channel.channel_id)
    zone = planning.known_zone(
        [planning.zone_of(kept.planned_at) if kept else None, channel.timezone, st.context.timezone,
         session.settings().default_timezone]
    )  # fmt: skip
    start = _starting_point(kept, zone)
    # fields start anew with another channel or starting point
    key = f"what-if-{channel.channel_id}-{drafting.fingerprint(start)[:8] if start else 'new'}"
    platform = channel.platform
    caption = drafting.has_description(platform)
    own = (start.title if caption else start.text) if start else ""
    options = {"value": own, "key": f"{key}-title", "placeholder": "What will you post?"}
    if caption:
        title = st.text_input(drafting.TITLE_WORDS[platform], live="400ms", **options)
    else:
        title = st.text_area(drafting.TITLE_WORDS[platform], height=90, **options)
    st.caption(_length_words(title or ""))
    at = _when(key, start.planned_at if start else planning.default_planned(datetime.now(UTC), zone), zone)
    # on a phone the forecast must not hide below a screenful of fields
    with st.expander("Description, hashtags, format", expanded=not session.on_phone()):
        text = ""
        if caption:
            text = st.text_area(
                "Description", value=start.text if start else "", key=f"{key}-text", height=70
            )
        tags = " ".join(f"#{tag}" for tag in start.hashtags) if start else ""
        hashtags = st.text_input(
            "Hashtags", value=tags, key=f"{key}-tags", placeholder="#one #two", live="400ms"
        )
        media, duration_s = _format(key, channel, start)
    after = drafting.make_draft(
        channel, at, title=title or "", text=text or "", hashtags=hashtags or "", media_type=media,
        duration_s=duration_s, analysis_id=start.analysis_id if start else None,
    )  # fmt: skip
    before = start or _pinned(channel, after)
    changed = after is not None and before is not None and after != before
    if changed and st.button("Start from here", help="Compare from now on with the draft as it is now."):
        session.keep_draft(after)
        st.session_state.pop(_pin(channel), None)
        st.rerun()
    return before, after


def _starting_point(kept: Draft | None, zone: str) -> Draft | None:
    """The draft of the Forecast page, its time moved on where it has passed."""
    if kept is None or kept.planned_at > datetime.now(UTC):
        return kept
    return forecast_shapes.at_hours(kept, [planning.default_planned(datetime.now(UTC), zone)])[0]


def _pin(channel: ChannelDetail) -> str:
    return f"what-if-before-{channel.channel_id}"


def _pinned(channel: ChannelDetail, after: Draft | None) -> Draft | None:
    """Without a draft from the Forecast page: the first one that is written here."""
    if after is not None and _pin(channel) not in st.session_state:
        st.session_state[_pin(channel)] = after
    pinned: Draft | None = st.session_state.get(_pin(channel))
    return pinned


def _length_words(typed: str) -> str:
    number = len(typed.split())
    return f"{len(typed)} characters, {number} word{'' if number == 1 else 's'}"


def _when(key: str, start: datetime, zone: str) -> datetime:
    local = planning.on_clock(start, zone)
    days = shapes.coming_days(local, datetime.now(UTC))
    by_day = {day.date(): day for day in days}
    day = st.select_slider(
        "Day",
        list(by_day),
        value=local.date(),
        format_func=lambda d: words.day_short(by_day[d]),
        key=f"{key}-day",
    )
    clock: time = st.slider(
        "Time of day", time(0), time(23, 45), planning.quarter(local.time()), timedelta(minutes=15), format="HH:mm",
        key=f"{key}-hour",
    )  # fmt: skip
    st.caption(f"{words.moment(planning.planned(day, clock, zone).at)}, {zone}")
    return planning.planned(day, clock, zone).at


def _format(key: str, channel: ChannelDetail, start: Draft | None) -> tuple[MediaType, float | None]:
    seen = max(channel.recent_posts, key=lambda post: post.published_at, default=None)
    first = start.media_type if start else seen.media_type if seen else None
    options = drafting.media_options(channel.platform, first)
    media: MediaType = options[0]
    if len(options) > 1:
        media = st.selectbox(
            "Format", options, format_func=lambda m: drafting.MEDIA_WORDS[m], key=f"{key}-media"
        )
    if not drafting.has_duration(media):
        return media, None
    known = start.duration_s if start else None
    given = st.checkbox("The length is known", value=known is not None, key=f"{key}-timed")
    if not given:
        return media, None
    lengths = shapes.durations(known)
    duration = st.select_slider(
        "Length",
        lengths,
        value=known or shapes.USUAL_S,
        format_func=drafting.duration_words,
        key=f"{key}-length",
    )
    return media, float(duration)


def _answer(channel: ChannelDetail, found: shapes.Answer) -> None:
    horizon_h = _horizon()
    asked = found.question
    metric = words.metric(channel.platform, channel.metric)
    now = found.at(asked.after, horizon_h)
    if now.abstained:
        said = forecast_shapes.verdict(found.of(asked.after), horizon_h)
        st.subheader(said.headline)
        st.markdown("  \n".join(line for line in (said.note, said.band) if line))
        st.markdown("Nothing you change here moves that band: it comes from the channel's last posts alone.")
        return
    title, said_of_change = shapes.headline(found, horizon_h, metric)
    st.subheader(title)
    st.markdown(said_of_change)
    st.markdown(forecast_shapes.verdict(found.of(asked.after), horizon_h).chance)
    st.segmented_control(
        "Horizon", [float(h) for h in HORIZONS_H], format_func=lambda h: f"after {words.horizon(h)}",
        default=float(MATURE_AGE_H), key="horizon", required=True, label_visibility="collapsed",
        persist_state="session",
    )  # fmt: skip
    if asked.after != asked.before:
        _changes(found, horizon_h)
    _curves(found, horizon_h)
    prediction_parts.decomposition(found.of(asked.after))


def _changes(found: shapes.Answer, horizon_h: float) -> None:
    frame = shapes.changes_frame(found, horizon_h)
    st.subheader("What each change does")
    spoken = "; ".join(f"{row['label']}: {row['words']}" for row in frame.to_dict("records"))
    session.chart(interval_charts.changes(frame, session.colours()), spoken, key="what-if-changes")
    ranged = decomposition_shapes.has_parts(found.of(found.question.after))
    st.caption(
        "Grey: within the noise. "
        + (
            "Wide lines hold the change four times out of five."
            if ranged
            else "How sure a change is is not known."
        )
    )


def _curves(found: shapes.Answer, horizon_h: float) -> None:
    asked = found.question
    st.subheader("Another hour, another day")
    for what, drafts, every in (("hour", asked.hours, 6), ("day", asked.days, 1)):
        frame = shapes.curve_frame(found, drafts, horizon_h, days=what == "day")
        sentence = shapes.curve_sentence(frame, what)
        st.markdown(sentence)
        session.chart(
            interval_charts.curve(frame, session.colours(), every=every), sentence, key=f"what-if-{what}"
        )
    st.caption(
        "The middle forecast. Circled: your choice. Filled dots differ from it by more than noise, also where the "
        "best of many is picked; the axis starts at nought, so that a flat line means that it hardly matters."
    )
