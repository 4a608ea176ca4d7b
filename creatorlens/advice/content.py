"""Drafts that are kept, version by version, and receipts of the suggestions that were applied to them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from creatorlens.advice.common import Change, EvidencePost, Kind, Lift, Sha256
from creatorlens.api import DraftRequest, Record, Words
from creatorlens.platforms import MediaType, Platform
from creatorlens.records import Draft


class ContentRequest(DraftRequest):
    """A draft to keep. `assets`: sha256 of its files, as `POST /v1/analyze` took them in; with `analysis_id`, its files
    need not be told again. `thumbnail`: the one of them that is shown first."""

    assets: tuple[Sha256, ...] = Field(default=(), max_length=50)
    thumbnail: Sha256 | None = None


class ContentVersion(Record):
    """The draft as it was from `created_at` on. `receipt_id`: the applied suggestion that led here."""

    version: int
    created_at: datetime
    planned_at: datetime
    title: str
    text: str
    hashtags: tuple[str, ...]
    media_type: MediaType
    duration_s: float | None
    category: str | None
    followers: float | None
    analysis_id: str | None
    assets: tuple[str, ...]
    thumbnail: str | None = None
    receipt_id: str | None = None

    def changed(self, change: Change) -> ContentVersion:
        """This version with the change in it; its number and time are still this one's."""
        told = {name: getattr(change, name) for name in Change.model_fields}
        new = {name: value for name, value in told.items() if value is not None}
        picture = change.thumbnail
        if picture is not None and picture not in self.assets:
            new["assets"] = (*self.assets, picture)
        return self.model_copy(update=new)


class Content(Record):
    """A draft on one channel with all its versions, oldest first; the last one counts. `post_id`: the published post."""

    content_id: str
    channel_id: str
    platform: Platform
    created_at: datetime
    post_id: str | None
    versions: tuple[ContentVersion, ...]

    @property
    def now(self) -> ContentVersion:
        return self.versions[-1]

    def draft(self, version: ContentVersion | None = None) -> Draft:
        """What a forecast is asked for: the newest version, or `version`."""
        told = version or self.now
        return Draft(
            channel_id=self.channel_id,
            platform=self.platform,
            planned_at=told.planned_at,
            title=told.title,
            text=told.text,
            hashtags=told.hashtags,
            media_type=told.media_type,
            duration_s=told.duration_s,
            category=told.category,
            followers=told.followers,
            post_id=self.post_id,
            analysis_id=told.analysis_id,
        )


class ContentPage(Record):
    contents: tuple[Content, ...]
    next_cursor: str | None


class ApplyRequest(Record):
    """`version`: the version the suggestion was made for; where the content has moved on since, 409."""

    kind: Kind
    change: Change
    version: Annotated[int, Field(ge=1)]
    suggestion_id: Annotated[Words, Field(max_length=64)] | None = None


class ReceiptGrade(Record):
    """How it came out, once the published post's outcome is known: beside the forecast with the change and the one
    without it."""

    horizon_h: float
    outcome: float
    beat_floor: bool | None
    covered80: bool
    ae_ln_after: float
    ae_ln_before: float


class Receipt(Record):
    """An applied suggestion: A→B, what was expected of it, and the most similar own posts with their outcomes.
    `prob_change`: of P(beats floor), with an 80 % interval; both forecasts are in the ledger under their ids."""

    receipt_id: str
    content_id: str
    kind: Kind
    applied_at: datetime
    from_version: int
    to_version: int
    change: Change
    before: dict[str, object]
    words: str
    lift: Lift | None
    prob_before: float | None
    prob_after: float | None
    prob_change: float | None
    prob_change_low: float | None
    prob_change_high: float | None
    before_prediction_id: str
    after_prediction_id: str
    similar: tuple[EvidencePost, ...]
    grades: tuple[ReceiptGrade, ...] = ()


class ReceiptRecord(Record):
    """How receipts came out in all: those graded at the horizon nearest a week. What would have happened without the
    change nobody sees, so it is the forecasts that are judged: `mean_prob_after` beside `share_beat_floor` (of `with_floor`
    receipts), and errors of both forecasts against the same outcomes."""

    receipts: int
    graded: int
    with_floor: int
    mean_prob_before: float | None
    mean_prob_after: float | None
    share_beat_floor: float | None
    coverage80: float | None
    mae_ln_before: float | None
    mae_ln_after: float | None


class Receipts(Record):
    """Newest first."""

    receipts: tuple[Receipt, ...]
    record: ReceiptRecord | None = None


class Applied(Record):
    content: Content
    receipt: Receipt
