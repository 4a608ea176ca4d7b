"""Metric definitions over HTTP: what each count means, and when platforms changed it."""

from __future__ import annotations

from datetime import date

from creatorlens.api import Record
from creatorlens.definition_changes import Handling
from creatorlens.platforms import Platform


class MetricDefinitionRecord(Record):
    id: str
    platform: Platform
    metric: str
    meaning: str


class DefinitionChangeRecord(Record):
    """`handling`: what is done about it (see creatorlens.definition_changes); `definitions`: ids it concerns."""

    changed_on: date
    platform: Platform
    metric: str
    what: str
    handling: Handling
    definitions: tuple[str, ...]
    source: str
    url: str
    confidence: str


class MetricDefinitions(Record):
    """Rows of different definitions never train together."""

    definitions: tuple[MetricDefinitionRecord, ...]
    changes: tuple[DefinitionChangeRecord, ...]
