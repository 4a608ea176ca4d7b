"""What is on the rise on a platform and what its seasons are worth, from what was known at one moment."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine, select

from creatorlens.advice.strategy import InterestKind
from creatorlens.api_operations import Season, Trend, Trends
from creatorlens.database import tables
from creatorlens.errors import InputError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from features.trends import Rising, Uses

MOST_POSTS = 50_000
MOST_SOUNDS = 2_000


def trends(engine: Engine, settings: Settings, platform: Platform, as_of: datetime | None = None) -> Trends:
    """`as_of`: by default when the platform's newest post became public.

    Raises NotReadyError before the platform's features were computed, InputError for a time without a zone.
    """
    from features.seasons import season_effects
    from features.stored_residuals import stored_residuals

    residuals = stored_residuals(settings, platform)
    moment = _moment(engine, settings, platform, as_of)
    if moment is None:
        return Trends(platform=platform, as_of=None, trends=(), seasons=())
    found = [
        Trend.model_validate({"kind": part.kind, **asdict(one)})
        for part in rises(engine, settings, platform, residuals, moment)
        for one in part.rising
    ]
    seasons = [Season.model_validate(asdict(one)) for one in season_effects(residuals, moment)]
    return Trends(
        platform=platform, as_of=moment.to_pydatetime(), trends=tuple(found), seasons=tuple(seasons)
    )


@dataclass(frozen=True)
class Rises:
    """What is on the rise of one kind, and which of the `posts` (those of the year before) use what."""

    kind: InterestKind
    posts: pd.DataFrame
    uses: Uses
    rising: list[Rising]


def rises(
    engine: Engine, settings: Settings, platform: Platform, residuals: pd.DataFrame, moment: pd.Timestamp
) -> list[Rises]:
    """Hashtags, topics and sounds, as known at the moment."""
    from features.trends import rising

    posts = _posts(engine, settings, platform, moment)
    return [
        Rises(kind, posts, uses, rising(posts, uses, residuals, moment))
        for kind, uses in _uses(engine, settings, platform, posts, moment)
    ]


def _moment(
    engine: Engine, settings: Settings, platform: Platform, as_of: datetime | None
) -> pd.Timestamp | None:
    import pandas as pd
    from sqlalchemy import func

    now = pd.Timestamp(datetime.now(UTC))
    if as_of is not None:
        if as_of.tzinfo is None:
            hint = "As in 2026-03-01T12:00:00Z."
            raise InputError("the time needs a zone.", field="as_of", hint=hint)
        return min(pd.Timestamp(as_of).tz_convert("UTC"), now).as_unit("us")
    p = tables.posts.c
    query = select(func.max(p.published_at)).where(
        p.workspace_id == settings.workspace, p.platform == platform.value, p.published_at <= now
    )
    with engine.connect() as connection:
        newest = connection.execute(query).scalar()
    if newest is None:
        return None
    # A post is part of what is known from just after it was published.
    return min(pd.Timestamp(newest) + pd.Timedelta(seconds=1), now).as_unit("us")


def _posts(engine: Engine, settings: Settings, platform: Platform, moment: pd.Timestamp) -> pd.DataFrame:
    """The newest `MOST_POSTS` of the year before the moment, oldest first."""
    import pandas as pd

    from features.asof import UTC_US
    from features.trends import PAST_D

    p = tables.posts.c
    query = (
        select(p.post_id, p.channel_id, p.published_at, p.title, p.text, p.hashtags)
        .where(
            p.workspace_id == settings.workspace,
            p.platform == platform.value,
            p.published_at >= (moment - pd.Timedelta(days=PAST_D)).to_pydatetime(),
            p.published_at < moment.to_pydatetime(),
        )
        .order_by(p.published_at.desc(), p.post_id.desc())
        .limit(MOST_POSTS)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).fetchall()
    frame = pd.DataFrame.from_records(
        rows[::-1], columns=["post_id", "channel_id", "published_at", "title", "text", "hashtags"]
    )
    frame["published_at"] = pd.to_datetime(frame["published_at"], utc=True).astype(UTC_US)
    return frame


def _uses(
    engine: Engine, settings: Settings, platform: Platform, posts: pd.DataFrame, moment: pd.Timestamp
) -> list[tuple[InterestKind, Uses]]:
    from features.nlp.topic_store import load_topics, topic_folder
    from features.nlp.topics import TopicModel
    from features.trend_terms import hashtag_uses, phrase_uses, sound_uses, topic_uses

    model = load_topics(topic_folder(settings, settings.workspace))
    # Topics learned from later posts would tell of the future.
    usable = isinstance(model, TopicModel) and model.known_at is not None and _by(model.known_at, moment)
    topics = topic_uses(posts, model) if usable and isinstance(model, TopicModel) else phrase_uses(posts)
    sounds = sound_uses(posts, _fingerprints(engine, settings, platform, posts))
    return [("hashtag", hashtag_uses(posts)), ("topic", topics), ("sound", sounds)]


def _by(known_at: str, moment: pd.Timestamp) -> bool:
    import pandas as pd

    return bool(pd.Timestamp(known_at) <= moment)


def _fingerprints(
    engine: Engine, settings: Settings, platform: Platform, posts: pd.DataFrame
) -> dict[str, str]:
    """Fingerprint of the recording that belongs to a post, of the newest `MOST_SOUNDS` posts that have one."""
    link, asset = tables.post_media.c, tables.assets.c
    query = (
        select(link.post_id, asset.audio_fingerprint)
        .join(tables.assets, (link.workspace_id == asset.workspace_id) & (link.sha256 == asset.sha256))
        .where(
            link.workspace_id == settings.workspace,
            link.platform == platform.value,
            asset.audio_fingerprint.is_not(None),
        )
        .order_by(link.post_id, link.role)
    )
    with engine.connect() as connection:
        told = {row.post_id: row.audio_fingerprint for row in connection.execute(query)}
    newest = [post for post in posts["post_id"] if post in told][-MOST_SOUNDS:]
    return {post: told[post] for post in newest}
