"""When to publish: what hours and weekdays are worth on this channel, what goes with them, and open times."""

from __future__ import annotations

import streamlit as st

from creatorlens.advice.common import Suggestion
from creatorlens.advice.content import Content
from creatorlens.advice.timing import Timing, TimingAtAge
from creatorlens.api import ChannelDetail
from dashboard import advice_shapes as shapes
from dashboard import advising, season_charts, session
from dashboard.views import navigation, suggestion_words

AGES = {"day": "After a day", "week": "After a week", "month": "After a month"}


def timing(channel: ChannelDetail, content: Content) -> Suggestion | None:
    with st.spinner("Comparing times…"):
        found = advising.timing(content)
    st.markdown(found.words)
    st.caption(f"On the clock of {found.timezone}.")
    wanted: Suggestion | None = None
    for one in found.suggestions:
        with st.container(border=True):
            st.markdown(f"**{one.local}**  \n{shapes.expected(one)}")
            lines = [*one.because]
            if one.forecast is not None:
                lines.append(f"The forecast says of the same change: {one.forecast.words}.")
            suggestion_words.bullets(lines)
            suggestion_words.evidence(one, channel)
            if suggestion_words.use("Publish then", one):
                wanted = one
    _ages(found)
    _companions(found)
    navigation.link("schedule", "Plan several posts", "calendar_month")
    return wanted


def _ages(found: Timing) -> None:
    if not found.ages:
        return
    st.subheader("What the time is worth here")
    suggestion_words.bullets([f"{AGES[one.age]}: {one.words}" for one in found.ages])
    if found.causal is not None:
        st.markdown(f"Tested by lot: {found.causal.words}")
    shown = next((one for one in found.ages if one.hours and one.age == "week"), None)
    shown = shown or next((one for one in found.ages if one.hours or one.weekdays), None)
    if shown is not None:
        _effects(shown)


def _effects(shown: TimingAtAge) -> None:
    for slots, weekdays, label in ((shown.hours, False, "hours"), (shown.weekdays, True, "weekdays")):
        frame = shapes.slots_frame(slots, weekdays=weekdays)
        if frame.empty:
            continue
        session.chart(
            season_charts.effects(frame, session.colours()),
            season_charts.effects_words(frame),
            key=f"time-{label}",
        )
    st.caption(
        f"{AGES[shown.age]}, against this channel's mean post with content held equal. {shown.age_words} "
        "Lines: four times out of five, all of them at once. Grey: no detectable difference."
    )


def _companions(found: Timing) -> None:
    mixed = found.confounding
    if mixed is None:
        return
    st.subheader("What else goes with the time")
    st.markdown(mixed.words)
    if mixed.companions:
        session.table(
            ("", "When", "Share then", "Share else", "Posts"),
            shapes.companion_rows(mixed.companions),
            "Companions",
        )
