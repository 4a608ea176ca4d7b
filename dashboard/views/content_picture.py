"""What is read in a picture: what it shows, where the eye goes, how it looks on a phone, light and colour."""

from __future__ import annotations

import streamlit as st

from creatorlens.reading.analysis import ChannelLook, FileReading
from creatorlens.reading.image import ImageReading
from dashboard import content_charts, picture_html, scales, session, words
from dashboard import picture_shapes as shapes
from dashboard.views import content_media


def sections(file: FileReading, title: str, data: bytes | None) -> None:
    reading = file.image
    assert reading is not None
    _seen(reading, file.channel_look)
    _on_a_phone(file, reading, title, data)
    _light(reading)


def _seen(reading: ImageReading, look: ChannelLook | None) -> None:
    st.subheader("What a viewer sees")
    lines = [shapes.what_it_shows(reading), shapes.where_the_eye_goes(reading)]
    if look is not None:
        lines.append(shapes.beside_the_channel(look))
    st.markdown("  \n".join(line for line in lines if line))


def _on_a_phone(file: FileReading, reading: ImageReading, title: str, data: bytes | None) -> None:
    if data is None:
        return
    st.subheader("As a phone lists it")
    upright = reading.facts is not None and reading.facts.aspect < 0.8
    st.html(
        picture_html.in_a_list(
            content_media.preview(file, data),
            title or "Your title stands here",
            "Your channel",
            vertical=upright,
        )
    )
    if reading.words is None:
        return
    if not reading.words.regions:
        st.caption("No text was found in the picture.")
        return
    lines = shapes.lines_frame(reading.words)
    spoken = "; ".join(f"{row['line']}: {row['words']}" for row in lines.to_dict("records"))
    session.chart(content_charts.bars(lines, "line", session.colours()), spoken, key="lines")
    more = len(reading.words.regions) - len(lines)
    st.caption(
        "How easily each line is read at that size, from its height in pixels and its contrast."
        + (f" {more} smaller lines are left out." if more > 0 else "")
    )


def _light(reading: ImageReading) -> None:
    rows = scales.frame(shapes.look_scales(reading))
    if rows.empty:
        return
    st.subheader("Light, colour, quality")
    session.chart(scales.draw(rows, session.colours()), scales.spoken(rows), key="look")
    ratings = shapes.ratings_frame(reading)
    if not ratings.empty and reading.aesthetic is not None:
        st.markdown(f"A panel would rate it about **{reading.aesthetic.mean:.1f} of 10**.")
        session.chart(
            content_charts.ratings(ratings, session.colours()),
            "; ".join(f"{row['rating']}: {row['words']}" for row in ratings.to_dict("records")),
            key="ratings",
        )
        st.caption(
            f"Spread of ratings from 1 to 10, as {words.short(reading.aesthetic.model, 40)} expects them."
        )
    if reading.look is not None and reading.look.palette:
        st.html(picture_html.swatches(reading.look.palette))
