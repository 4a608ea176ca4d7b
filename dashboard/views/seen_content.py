"""What was read on the content page, kept between reruns and shared with the forecast page."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from creatorlens.platforms import Platform
from creatorlens.reading.analysis import Analysis

_KEY = "content-seen"


@dataclass(frozen=True)
class Seen:
    """What was read, and the bytes it was read from by their sha256: the page shows them beside it."""

    analysis: Analysis
    platform: Platform
    media: dict[str, bytes] = field(default_factory=dict)


def get() -> Seen | None:
    seen: Seen | None = st.session_state.get(_KEY)
    return seen


def put(seen: Seen | None) -> None:
    st.session_state[_KEY] = seen
