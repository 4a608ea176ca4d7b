"""Suggested pictures: what is measured to be wrong with the present one, and pictures made of the draft's own material."""

from __future__ import annotations

import streamlit as st

from creatorlens.advice.common import Suggestion
from creatorlens.advice.content import Content
from creatorlens.advice.thumbnails import ThumbnailAdvice, ThumbnailSuggestion
from creatorlens.api import ChannelDetail
from creatorlens.client import ApiError
from dashboard import advice_shapes as shapes
from dashboard import advising, session
from dashboard.views import suggestion_words

ACROSS = 2


def thumbnails(channel: ChannelDetail, content: Content) -> Suggestion | None:
    if not content.now.assets:
        st.info(
            "No picture or video came with this draft. Hand them in on the Content page, then keep the draft from the "
            "Forecast page with what was read."
        )
        return None
    with st.spinner("Making pictures, and looking at them again…"):
        found = advising.thumbnails(content)
    st.markdown(found.words)
    if found.current is not None and found.current.fixes:
        st.subheader("What to mend in the present one")
        suggestion_words.bullets([fix.words for fix in found.current.fixes])
    wanted = _pictures(channel, found)
    if found.suggestions:
        _export(content)
    said = [shapes.left_out(found.left_out), *(f"{part}: {why}" for part, why in found.absent.items())]
    st.caption("  \n".join(line for line in said if line))
    return wanted


def _pictures(channel: ChannelDetail, found: ThumbnailAdvice) -> Suggestion | None:
    wanted: Suggestion | None = None
    for start in range(0, len(found.suggestions), ACROSS):
        row = found.suggestions[start : start + ACROSS]
        for one, box in zip(row, st.columns(ACROSS, gap="medium"), strict=False):
            with box:
                if _picture(channel, one):
                    wanted = one
    return wanted


def _picture(channel: ChannelDetail, one: ThumbnailSuggestion) -> bool:
    sha256 = one.change.thumbnail
    assert sha256 is not None
    with st.container(border=True):
        try:
            data = advising.picture(sha256)
        except ApiError as error:
            session.show_missing(error, "This picture is no longer held here.")
            return False
        st.image(data, caption=one.words, width="stretch")
        st.markdown(shapes.expected(one))
        suggestion_words.bullets([*one.because, *shapes.picture_lines(one)])
        suggestion_words.evidence(one, channel)
        use_box, load_box = st.columns(2)
        with use_box:
            wanted = suggestion_words.use("Use this picture", one)
        kind = "png" if data.startswith(b"\x89PNG") else "jpg"
        load_box.download_button(
            "Download", data, f"{sha256[:12]}.{kind}", key=f"load-{sha256}", on_click="ignore"
        )
        return wanted


def _export(content: Content) -> None:
    """Packed when it is asked for: the pictures with a manifest, ready for a test of them."""
    st.download_button(
        "All pictures for an A/B test (zip)",
        lambda: advising.pictures_zip(content.content_id),
        "thumbnails.zip",
        "application/zip",
        key="thumbnails-zip",
        on_click="ignore",
    )
