"""What is read in a video: cuts and motion, frames, the first seconds, thumbnails, where it fits."""

from __future__ import annotations

import streamlit as st

from creatorlens.platforms import Platform
from creatorlens.reading.audio import AudioReading
from creatorlens.reading.video import VideoReading
from dashboard import content_html, hook_shapes, picture_html, session, timelines, video_charts, words
from dashboard import video_shapes as shapes


def sections(video: VideoReading, audio: AudioReading | None, platform: Platform) -> None:
    _timeline(video, audio)
    _first_seconds(video)
    _thumbnails(video)
    _fit(video, platform)


def _timeline(video: VideoReading, audio: AudioReading | None) -> None:
    st.subheader("From start to end")
    sentence = shapes.pace_sentence(video)
    st.markdown("  \n".join(line for line in (sentence, shapes.facts(video)) if line))
    colours = session.colours()
    length = shapes.duration(video, audio)
    motion, cuts = shapes.motion_frame(video), shapes.cuts_frame(video)
    if len(motion) or len(cuts):
        session.chart(
            video_charts.timeline(motion, cuts, length, colours),
            video_charts.timeline_words(cuts, sentence),
            key="timeline",
        )
    lanes = shapes.lanes_frame(video, audio)
    if len(lanes):
        kinds = {
            "face": colours.face, "lettering": colours.lettering, "speech": colours.speech, "music": colours.music,
        }  # fmt: skip
        spoken = "; ".join(
            dict.fromkeys(f"{row['lane']}: {row['words']}" for row in lanes.to_dict("records"))
        )
        session.chart(timelines.lanes(lanes, length, colours, kinds), spoken, key="lanes")
    shots = shapes.shots(video)
    if shots:
        st.html(picture_html.strip(shots, "Frames that were looked at"))
    st.caption(
        "Blue: how fast the picture moves. Orange lines: hard cuts. Shaded: the first 3 and 15 seconds. "
        "Choose a frame to play from there."
    )


def _first_seconds(video: VideoReading) -> None:
    rows = hook_shapes.hook_rows(video)
    if not rows:
        return
    st.subheader("The first seconds")
    sentence = hook_shapes.hook_sentence(video)
    if sentence:
        st.markdown(sentence)
    st.html(content_html.hook_table(hook_shapes.hook_columns(video), rows))


def _thumbnails(video: VideoReading) -> None:
    candidates = shapes.thumbnails(video)
    if not candidates:
        return
    st.subheader("Frames that could stand for it")
    st.html(picture_html.cards(candidates, "Candidate thumbnails, best first"))
    st.caption("Compared with one another by sharpness, light and what they show; not a promise of clicks.")


def _fit(video: VideoReading, platform: Platform) -> None:
    frame = shapes.fit_frame(video, platform)
    if frame.empty:
        return
    st.subheader("Where it fits")
    best = shapes.best_fit(video, platform)
    if best is not None:
        st.markdown(
            f"On {words.platform(platform)} it suits **{shapes.placement(best)}** best. "
            f"Shape: {best.aspect_rule}. Length: {best.duration_rule}."
        )
    spoken = "; ".join(f"{row['placement']}: {row['words']}" for row in frame.to_dict("records"))
    session.chart(video_charts.fit(frame, session.colours()), spoken, key="fit")
    source = shapes.fit_source(video, platform)
    if source:
        st.caption(
            f"As generally known of the platforms' rules; look them up before you rely on them ({source})."
        )
