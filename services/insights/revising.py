"""Early performance: once a published post has been seen, its forecast is made anew from what was seen.

A revision is a prediction of its own in the ledger: it names the one it `revises` and what was `seen`, is as of the
observation that caused it, and only later observations grade it. Its id comes from that observation, so that
revising twice writes nothing new.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from creatorlens import api
from creatorlens.errors import InputError
from creatorlens.platforms import Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings
from services.insights import ids, ledger
from services.insights.answering import Asked, entries, explode, number_names
from services.insights.inputs import rows_of
from services.insights.observed import observed_predictions
from services.insights.originals import AT_ONCE, Original, originals, recorded, root
from services.insights.registry import ChampionSource

if TYPE_CHECKING:
    from services.insights.registry import Served

SOURCE = "revision"


@dataclass(frozen=True)
class ReviseReport:
    """`revised`: written by this call; `unchanged`: revised before from the same observation. `prediction_ids`: both."""

    revised: int
    unchanged: int
    by_platform: dict[str, int]
    prediction_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Wanted:
    original: Original
    new_id: str
    published_at: datetime
    seen: tuple[api.Seen, ...]
    as_of: datetime
    post_id: str | None


def revise(
    engine: Engine,
    settings: Settings,
    source: ChampionSource | None = None,
    platform: Platform | None = None,
    *,
    post_ids: Sequence[str] | None = None,
    now: datetime | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> ReviseReport:
    """Revise the live prediction of every post seen since it was made (of `post_ids`, or of all), for the horizons
    still to come. Raises NotReadyError where there is something to revise and no model for it."""
    moment = now or datetime.now(UTC)
    champions = source or ChampionSource(settings)
    counts: dict[str, int] = {}
    unchanged = 0
    told: list[str] = []
    for one in [platform] if platform else list(Platform):
        found = observed_predictions(engine, settings.workspace, one, moment, post_ids)
        new_ids = {revision_id(observed.prediction_id, observed.key): observed for observed in found}
        there = recorded(engine, settings.workspace, list(new_ids))
        told.extend(new_ids)
        unchanged += len(there)
        waiting = [(new_id, observed) for new_id, observed in new_ids.items() if new_id not in there]
        if not waiting:
            continue
        served = champions.current(one)
        for start in range(0, len(waiting), AT_ONCE):
            some = waiting[start : start + AT_ONCE]
            asked_for = [observed.prediction_id for _, observed in some]
            made_before = originals(engine, settings.workspace, asked_for)
            wanted = [
                _Wanted(
                    made_before[observed.prediction_id], new_id, observed.published_at, observed.seen,
                    observed.seen_at, observed.post_id,
                )
                for new_id, observed in some
            ]  # fmt: skip
            made = _entries(engine, settings, served, wanted, moment, record=True)
            ledger.record(engine, settings.workspace, made)
            counts[one.value] = counts.get(one.value, 0) + len(made)
        progress(f"{one.value}: {counts[one.value]:,} forecasts revised from what was seen of their posts")
    return ReviseReport(sum(counts.values()), unchanged, counts, tuple(told))


def revise_one(
    engine: Engine,
    settings: Settings,
    source: ChampionSource,
    prediction_id: str,
    seen: Sequence[api.Seen],
    *,
    record: bool,
    now: datetime | None = None,
) -> api.Prediction:
    """One prediction, from what somebody saw of its post (ascending ages); `record` False asks what if.

    A revision is revised from its original. Raises NotFoundError, NotReadyError, and InputError naming the field where
    no horizon is left or, to be recorded, the observation would lie in the future.
    """
    moment = now or datetime.now(UTC)
    original = root(engine, settings.workspace, prediction_id)
    age = seen[-1].age_h
    last = len(seen) - 1
    if age >= original.horizons[-1]:
        raise InputError(
            f"{age:g} h is not before the longest age forecast, {original.horizons[-1]:g} h.",
            field=f"seen.{last}.age_h",
            hint="A forecast is revised while its post is younger than that.",
        )
    published = original.draft.planned_at
    seen_at = published + timedelta(hours=age)
    if record and seen_at > moment:
        raise InputError(
            f"the post is {age:g} h old on {seen_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, which is still to come.",
            field=f"seen.{last}.age_h",
            hint="Ask with record: false what would follow.",
        )
    key = ";".join(f"{one.age_h!r}:{one.value!r}" for one in seen)
    wanted = _Wanted(
        original,
        revision_id(original.prediction_id, key),
        published,
        tuple(seen),
        min(seen_at, moment),
        original.draft.post_id,
    )
    served = source.current(original.draft.platform)
    (entry,) = _entries(engine, settings, served, [wanted], moment, record=record)
    if record:
        ledger.record(engine, settings.workspace, [entry])
    return entry.prediction


def revision_id(prediction_id: str, key: str) -> str:
    """The same for the same observation of the same prediction."""
    return str(uuid.UUID(hashlib.sha256(f"revision\x1f{prediction_id}\x1f{key}".encode()).hexdigest()[:32]))


def _entries(
    engine: Engine,
    settings: Settings,
    served: Served,
    wanted: Sequence[_Wanted],
    now: datetime,
    *,
    record: bool,
) -> list[ledger.Entry]:
    names = number_names(served.model.feature_names)
    kept = [_is_kept(one.original, served.model_version, names) for one in wanted]
    made: dict[str, ledger.Entry] = {}
    for group in (True, False):
        some = [one for one, as_kept in zip(wanted, kept, strict=True) if as_kept is group]
        if some:
            rows = _kept_rows(some, names) if group else _fresh_rows(engine, settings, served, some)
            made |= _of_rows(served, some, rows, now, record=record)
    return [made[one.new_id] for one in wanted]


def _of_rows(
    served: Served, wanted: Sequence[_Wanted], rows: pd.DataFrame, now: datetime, *, record: bool
) -> dict[str, ledger.Entry]:
    asked = [
        Asked(_published(one), tuple(h for h in one.original.horizons if h > one.seen[-1].age_h))
        for one in wanted
    ]
    exploded = explode(rows, asked)
    tracks = [[(seen.age_h, seen.value) for seen in one.seen] for one in wanted]
    counts = [len(one.horizons) for one in asked]
    at = np.repeat(np.arange(len(wanted)), counts)
    exploded["seen"] = pd.Series([tracks[i] for i in at], index=exploded.index, dtype=object)
    answers = served.revise(exploded)
    entered = entries(
        served, rows, answers, asked, created_at=now, source=SOURCE, recorded=[record] * len(asked)
    )
    return {
        one.new_id: _revision(entry, one, track)
        for entry, one, track in zip(entered, wanted, tracks, strict=True)
    }


def _revision(entry: ledger.Entry, wanted: _Wanted, track: list[tuple[float, float]]) -> ledger.Entry:
    made, inputs = entry.prediction, entry.inputs
    arrays = dict(inputs.arrays) if inputs is not None else {}
    fingerprint = ids.input_hash(
        entry.draft, entry.numbers, arrays.pop("text_embedding", None), made.model_name, made.model_version,
        arrays=arrays, seen=track,
    )  # fmt: skip
    changed: dict[str, Any] = {
        "prediction_id": wanted.new_id,
        "as_of": wanted.as_of,
        "revises": wanted.original.prediction_id,
        "seen": wanted.seen,
        "input_hash": fingerprint,
    }
    return replace(entry, prediction=made.model_copy(update=changed))


def _published(wanted: _Wanted) -> Draft:
    """Ages count from when the post really came out."""
    draft = wanted.original.draft
    return replace(draft, planned_at=wanted.published_at, post_id=wanted.post_id)


def _is_kept(original: Original, version: str, names: Sequence[str]) -> bool:
    """Are the numbers in the ledger those that the serving version reads?"""
    inputs = original.inputs
    same = original.model_version == version and len(inputs.numbers) == len(names) and bool(inputs.types)
    return same and "n_matured_ln" in {*names, *inputs.beside}


def _kept_rows(wanted: Sequence[_Wanted], names: Sequence[str]) -> pd.DataFrame:
    kept = [one.original for one in wanted]
    rows = rows_of(
        [one.inputs for one in kept],
        [names] * len(kept),
        [_published(one) for one in wanted],
        [one.as_of for one in kept],
    )
    missing = [name for name in ("band_p10", "band_p50", "band_p90", "n_matured_ln") if name not in rows]
    return rows.assign(**dict.fromkeys(missing, np.nan))


def _fresh_rows(
    engine: Engine, settings: Settings, served: Served, wanted: Sequence[_Wanted]
) -> pd.DataFrame:
    """Another version serves by now: features as known at publishing, made anew for it."""
    from features.rows import rows_for_posts

    drafts = [_published(one) for one in wanted]
    posts = pd.DataFrame(
        {
            "post_id": [draft.post_id or one.new_id for draft, one in zip(drafts, wanted, strict=True)],
            "channel_id": [draft.channel_id for draft in drafts],
            "media_type": [draft.media_type.value for draft in drafts],
            "title": [draft.title for draft in drafts],
            "text": [draft.text for draft in drafts],
            "hashtags": [list(draft.hashtags) for draft in drafts],
            "category": [draft.category for draft in drafts],
        },
        dtype=object,
    )
    times = pd.to_datetime([draft.planned_at for draft in drafts], utc=True)
    posts["published_at"] = times.astype("datetime64[us, UTC]")
    for name in ("duration_s", "followers"):
        posts[name] = pd.Series([getattr(draft, name) for draft in drafts], dtype=float)
    rows = rows_for_posts(engine, settings, served.platform, posts, encoder=served.encoder)
    return rows.reset_index(drop=True)
