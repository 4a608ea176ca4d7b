"""The media table: which files belong to a post. Their bytes go to the blobs, once for the same content."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, Engine, select

from creatorlens.database import tables
from creatorlens.reading.analysis import RefusedFile
from creatorlens.settings import Settings
from services.content import storing
from services.content.batches import Batch, Stored, keys_of
from services.content.intake import Given, Intake

ROLES = {"thumbnail": ("image",), "image": ("image",), "video": ("video",), "audio": ("audio", "video")}
"""Which kinds of file may play which part."""
TOLD_EVERY_S = 5.0


def with_files(
    engine: Engine, settings: Settings, frame: pd.DataFrame, folder: Path, say: Callable[[str], None]
) -> pd.DataFrame:
    """The rows with `sha256` of their file, which is taken in, or why it is not in `refused`.

    Done before the transaction: many bytes are read and written, and a write lock must not wait for them.
    """
    intake = Intake(engine, settings, "import", many=True)
    sha256s: list[str | None] = []
    refused: list[str | None] = []
    told = time.monotonic()
    for done, (path, role) in enumerate(zip(frame["path"], frame["role"], strict=True), start=1):
        sha256, why = _taken(intake, folder, path, role)
        sha256s.append(sha256)
        refused.append(why)
        if time.monotonic() - told > TOLD_EVERY_S:
            told = time.monotonic()
            say(f"{done:,} of {len(frame):,} files taken in")
    own = {"sha256": sha256s, "refused": refused}
    return frame.assign(**{name: pd.Series(v, index=frame.index, dtype=object) for name, v in own.items()})


def _taken(intake: Intake, folder: Path, path: str | None, role: str | None) -> tuple[str | None, str | None]:
    """sha256, or the reason in the form `reason: words`; neither where the row itself is at fault."""
    if path is None or role not in ROLES:
        return None, None
    file = folder / path
    # a table must not be able to name files elsewhere on this machine
    if not file.resolve().is_relative_to(folder.resolve()):
        return None, f"unsafe_path: {path:.80} leads outside the folder of the table"
    if not file.is_file():
        return None, f"missing: there is no file {path:.80}"
    found = list(intake.take([Given(file, file.name)]))
    for one in found:
        if isinstance(one, RefusedFile):
            return None, f"{one.refusal.reason}: {one.refusal.words}"
        if len(found) > 1 or one.file.kind not in ROLES[role]:
            return None, f"wrong_role: {path:.80} is {one.file.mime}, which is no {role}"
        return one.file.sha256, None
    return None, f"empty: {path:.80} holds nothing"


def prepare(connection: Connection, batch: Batch) -> pd.DataFrame:
    """The rows with the time their post was published (NaT = no such post)."""
    c = tables.posts.c
    frame = batch.frame
    found = storing.fetch_for_keys(
        connection,
        select(c.platform, c.post_id, c.published_at),
        (c.workspace_id == batch.workspace)
        & c.platform.in_([str(name) for name in frame["platform"].dropna().unique()]),
        c.post_id,
        frame["post_id"].dropna().tolist(),
        ["published_at"],
    )
    times = pd.Series(
        found["published_at"].to_numpy(), index=keys_of(found, ["platform", "post_id"]).to_numpy()
    )
    published = pd.to_datetime(keys_of(frame, ["platform", "post_id"]).map(times), utc=True)
    return frame.assign(published_at=published.astype("datetime64[us, UTC]"))


def key(frame: pd.DataFrame) -> pd.Series:
    return keys_of(frame, ["platform", "post_id", "role"])


file_key = key


def fingerprint(frame: pd.DataFrame) -> pd.Series:
    return frame["sha256"]


def stored(connection: Connection, batch: Batch, frame: pd.DataFrame) -> pd.Series:
    c = tables.post_media.c
    found = storing.fetch_for_keys(
        connection,
        select(c.platform, c.post_id, c.role, c.sha256),
        c.workspace_id == batch.workspace,
        c.post_id,
        frame["post_id"].tolist(),
    )
    return pd.Series(found["sha256"].to_numpy(), index=key(found).to_numpy(), dtype=object)


def store(connection: Connection, batch: Batch, new: pd.DataFrame, _: pd.DataFrame) -> Stored:
    rows = pd.DataFrame(
        {
            "workspace_id": batch.workspace,
            **{name: new[name] for name in ("platform", "post_id", "role", "sha256")},
            "import_id": batch.import_id,
        },
        index=new.index,
    )
    storing.insert_frame(connection, tables.post_media, rows)
    return Stored()
