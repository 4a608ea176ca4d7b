"""The pages by name, so that one can lead to another without importing it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st

_KEY = "pages"


def put(pages: dict[str, Any]) -> None:
    st.session_state[_KEY] = pages


def link(name: str, label: str, icon: str, **query: str) -> None:
    """A link to a page of this session; an ordinary one where a view runs alone."""
    pages: dict[str, Any] = st.session_state.get(_KEY, {})
    if name in pages:
        st.page_link(pages[name], label=label, icon=f":material/{icon}:", query_params=query)
    else:
        st.markdown(f"[{label}](/{name}?{urlencode(query)})")
