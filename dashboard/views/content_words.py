"""What is read in words: cues in their place, mood and ease, key phrases, topics, agreement."""

from __future__ import annotations

import streamlit as st

from creatorlens.reading.analysis import Analysis
from creatorlens.reading.text import TextReading
from dashboard import content_charts, picture_html, scales, session
from dashboard import text_shapes as shapes


def section(analysis: Analysis) -> None:
    reading = analysis.words
    if reading is None:
        return
    st.subheader("The words")
    _highlighted(analysis, reading)
    short = shapes.in_short(reading)
    if short:
        st.markdown(short)
    rows = scales.frame(shapes.scales(reading))
    if not rows.empty:
        session.chart(scales.draw(rows, session.colours()), scales.spoken(rows), key="text")
    if reading.channel is not None:
        st.caption(shapes.nearest(reading.channel))
    _phrases(reading)
    _bars(reading)


def _highlighted(analysis: Analysis, reading: TextReading) -> None:
    if analysis.title:
        st.html(shapes.highlighted(analysis.title, reading, "title"))
    if analysis.text:
        st.html(shapes.highlighted(analysis.text, reading, "caption"))
    chips = shapes.cue_chips(reading)
    if chips:
        st.html(picture_html.chips(chips, "Cues found in the words"))
    elif shapes.no_cues(reading):
        st.caption(shapes.no_cues(reading))


def _phrases(reading: TextReading) -> None:
    for head, chips in (
        ("Key phrases", shapes.phrase_chips(reading)),
        ("Names", shapes.entity_chips(reading)),
    ):
        if chips:
            st.markdown(f"**{head}**")
            st.html(picture_html.chips(chips, head))


def _bars(reading: TextReading) -> None:
    topics = shapes.topics_frame(reading)
    if not topics.empty and reading.topics is not None:
        st.markdown("**Topics of your own posts in it**")
        session.chart(
            content_charts.bars(topics, "topic", session.colours()), _spoken(topics, "topic"), key="topics"
        )
        st.caption(f"Learned from {reading.topics.posts} posts.")
    pairs = shapes.agreement_frame(reading.agreement)
    if not pairs.empty:
        st.markdown("**Do title, picture and speech speak of the same?**")
        session.chart(
            content_charts.bars(pairs, "pair", session.colours()), _spoken(pairs, "pair"), key="agreement"
        )


def _spoken(frame: object, name: str) -> str:
    rows = frame.to_dict("records")  # type: ignore[attr-defined]
    return "; ".join(f"{row[name]}: {row['words']}" for row in rows)
