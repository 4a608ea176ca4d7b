"""The Feast repo in words: entities, views, and where their Parquet lies.

Every row carries `known_at`, the moment it became known; that is Feast's timestamp. Histories go online;
what a post itself tells (text, calendar, format) is computed on demand for drafts by the same functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from features.audience import AUDIENCE_COLUMNS
from features.catalogue import MEDIA_NAMES, names
from features.history import STATE_COLUMNS
from features.nlp.columns import NLP_NAMES
from features.nlp.novelty import NOVELTY_NAMES
from features.platform_level import PLATFORM_COLUMNS
from features.sequences import SEQUENCE
from features.similar_posts import SIMILAR_NAMES
from features.terms import TERM_COLUMNS

PROJECT = "creatorlens"
KNOWN_AT = "known_at"
EMBEDDING = "text_embedding"
PICTURE = "image_embedding"
MEDIA_VIEW = "post_media"
CUES_VIEW = "post_cues"
SIMILAR_VIEW = "post_similar"
LAYOUT = 5
"""Raised whenever the files beside the views (spine, terms, labels, residuals) change: older ones are written anew."""
CALENDAR = tuple(name for name in names("calendar") if name not in ("gap_ln_h", "channel_age_ln_d"))


@dataclass(frozen=True)
class ViewSpec:
    """A view: its entity's key column, its columns with Feast's type names, and whether it goes online."""

    name: str
    key: str
    columns: dict[str, str]
    online: bool
    words: str


VIEWS: tuple[ViewSpec, ...] = (
    ViewSpec(
        "channel_history",
        "channel_id",
        STATE_COLUMNS,
        True,
        "A channel's matured outcomes and posting, as states.",
    ),
    ViewSpec(
        "channel_audience", "channel_id", AUDIENCE_COLUMNS, True, "A channel's audience and its growth."
    ),
    ViewSpec(
        "platform_level", "platform", PLATFORM_COLUMNS, True, "What a post on the platform usually gets."
    ),
    ViewSpec(
        "term_history",
        "term_key",
        TERM_COLUMNS,
        True,
        "How posts with a hashtag, format, category or time did.",
    ),
    ViewSpec(
        SEQUENCE,
        "channel_id",
        {SEQUENCE: "vector"},
        True,
        "A channel's last posts with known results, in order, packed flat.",
    ),
    ViewSpec(
        "post_text", "post_key", dict.fromkeys(names("text"), "float32"), False, "Title and text in numbers."
    ),
    ViewSpec(
        "post_calendar",
        "post_key",
        dict.fromkeys(CALENDAR, "float32"),
        False,
        "When it was published, locally.",
    ),
    ViewSpec(
        "post_format", "post_key", dict.fromkeys(names("format"), "float32"), False, "Media type and length."
    ),
    # Stored beside the others, not read by the models: they forecast no better with it (docs/experiments.md).
    ViewSpec(
        CUES_VIEW,
        "post_key",
        dict.fromkeys((*NLP_NAMES, *NOVELTY_NAMES), "float32"),
        False,
        "Clickbait cues, readability, and how new the title is on its channel.",
    ),
    ViewSpec(
        MEDIA_VIEW, "post_key", dict.fromkeys(MEDIA_NAMES, "float32"), False, "What was read from its files."
    ),
    ViewSpec(
        SIMILAR_VIEW,
        "post_key",
        dict.fromkeys(SIMILAR_NAMES, "float32"),
        False,
        "How earlier posts with similar words did, as known when it was published.",
    ),
    ViewSpec(EMBEDDING, "post_key", {EMBEDDING: "vector"}, False, "Sentence embedding of title and text."),
    ViewSpec(PICTURE, "post_key", {PICTURE: "vector"}, False, "Embedding of its picture or thumbnail."),
)
BY_NAME = {spec.name: spec for spec in VIEWS}
HISTORY_VIEWS = ("channel_history", "channel_audience", "platform_level")
POST_VIEWS = ("post_text", "post_calendar", "post_format")


def offline_path(features_home: Path, view: str, platform: str) -> Path:
    """The Parquet of one view and platform; `current/<platform>` points at the newest whole generation."""
    return features_home / "current" / platform / f"{view}.parquet"


def feature_views(features_home: Path) -> dict[str, Any]:
    """Entities and views by name, sources at absolute paths under `features_home` (all platforms)."""
    from feast import Entity, FeatureView, Field, FileSource
    from feast.data_format import ParquetFormat
    from feast.types import Array, Float32, Float64, String
    from feast.value_type import ValueType

    types = {"float64": Float64, "float32": Float32, "vector": Array(Float32)}
    made: dict[str, Any] = {}
    for key in dict.fromkeys(spec.key for spec in VIEWS):
        made[key] = Entity(name=key, join_keys=[key], value_type=ValueType.STRING)
    for spec in VIEWS:
        source = FileSource(
            name=f"{spec.name}_parquet",
            path=str(offline_path(features_home, spec.name, "*")),
            file_format=ParquetFormat(),
            timestamp_field=KNOWN_AT,
        )
        made[spec.name] = FeatureView(
            name=spec.name,
            entities=[made[spec.key]],
            schema=[Field(name=spec.key, dtype=String)]
            + [Field(name=column, dtype=types[kind]) for column, kind in spec.columns.items()],
            source=source,
            online=spec.online,
            ttl=None,
            description=spec.words,
        )
    return made
