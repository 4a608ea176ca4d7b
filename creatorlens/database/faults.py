"""Faults of the machine under the database, told in words: a full disk, a server out of reach."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError

from creatorlens.errors import CreatorLensError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DiskFullError(CreatorLensError):
    """Nothing of the step at hand was kept."""


class DatabaseUnavailableError(CreatorLensError):
    """The database does not answer, or another process holds it for too long."""


@contextmanager
def telling_faults(step: str) -> Iterator[None]:
    """Turns a full disk, a locked or an absent database into an error that says so. `step` names what
    was being done: `importing posts.parquet`."""
    try:
        yield
    except (DBAPIError, OSError, sqlite3.Error) as error:
        told = _told(error, step)
        if told is None:
            raise
        raise told from error


def _told(error: DBAPIError | OSError | sqlite3.Error, step: str) -> CreatorLensError | None:
    original = error.orig if isinstance(error, DBAPIError) else error
    words = str(original).lower()
    if (
        (isinstance(original, OSError) and original.errno in _FULL)
        or "database or disk is full" in words
        or getattr(original, "sqlstate", None) == "53100"
    ):
        return DiskFullError(
            f"the disk is full: {step} was stopped and nothing of it was kept. Make room and run it again."
        )
    if "disk i/o error" in words:
        return DiskFullError(
            f"the disk refuses to be written to (full, over quota or broken): {step} was stopped and nothing "
            "of it was kept."
        )
    if "database is locked" in words:
        return DatabaseUnavailableError(
            f"another process has been writing to the database for too long: {step} was not done. "
            "Run it again when that one has ended."
        )
    if isinstance(error, OperationalError) and ("connect" in words or error.connection_invalidated):
        return DatabaseUnavailableError(f"the database does not answer: {step} was not done. {original}")
    return None
