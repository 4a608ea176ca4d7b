"""A file that is not read, as an error on the way and as a record at the end."""

from __future__ import annotations

from creatorlens.errors import InputError
from creatorlens.reading.files import Reason, Refusal


class Refused(InputError):
    """`reason` is for machines (see `creatorlens.reading.files.Reason`)."""

    def __init__(
        self, reason: Reason, words: str, *, field: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(words, field=field, hint=hint)
        self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (self.reason, self.message, self.field, self.hint)


def _again(reason: Reason, words: str, field: str | None, hint: str | None) -> Refused:
    return Refused(reason, words, field=field, hint=hint)


def refusal(error: BaseException, field: str | None = None) -> Refusal:
    """The record of an error: bad input is the file's fault, lack of memory the limit's, the rest ours."""
    if isinstance(error, Refused):
        return Refusal(reason=error.reason, words=error.message, field=error.field or field, hint=error.hint)
    if isinstance(error, InputError):
        return Refusal(reason="broken", words=error.message, field=error.field or field, hint=error.hint)
    if isinstance(error, MemoryError):
        return Refusal(
            reason="over_memory",
            words="reading it takes more memory than one analysis may use.",
            field=field,
            hint="Give it smaller, or raise the limit.",
        )
    return Refusal(
        reason="failed",
        words=f"it could not be read ({type(error).__name__}: {str(error)[:200]}).",
        field=field,
    )
