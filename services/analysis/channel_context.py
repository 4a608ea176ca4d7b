"""What a channel did before: the draft is read beside it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, select

from creatorlens.database import tables
from creatorlens.errors import InputError
from creatorlens.platforms import Platform, channel_id
from creatorlens.reading.analysis import ChannelLook
from creatorlens.reading.image import Embedding
from features.vision.consistency import visual_consistency
from services.content.assets import pictures_of_channel

MOST_TITLES = 200


def channel_key(channel: str | None, platform: Platform | None) -> str | None:
    """`youtube:UC123`, also from `UC123` and its platform. Raises InputError where the two disagree."""
    if channel is None or not channel.strip():
        return None
    told, colon, _ = channel.partition(":")
    if colon and told in {one.value for one in Platform}:
        if platform is not None and platform != told:
            raise InputError(f"{channel} is not a channel of {platform}.", field="channel")
        return channel
    if platform is None:
        raise InputError(
            "of which platform?", field="channel", hint="Write it as youtube:UC123, or give a platform too."
        )
    return channel_id(platform, channel)


def earlier_titles(engine: Engine, workspace: str, channel: str | None, before: datetime) -> tuple[str, ...]:
    """Of the channel's newest posts before then, oldest first; where a platform has no titles, the first line."""
    if channel is None:
        return ()
    c = tables.posts.c
    query = (
        select(c.title, c.text)
        .where(c.workspace_id == workspace, c.channel_id == channel, c.published_at < before)
        .order_by(c.published_at.desc(), c.post_id)
        .limit(MOST_TITLES)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    lines = [row.title.strip() or row.text.strip().partition("\n")[0] for row in rows]
    return tuple(line for line in reversed(lines) if line)


def channel_look(
    engine: Engine, workspace: str, channel: str, before: datetime, embedding: Embedding
) -> ChannelLook | None:
    """None where no earlier picture of the channel was read with the same model."""
    earlier = pictures_of_channel(engine, workspace, channel, before, embedding.model)
    cosine = visual_consistency(embedding, earlier)
    if cosine is None:
        return None
    return ChannelLook(consistency=cosine, earlier=len(earlier), model=embedding.model)
