"""What is read in sound: the waveform by what is heard, loudness, the voice, the transcript."""

from __future__ import annotations

import streamlit as st

from creatorlens.platforms import Platform
from creatorlens.reading.audio import AudioReading
from dashboard import content_html, scales, session, sound_charts
from dashboard import sound_shapes as shapes


def sections(audio: AudioReading, platform: Platform, *, of_video: bool) -> None:
    _heard(audio, of_video=of_video)
    _loudness(audio, platform)
    _voice(audio)
    _said(audio)


def _length(audio: AudioReading) -> float:
    return audio.facts.duration_s if audio.facts is not None else 0.0


def _heard(audio: AudioReading, *, of_video: bool) -> None:
    wave = shapes.waveform_frame(audio)
    if wave.empty:
        return
    st.subheader("How it sounds" if of_video else "What is heard")
    heard = shapes.heard(audio)
    if heard:
        st.markdown(heard)
    colours = session.colours()
    by_kind = sound_charts.kind_colours(colours)
    shares = shapes.shares(audio)
    st.html(content_html.legend((by_kind[kind], said) for kind, said in shares))
    session.chart(
        sound_charts.waveform(wave, _length(audio), colours, hook=of_video),
        "Waveform. " + ", ".join(said for _, said in shares),
        key="waveform",
    )


def _loudness(audio: AudioReading, platform: Platform) -> None:
    curve = shapes.loudness_frame(audio)
    if curve.empty:
        return
    aim = shapes.target(platform, audio)
    st.subheader("Loudness")
    sentence = shapes.loudness_sentence(audio, aim)
    if sentence:
        st.markdown(sentence)
    session.chart(
        sound_charts.loudness(curve, _length(audio), aim, session.colours()),
        f"Loudness over time. {sentence.replace('*', '')}",
        key="loudness",
    )
    st.caption(f"LUFS over three seconds each. Dashed: {aim.words}.")


def _voice(audio: AudioReading) -> None:
    rows = scales.frame(shapes.voice_scales(audio))
    sentence = shapes.voice_sentence(audio)
    if rows.empty and not sentence:
        return
    st.subheader("Voice and recording" if sentence else "Recording")
    if sentence:
        st.markdown(sentence)
    if not rows.empty:
        session.chart(scales.draw(rows, session.colours()), scales.spoken(rows), key="voice")


def _said(audio: AudioReading) -> None:
    if audio.transcript is None:
        return
    st.subheader("What is said")
    lines = shapes.transcript_lines(audio)
    if not lines:
        st.markdown("Nobody is heard to speak.")
        return
    st.html(content_html.transcript(lines))
    st.caption(f"Written down by {audio.transcript.model}. Choose a line to hear it.")
