"""A platform's memory of posts and results straight from the database, for moments in the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features.asof import micros
from features.embedding_cache import embed
from features.manifest import read_manifest
from features.similar_posts import Memory, load_memory, make_memory, to_bytes
from features.text import headlines

if TYPE_CHECKING:
    from features.encoder import ReadsText


def recalled(
    settings: Settings, platform: Platform, encoder: ReadsText, posts: pd.DataFrame, residuals: pd.DataFrame
) -> Memory:
    """posts: with title and text; residuals: as `Histories.residuals`. Vectors come from the features' own memory where it
    was made with this encoder, and are computed (and cached) otherwise."""
    outcomes = residuals.assign(known_us=micros(residuals["known_at"]))
    manifest = read_manifest(settings, platform)
    kept = load_memory(settings.features_home / "current" / platform.value)
    if kept is None or manifest is None or manifest.encoder != encoder.model_id:
        place = np.full(len(outcomes), -1)
    else:
        place = pd.Index(kept.post_id).get_indexer(pd.Index(outcomes["post_id"]))
    vectors = np.zeros((len(outcomes), encoder.dimensions), np.int8)
    if kept is not None and (place >= 0).any():
        vectors[place >= 0] = kept.vectors[place[place >= 0]]
    new = np.flatnonzero(place < 0)
    if len(new):
        words = posts.set_index("post_id").loc[outcomes["post_id"].iloc[new]]
        vectors[new] = to_bytes(embed(settings, encoder, headlines(words["title"], words["text"])))
    return make_memory(outcomes, vectors)
