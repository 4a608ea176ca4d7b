"""Forecasts of drafts (from the online store, as of now) and of posts (from the database, as of a moment)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import structlog
from sqlalchemy import Engine, select

from creatorlens import api
from creatorlens.database import tables
from creatorlens.errors import CreatorLensError, InputError, NotFoundError, nearest
from creatorlens.platforms import HORIZONS_H, MediaType, Platform, channel_id
from creatorlens.records import Draft
from creatorlens.settings import Settings
from services.insights import ledger
from services.insights.answering import ANSWER, Asked, entries, explode
from services.insights.draft_media import with_media
from services.insights.jobs import Job
from services.insights.registry import ChampionSource, Served
from services.insights.shadowing import Answered, Shadows
from services.insights.trials import in_canary

if TYPE_CHECKING:
    from features.encoder import ReadsText
    from features.feature_store import OnlineStore
    from services.insights.similar import SimilarDrafts

log = structlog.get_logger(__name__)

POSTS_AT_ONCE = 20_000
COLUMNS = ("post_id", "horizon_h", *ANSWER, "model_version")

At = Literal["published"] | datetime

_USUAL: dict[str, Any] = {
    "media_type": MediaType.VIDEO.value,
    "title": "",
    "text": "",
    "hashtags": (),
    "duration_s": None,
    "followers": None,
    "category": None,
}


def predict_drafts(
    engine: Engine,
    settings: Settings,
    source: ChampionSource,
    store: OnlineStore,
    jobs: Sequence[Job],
    *,
    now: datetime | None = None,
    shadows: Shadows | None = None,
    similar: SimilarDrafts | None = None,
    drivers: bool = True,
) -> list[api.Prediction | CreatorLensError]:
    """A prediction for each job, or why there is none (NotFoundError, NotReadyError), in order.

    One read of the online store and one call of the model per platform (and arm), one transaction for the ledger.
    Where a challenger answers in the shadow, `shadows` is offered what was recorded. `similar` remembers answers. Without
    `drivers`, which cost most, everything else is told.
    """
    moment = now or datetime.now(UTC)
    answers: dict[int, api.Prediction | CreatorLensError] = dict(_unknown(engine, settings, jobs))
    jobs, unread = with_media(engine, settings.workspace, jobs)
    answers |= unread
    made: list[ledger.Entry] = []
    offered: list[Answered] = []
    for platform in dict.fromkeys(job.draft.platform for job in jobs):
        where = [i for i, job in enumerate(jobs) if job.draft.platform is platform and i not in answers]
        if not where:
            continue
        try:
            channels = [jobs[i].draft.channel_id for i in where]
            for served, of_arm in arms(source, platform, channels):
                some = [where[k] for k in of_arm]
                reckoned, answered = _answered(
                    source, served, store, [jobs[i] for i in some], moment, similar, drivers
                )
                made.extend(entry for entry in reckoned if entry.prediction.recorded)
                offered.append(answered)
                answers.update(zip(some, (entry.prediction for entry in reckoned), strict=True))
        except CreatorLensError as error:
            answers.update({i: error for i in where if i not in answers})
    ledger.record(engine, settings.workspace, made)
    if shadows is not None:
        for answered in offered:
            shadows.offer(answered)
    return [answers[i] for i in range(len(jobs))]


def arms(
    source: ChampionSource, platform: Platform, channels: Sequence[str]
) -> list[tuple[Served, list[int]]]:
    """Who answers, and for which of the channels (their places): the champion, and a canary for its share.

    Raises NotReadyError where the platform has no model.
    """
    champion, challenger = source.current(platform), source.challenger(platform)
    if challenger is None or challenger.trial.share == 0:
        return [(champion, list(range(len(channels))))]
    share = challenger.trial.share
    chosen = [in_canary(channel, share) for channel in channels]
    both = [(challenger.served, True), (champion, False)]
    parts = [(served, [i for i, ours in enumerate(chosen) if ours is wanted]) for served, wanted in both]
    return [(served, places) for served, places in parts if places]


def _answered(
    source: ChampionSource,
    served: Served,
    store: OnlineStore,
    jobs: Sequence[Job],
    now: datetime,
    similar: SimilarDrafts | None,
    drivers: bool,
) -> tuple[list[ledger.Entry], Answered]:
    """Where a canary fails, its channels are answered by the champion after all."""
    try:
        return _from_online_store(served, store, jobs, now, similar, drivers)
    except Exception as error:
        if served.arm == "champion":
            raise
        log.error(
            "canary failed", platform=served.platform.value, version=served.model_version, exc_info=error
        )
        return _from_online_store(source.current(served.platform), store, jobs, now, similar, drivers)


def _from_online_store(
    served: Served,
    store: OnlineStore,
    jobs: Sequence[Job],
    now: datetime,
    similar: SimilarDrafts | None,
    drivers: bool,
) -> tuple[list[ledger.Entry], Answered]:
    from features.rows import rows_for_drafts

    def rows_with(encoder: ReadsText | None) -> pd.DataFrame:
        return rows_for_drafts(store, [job.draft for job in jobs], served.platform, encoder=encoder)

    asked = [Asked(job.draft, job.horizons) for job in jobs]
    rows = rows_with(served.encoder)
    wanted = explode(rows, asked)
    told = {"drivers": drivers, "parts": not drivers}
    answers = similar.forecast(served, wanted, **told) if similar else served.forecast(wanted, **told)
    recorded = [job.record for job in jobs]
    made = entries(served, rows, answers, asked, created_at=now, source="api", recorded=recorded)
    ids = [entry.prediction.prediction_id for entry in made]
    return made, Answered(served, rows, asked, ids, recorded, rows_with)


def _unknown(engine: Engine, settings: Settings, jobs: Sequence[Job]) -> dict[int, NotFoundError]:
    wanted = {job.draft.channel_id for job in jobs}
    c = tables.channels.c
    query = select(c.channel_id).where(c.workspace_id == settings.workspace)
    with engine.connect() as connection:
        known = {row[0] for row in connection.execute(query.where(c.channel_id.in_(wanted)))}
        strange = wanted - known
        near = {name: _near(connection, query, name) for name in strange}
    return {
        i: NotFoundError(
            f"no channel {job.draft.channel_id!r} here.", field="channel", hint=near[job.draft.channel_id]
        )
        for i, job in enumerate(jobs)
        if job.draft.channel_id in strange
    }


def _near(connection: Any, query: Any, name: str) -> str:
    platform = name.partition(":")[0]
    of_platform = query.where(tables.channels.c.platform == platform).limit(5_000)
    alike = nearest(name, [row[0] for row in connection.execute(of_platform)])
    if alike:
        return f"Did you mean {', '.join(alike)}?"
    return "Import posts of it first; GET /v1/channels lists those that are known."


def predict_posts(
    engine: Engine,
    settings: Settings,
    posts: pd.DataFrame,
    at: At = "published",
    horizons: Sequence[float] = HORIZONS_H,
    *,
    source: ChampionSource | None = None,
    record: bool = True,
    now: datetime | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """One row per post and horizon, in the order of `posts`: the columns of `COLUMNS`.

    posts: canonical columns; a `horizon_h` column overrides `horizons` for its row where it is not null.
    Raises InputError for posts it cannot take, NotReadyError where a platform has no model.
    """
    moment = now or datetime.now(UTC)
    champions = source or ChampionSource(settings)
    posts = _with_keys(posts)
    answering = [
        (served, of_platform.iloc[places])
        for name, of_platform in posts.groupby("platform", sort=False)
        for served, places in arms(champions, Platform(name), of_platform["channel_id"].tolist())
    ]
    parts = []
    for served, theirs in answering:
        name = served.platform.value
        progress(f"{name}: features of {len(theirs):,} posts")
        rows = _rows(engine, settings, served, theirs, at)
        for start in range(0, len(theirs), POSTS_AT_ONCE):
            some = theirs.iloc[start : start + POSTS_AT_ONCE]
            asked = [Asked(draft, ages) for draft, ages in _asked(some, horizons)]
            part = _forecast_posts(served, rows.iloc[start : start + POSTS_AT_ONCE], asked)
            if record:
                made = entries(
                    served, part.rows, part.answers, asked,
                    created_at=moment, source="posts", recorded=[True] * len(asked),
                )  # fmt: skip
                ledger.record(engine, settings.workspace, made)
            parts.append(part.table(some["position"].to_numpy()))
            progress(f"{name}: {min(start + POSTS_AT_ONCE, len(theirs)):,} of {len(theirs):,} forecast")
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    together = pd.concat(parts, ignore_index=True).sort_values(["position", "horizon_h"], kind="stable")
    return together[list(COLUMNS)].reset_index(drop=True)


@dataclass(frozen=True)
class _Part:
    served: Served
    rows: pd.DataFrame
    exploded: pd.DataFrame
    answers: pd.DataFrame
    counts: list[int]

    def table(self, positions: np.ndarray) -> pd.DataFrame:
        answers = self.answers[list(ANSWER)].reset_index(drop=True)
        return answers.assign(
            post_id=self.exploded["post_id"].to_numpy(),
            horizon_h=self.exploded["horizon_h"].to_numpy(),
            model_version=f"{self.served.model_name}/{self.served.model_version}",
            position=np.repeat(positions, self.counts),
        )


def _forecast_posts(served: Served, rows: pd.DataFrame, asked: Sequence[Asked]) -> _Part:
    exploded = explode(rows, asked)
    answers = served.forecast(exploded)
    return _Part(served, rows, exploded, answers, [len(one.horizons) for one in asked])


def _rows(engine: Engine, settings: Settings, served: Served, posts: pd.DataFrame, at: At) -> pd.DataFrame:
    from features.rows import rows_for_posts

    moment: Any = at if at == "published" else pd.Timestamp(at)
    given = posts.drop(columns=["position", "ages"])
    rows = rows_for_posts(engine, settings, served.platform, given, at=moment, encoder=served.encoder)
    return rows.reset_index(drop=True)


def _with_keys(posts: pd.DataFrame) -> pd.DataFrame:
    needed = {"post_id", "platform", "published_at"}
    missing = sorted(needed - set(posts.columns))
    if "channel_id" not in posts and "creator_id" not in posts:
        missing.append("creator_id")
    if missing:
        raise InputError(f"the posts lack {', '.join(missing)}.", field=missing[0])
    posts = _each_once(posts)
    posts["published_at"] = pd.to_datetime(posts["published_at"], utc=True).astype("datetime64[us, UTC]")
    for name, usual in _USUAL.items():
        if name not in posts:
            posts[name] = pd.Series([usual] * len(posts), dtype=object)
    if "channel_id" not in posts:
        posts["channel_id"] = [
            channel_id(platform, str(creator))
            for platform, creator in zip(posts["platform"], posts["creator_id"], strict=True)
        ]
    return posts


def _each_once(posts: pd.DataFrame) -> pd.DataFrame:
    """Posts with `position` and `ages` (those of its own horizon_h, empty where it has none)."""
    if "horizon_h" not in posts:
        posts = posts.assign(horizon_h=np.nan)
    posts = posts.assign(horizon_h=pd.to_numeric(posts["horizon_h"], errors="coerce"))
    if (posts["horizon_h"] <= 0).any():
        raise InputError("horizon_h is hours after publishing and must be above 0.", field="horizon_h")
    keys = ["platform", "post_id"]
    repeated = posts.duplicated([*keys, "horizon_h"], keep=False)
    if repeated.any():
        raise InputError(
            f"{int(repeated.sum())} rows share a post_id, first {posts.loc[repeated, 'post_id'].iloc[0]!r}.",
            field="post_id",
            hint="Each post once for each horizon.",
        )
    ages: dict[tuple[str, str], list[float]] = {}
    for platform, post, age in zip(*(posts[name] for name in (*keys, "horizon_h")), strict=True):
        ages.setdefault((platform, post), []).extend([age] if age == age else [])
    once = posts.drop_duplicates(["platform", "post_id"]).drop(columns="horizon_h", errors="ignore")
    return once.reset_index(drop=True).assign(
        position=np.arange(len(once)), ages=[tuple(sorted(own)) for own in ages.values()]
    )


def _asked(posts: pd.DataFrame, horizons: Sequence[float]) -> list[tuple[Draft, tuple[float, ...]]]:
    usual = tuple(sorted({float(h) for h in horizons}))
    return [(_draft(row), row["ages"] or usual) for row in posts.to_dict("records")]


def _draft(row: dict[str, Any]) -> Draft:
    hashtags = row.get("hashtags")
    return Draft(
        channel_id=row["channel_id"],
        platform=Platform(row["platform"]),
        planned_at=row["published_at"].to_pydatetime(),
        title=_text(row.get("title")),
        text=_text(row.get("text")),
        hashtags=() if hashtags is None or isinstance(hashtags, float) else tuple(map(str, hashtags)),
        media_type=MediaType(_text(row.get("media_type")) or "video"),
        duration_s=_number(row.get("duration_s")),
        category=_text(row.get("category")) or None,
        followers=_number(row.get("followers")),
        post_id=str(row["post_id"]),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)
