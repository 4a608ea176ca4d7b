"""The entry: `streamlit run dashboard/app.py`. Draws the frame; each page lives in `views/`."""

from __future__ import annotations

import streamlit as st

from dashboard.views import (
    compare,
    content,
    engineers,
    experiments,
    forecast,
    navigation,
    receipts,
    saved,
    schedule,
    strategy,
    suggestions,
    track_record,
    trends,
    what_if,
)


def main() -> None:
    st.set_page_config(page_title="CreatorLens", layout="wide", initial_sidebar_state="auto")
    # less air above the title: on a phone the first screen must hold something useful
    st.html("<style>.stMainBlockContainer{padding-top:3.6rem;padding-bottom:3rem;max-width:1180px}</style>")
    pages = {
        "forecast": st.Page(forecast.page, title="Forecast", url_path="forecast", default=True),
        "what-if": st.Page(what_if.page, title="What if", url_path="what-if"),
        "suggestions": st.Page(suggestions.page, title="Suggestions", url_path="suggestions"),
        "compare": st.Page(compare.page, title="Compare", url_path="compare"),
        "content": st.Page(content.page, title="Content", url_path="content"),
        "strategy": st.Page(strategy.page, title="Strategy", url_path="strategy"),
        "experiments": st.Page(experiments.page, title="Tests", url_path="experiments"),
        "schedule": st.Page(schedule.page, title="Schedule", url_path="schedule"),
        "trends": st.Page(trends.page, title="Trends", url_path="trends"),
        "saved": st.Page(saved.page, title="Saved forecast", url_path="saved"),
        "receipts": st.Page(receipts.page, title="Receipts", url_path="receipts"),
        "track-record": st.Page(track_record.page, title="Track record", url_path="track-record"),
        "engineers": st.Page(engineers.page, title="Engineers", url_path="engineers"),
    }
    navigation.put(pages)
    st.navigation(list(pages.values()), position="top").run()


if __name__ == "__main__":
    main()
