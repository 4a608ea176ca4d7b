"""The inputs of a recorded prediction made anew: from what the database holds today, as it was known then."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from creatorlens.api_operations import Difference
from creatorlens.errors import CreatorLensError
from creatorlens.records import Draft
from creatorlens.settings import Settings
from services.insights import ledger
from services.insights.answering import number_names
from services.insights.draft_media import with_media
from services.insights.inputs import ModelInputs, from_json, read_inputs
from services.insights.jobs import Job
from services.insights.originals import draft_of
from services.insights.versions import StoredVersion

if TYPE_CHECKING:
    from features.encoder import ReadsText
    from features.feature_store import OnlineStore


def feature_differences(
    engine: Engine, settings: Settings, kept: ledger.Kept, version: StoredVersion
) -> Iterator[Difference]:
    """feature:<name> for each number or array that is not the same today; one `features` where none can be made."""
    names = number_names(version.model().feature_names)
    then = from_json(kept.inputs)
    try:
        origin = _origin(engine, settings, kept)
        rows = _rows(engine, settings, origin, version)
        now = read_inputs(rows, names)[0]
    except CreatorLensError as error:
        yield Difference(what="features", then="as kept", now=f"cannot be made anew: {error}")
        return
    was, is_now = _by_name(then, names), _by_name(now, names)
    for name in dict.fromkeys((*was, *is_now)):
        before, after = was.get(name, np.nan), is_now.get(name, np.nan)
        if before != after and not (before != before and after != after):
            yield Difference(what=f"feature:{name}", then=repr(before), now=repr(after))
    for name in sorted({*then.arrays, *now.arrays}):
        left, right = _told(then.arrays.get(name)), _told(now.arrays.get(name))
        if left != right:
            yield Difference(what=f"feature:{name}", then=left, now=right)


def _origin(engine: Engine, settings: Settings, kept: ledger.Kept) -> ledger.Kept:
    """A revision has the features of the prediction it revises, unless another version read them anew."""
    if kept.prediction.revises is None:
        return kept
    original = ledger.kept(engine, settings.workspace, kept.prediction.revises)
    return original if original.prediction.model_version == kept.prediction.model_version else kept


def _rows(engine: Engine, settings: Settings, kept: ledger.Kept, version: StoredVersion) -> pd.DataFrame:
    made, draft = kept.prediction, draft_of(kept.inputs["draft"])
    encoder = _encoder(settings, version.model().text_encoder)
    if made.source == "api":
        from features.as_known import StatesAsOf
        from features.rows import rows_for_drafts

        jobs, unknown = with_media(engine, settings.workspace, [_job(kept, draft)])
        if unknown:
            raise unknown[0]
        states = StatesAsOf(settings, made.platform, made.as_of)
        store = cast("OnlineStore", states)
        return rows_for_drafts(store, [jobs[0].draft], made.platform, encoder=encoder)
    from features.rows import rows_for_posts

    at: Any = "published" if made.revises is not None else pd.Timestamp(made.as_of)
    return rows_for_posts(engine, settings, made.platform, _post(draft), at=at, encoder=encoder)


def _job(kept: ledger.Kept, draft: Draft) -> Job:
    from dataclasses import replace

    return Job(replace(draft, analysis_id=kept.inputs["draft"].get("analysis_id")), (24.0,), record=False)


def _post(draft: Draft) -> pd.DataFrame:
    row = {
        "post_id": draft.post_id or "draft",
        "channel_id": draft.channel_id,
        "media_type": draft.media_type.value,
        "title": draft.title,
        "text": draft.text,
        "hashtags": list(draft.hashtags),
        "category": draft.category,
    }
    frame = pd.DataFrame([row], dtype=object)
    published = pd.to_datetime([draft.planned_at], utc=True).astype("datetime64[us, UTC]")
    numbers = {name: [np.nan if getattr(draft, name) is None else getattr(draft, name)] for name in ("duration_s", "followers")}  # fmt: skip
    return frame.assign(published_at=published, **numbers)


def _encoder(settings: Settings, wanted: str | None) -> ReadsText | None:
    if wanted is None:
        return None
    from features.absent import Absent
    from features.encoder import load_encoder

    found = load_encoder(settings)
    if isinstance(found, Absent):
        raise EncoderGone(f"{wanted} is not here: {found.reason}")
    if found.model_id != wanted:
        raise EncoderGone(f"the texts were read by {wanted}; here is {found.model_id}")
    return found


class EncoderGone(CreatorLensError):
    """The encoder that the model reads is not on this machine."""


def _by_name(inputs: ModelInputs, names: tuple[str, ...]) -> dict[str, float]:
    return {**dict(zip(names, inputs.numbers.tolist(), strict=True)), **inputs.beside}


def _told(array: np.ndarray | None) -> str:
    if array is None:
        return "none"
    digest = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:12]
    return f"{' x '.join(map(str, array.shape))} {array.dtype.name}, sha256 {digest}"
