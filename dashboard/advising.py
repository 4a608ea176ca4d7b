"""Kept drafts and advice on them, asked over HTTP; answers stay for a short while, what changes a draft clears them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import streamlit as st

from creatorlens.advice.common import Suggestion
from creatorlens.advice.content import Applied, Content, Receipts
from creatorlens.advice.hashtags import Hashtags
from creatorlens.advice.strategy import Strategy
from creatorlens.advice.thumbnails import ThumbnailAdvice
from creatorlens.advice.timing import Schedule, ScheduleRequest, Timing
from creatorlens.advice.titles import TitleAdvice
from creatorlens.api import Prediction
from creatorlens.client import Client
from creatorlens.platforms import MATURE_AGE_H
from creatorlens.records import Draft
from dashboard import session

FRESH_S = 600
"""Advice on one version of a draft changes only with new features."""
LISTED = 100
PICTURES = 200

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Of:
    """What advice is asked of. The version belongs to the key: another version, another answer."""

    content_id: str
    version: int


def _client(address: str) -> Client:
    return session.client_at(address)


def _cached(function: Any) -> Any:
    return st.cache_data(function, ttl=FRESH_S, max_entries=200, show_spinner=False)


def _listed(function: Any) -> Any:
    return st.cache_data(function, ttl=session.FRESH_S, max_entries=50, show_spinner=False)


def _forever(function: Any) -> Any:
    # bytes never change under their hash
    return st.cache_data(function, max_entries=PICTURES, show_spinner=False)


@_cached
def _titles(address: str, of: Of) -> TitleAdvice:
    return _client(address).titles(of.content_id)


@_cached
def _hashtags(address: str, of: Of) -> Hashtags:
    return _client(address).hashtags(of.content_id)


@_cached
def _thumbnails(address: str, of: Of) -> ThumbnailAdvice:
    return _client(address).thumbnails(of.content_id)


@_cached
def _timing(address: str, of: Of) -> Timing:
    return _client(address).timing(of.content_id)


@_cached
def _strategy(address: str, channel_id: str) -> Strategy:
    return _client(address).strategy(channel_id)


@_forever
def _picture(address: str, sha256: str) -> bytes:
    return _client(address).asset(sha256)


@_listed
def _contents(address: str, channel_id: str | None) -> tuple[Content, ...]:
    return _client(address).contents(channel=channel_id, limit=LISTED).contents


def contents(channel_id: str | None = None) -> tuple[Content, ...]:
    """The newest kept drafts, newest first."""
    found: tuple[Content, ...] = _contents(_address(), channel_id)
    return found


def titles(content: Content) -> TitleAdvice:
    found: TitleAdvice = _titles(_address(), _of(content))
    return found


def hashtags(content: Content) -> Hashtags:
    found: Hashtags = _hashtags(_address(), _of(content))
    return found


def thumbnails(content: Content) -> ThumbnailAdvice:
    found: ThumbnailAdvice = _thumbnails(_address(), _of(content))
    return found


def timing(content: Content) -> Timing:
    found: Timing = _timing(_address(), _of(content))
    return found


def strategy(channel_id: str) -> Strategy:
    found: Strategy = _strategy(_address(), channel_id)
    return found


def picture(sha256: str) -> bytes:
    found: bytes = _picture(_address(), sha256)
    return found


def pictures_zip(content_id: str) -> bytes:
    return session.client().thumbnails_zip(content_id)


def receipts(content_id: str | None = None) -> Receipts:
    """Never from the cache: grades arrive."""
    return session.client().receipts(content_id)


def forecasts(drafts: tuple[Draft, ...]) -> tuple[Prediction, ...]:
    """After a week; leaves no trace."""
    return session.batch(drafts, (float(MATURE_AGE_H),))


def keep(draft: Draft, thumbnail: str | None = None) -> Content:
    return _changed(session.client().create_content(draft, thumbnail=thumbnail))


def apply(content: Content, suggestion: Suggestion) -> Applied:
    applied = session.client().apply(content.content_id, suggestion, version=content.now.version)
    _changed(applied.content)
    return applied


def go_back(content: Content, version: int) -> Content:
    """A new version that is as `version` was."""
    then = next(one for one in content.versions if one.version == version)
    return _changed(
        session.client().update_content(
            content.content_id,
            content.draft(then),
            version=content.now.version,
            assets=then.assets,
            thumbnail=then.thumbnail,
        )
    )


def plan(content: Content, at: datetime) -> Content:
    """The same draft at another time."""
    now = content.now.model_copy(update={"planned_at": at})
    return _changed(
        session.client().update_content(
            content.content_id,
            content.draft(now),
            version=content.now.version,
            assets=now.assets,
            thumbnail=now.thumbnail,
        )
    )


def forget(content: Content) -> None:
    session.client().delete_content(content.content_id)
    _contents.clear()


def schedule(wanted: ScheduleRequest) -> Schedule:
    return session.client().schedule(wanted)


def calendar(wanted: ScheduleRequest) -> str:
    return session.client().calendar(wanted)


def _changed(content: Content) -> Content:
    _contents.clear()
    return content


def _of(content: Content) -> Of:
    return Of(content.content_id, content.now.version)


def _address() -> str:
    return session.settings().api
