"""Tests of titles, thumbnails and times: what a test would need, first; then the test, what was seen, and what it says."""

from __future__ import annotations

from typing import Any

import streamlit as st

from creatorlens.advice.experiments import Experiment, PowerCheck, PowerRequest
from creatorlens.client import ApiError
from creatorlens.errors import InputError
from dashboard import experiment_charts as charts
from dashboard import experiment_shapes as shapes
from dashboard import session
from dashboard.views import choosing, experiment_results

NEW = "new"
LABELS = {
    "baseline": "Click-through now",
    "impressions_per_day": "Impressions a day",
    "posts_per_week": "Posts a week",
    "spread_ln": "How posts vary",
}
HINTS = {
    "title": "One title a line; the first is what the others are compared with.",
    "time": "One slot a line, as `weekday evenings`; the first is what the others are compared with.",
}


def page() -> None:
    st.title("Which one works better?")
    channel = choosing.channel()
    if channel is None:
        return
    try:
        tests = {
            one.experiment_id: one
            for one in session.client().experiments(channel=channel.channel_id).experiments
        }
    except ApiError as error:
        session.show_missing(error, "This service runs no tests.")
        return
    wanted = str(st.query_params.get("test", ""))
    names = [NEW, *tests]
    chosen = st.selectbox(
        "Test", names, index=names.index(wanted) if wanted in names else (1 if tests else 0),
        format_func=lambda one: "A new test" if one == NEW else shapes.name(tests[one]), key=f"test-{channel.channel_id}-{len(tests)}",
    )  # fmt: skip
    if chosen == NEW:
        _new(channel.channel_id)
    else:
        experiment_results.show(chosen)


def _new(channel: str) -> None:
    kind: str = st.segmented_control(
        "What is tested", list(shapes.KINDS), format_func=shapes.KINDS.get, default="title", key="test-kind",
        required=True,
    )  # fmt: skip
    files: list[Any] = []
    headline = ""
    if kind == "thumbnail":
        files = st.file_uploader(
            "Pictures, two or more",
            type=["jpg", "jpeg", "png", "webp"],
            accept_multiple_files=True,
            key="test-files",
        )
        headline = st.text_input("Title shown with them", key="test-headline")
        shown = [file.name for file in files]
    else:
        shown = shapes.lines(
            st.text_area(shapes.KINDS[kind], help=HINTS[kind], placeholder=HINTS[kind], key=f"test-{kind}")
        )
    told = _plan(kind)
    try:
        asked = shapes.power_request(kind, channel, max(2, len(shown)), told)
        check = _power(session.settings().api, asked.model_dump_json())
    except InputError as error:
        st.warning(str(error))
        return
    except ApiError as error:
        missing = [LABELS[e.field] for e in error.problem.errors if e.field in LABELS]
        if missing:
            st.info(
                f"{missing[0]}: the channel's history does not tell it. Fill it in above; the platform's own analytics know."
            )
        else:
            session.show_trouble(error)
        return
    _show_power(check, told["power"])
    force = not check.decidable and st.checkbox("Start it all the same", key="test-force")
    ready = len(shown) >= 2 and (check.decidable or force) and (kind != "thumbnail" or bool(headline))
    if len(shown) < 2:
        st.caption("Name two or more above.")
    if st.button("Start the test", type="primary", disabled=not ready, key="test-start"):
        _start(kind, channel, shown, files, told, headline, force)


def _plan(kind: str) -> dict[str, Any]:
    small, days, sure = st.columns(3)
    told: dict[str, Any] = {
        "smallest": small.number_input("Smallest change worth finding, %", 1, 500, 20, key="test-smallest")
        / 100,
        "max_days": days.number_input("Days it may take", 1, 730, 30, key="test-days"),
        "power": sure.number_input("Certainty to find it, %", 50, 99, 80, key="test-power") / 100,
    }
    from_history = "from the channel's history"
    if kind == "time":
        told["posts_per_week"] = st.number_input(
            "Posts a week", 0.1, 1000.0, None, placeholder=from_history, key="test-posts"
        )
        return told
    rate_box, day_box, how_box = st.columns(3)
    rate = rate_box.number_input(
        "Click-through now, %", 0.01, 99.0, None, placeholder=from_history, key="test-rate"
    )
    told["baseline"] = None if rate is None else rate / 100
    told["impressions_per_day"] = day_box.number_input(
        "Impressions a day", 1.0, 1e10, None, placeholder=from_history, key="test-impressions"
    )
    how = how_box.selectbox(
        "How they run", ["side-by-side", "thompson", "by-day"], format_func=HOW.get, key="test-how"
    )
    told["rotation"] = "by-day" if how == "by-day" else "side-by-side"
    told["allocation"] = "thompson" if how == "thompson" else "equal"
    return told


HOW = {
    "side-by-side": "Side by side, equal shares",
    "thompson": "Side by side, more to the better one",
    "by-day": "One a day",
}


def _checked(address: str, wanted: str) -> PowerCheck:  # noqa: ARG001 (the address belongs to the key)
    return session.client().experiment_power(PowerRequest.model_validate_json(wanted))


_power = st.cache_data(
    _checked, ttl=session.FRESH_S, max_entries=100, show_spinner="Working out what it takes…"
)


def _show_power(check: PowerCheck, wanted: float) -> None:
    (st.success if check.decidable else st.warning)(check.words)
    for option in check.options:
        st.markdown(f"- {option}")
    if check.curve:
        session.chart(
            charts.power(shapes.curve(check), wanted, session.colours()),
            shapes.curve_words(check),
            key="test-power-curve",
        )
    if check.assumed:
        st.caption("Assumed: " + "; ".join(check.assumed) + ".")


def _start(
    kind: str,
    channel: str,
    shown: list[str],
    files: list[Any],
    told: dict[str, Any],
    headline: str,
    force: bool,
) -> None:
    try:
        if kind == "thumbnail":
            shown = [_taken_in(file) for file in files]
        wanted = shapes.request(kind, channel, shown, told, headline=headline, force=force)
        started: Experiment = session.client().start_experiment(wanted)
    except InputError as error:
        st.warning(str(error))
        return
    except ApiError as error:
        session.show_trouble(error)
        return
    st.query_params["test"] = started.experiment_id
    st.rerun()


def _taken_in(file: Any) -> str:
    """sha256 under which the service holds the picture."""
    found = session.client().analyze([(file.name, file.getvalue())], transcribe=False)
    return found.files[0].file.sha256
