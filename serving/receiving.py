"""From a request to what is to be read: files go to disk as they come, the rest is judged like any other input."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from creatorlens import api
from creatorlens.errors import nearest
from creatorlens.settings import Settings
from features.analysis import Options
from features.media.sniffing import clean_name
from services.analysis.analyzing import DraftContent
from services.content.intake import Given
from serving.problems import Refusal, from_validation, invalid

MOST_FIELD_BYTES = 1024 * 1024
TAIL_BYTES = 256
REPEATED = {"blob": "blobs"}
FIELDS = ("file", "blob", "title", "text", "platform", "channel", "transcribe")


@dataclass(frozen=True)
class Wanted:
    draft: DraftContent
    options: Options


@asynccontextmanager
async def receive(request: Request, settings: Settings) -> AsyncIterator[Wanted]:
    """The files live as long as the block. Raises Refusal: 400 malformed, 415 neither form nor JSON, 422 invalid."""
    kind = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        settings.home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="upload-", dir=settings.home) as folder:
            yield await _form(request, Path(folder))
        return
    if kind != "application/json":
        raise Refusal(
            415, f"The body must be multipart/form-data or application/json, not {kind or 'unnamed'}."
        )
    yield _wanted(_parsed(await request.body()), ())


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, f"Not JSON: {error}.") from None
    if not isinstance(payload, dict):
        raise Refusal(422, 'The body must be an object: {"blobs": [...], "title": ...}.')
    return payload


async def _form(request: Request, folder: Path) -> Wanted:
    tail = _Tail(request.stream())
    parser = MultiPartParser(
        request.headers, tail.stream(), max_files=api.MAX_FILES, max_fields=api.MAX_FILES + 16,
        max_part_size=MOST_FIELD_BYTES,
    )  # fmt: skip
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:
        raise Refusal(
            400, f"The form cannot be read: {getattr(error, 'message', 'no boundary is named')}"
        ) from None
    if not tail.complete:
        await form.close()
        raise Refusal(400, "The form ends before its last boundary: send it again.")
    try:
        files, fields = _parted(form)
        given = []
        for number, upload in enumerate(files):
            path = folder / str(number)
            await run_in_threadpool(_copy, upload.file, path)
            given.append(Given(path, clean_name(upload.filename or f"file {number + 1}")))
    finally:
        await form.close()
    return _wanted(fields, tuple(given))


class _Tail:
    """Passes a body on and remembers how it ends: a form that was cut off would pass for one without its last file."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self._source = source
        self._last = b""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        async for chunk in self._source:
            self._last = (self._last + chunk)[-TAIL_BYTES:]
            yield chunk

    @property
    def complete(self) -> bool:
        return self._last.rstrip(b"\r\n \t").endswith(b"--")


def _parted(form: FormData) -> tuple[list[UploadFile], dict[str, Any]]:
    files: list[UploadFile] = []
    fields: dict[str, Any] = {}
    for name, value in form.multi_items():
        if name not in FIELDS:
            alike = nearest(name, FIELDS)
            hint = f"Did you mean {alike[0]}?" if alike else f"Known: {', '.join(FIELDS)}."
            raise invalid([api.FieldError(field=name, message="unknown field", hint=hint)])
        if isinstance(value, UploadFile) != (name == "file"):
            message = "send it as a file, with a filename" if name == "file" else "is text, not a file"
            raise invalid([api.FieldError(field=name, message=message)])
        if isinstance(value, UploadFile):
            files.append(value)
        elif name in REPEATED:
            fields.setdefault(REPEATED[name], []).append(value)
        else:
            fields[name] = value
    return files, fields


def _copy(source: BinaryIO, target: Path) -> None:
    with target.open("wb") as out:
        shutil.copyfileobj(source, out, 1 << 20)


def _wanted(fields: dict[str, Any], files: tuple[Given, ...]) -> Wanted:
    try:
        asked = api.AnalyzeRequest.model_validate(fields)
    except ValidationError as error:
        raise invalid(from_validation(error)) from None
    draft = DraftContent(files, asked.blobs, asked.title, asked.text, asked.platform, asked.channel)
    return Wanted(draft, Options(transcribe=asked.transcribe))
