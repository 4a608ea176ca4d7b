"""Feature rows of drafts from the online store: what is known now, for a planned time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from creatorlens.platforms import Platform
from creatorlens.records import Draft
from features.asof import UTC_US, micros
from features.content import content_features
from features.histories import Known
from features.post_media import frame_of
from features.posting_time import wall_clock, wall_clock_parts
from features.rows import assemble
from features.sequences import SEQUENCE, unpack
from features.terms import term_keys

if TYPE_CHECKING:
    from features.encoder import ReadsText
    from features.feature_store import OnlineStore


def draft_rows(
    store: OnlineStore, drafts: Sequence[Draft], platform: Platform, encoder: ReadsText | None = None
) -> pd.DataFrame:
    """One feature row per draft, in their order; `as_of` is when the states went online.

    With an `encoder` the column `text_embedding` is filled too; what was read from files where a draft brings it.
    """
    as_of = pd.Timestamp(store.materialised_at(platform))
    posts = _posts(drafts)
    local = _local(drafts, store.timezones(platform))
    keys = term_keys(posts, local, platform.value)
    channel = posts["channel_id"].tolist()
    known = Known(
        state=store.read("channel_history", channel),
        audience=store.read("channel_audience", channel),
        level=store.read("platform_level", [platform.value] * len(posts)),
        lift=store.read("term_history", keys.key.tolist())["term_lift"].to_numpy(dtype=float),
        sequence=unpack(store.read(SEQUENCE, channel)[SEQUENCE]),
    )
    at = micros(pd.Series([as_of])).repeat(len(posts))
    told = posts["followers"].to_numpy(dtype=float)
    rows = assemble(posts, at, platform, content_features(posts, local), keys, known, told)
    if any(draft.media for draft in drafts):
        read = frame_of({str(i): dict(draft.media) for i, draft in enumerate(drafts)})
        rows = pd.concat([rows, read.reset_index(drop=True)], axis=1)
    if encoder is not None:
        from features.text import headlines

        vectors = encoder.encode(headlines(posts["title"], posts["text"]))
        rows["text_embedding"] = list(vectors)
        memory = store.memory(platform)
        if memory is not None:
            rows = pd.concat([rows, memory.similar(posts["channel_id"], at, vectors)], axis=1)
    return rows


def _posts(drafts: Sequence[Draft]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "post_id": [draft.post_id for draft in drafts],
            "channel_id": [draft.channel_id for draft in drafts],
            "media_type": [str(draft.media_type) for draft in drafts],
            "title": [draft.title for draft in drafts],
            "text": [draft.text for draft in drafts],
            "hashtags": [list(draft.hashtags) for draft in drafts],
            "category": [draft.category for draft in drafts],
        },
        dtype=object,
    )
    frame["published_at"] = pd.to_datetime([draft.planned_at for draft in drafts], utc=True).astype(UTC_US)
    for column in ("duration_s", "followers"):
        told = [getattr(draft, column) for draft in drafts]
        frame[column] = np.array([np.nan if value is None else value for value in told], dtype=float)
    return frame


def _local(drafts: Sequence[Draft], zones: pd.Series) -> pd.DataFrame:
    """The channel's own clock where it told its zone, the offset of the planned time otherwise."""
    wall = [wall_clock(draft.planned_at, zones.get(draft.channel_id)) for draft in drafts]
    return wall_clock_parts(pd.Series(wall, dtype="datetime64[us]"))
