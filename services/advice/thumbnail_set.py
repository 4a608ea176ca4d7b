"""The suggested pictures as one zip, ready for a test of them on the platform."""

from __future__ import annotations

import csv
import io
import json
import string
import zipfile
from typing import Any

from creatorlens.advice.content import Content
from creatorlens.advice.thumbnails import ThumbnailAdvice
from creatorlens.blobs import BlobStore
from creatorlens.errors import InputError
from services.advice.desk import Desk
from services.content import assets

FIXED = (1980, 1, 1, 0, 0, 0)
"""Of every file in the zip: the same set is the same bytes."""
COLUMNS = ("experiment_id", "variant_id", "week", "headline", "lede", "image_id", "impressions", "clicks")
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}


def pack(desk: Desk, content: Content, advice: ThumbnailAdvice) -> bytes:
    """`manifest.json` tells of each variant; `results.csv` has the columns of an experiments table, impressions and clicks to
    be filled in, for `creatorlens import`. Raises InputError where there is nothing to test."""
    shown = [] if advice.current is None else [_shown(advice)]
    told = [*shown, *(_suggested(one) for one in advice.suggestions)]
    if not told:
        raise InputError(advice.words, field="content_id", hint="There is nothing to test yet.")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for letter, one in zip(string.ascii_uppercase, told, strict=False):
            data, ending = _bytes(desk, one["sha256"])
            one["variant_id"], one["file"] = letter, f"{letter}.{ending}"
            _add(packed, one["file"], data)
        named = {"variants": told, **_about(content, advice)}
        _add(packed, "manifest.json", json.dumps(named, indent=2, ensure_ascii=False).encode())
        _add(packed, "results.csv", _table(content, told).encode())
    return out.getvalue()


def _shown(advice: ThumbnailAdvice) -> dict[str, Any]:
    assert advice.current is not None
    told = advice.current.model_dump(mode="json", include={"width", "height", "marks", "fixes"})
    return {"sha256": advice.current.source, "shown_now": True, **told}


def _suggested(one: Any) -> dict[str, Any]:
    made = one.made.model_dump(mode="json", exclude={"seconds", "checking_seconds"})
    told = one.model_dump(mode="json", include={"suggestion_id", "words", "lift", "click_through"})
    return {"sha256": one.change.thumbnail, "shown_now": False, **told, **made}


def _about(content: Content, advice: ThumbnailAdvice) -> dict[str, Any]:
    return {
        "content_id": content.content_id,
        "version": content.now.version,
        "channel_id": content.channel_id,
        "platform": content.platform.value,
        "title": content.now.title,
        "model_version": advice.model_version,
    }


def _table(content: Content, told: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    name = f"{content.content_id}.v{content.now.version}.thumbnails"
    headline = content.now.title or content.now.text.partition("\n")[0]
    for one in told:
        row = {"experiment_id": name, "variant_id": f"{name}.{one['variant_id']}", "headline": headline}
        writer.writerow({**row, "image_id": one["sha256"]})
    return out.getvalue()


def _bytes(desk: Desk, sha256: str) -> tuple[bytes, str]:
    asset = assets.find(desk.engine, desk.settings.workspace, sha256)
    data = BlobStore(desk.settings.blobs).read(asset.blob_key)
    if data is None:
        raise InputError(f"the bytes of {sha256} are gone.", field="thumbnail")
    return data, ENDINGS.get(asset.file.mime, "bin")


def _add(packed: zipfile.ZipFile, name: str, data: bytes) -> None:
    packed.writestr(zipfile.ZipInfo(name, FIXED), data)
