"""Errors that say what was wrong, where, and what to do.

`InputError` is the user's to mend: exit code 2 on the command line, a problem+json 4xx over HTTP.
Anything else that escapes is ours: exit code 1, or a 500.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CreatorLensError(Exception):
    """Base of every error we raise on purpose."""


class InputError(CreatorLensError):
    """Bad input. `field` names the field, column, row or file at fault; `hint` says what to do."""

    def __init__(self, message: str, *, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.hint = hint

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        what_to_do = f" {self.hint}" if self.hint else ""
        return f"{where}{self.message}{what_to_do}"


class NotFoundError(InputError):
    """The thing named does not exist in this workspace (404 over HTTP)."""


class ConflictError(InputError):
    """The thing has moved on since it was looked at, or can no longer be changed (409 over HTTP)."""


class NotReadyError(CreatorLensError):
    """Something that must exist first does not yet: no features, no model (409 over HTTP, exit 2)."""


def nearest(name: str, known: Iterable[str], *, limit: int = 3) -> list[str]:
    """The known names most like `name`, best first; empty when nothing is near."""
    return difflib.get_close_matches(name.lower(), list(known), n=limit, cutoff=0.55)
