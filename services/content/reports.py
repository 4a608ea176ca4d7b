"""What an import says of a file."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ImportReport:
    """What became of a file's rows: read = taken + unchanged + quarantined.

    `rows_unchanged` were stored already or stand twice in the file (`rows_duplicate` of them);
    `reasons` counts the quarantined by the expectation they failed. `import_id` is None where nothing
    of the file was ever stored.
    """

    file: str
    kind: str
    import_id: str | None
    rows_read: int
    rows_taken: int
    rows_unchanged: int
    rows_duplicate: int
    rows_quarantined: int
    reasons: dict[str, int] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()
    new_channels: int = 0
    remarks: tuple[str, ...] = ()
    seconds: float = 0.0
