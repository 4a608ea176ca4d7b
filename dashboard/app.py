"""The entry: `streamlit run dashboard/app.py`. Draws the frame; each page lives in `views/`."""

from __future__ import annotations

import streamlit as st

from dashboard.views import content, engineers, forecast, track_record


def main() -> None:
    st.set_page_config(page_title="CreatorLens", layout="wide", initial_sidebar_state="auto")
    # less air above the title: on a phone the first screen must hold something useful
    st.html("<style>.stMainBlockContainer{padding-top:3.6rem;padding-bottom:3rem;max-width:1180px}</style>")
    pages = [
        st.Page(forecast.page, title="Forecast", url_path="forecast", default=True),
        st.Page(content.page, title="Content", url_path="content"),
        st.Page(track_record.page, title="Track record", url_path="track-record"),
        st.Page(engineers.page, title="Engineers", url_path="engineers"),
    ]
    st.navigation(pages, position="top").run()


if __name__ == "__main__":
    main()
