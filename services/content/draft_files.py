"""One draft from a file: a JSON or YAML object, or a table of one row, with the fields of a draft."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from creatorlens.advice.content import ContentRequest
from creatorlens.errors import InputError, nearest
from creatorlens.settings import Settings

JSON = (".json",)
YAML = (".yaml", ".yml")
TABLES = (".csv", ".tsv", ".parquet")
MOST_BYTES = 16 * 1024**2
LISTS = ("hashtags", "assets")
POSTS_NAMES = {"creator_id": "channel", "channel_id": "channel", "published_at": "planned_at"}
"""What a posts table calls a field of a draft."""


def is_draft(path: Path) -> bool:
    """By its ending; any other file is material of a draft, not the draft."""
    return path.suffix.lower() in (*JSON, *YAML, *TABLES)


def read_draft(path: Path, settings: Settings, usual: Mapping[str, Any]) -> ContentRequest:
    """`usual`: fields to take where the file has none. Raises InputError naming the field."""
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"holds more than {MOST_BYTES:,} bytes; a draft is smaller.", field=str(path))
    told = _row(path) if path.suffix.lower() in TABLES else _object(path)
    for theirs, ours in POSTS_NAMES.items():
        if theirs in told:
            value = told.pop(theirs)
            told.setdefault(ours, value)
    return draft_from({**usual, **told}, settings)


def draft_from(told: Mapping[str, Any], settings: Settings) -> ContentRequest:
    """Judged as over HTTP. Raises InputError for the first field at fault."""
    context = {
        "now": datetime.now(UTC),
        "max_title_chars": settings.max_title_chars,
        "max_text_chars": settings.max_text_chars,
    }
    try:
        return ContentRequest.model_validate(told, context=context)
    except ValidationError as error:
        raise _refused(error) from None


def _refused(error: ValidationError) -> InputError:
    first = error.errors(include_url=False, include_input=False)[0]
    place = [*first["loc"], *([first["ctx"]["field"]] if "field" in first.get("ctx", {}) else [])]
    name = ".".join(map(str, place))
    if first["type"] == "extra_forbidden":
        known = list(ContentRequest.model_fields)
        alike = nearest(name, known)
        hint = f"Did you mean {alike[0]}?" if alike else f"Known: {', '.join(known)}."
        return InputError("unknown field.", field=name, hint=hint)
    if first["type"] == "missing":
        return InputError("is required.", field=name)
    return InputError(f"{first['msg']}.", field=name or "draft")


def _object(path: Path) -> dict[str, Any]:
    told = _yaml(path) if path.suffix.lower() in YAML else _json(path)
    if not isinstance(told, dict):
        raise InputError("must hold one draft as an object.", field=str(path))
    return {str(name): _as_json(str(name), value) for name, value in told.items()}


def _as_json(name: str, value: Any) -> Any:
    """YAML reads times; one without an offset stays without, and is refused."""
    if isinstance(value, date):
        return value.isoformat()
    return _words(value) if name in LISTS and isinstance(value, str) else value


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError(f"is not JSON: {error}.", field=str(path)) from None


def _yaml(path: Path) -> Any:
    import yaml

    try:
        return yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"is not YAML: {' '.join(str(error).split())}.", field=str(path)) from None


def _row(path: Path) -> dict[str, Any]:
    import pandas as pd

    try:
        if path.suffix.lower() == ".parquet":
            frame = pd.read_parquet(path)
        else:
            frame = pd.read_csv(path, sep=None, engine="python", dtype=str)
    except Exception as error:
        raise InputError(f"cannot be read as a table: {error}.", field=str(path)) from None
    if len(frame) != 1:
        raise InputError(
            f"holds {len(frame):,} rows; advice is for one draft at a time.", field=str(path),
            hint="Write the draft into a file of its own.",
        )  # fmt: skip
    row = frame.iloc[0].to_dict()
    return {name: _plain(name, value) for name, value in row.items() if not _missing(value)}


def _missing(value: Any) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def _plain(name: str, value: Any) -> Any:
    if name in LISTS:
        return _words(value) if isinstance(value, str) else [str(one) for one in value]
    if isinstance(value, datetime):
        # parquet keeps times without their zone as UTC
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return value.item() if hasattr(value, "item") else value


def _words(text: str) -> list[str]:
    """'#a, b' or '["a", "b"]' → ['a', 'b']"""
    text = text.strip()
    if text.startswith("["):
        try:
            return [str(one) for one in json.loads(text)]
        except ValueError:
            pass
    return [one.lstrip("#") for one in text.replace(",", " ").split()]
