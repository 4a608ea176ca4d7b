"""What every kind of advice needs: the draft, its channel's posts with outcomes, and a score to ask."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, select

from creatorlens.advice.common import Change, Kind, Lift
from creatorlens.api import Prediction
from creatorlens.database import tables
from creatorlens.errors import NotReadyError
from creatorlens.platforms import MATURE_AGE_H, Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings
from recommend.scoring import LiftLn, Part, Scored, words_of
from services.advice.kept import Kept
from services.insights.jobs import Job
from services.insights.predicting import predict_drafts
from services.insights.registry import ChampionSource
from services.insights.similar import SimilarDrafts

if TYPE_CHECKING:
    import pandas as pd

    from features.feature_store import OnlineStore

MOST_POSTS = 50_000


@dataclass(frozen=True)
class Desk:
    """Collaborators of one process; `similar` remembers answers between requests, `kept` what was fitted."""

    engine: Engine
    settings: Settings
    source: ChampionSource
    store: OnlineStore
    similar: SimilarDrafts | None = None
    kept: Kept = field(default_factory=Kept)

    def generation(self, platform: Platform) -> str:
        """Part of every key of `kept`: another one as soon as features were computed anew. Raises NotReadyError."""
        from features.manifest import read_manifest

        manifest = read_manifest(self.settings, platform)
        if manifest is None:
            raise NotReadyError(f"no features of {platform.value} yet: run `creatorlens featurize` first.")
        return f"{manifest.generation}@{manifest.materialised_at}"

    def score(self, drafts: Sequence[Draft], horizon_h: float = float(MATURE_AGE_H)) -> list[Scored]:
        """A `recommend.scoring.Score`: forecasts that leave no trace. Raises what the forecast raises."""
        return [scored(one) for one in self.forecasts(drafts, horizon_h)]

    def forecasts(self, drafts: Sequence[Draft], horizon_h: float = float(MATURE_AGE_H)) -> list[Prediction]:
        """They leave no trace, and tell parts and no drivers, since advice compares many drafts by their parts."""
        jobs = [Job(draft, (float(horizon_h),), record=False) for draft in drafts]
        found = predict_drafts(
            self.engine, self.settings, self.source, self.store, jobs, similar=self.similar, drivers=False
        )
        for one in found:
            if not isinstance(one, Prediction):
                raise one
        return [one for one in found if isinstance(one, Prediction)]

    def posts(
        self, platform: Platform, channel_id: str | None = None, until: datetime | None = None
    ) -> pd.DataFrame:
        """The newest `MOST_POSTS` posts known before `until` (now), oldest first: post_id, channel_id, published_at, media_type,
        title, text, hashtags, duration_s, category."""
        import pandas as pd

        p = tables.posts.c
        columns = (
            p.post_id, p.channel_id, p.published_at, p.media_type, p.title, p.text, p.hashtags, p.duration_s, p.category,
        )  # fmt: skip
        query = select(*columns).where(
            p.workspace_id == self.settings.workspace,
            p.platform == platform.value,
            p.published_at < (until or datetime.now(UTC)),
        )
        if channel_id is not None:
            query = query.where(p.channel_id == channel_id)
        with self.engine.connect() as connection:
            rows = connection.execute(
                query.order_by(p.published_at.desc(), p.post_id.desc()).limit(MOST_POSTS)
            ).fetchall()
        frame = pd.DataFrame.from_records(rows[::-1], columns=[column.name for column in columns])
        frame["published_at"] = pd.to_datetime(frame["published_at"], utc=True).astype("datetime64[us, UTC]")
        return frame


def scored(prediction: Prediction) -> Scored:
    """Of its first horizon."""
    one = prediction.forecasts[0]
    return Scored(
        p10=one.p10,
        p50=one.p50,
        p90=one.p90,
        prob_beats_floor=one.prob_beats_floor,
        floor=one.floor,
        abstained=one.abstained,
        reason=one.reason,
        parts={part.name: Part(part.ln, part.low_ln, part.high_ln) for part in prediction.parts},
    )


def told(found: LiftLn | None) -> Lift | None:
    """For the answer; None stays None."""
    import math

    if found is None:
        return None
    low, high = (None if v is None else math.expm1(v) for v in (found.low_ln, found.high_ln))
    return Lift(effect=math.expm1(found.ln), low=low, high=high, noise=found.noise, words=words_of(found))


def suggestion_id(content_id: str, version: int, kind: Kind, change: Change) -> str:
    told: Any = (content_id, version, kind, change.model_dump_json(exclude_none=True))
    return hashlib.sha256("|".join(map(str, told)).encode()).hexdigest()[:32]
