"""Posts that speak for an advice: with their outcomes as known at the moment, and how far above the usual they were."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from creatorlens.advice.common import EvidencePost
from creatorlens.database import tables
from creatorlens.metric_definitions import primary_metric
from creatorlens.platforms import Platform
from services.advice.desk import Desk

if TYPE_CHECKING:
    import pandas as pd

AT_ONCE = 500
TITLE_CHARS = 200


def residuals(desk: Desk, platform: Platform) -> pd.DataFrame:
    """`features.stored_residuals`, read once per generation. Raises NotReadyError. Not to be changed."""
    from features.stored_residuals import stored_residuals

    key = ("residuals", platform, desk.generation(platform))
    return desk.kept.get(key, lambda: stored_residuals(desk.settings, platform))


def evidence(
    desk: Desk,
    platform: Platform,
    post_ids: Sequence[str],
    now: datetime,
    *,
    similarity: Mapping[str, float] | None = None,
    over_usual_ln: Mapping[str, float] | None = None,
) -> tuple[EvidencePost, ...]:
    """In the order asked; posts that are not here are left out. `over_usual_ln`: by post_id where the caller reckons it
    otherwise than `residuals`."""
    if not post_ids:
        return ()
    over = _over_usual(desk, platform, post_ids, now) if over_usual_ln is None else over_usual_ln
    posts = dict(_posts(desk, platform, post_ids))
    outcome = _outcomes(desk, platform, post_ids, now)
    found = []
    for post_id in post_ids:
        if post_id not in posts:
            continue
        channel_id, published_at, title = posts[post_id]
        ln = over.get(post_id)
        found.append(
            EvidencePost(
                post_id=post_id,
                channel_id=channel_id,
                published_at=published_at,
                title=title,
                outcome=outcome.get(post_id),
                over_usual=None if ln is None else math.exp(ln),
                similarity=(similarity or {}).get(post_id),
            )
        )
    return tuple(found)


def _over_usual(desk: Desk, platform: Platform, post_ids: Sequence[str], now: datetime) -> dict[str, float]:
    import pandas as pd

    known = residuals(desk, platform)
    known = known[known["post_id"].isin(post_ids) & (known["known_at"] <= pd.Timestamp(now))]
    known = known[known["residual"].notna()]
    return dict(zip(known["post_id"], known["residual"].astype(float), strict=True))


def _posts(
    desk: Desk, platform: Platform, post_ids: Sequence[str]
) -> Iterator[tuple[str, tuple[str, datetime, str]]]:
    p = tables.posts.c
    query = select(p.post_id, p.channel_id, p.published_at, p.title, p.text).where(
        p.workspace_id == desk.settings.workspace, p.platform == platform.value
    )
    with desk.engine.connect() as connection:
        for some in _blocks(post_ids):
            for row in connection.execute(query.where(p.post_id.in_(some))):
                line = row.title.strip() or row.text.strip().partition("\n")[0]
                yield row.post_id, (row.channel_id, row.published_at, line[:TITLE_CHARS])


def _outcomes(desk: Desk, platform: Platform, post_ids: Sequence[str], now: datetime) -> dict[str, float]:
    """The primary metric as last known at the moment."""
    o = tables.observations.c
    metric = o[primary_metric(platform)]
    query = select(o.post_id, metric).where(
        o.workspace_id == desk.settings.workspace,
        o.platform == platform.value,
        o.known_at <= now,
        metric.is_not(None),
    )
    found: dict[str, float] = {}
    with desk.engine.connect() as connection:
        for some in _blocks(post_ids):
            rows = connection.execute(
                query.where(o.post_id.in_(some)).order_by(o.known_at, o.observation_key)
            )
            found.update((post_id, float(value)) for post_id, value in rows)
    return found


def _blocks(post_ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(post_ids), AT_ONCE):
        yield list(post_ids[start : start + AT_ONCE])
