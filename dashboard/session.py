"""What Streamlit keeps between reruns: the client, answers for a short while, the theme."""

from __future__ import annotations

from typing import Any

import streamlit as st

from creatorlens.api import ChannelDetail, Models, Prediction, TrackRecord
from creatorlens.client import ApiError, Client
from creatorlens.platforms import Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings, load_settings
from dashboard import fetching
from dashboard.palette import Palette, palette

FRESH_S = 60
"""Answers are asked for again after a minute: a new import or champion shows up by itself."""


def settings() -> Settings:
    return load_settings()


def _open_client(address: str) -> Client:
    return Client(address, timeout_s=60.0)


_client_at = st.cache_resource(_open_client, show_spinner=False)


def client() -> Client:
    """One client per process and address: it is safe to share between threads."""
    return _client_at(settings().api)


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


def save(draft: Draft) -> Prediction:
    """Write the forecast to the track record: asked afresh, never from the cache."""
    prediction = fetching.forecast(client(), draft, record=True)
    _track_record.clear()
    return prediction


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


def chart(figure: Any, description: str, key: str) -> None:
    """Every chart fills its column and has a description for screen readers."""
    st.altair_chart(figure, width="stretch", alt=description, key=key)
