"""Trends: what is on the rise on a platform, and what its hours, weekdays and months are worth."""

from __future__ import annotations

import streamlit as st

from creatorlens.api_operations import Trends
from creatorlens.client import ApiError
from creatorlens.platforms import Platform
from dashboard import season_charts, session, words
from dashboard import trends_shapes as shapes
from dashboard.views import choosing


def page() -> None:
    st.title("What is on the rise?")
    try:
        platform = choosing.platform()
    except ApiError as error:
        session.show_trouble(error)
        return
    if platform is None:
        return
    name = words.platform(platform)
    try:
        found = session.trends(platform)
    except ApiError as error:
        session.show_missing(error, f"This service tells nothing of trends on {name}.")
        return
    if not found.trends and not found.seasons:
        st.info(f"Too few posts on {name} to speak of trends. Import more, then compute their features:")
        st.code("creatorlens import posts.csv observations.csv\ncreatorlens featurize", language="bash")
        return
    if found.as_of is not None:
        st.caption(
            f"From the imported posts alone, by what was known on {words.day(found.as_of)}. Results are against "
            "each channel's usual level: patterns, not proof of a cause."
        )
    _rising(found)
    _seasons(found, platform)


def _rising(found: Trends) -> None:
    for kind in shapes.kinds(found):
        st.subheader(shapes.KINDS[kind])
        session.table(
            ("", "Used more than before", "Results of posts with it", "Seen on"),
            shapes.trend_rows(found.trends, kind),
            shapes.KINDS[kind],
        )


def _seasons(found: Trends, platform: Platform) -> None:
    shown = [kind for kind in shapes.SEASONS if any(s.kind == kind for s in found.seasons)]
    if not shown:
        return
    st.subheader("What the time is worth")
    for kind in shown:
        frame = shapes.season_frame(found.seasons, kind)
        st.markdown(f"**{shapes.SEASONS[kind]}.** {shapes.season_sentence(frame)}")
        session.chart(
            season_charts.effects(frame, session.colours()),
            season_charts.effects_words(frame),
            key=f"season-{platform}-{kind}",
        )
    st.caption("Lines: four times out of five. Grey: within the noise.")
