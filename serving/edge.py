"""The outermost layer, as plain ASGI: limits the body, counts and times, adds headers, hides failures."""

from __future__ import annotations

import time
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.metrics import Metrics
from serving.problems import respond

MAX_BODY_BYTES = 8 * 1024**2
UPLOADS = ("POST", "/v1/analyze")
SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)

log = structlog.get_logger(__name__)


class Edge:
    def __init__(self, app: ASGIApp, metrics: Metrics, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._metrics = metrics
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        started = time.perf_counter()
        try:
            await self._guarded(scope, receive, answer)
        finally:
            self._count(scope, answer.status, time.perf_counter() - started)

    async def _guarded(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        most = self._most_bytes(scope)
        body = _LimitedBody(receive, most)
        try:
            if _declared_length(scope) > most:
                raise BodyTooLargeError
            await self._app(scope, body, answer)
        except Exception as error:
            if answer.status is not None:
                raise
            # A library in between may wrap what the body reader raised.
            if isinstance(error, BodyTooLargeError) or body.exceeded:
                problem = respond(413, f"At most {most:,} bytes are taken in one request.")
            else:
                log.exception("request failed", method=scope["method"], route=_route(scope))
                problem = respond(500, "The service failed; the log says why.")
            await problem(scope, receive, answer)

    def _most_bytes(self, scope: Scope) -> int:
        """Files go to disk as they come, everything else to memory."""
        service = getattr(scope["app"].state, "service", None)
        if service is not None and (scope["method"], scope["path"]) == UPLOADS and _is_multipart(scope):
            return int(service.settings.max_upload_bytes)
        return self._max_body_bytes

    def _count(self, scope: Scope, status: int | None, seconds: float) -> None:
        method, route = scope["method"], _route(scope)
        self._metrics.requests.labels(method, route, str(status or 499)).inc()
        self._metrics.seconds.labels(method, route).observe(seconds)


class BodyTooLargeError(Exception):
    pass


class _LimitedBody:
    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._left = most
        self.exceeded = False

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.exceeded = True
            raise BodyTooLargeError
        return message


class _Answer:
    """Passes an answer on with our headers, and remembers its status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status: int | None = None

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            present = {name.lower() for name, _ in message["headers"]}
            added = [header for header in SECURITY_HEADERS if header[0] not in present]
            message = {**message, "headers": [*message["headers"], *added]}
        await self._send(message)


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _is_multipart(scope: Scope) -> bool:
    return any(
        name == b"content-type" and value.lower().startswith(b"multipart/form-data")
        for name, value in scope["headers"]
    )


def _route(scope: Scope) -> str:
    """The template that matched, as /v1/predictions/{prediction_id}."""
    return str(getattr(scope.get("route"), "path", "unmatched"))
