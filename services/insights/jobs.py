"""What is asked of a forecast."""

from __future__ import annotations

from dataclasses import dataclass

from creatorlens.records import Draft


@dataclass(frozen=True)
class Job:
    """One draft to forecast; `record` False asks what-if."""

    draft: Draft
    horizons: tuple[float, ...]
    record: bool = True
