"""For engineers: what serves each platform, how it came to, what drifts, and where everything comes from."""

from __future__ import annotations

import streamlit as st

from creatorlens.api import Health, ModelInfo
from creatorlens.client import ApiError
from dashboard import engineering as shapes
from dashboard import engineering_charts as charts
from dashboard import session, words
from dashboard.views import operations


def page() -> None:
    st.title("Models and tools")
    sections = {
        "Serving": _serving, "Promotions": operations.promotions, "Drift": operations.drift,
        "Lineage": operations.lineage, "Model card": operations.card,
    }  # fmt: skip
    section = st.segmented_control(
        "Section", list(sections), default="Serving", required=True, key="section", label_visibility="collapsed",
        bind="query-params",
    )  # fmt: skip
    sections.get(section or "", _serving)()
    _tools()


def _serving() -> None:
    try:
        models = session.models().models
        health = session.client().health()
    except ApiError as error:
        session.show_trouble(error)
        return
    _health(health)
    _measured(models)
    for model in sorted(models, key=lambda m: m.platform):
        if model.serves is not None:
            _model(model)
    without = shapes.without_model(models)
    if without:
        st.caption(without)


def _health(health: Health) -> None:
    if health.status == "ok":
        st.markdown(f"Service {health.version} answers; workspace `{health.workspace}`.")
        return
    st.warning("The service answers, but: " + "; ".join(health.problems))


def _measured(models: tuple[ModelInfo, ...]) -> None:
    frame = shapes.against_floor(models)
    if frame.empty:
        return
    st.subheader("Error on the backtest, model against floor")
    session.chart(
        charts.against_floor(frame, session.colours()), shapes.against_floor_words(frame), key="floor"
    )
    st.caption("Mean absolute error of ln(1 + metric): shorter is better.")


def _model(model: ModelInfo) -> None:
    with st.container(border=True):
        name, state = st.columns([3, 2], vertical_alignment="center")
        name.markdown(f"**{words.platform(model.platform)}**  \n`{model.model_name}`")
        with state:
            if model.serves == "model":
                st.badge(f"model, version {model.model_version}", color="blue")
            else:
                st.badge(f"floor, version {model.model_version}", color="gray")
        if model.reason:
            st.caption(model.reason)
        shown = shapes.metric_words(model.metrics)
        if shown:
            cells = st.container(horizontal=True)
            for label, value in shown:
                cells.metric(label, value, width=120)
        if model.registered_at is not None:
            st.caption(f"Registered {words.day(model.registered_at)}")


def _tools() -> None:
    st.subheader("Tools")
    settings = session.settings()
    row = st.container(horizontal=True)
    for tool in shapes.tools(settings):
        row.link_button(tool.label, tool.address, help=tool.purpose)
    st.caption(
        f"They run while `creatorlens up` does. Reports on the quality of imported tables lie in "
        f"`{settings.quality_home}`; `creatorlens doctor` tells what works on this machine."
    )
