"""What cannot be had here, and why. It stands where a value would: nothing is made up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Absent:
    reason: str
