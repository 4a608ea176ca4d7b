"""Asking the API, and putting what went wrong into words a creator can act on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from creatorlens import api
from creatorlens.client import ApiError, Client, UnreachableError
from creatorlens.platforms import HORIZONS_H, Platform
from creatorlens.reading.analysis import Analysis
from creatorlens.records import Draft

CHANNELS_AT_ONCE = 200
CHANNELS_LISTED = 1000
"""Beyond this many channels the list is searched by the server instead of shown whole."""


BUSY = 503
TRIES = 4
PAUSE_S = 1.0
"""As long as a busy service asks to wait."""

T = TypeVar("T")


@dataclass(frozen=True)
class ChannelChoice:
    channels: tuple[api.ChannelSummary, ...]
    more: bool
    """There are channels beyond those listed: offer a search."""


@dataclass(frozen=True)
class Trouble:
    """`title` says what is the matter, `advice` what to do; `fields` speak of single inputs."""

    title: str
    advice: str
    fields: tuple[tuple[str, str], ...] = ()
    command: str | None = None
    waiting: bool = False
    """Nothing is broken: something has to be done first."""


def channels(client: Client, platform: Platform, search: str = "") -> ChannelChoice:
    """The platform's channels, those that posted last first, as far as CHANNELS_LISTED."""
    found: list[api.ChannelSummary] = []
    cursor: str | None = None
    while True:
        page = client.channels(platform=platform, q=search or None, limit=CHANNELS_AT_ONCE, cursor=cursor)
        found += page.channels
        cursor = page.next_cursor
        if cursor is None or len(found) >= CHANNELS_LISTED:
            break
    found.sort(key=_recency, reverse=True)
    return ChannelChoice(tuple(found), more=cursor is not None)


def forecast(client: Client, draft: Draft, *, record: bool) -> api.Prediction:
    """All default horizons of one draft. `record` writes it to the track record."""
    if not record:
        return batch(client, [draft], HORIZONS_H)[0]
    return client.predict([draft], horizons=HORIZONS_H, record=True).predictions[0]


def what_if(client: Client, drafts: Sequence[Draft], horizon_h: float) -> tuple[api.Prediction, ...]:
    """The same draft at other times, at one age; leaves no trace."""
    return batch(client, drafts, [horizon_h])


def batch(client: Client, drafts: Sequence[Draft], horizons: Sequence[float]) -> tuple[api.Prediction, ...]:
    """Several drafts in one request; leaves no trace."""
    return _patiently(lambda: client.predict(drafts, horizons=horizons, record=False).predictions)


def _patiently(ask: Callable[[], T]) -> T:
    """Ask again while the service is busy, as right after it started. Only what leaves no trace is asked twice."""
    for _ in range(TRIES - 1):
        try:
            return ask()
        except ApiError as error:
            if error.status != BUSY:
                raise
            time.sleep(PAUSE_S)
    return ask()


@dataclass(frozen=True)
class Material:
    """What is handed in to be read: files by name, and words."""

    files: tuple[tuple[str, bytes], ...]
    title: str
    text: str
    platform: Platform
    channel_id: str | None


def analyze(client: Client, material: Material) -> Analysis:
    """Everything that is read from the draft; takes seconds for a picture and longer for a video."""
    return client.analyze(
        material.files,
        title=material.title,
        text=material.text,
        platform=material.platform,
        channel=material.channel_id,
    )


def unknown_there(error: ApiError) -> bool:
    """The service knows nothing of what was asked for: no such thing, or a service older than this page."""
    return error.status == 404


def trouble(error: ApiError, address: str) -> Trouble:
    """The error in words. `address` is where the API was looked for."""
    problem = error.problem
    if isinstance(error, UnreachableError):
        return Trouble(
            "The forecasting service does not answer",
            f"It was looked for at {address}. Start it in a terminal, then reload this page.",
            command="creatorlens up",
        )
    if problem.status == 409 and problem.errors:
        # somebody else was faster, or it is out already
        return Trouble(problem.title, " ".join(f"{e.message} {e.hint or ''}".strip() for e in problem.errors))
    if problem.status == 409:
        return Trouble("Not ready yet", problem.detail[:1].upper() + problem.detail[1:], waiting=True)
    if problem.status == BUSY:
        return Trouble("The forecasting service is busy", "Try again in a moment.", waiting=True)
    if problem.status in (400, 404, 422):
        fields = tuple(
            (item.field or "", f"{item.message} {item.hint or ''}".strip()) for item in problem.errors
        )
        return Trouble("Something in the draft needs a change", problem.detail if not fields else "", fields)
    return Trouble(
        "The forecasting service had a problem",
        f"{problem.title} ({problem.status}). Try again; if it stays, its log tells more: logs/api.log in the home folder.",
        command="creatorlens doctor",
    )


def _recency(channel: api.ChannelSummary) -> tuple[float, int]:
    last = channel.last_published_at
    return (last.timestamp() if last else 0.0, channel.posts)
