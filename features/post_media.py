"""What was read from the files of a platform's posts, as models read it: numbers by name, and a picture's vector.

A post's picture is its thumbnail, else its image. Files belong to the post, so what is read from them is known
with the post itself; rows get these columns only where some post has files that were read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Select, func, select

from creatorlens.database import tables
from creatorlens.platforms import Platform
from features.catalogue import MEDIA_NAMES

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

ROLES = ("thumbnail", "image", "video", "audio")
"""In this order: of two files that tell the same number, the first is believed."""


@dataclass(frozen=True)
class PostMedia:
    """`numbers`: float32, one row per post (index post_id), columns `MEDIA_NAMES`; `pictures`: unit vectors."""

    numbers: pd.DataFrame
    pictures: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def post_ids(self) -> pd.Index:
        return self.numbers.index

    def picture_vectors(self, post_ids: Sequence[str]) -> NDArray[np.float32] | None:
        """n x dimensions; None for no posts."""
        return np.stack([self.pictures[post] for post in post_ids]) if post_ids else None

    def beside(self, rows: pd.DataFrame) -> pd.DataFrame:
        """`rows` (with post_id) and the numbers of their posts; unchanged where none was read."""
        if not len(self):
            return rows
        own = self.numbers.reindex(rows["post_id"].to_numpy()).reset_index(drop=True)
        return pd.concat([rows.reset_index(drop=True), own], axis=1)


def frame_of(by_post: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """float32, index post_id in the order given, columns `MEDIA_NAMES`."""
    values = [[found.get(name, np.nan) for name in MEDIA_NAMES] for found in by_post.values()]
    index = pd.Index(list(by_post), dtype=object, name="post_id")
    return pd.DataFrame(
        np.array(values, np.float32).reshape(len(by_post), len(MEDIA_NAMES)), index, MEDIA_NAMES
    )


def read_post_media(
    engine: Engine, workspace: str, platform: Platform, post_ids: Sequence[str] | None = None
) -> PostMedia:
    """What is stored of the files of the platform's posts (of `post_ids` alone where given).

    Pictures seen by another model than most are left out: their vectors could not be compared.
    """
    with engine.connect() as connection:
        found = [
            row
            for part in _in_parts(post_ids)
            for row in connection.execute(_query(workspace, platform, part)).all()
        ]
    found.sort(key=lambda row: (row.post_id, ROLES.index(row.role)))
    by_post: dict[str, dict[str, float]] = {}
    for row in found:
        by_post[row.post_id] = (row.numbers or {}) | by_post.get(row.post_id, {})
    seen = [row for row in found if row.picture is not None]
    usual = Counter(row.picture_model for row in seen).most_common(1)
    pictures: dict[str, NDArray[np.float32]] = {}
    for row in seen:
        if row.picture_model == usual[0][0]:
            pictures.setdefault(row.post_id, np.frombuffer(row.picture, "<f4"))
    return PostMedia(frame_of(by_post), pictures)


def media_hash(connection: Connection, workspace: str, platform: Platform) -> list[Any]:
    """Changes when a post gets a file, or a file is read anew."""
    query = _query(workspace, platform, None).subquery()
    newest = select(func.count(), func.max(query.c.read_at), func.count(query.c.picture))
    return [str(value) for value in connection.execute(newest).one()]


def _query(workspace: str, platform: Platform, post_ids: Sequence[str] | None) -> Select[Any]:
    link, asset = tables.post_media.c, tables.assets.c
    same = (link.workspace_id == asset.workspace_id) & (link.sha256 == asset.sha256)
    query = (
        select(link.post_id, link.role, asset.numbers, asset.picture, asset.picture_model, asset.read_at)
        .join(tables.assets, same)
        .where(link.workspace_id == workspace, link.platform == platform.value, asset.read_at.is_not(None))
    )
    return query if post_ids is None else query.where(link.post_id.in_(post_ids))


def _in_parts(post_ids: Sequence[str] | None, most: int = 900) -> Iterator[Sequence[str] | None]:
    """Databases take a limited number of values in one query."""
    if post_ids is None:
        yield None
        return
    for start in range(0, len(post_ids), most):
        yield post_ids[start : start + most]
