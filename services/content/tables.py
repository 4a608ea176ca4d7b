"""The canonical tables: their columns, and which of them a file holds, told by its columns alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from creatorlens.errors import InputError, nearest

# An unknown column this like a known, absent one is a misspelling, not an extra.
MISSPELT = 0.75


class Kind(StrEnum):
    """In the order in which files must be imported: observations speak of known posts."""

    POSTS = "posts"
    CREATORS = "creators"
    OBSERVATIONS = "observations"
    EXPERIMENTS = "experiments"
    MEDIA = "media"


class Values(StrEnum):
    """How the values of a column are read."""

    ID = "id"
    WORD = "word"
    TIME = "time"
    NUMBER = "number"
    TEXT = "text"  # missing = empty
    NOTE = "note"  # missing = none
    TAGS = "tags"


@dataclass(frozen=True)
class Column:
    name: str
    values: Values
    required: bool = False


@dataclass(frozen=True)
class TableSpec:
    kind: Kind
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def required(self) -> list[str]:
        return [column.name for column in self.columns if column.required]


COUNTS = ("views", "likes", "comments", "shares", "saves")
STATS = ("followers", "total_views", "posts")

SPECS: dict[Kind, TableSpec] = {
    spec.kind: spec
    for spec in (
        TableSpec(
            Kind.POSTS,
            (
                Column("post_id", Values.ID, required=True),
                Column("platform", Values.WORD, required=True),
                Column("creator_id", Values.ID, required=True),
                Column("published_at", Values.TIME, required=True),
                Column("media_type", Values.WORD, required=True),
                Column("title", Values.TEXT),
                Column("text", Values.TEXT),
                Column("hashtags", Values.TAGS),
                Column("duration_s", Values.NUMBER),
                Column("followers", Values.NUMBER),
                Column("category", Values.NOTE),
            ),
        ),
        TableSpec(
            Kind.OBSERVATIONS,
            (
                Column("post_id", Values.ID, required=True),
                Column("platform", Values.WORD, required=True),
                Column("observed_at", Values.TIME, required=True),
                *(Column(name, Values.NUMBER) for name in COUNTS),
            ),
        ),
        TableSpec(
            Kind.CREATORS,
            (
                Column("creator_id", Values.ID, required=True),
                Column("platform", Values.WORD, required=True),
                Column("observed_at", Values.TIME, required=True),
                *(Column(name, Values.NUMBER) for name in STATS),
                Column("timezone", Values.NOTE),
            ),
        ),
        TableSpec(
            Kind.EXPERIMENTS,
            (
                Column("experiment_id", Values.ID, required=True),
                Column("variant_id", Values.ID, required=True),
                Column("week", Values.NUMBER),
                Column("headline", Values.NOTE, required=True),
                Column("lede", Values.NOTE),
                Column("image_id", Values.NOTE),
                Column("impressions", Values.NUMBER, required=True),
                Column("clicks", Values.NUMBER, required=True),
            ),
        ),
        TableSpec(
            Kind.MEDIA,
            (
                Column("post_id", Values.ID, required=True),
                Column("platform", Values.WORD, required=True),
                Column("role", Values.WORD, required=True),
                Column("path", Values.NOTE, required=True),
            ),
        ),
    )
}

# Other words that real tables use for ours.
ALIASES: dict[str, dict[str, str]] = {
    "media_type": {
        "photo": "image",
        "picture": "image",
        "carousel": "album",
        "carousel_album": "album",
        "reel": "video",
        "short": "video",
        "self": "text",
        "status": "text",
        "url": "link",
        "podcast": "audio",
    },
    "platform": {"twitter": "x"},
    "role": {"cover": "thumbnail", "picture": "image", "photo": "image", "clip": "video", "sound": "audio"},
}


@dataclass(frozen=True)
class Recognised:
    """`source` gives the file's name of each canonical column it has; `remarks` are for people."""

    spec: TableSpec
    source: dict[str, str]
    remarks: tuple[str, ...]


def recognise(file: str, header: Sequence[str]) -> Recognised:
    """The table whose columns these are.

    Raises InputError naming the file, the column and the nearest known names where a required
    column is missing, a column is misspelt, or no table is near.
    """
    given = [str(name) for name in header]
    by_name = {_plain(name): name for name in reversed(given)}
    spec = max(SPECS.values(), key=lambda spec: _likeness(spec, by_name))
    if _likeness(spec, by_name) < 1:
        raise InputError(
            f"{file}: no table of ours: its columns are {_listed(given)}.",
            hint="Known tables: "
            + "; ".join(f"{s.kind} ({', '.join(s.required)}, …)" for s in SPECS.values())
            + ".",
        )
    source = {name: by_name[name] for name in spec.names if name in by_name}
    unknown = [name for name in given if _plain(name) not in spec.names]
    missing = [name for name in spec.required if name not in source]
    absent = [name for name in spec.names if name not in source]
    if missing:
        raise _missing(file, spec, unknown, missing)
    for name in unknown:
        for meant in nearest(_plain(name), absent):
            if SequenceMatcher(None, _plain(name), meant).ratio() >= MISSPELT:
                raise InputError(
                    f"{file}: column {name!r} is not known; did you mean {meant}?",
                    field=meant,
                    hint="Rename it, or remove it if it is something else.",
                )
    return Recognised(spec, source, _remarks(unknown, spec))


def _missing(file: str, spec: TableSpec, unknown: list[str], missing: list[str]) -> InputError:
    for column in missing:
        near = [name for name in unknown if column in nearest(_plain(name), missing)]
        if near:
            also = [name for name in missing if name != column]
            return InputError(
                f"{file}: column {near[0]!r} is not known; did you mean {column}?",
                field=column,
                hint=(f"Also missing: {', '.join(also)}. " if also else "")
                + f"Columns of {spec.kind}: {', '.join(spec.names)}.",
            )
    return InputError(
        f"{file}: looks like {spec.kind}, but the column {missing[0]} is missing.",
        field=missing[0],
        hint=(f"Not known here: {_listed(unknown)}. " if unknown else "")
        + f"Columns of {spec.kind}: {', '.join(spec.names)}.",
    )


def _remarks(unknown: list[str], spec: TableSpec) -> tuple[str, ...]:
    remarks = []
    for kind, other in SPECS.items():
        theirs = [n for n in unknown if kind is not spec.kind and _plain(n) in {*other.names} - {*spec.names}]
        if theirs:
            remarks.append(f"columns {_listed(theirs)} belong to {kind}: import them as a table of their own")
            unknown = [name for name in unknown if name not in theirs]
    if unknown:
        remarks.append(f"columns not used: {_listed(unknown)}")
    return tuple(remarks)


def _likeness(spec: TableSpec, by_name: dict[str, str]) -> float:
    """Exact names count one (required ones two), near names a quarter."""
    exact = sum(2 if name in spec.required else 1 for name in spec.names if name in by_name)
    absent = [name for name in spec.names if name not in by_name]
    near = sum(1 for name in by_name if name not in spec.names and nearest(name, absent, limit=1))
    return exact + near / 4


def _plain(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", str(name).strip().lower())


def _listed(names: Sequence[str], limit: int = 12) -> str:
    shown = ", ".join(repr(name[:60]) for name in names[:limit])
    return shown + (f" and {len(names) - limit} more" if len(names) > limit else "")
