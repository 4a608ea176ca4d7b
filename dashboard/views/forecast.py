"""The first page: a draft on one side, its forecast against the channel's own history on the other."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from creatorlens.api import ChannelDetail, Prediction
from creatorlens.client import ApiError
from creatorlens.platforms import HORIZONS_H, MATURE_AGE_H, MediaType, Platform
from creatorlens.records import Draft
from dashboard import drafting, forecast_charts, planning, session, words
from dashboard import forecast_shapes as shapes
from dashboard.views import choosing, navigation, prediction_parts, seen_content


def page() -> None:
    st.title("How will this post do?")
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
        draft = _draft_form(channel)
        session.keep_draft(draft)
    with right:
        prediction = _forecast(channel, draft)
        if draft is not None and prediction is not None:
            navigation.link("suggestions", "What could be better?", "lightbulb")
    if draft is None or prediction is None:
        return
    horizon_h = _horizon()
    prediction_parts.decomposition(prediction)
    prediction_parts.other_metrics(prediction, horizon_h)
    why, when = st.columns(2, gap="medium")
    with why:
        _drivers(prediction)
    with when:
        _timing(draft, prediction, horizon_h)
    _so_far(channel)
    prediction_parts.origin(prediction)


def _draft_form(channel: ChannelDetail) -> Draft | None:
    """The draft as typed. Nothing here writes to the track record."""
    platform = channel.platform
    title = _title(platform)
    at_box = st.container()
    # on a phone the forecast must not hide below a screenful of fields
    with st.expander("Hashtags, format, time zone", expanded=not session.on_phone()):
        text = ""
        if drafting.has_description(platform):
            text = st.text_area("Description", key="text", height=70, persist_state="session")
        hashtags = st.text_input(
            "Hashtags", key="hashtags", placeholder="#one #two", persist_state="session", live="400ms"
        )
        media, duration_s = _format(channel)
        zone = _zone(channel)
        analysis_id = _with_content(channel)
    with at_box:
        at = _planned_at(zone)
    return drafting.make_draft(
        channel, at, title=title, text=text, hashtags=hashtags, media_type=media, duration_s=duration_s,
        analysis_id=analysis_id,
    )  # fmt: skip


def _with_content(channel: ChannelDetail) -> str | None:
    """The analysis made on the content page, where it is of this platform and no other channel."""
    seen = seen_content.get()
    if seen is None or not seen.analysis.files or seen.platform is not channel.platform:
        return None
    if seen.analysis.channel_id not in (None, channel.channel_id):
        return None
    name = words.short(seen.analysis.files[0].file.name, 30)
    wanted = st.checkbox(f"With what was read of {name}", value=True, key=f"with-{seen.analysis.analysis_id}")
    return seen.analysis.analysis_id if wanted else None


def _title(platform: Platform) -> str:
    """A title of one line is forecast while it is typed; a caption when its box is left."""
    options = {"key": "title", "placeholder": "What will you post?", "persist_state": "session"}
    label = drafting.TITLE_WORDS[platform]
    if drafting.has_description(platform):
        return str(st.text_input(label, live="400ms", **options) or "")
    return str(st.text_area(label, height=90, **options) or "")


def _format(channel: ChannelDetail) -> tuple[MediaType, float | None]:
    platform = channel.platform
    seen = max(channel.recent_posts, key=lambda post: post.published_at, default=None)
    options = drafting.media_options(platform, seen.media_type if seen else None)
    kind, length = st.columns(2)
    media: MediaType = kind.selectbox(
        "Format", options, format_func=lambda m: drafting.MEDIA_WORDS[m], key=f"media-{platform}"
    )
    if not drafting.has_duration(media):
        return media, None
    typed = length.text_input("Length (min:sec)", key="duration", placeholder="8:30", persist_state="session")
    try:
        return media, drafting.parse_duration(typed)
    except ValueError as error:
        length.caption(f":red[{error}]")
        return media, None


def _zone(channel: ChannelDetail) -> str:
    here = planning.known_zone([channel.timezone, st.context.timezone, session.settings().default_timezone])
    zone: str = st.selectbox("Time zone", planning.zones(here), key=f"zone-{here}", filter_mode="contains")
    return zone


def _planned_at(zone: str) -> datetime:
    start = planning.default_planned(datetime.now(UTC), zone)
    day_box, clock_box = st.columns(2, wrap=False)
    day = day_box.date_input("Day", start.date(), min_value=start.date(), format="YYYY-MM-DD", key="day")
    clock = clock_box.time_input("Time", start.time(), step=900, key="clock")
    planned = planning.planned(day or start.date(), clock or start.time(), zone)
    if planned.shifted:
        st.caption(f"The clocks change then; taken as {words.moment(planned.at)}.")
    return planned.at


def _horizon() -> float:
    return float(st.session_state.get("horizon") or MATURE_AGE_H)


def _forecast(channel: ChannelDetail, draft: Draft | None) -> Prediction | None:
    prediction = None
    if draft is not None:
        try:
            prediction = session.what_if(draft)
        except ApiError as error:
            session.show_trouble(error)
    metric = words.metric(channel.platform, channel.metric)
    if prediction is not None:
        _headline(prediction)
    elif draft is None:
        _invitation(channel, metric)
    _hero(channel, prediction, metric)
    if draft is not None and prediction is not None:
        _save(draft)
    return prediction


def _invitation(channel: ChannelDetail, metric: str) -> None:
    band = channel.typical_band
    if band is None:
        st.subheader("A young channel")
        st.markdown("Fewer than three of its posts have a known outcome: there is no typical band yet.")
    else:
        st.subheader(f"This channel usually gets about {words.count(band.p50)} {metric}")
        st.markdown(
            f"Four posts out of five end between **{words.count(band.p10)}** and **{words.count(band.p90)}**. "
            "Write your draft to see where it is likely to land."
        )


def _headline(prediction: Prediction) -> None:
    said = shapes.verdict(prediction, _horizon())
    st.subheader(said.headline)
    lines = [said.note, said.chance, said.band] if not said.modelled else [said.chance, said.band]
    st.markdown("  \n".join(line for line in lines if line))
    st.segmented_control(
        "Horizon",
        [float(h) for h in HORIZONS_H],
        format_func=lambda h: f"after {words.horizon(h)}",
        default=float(MATURE_AGE_H),
        key="horizon",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )


def _hero(channel: ChannelDetail, prediction: Prediction | None, metric: str) -> None:
    history = shapes.history_frame(channel)
    forecasts = (
        shapes.forecast_frame(prediction, len(history), _horizon())
        if prediction is not None
        else shapes.no_forecast()
    )
    if history.empty and forecasts.empty:
        st.info("No post of this channel has a known outcome yet. Import its posts and observations first.")
        return
    band = prediction.typical_band if prediction is not None else channel.typical_band
    floor = shapes.at_horizon(prediction, _horizon()).floor if prediction is not None else channel.floor
    session.chart(
        forecast_charts.hero(history, forecasts, band, floor, metric, session.colours()),
        forecast_charts.hero_words(metric, forecasts, band),
        key="hero",
    )
    st.caption(shapes.hero_caption(history, metric, forecasting=not forecasts.empty))


def _save(draft: Draft) -> None:
    """Writing to the track record is a decision: once per draft, by a button."""
    mark = drafting.fingerprint(draft)
    saved: dict[str, str] = st.session_state.setdefault("saved", {})
    if mark not in saved:
        wanted = st.button(
            "Save this forecast to the track record",
            type="primary",
            help="It is kept as it is now, and graded once the post's outcome is imported.",
        )
        if not wanted:
            return
        try:
            saved[mark] = session.save(draft).prediction_id
        except ApiError as error:
            session.show_trouble(error)
            return
        # draw the page afresh, without the button
        st.rerun()
    st.success(f"Saved. It will be graded when the post's outcome is known.  \nForecast `{saved[mark]}`")
    navigation.link("saved", "See how it does once it is out", "visibility", prediction=saved[mark])


def _drivers(prediction: Prediction) -> None:
    st.subheader("What drives it")
    frame = shapes.drivers_frame(prediction)
    if frame.empty:
        st.markdown(shapes.no_drivers(prediction))
        return
    session.chart(
        forecast_charts.drivers(frame, session.colours()), shapes.drivers_words(frame), key="drivers"
    )
    st.caption(
        "Against a usual post of this channel. These are patterns in past posts, not proof of a cause."
    )


def _timing(draft: Draft, prediction: Prediction, horizon_h: float) -> None:
    st.subheader("When to post")
    chosen = shapes.at_horizon(prediction, horizon_h)
    if chosen.abstained:
        st.markdown("The channel's last posts alone say nothing about the time, so there is no map to show.")
        return
    hours = planning.week_hours(datetime.now(UTC), draft.planned_at)
    drafts = shapes.at_hours(draft, hours)
    try:
        with st.spinner("Trying every hour of the week…"):
            week = session.week(drafts, horizon_h)
    except ApiError as error:
        session.show_trouble(error)
        return
    frame = shapes.timing_frame(hours, week, draft.planned_at, chosen.p50)
    sentence = shapes.timing_sentence(frame)
    st.markdown(sentence)
    session.chart(forecast_charts.timing(frame, session.colours()), sentence, key="timing")
    st.caption(
        f"Change of the middle forecast against {words.moment(draft.planned_at)} (framed), "
        f"{words.moment(hours[0])} to {words.moment(hours[-1])}."
    )


def _so_far(channel: ChannelDetail) -> None:
    st.subheader("How far to trust this")
    try:
        record = session.track_record(channel.platform, channel.channel_id)
    except ApiError as error:
        session.show_trouble(error)
        return
    st.markdown(shapes.track_sentence(record))
