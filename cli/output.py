"""What a command prints: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

import typer


def say(message: str) -> None:
    """Progress and remarks, for people: stderr, so that stdout stays machine-readable."""
    typer.echo(message, err=True)


def emit(payload: dict[str, Any], *, as_json: bool, lines: Callable[[], list[str]]) -> None:
    """The result: one JSON object as the last line of stdout, or the lines for people."""
    if as_json:
        typer.echo(json.dumps(payload, default=_plain, allow_nan=False))
        return
    for line in lines():
        typer.echo(line)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"not JSON: {type(value).__name__}")
