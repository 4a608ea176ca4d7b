"""The draft itself: the picture with what was found on it, or the player."""

from __future__ import annotations

import streamlit as st

from creatorlens.reading.analysis import FileReading
from creatorlens.reading.image import ImageReading
from dashboard import content_shapes, picture_html, previews, video_shapes
from dashboard import picture_shapes as shapes

LAYER_WORDS = {
    "face": "Faces", "thing": "Objects", "lettering": "Text", "heat": "Where the eye goes", "thirds": "Thirds",
}  # fmt: skip


def show(file: FileReading, data: bytes | None) -> None:
    if file.image is not None:
        _picture(file.image, file.file.name, preview(file, data))
    elif data is None:
        best = video_shapes.thumbnails(file.video)[:1] if file.video is not None else ()
        for shot in best:
            st.html(picture_html.picture(shot.src, shot.alt, picture_html.Overlay()))
        st.caption("The file itself is not kept on this page. Hand it in again to see it here.")
    elif file.video is not None:
        _unless_played(file)
        st.video(data, format=file.file.mime, alt=f"Your video {file.file.name}")
    elif file.audio is not None:
        _unless_played(file)
        st.audio(data, format=file.file.mime, alt=f"Your recording {file.file.name}")


def preview(file: FileReading, data: bytes | None) -> str:
    """The picture for screens; an empty one of its shape where it cannot be shown."""
    seen = _preview(data) if data is not None else None
    if seen is not None:
        return seen
    facts = file.image.facts if file.image is not None else None
    return previews.blank(facts.width, facts.height) if facts is not None else previews.blank(16, 9)


_preview = st.cache_data(previews.of_picture, max_entries=20, show_spinner=False)


def _unless_played(file: FileReading) -> None:
    if not content_shapes.plays(file.file):
        st.caption("Browsers may not play this kind of file; what was read of it is shown all the same.")


def _picture(reading: ImageReading, name: str, src: str) -> None:
    there: list[str] = [*shapes.layers(reading)]
    if reading.saliency is not None:
        there += ["heat", "thirds"]
    chosen = st.pills(
        "Show on the picture", there, selection_mode="multi", format_func=LAYER_WORDS.get,
        default=[kind for kind in there if kind in ("face", "thing", "lettering")], key=f"layers-{name}",
        label_visibility="collapsed",
    )  # fmt: skip
    heat = "heat" in chosen and reading.saliency is not None
    overlay = picture_html.Overlay(
        marks=shapes.marks(reading, [kind for kind in ("thing", "face", "lettering") if kind in chosen]),
        heat=previews.heat(reading.saliency.grid) if heat and reading.saliency is not None else None,
        thirds="thirds" in chosen,
        focus=reading.saliency.focus if heat and reading.saliency is not None else None,
        aspect=reading.facts.aspect if reading.facts is not None else 16 / 9,
    )
    alt = f"Your picture {name}. {shapes.what_it_shows(reading)}"
    st.html(picture_html.picture(src, alt, overlay))
