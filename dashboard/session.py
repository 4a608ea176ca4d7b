"""What Streamlit keeps between reruns: the client, answers for a short while, the theme."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from creatorlens.api import ChannelDetail, GradedPrediction, Models, Prediction, TrackRecord
from creatorlens.api_operations import DriftReports, Lineage, ModelCard, Promotions, Replay, Trends
from creatorlens.client import ApiError, Client
from creatorlens.platforms import Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings, load_settings
from dashboard import fetching, tables_html
from dashboard.palette import Palette, palette

FRESH_S = 60
"""Answers are asked for again after a minute: a new import or champion shows up by itself."""


def settings() -> Settings:
    return load_settings()


def _open_client(address: str) -> Client:
    return Client(address, timeout_s=60.0)


_client_at = st.cache_resource(_open_client, show_spinner=False)


def client_at(address: str) -> Client:
    """One client per process and address: it is safe to share between threads."""
    return _client_at(address)


def client() -> Client:
    return client_at(settings().api)


def _cached(function: Any) -> Any:
    # errors are not cached, and the address belongs to the key
    return st.cache_data(function, ttl=FRESH_S, max_entries=500, show_spinner=False)


@_cached
def _channels(address: str, platform: Platform, search: str) -> fetching.ChannelChoice:
    return fetching.channels(_client_at(address), platform, search)


@_cached
def _any_channel(address: str, platform: Platform) -> bool:
    return bool(_client_at(address).channels(platform=platform, limit=1).channels)


@_cached
def _channel(address: str, channel_id: str) -> ChannelDetail:
    return _client_at(address).channel(channel_id)


@_cached
def _models(address: str) -> Models:
    return _client_at(address).models()


@_cached
def _track_record(address: str, platform: Platform | None, channel_id: str | None) -> TrackRecord:
    return _client_at(address).track_record(platform=platform, channel_id=channel_id)


@_cached
def _what_if(address: str, draft: Draft) -> Prediction:
    return fetching.forecast(_client_at(address), draft, record=False)


@_cached
def _week(address: str, drafts: tuple[Draft, ...], horizon_h: float) -> tuple[Prediction, ...]:
    return fetching.what_if(_client_at(address), drafts, horizon_h)


@_cached
def _batch(address: str, drafts: tuple[Draft, ...], horizons: tuple[float, ...]) -> tuple[Prediction, ...]:
    return fetching.batch(_client_at(address), drafts, horizons)


@_cached
def _promotions(address: str) -> Promotions:
    return _client_at(address).promotions()


@_cached
def _drift(address: str) -> DriftReports:
    return _client_at(address).drift()


@_cached
def _lineage(address: str, lineage_id: str) -> Lineage:
    return _client_at(address).lineage(lineage_id)


@_cached
def _model_card(address: str, platform: Platform) -> ModelCard:
    return _client_at(address).model_card(platform)


@_cached
def _trends(address: str, platform: Platform) -> Trends:
    return _client_at(address).trends(platform)


def channels(platform: Platform, search: str = "") -> fetching.ChannelChoice:
    return _channels(settings().api, platform, search)


def any_channel(platform: Platform) -> bool:
    return _any_channel(settings().api, platform)


def channel(channel_id: str) -> ChannelDetail:
    return _channel(settings().api, channel_id)


def models() -> Models:
    return _models(settings().api)


def track_record(platform: Platform | None, channel_id: str | None = None) -> TrackRecord:
    return _track_record(settings().api, platform, channel_id)


def what_if(draft: Draft) -> Prediction:
    return _what_if(settings().api, draft)


def week(drafts: tuple[Draft, ...], horizon_h: float) -> tuple[Prediction, ...]:
    return _week(settings().api, drafts, horizon_h)


def batch(drafts: tuple[Draft, ...], horizons: tuple[float, ...]) -> tuple[Prediction, ...]:
    """Several drafts in one request that leaves no trace. The same drafts within a minute are not asked again."""
    return _batch(settings().api, drafts, horizons)


def promotions() -> Promotions:
    return _promotions(settings().api)


def drift() -> DriftReports:
    return _drift(settings().api)


def lineage(lineage_id: str) -> Lineage:
    return _lineage(settings().api, lineage_id)


def model_card(platform: Platform) -> ModelCard:
    return _model_card(settings().api, platform)


def trends(platform: Platform) -> Trends:
    return _trends(settings().api, platform)


def prediction(prediction_id: str) -> GradedPrediction:
    """As it stands in the ledger now: grades and revisions arrive, so it is never kept."""
    return client().prediction(prediction_id)


def revised(prediction_id: str, seen: Sequence[tuple[float, float]]) -> Prediction:
    """What the forecast would be, had its post been seen so: (age in hours, count). Leaves no trace."""
    return client().revise(prediction_id, seen, record=False)


def replay(prediction_id: str) -> Replay:
    return client().replay(prediction_id)


def keep_draft(draft: Draft | None) -> None:
    """The draft of the Forecast page, where the other pages start from."""
    if draft is not None:
        st.session_state["draft"] = draft


def kept_draft(channel_id: str) -> Draft | None:
    """The draft last typed on the Forecast page, where it is of that channel."""
    draft: Draft | None = st.session_state.get("draft")
    return draft if draft is not None and draft.channel_id == channel_id else None


def save(draft: Draft) -> Prediction:
    """Write the forecast to the track record: asked afresh, never from the cache."""
    prediction = fetching.forecast(client(), draft, record=True)
    _track_record.clear()
    return prediction


def on_phone() -> bool:
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def colours() -> Palette:
    return palette(st.context.theme.type)


def show_trouble(error: ApiError) -> None:
    """The error in words a creator can act on, in place of what could not be shown."""
    trouble = fetching.trouble(error, settings().api)
    lines = [f"**{trouble.title}**", trouble.advice]
    lines += [f"{field.capitalize()}: {message}" if field else message for field, message in trouble.fields]
    box = st.info if trouble.waiting else st.error
    box("  \n".join(line for line in lines if line))
    if trouble.command:
        st.code(trouble.command, language="bash")


def show_missing(error: ApiError, missing: str) -> None:
    """`missing` in place of what the service knows nothing of; any other trouble as it is."""
    if fetching.unknown_there(error):
        st.caption(missing)
    else:
        show_trouble(error)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], label: str) -> None:
    """A table that reads like text: it wraps, scrolls sideways by itself, and can be heard."""
    st.html(tables_html.style(colours()) + tables_html.table(columns, rows, label))


def chart(figure: Any, description: str, key: str) -> None:
    """Every chart fills its column and has a description for screen readers."""
    st.altair_chart(figure, width="stretch", alt=description, key=key)
