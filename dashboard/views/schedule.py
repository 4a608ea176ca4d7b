"""A schedule: times for several kept drafts on one or more channels, as a calendar file too."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from creatorlens.advice.content import Content
from creatorlens.advice.timing import Schedule, ScheduleRequest
from creatorlens.client import ApiError
from dashboard import advice_shapes, advising, planning, session
from dashboard import schedule_shapes as shapes
from dashboard.views import navigation


def page() -> None:
    st.title("When does what go out?")
    try:
        kept = {one.content_id: one for one in advising.contents() if one.post_id is None}
    except ApiError as error:
        session.show_missing(error, "This service keeps no drafts.")
        return
    if not kept:
        st.info("No draft is kept yet. Keep some on the Suggestions page first.")
        navigation.link("suggestions", "Suggestions", "lightbulb")
        return
    wanted = _form(kept)
    if wanted is None:
        st.info("Choose the drafts that are to go out.")
        return
    try:
        with st.spinner("Finding times…"):
            found = advising.schedule(wanted)
            calendar = advising.calendar(wanted)
    except ApiError as error:
        session.show_trouble(error)
        return
    _show(found, calendar, [kept[one] for one in wanted.content_ids])


def _form(kept: dict[str, Content]) -> ScheduleRequest | None:
    chosen = st.multiselect(
        "Drafts", list(kept), format_func=lambda one: f"{advice_shapes.name(kept[one])} · {kept[one].channel_id}",
        key="schedule-drafts",
    )  # fmt: skip
    zone = planning.known_zone([st.context.timezone, session.settings().default_timezone])
    start_box, days_box, space_box, prefer_box = st.columns(4)
    first = start_box.date_input("From", datetime.now(UTC).date(), key="schedule-start")
    days = days_box.number_input("Days", 1, 60, 14, key="schedule-days")
    spacing = space_box.number_input("Hours between posts of a channel", 0, 720, 24, key="schedule-spacing")
    prefer = prefer_box.selectbox(
        "Rather", list(shapes.PREFER), format_func=shapes.PREFER.get, key="schedule-prefer"
    )
    keep_quiet = st.checkbox(
        "Not at night (22 to 7 on the channel's clock)", value=True, key="schedule-quiet"
    )
    if not chosen:
        return None
    return shapes.request(
        [kept[one] for one in chosen],
        first_day=first,
        days=int(days),
        spacing_h=float(spacing),
        quiet=(22, 7) if keep_quiet else None,
        prefer=prefer,
        zone=zone,
    )


def _show(found: Schedule, calendar: str, contents: list[Content]) -> None:
    st.markdown(found.words)
    session.table(("", "Channel", "When", "Clock of", "Worth"), shapes.rows(found), "Schedule")
    load, set_times = st.columns(2)
    load.download_button(
        "Calendar file (.ics)", calendar, "schedule.ics", "text/calendar", key="schedule-ics", on_click="ignore",
        icon=":material/calendar_month:",
    )  # fmt: skip
    moved = shapes.differing(found, contents)
    if moved and set_times.button("Plan the drafts so", key="schedule-set", type="primary"):
        _plan(moved)
    elif not moved:
        set_times.caption("The drafts are planned so.")


def _plan(moved: list[tuple[Content, datetime]]) -> None:
    try:
        for content, at in moved:
            advising.plan(content, at)
    except ApiError as error:
        session.show_trouble(error)
        return
    st.rerun()
