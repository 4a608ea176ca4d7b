"""What travels over HTTP: the requests and answers of `/v1`, for the server and the typed client alike.

Validation messages name the field and say what to do; they are shown to people as they are.
Limits that an installation may change (`max_title_chars`, `max_text_chars`) and the present time come in
through the validation context, so that nothing here reads settings.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from creatorlens.errors import InputError
from creatorlens.platforms import HORIZONS_H, MediaType, Platform, parse_platform
from creatorlens.records import Draft

MAX_DRAFTS = 512
MAX_FILES = 50
MAX_HASHTAGS = 100
MAX_HASHTAG_CHARS = 150
MAX_TITLE_CHARS = 10_000
MAX_TEXT_CHARS = 100_000
MAX_HORIZON_H = 8760
MAX_HORIZONS = 32
PLANNED_BEFORE = timedelta(days=1)
PLANNED_AHEAD = timedelta(days=366)
PROBLEM_JSON = "application/problem+json"

Serves = Literal["model", "floor"]

_USUAL_MEDIA = {
    Platform.YOUTUBE: MediaType.VIDEO,
    Platform.TIKTOK: MediaType.VIDEO,
    Platform.INSTAGRAM: MediaType.IMAGE,
    Platform.X: MediaType.TEXT,
    Platform.REDDIT: MediaType.TEXT,
    Platform.FACEBOOK: MediaType.TEXT,
}


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=(), allow_inf_nan=False)


def no_nul(text: str) -> str:
    # PostgreSQL stores no NUL, and no title needs one.
    if "\x00" in text:
        raise PydanticCustomError("nul", "contains a NUL character: remove it")
    return text


def _platform(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return parse_platform(value)
    except InputError as error:
        raise PydanticCustomError(
            "platform", "{message}", {"message": f"{error.message} {error.hint}"}
        ) from None


def _iso_time(value: object) -> object:
    # Pydantic would take numbers for seconds since 1970; a planned time is written out.
    if isinstance(value, datetime) or (isinstance(value, str) and not value.strip().lstrip("+-").isdigit()):
        return value
    raise PydanticCustomError("iso_time", "not an ISO 8601 time such as 2026-12-01T18:30:00+01:00")


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise PydanticCustomError("naive_time", "naive time: add an offset such as +02:00 or Z")
    return value


Words = Annotated[str, AfterValidator(no_nul)]
Key = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(no_nul)]
AwareTime = Annotated[datetime, BeforeValidator(_iso_time), AfterValidator(_aware)]
PlatformName = Annotated[Platform, BeforeValidator(_platform)]
Horizon = Annotated[float, Field(ge=1, le=MAX_HORIZON_H)]


def _limit(info: ValidationInfo, name: str, default: int) -> int:
    return int((info.context or {}).get(name, default))


class DraftRequest(Record):
    """A draft on one channel for one planned time. The offset of `planned_at` is taken as local time."""

    channel: Key = Field(description="A channel_id (youtube:UC123), or a creator_id with `platform`.")
    planned_at: AwareTime = Field(description="ISO 8601 with an offset; the draft's local clock.")
    platform: PlatformName | None = Field(
        default=None, description="Needed where `channel` is a bare creator_id."
    )
    title: Words = Field(default="", description="At most 10,000 characters.")
    text: Words = Field(default="", description="At most 100,000 characters.")
    hashtags: tuple[Annotated[Words, Field(max_length=MAX_HASHTAG_CHARS)], ...] = Field(
        default=(), max_length=MAX_HASHTAGS
    )
    media_type: MediaType | None = Field(default=None, description="Default: what is usual on the platform.")
    duration_s: float | None = Field(default=None, ge=0, le=14 * 86400)
    category: Annotated[Words, Field(max_length=200)] | None = None
    followers: float | None = Field(default=None, ge=0, le=1e11)
    post_id: Annotated[Words, Field(min_length=1, max_length=200)] | None = None
    analysis_id: Annotated[Words, Field(min_length=1, max_length=64)] | None = Field(
        default=None,
        description="Of POST /v1/analyze: what was read from the draft's files is forecast with it.",
    )

    @field_validator("title", "text")
    @classmethod
    def _not_too_long(cls, value: str, info: ValidationInfo) -> str:
        name, default = (
            ("max_title_chars", MAX_TITLE_CHARS)
            if info.field_name == "title"
            else ("max_text_chars", MAX_TEXT_CHARS)
        )
        allowed = _limit(info, name, default)
        if len(value) > allowed:
            raise PydanticCustomError(
                "too_long",
                "{got} characters; at most {allowed} are taken",
                {"got": len(value), "allowed": allowed},
            )
        return value

    @field_validator("planned_at")
    @classmethod
    def _plausible_time(cls, value: datetime, info: ValidationInfo) -> datetime:
        now: datetime = (info.context or {}).get("now") or datetime.now(UTC)
        if not now - PLANNED_BEFORE <= value <= now + PLANNED_AHEAD:
            raise PydanticCustomError(
                "absurd_time",
                "{planned_at} is not between a day ago and a year ahead: a forecast is for a post still to come",
                {"planned_at": value.isoformat()},
            )
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.title.strip() and not self.text.strip():
            raise PydanticCustomError(
                "empty_draft",
                "title and text are both empty: give at least one",
                {"field": "title"},
            )
        prefix = self._prefix()
        if self.platform is None and prefix is None:
            raise PydanticCustomError(
                "platform_missing",
                "needed where channel is a bare creator_id; or write channel as platform:creator_id",
                {"field": "platform"},
            )
        if self.platform is not None and prefix is not None and prefix is not self.platform:
            raise PydanticCustomError(
                "platform_mismatch",
                "{platform}, but channel names a channel on {prefix}",
                {"field": "platform", "platform": self.platform.value, "prefix": prefix.value},
            )
        return self

    def _prefix(self) -> Platform | None:
        name, colon, _ = self.channel.partition(":")
        return Platform(name) if colon and name in Platform._value2member_map_ else None

    def to_draft(self) -> Draft:
        prefix = self._prefix()
        platform = self.platform or prefix
        assert platform is not None
        return Draft(
            channel_id=self.channel if prefix else f"{platform.value}:{self.channel}",
            platform=platform,
            planned_at=self.planned_at,
            title=self.title,
            text=self.text,
            hashtags=self.hashtags,
            media_type=self.media_type or _USUAL_MEDIA[platform],
            duration_s=self.duration_s,
            category=self.category,
            followers=self.followers,
            post_id=self.post_id,
            analysis_id=self.analysis_id,
        )


class AnalyzeRequest(Record):
    """What is to be read, where its files are with the service already. Files themselves come as
    multipart/form-data with the same fields, `file` and `blob` repeated."""

    blobs: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = Field(
        default=(), max_length=MAX_FILES, description="sha256 of files that were sent before."
    )
    title: Words = Field(default="", description="At most 10,000 characters.")
    text: Words = Field(default="", description="At most 100,000 characters.")
    platform: PlatformName | None = None
    channel: Key | None = Field(
        default=None, description="youtube:UC123: the draft is read beside the channel's earlier posts."
    )
    transcribe: bool = Field(default=True, description="Write down what is said; takes longest.")


class PredictRequest(Record):
    """Many drafts at once. `record: false` asks what-if: nothing is written to the ledger."""

    drafts: tuple[DraftRequest, ...] = Field(min_length=1, max_length=MAX_DRAFTS)
    horizons: tuple[Horizon, ...] = Field(
        default=tuple(float(h) for h in HORIZONS_H),
        min_length=1,
        max_length=MAX_HORIZONS,
        description="Ages in hours after publishing, 1 to 8760.",
    )
    record: bool = True

    @field_validator("horizons")
    @classmethod
    def _sorted_once(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(sorted(set(value)))


class Band(Record):
    """A channel's typical band: quantiles of the primary metric over its last n matured posts."""

    p10: float
    p50: float
    p90: float
    n: int


class ForecastAtHorizon(Record):
    """Counts of the primary metric at one age. Where `abstained`, the numbers are the floor's."""

    horizon_h: float
    p10: float
    p50: float
    p90: float
    prob_beats_floor: float | None
    floor: float | None
    abstained: bool
    reason: str


class DriverEffect(Record):
    """`effect` is the multiplicative change: -0.06 is 6 % less."""

    feature: str
    words: str
    effect: float


class ForecastPart(Record):
    """One addend of ln(1+p50) at the horizon nearest a week: audience + timing + content = the forecast. `ln` with its
    80 % interval; audience holds the level, the other two are against a usual time and usual content."""

    name: Literal["audience", "timing", "content"]
    ln: float
    low_ln: float
    high_ln: float


class OtherMetric(Record):
    """What else the post will get, beside the primary metric: counts, calibrated as the forecast is."""

    metric: Literal["views", "likes", "comments", "shares"]
    horizon_h: float
    p10: float
    p50: float
    p90: float


class Seen(Record):
    """The primary metric of a published post as seen at one age."""

    age_h: Annotated[float, Field(gt=0, le=MAX_HORIZON_H)]
    value: Annotated[float, Field(ge=0)]


class Prediction(Record):
    """`revises`: the earlier prediction that this one replaces, now that the post was `seen`. `lineage_id` leads to
    the imported files its model learned from (GET /v1/lineage/{lineage_id})."""

    prediction_id: str
    channel_id: str
    platform: Platform
    planned_at: datetime
    as_of: datetime
    metric: str
    metric_definition: str
    model_name: str
    model_version: str
    serves: Serves
    typical_band: Band | None
    forecasts: tuple[ForecastAtHorizon, ...]
    drivers: tuple[DriverEffect, ...]
    parts: tuple[ForecastPart, ...] = ()
    other_metrics: tuple[OtherMetric, ...] = ()
    lineage_id: str | None = None
    revises: str | None = None
    seen: tuple[Seen, ...] = ()
    arm: Literal["champion", "canary"] = "champion"
    input_hash: str
    recorded: bool


class PredictResponse(Record):
    predictions: tuple[Prediction, ...]


class Grade(Record):
    """How one horizon of a prediction came out. Errors are in |ln(1+outcome) - ln(1+p50)|."""

    horizon_h: float
    graded_at: datetime
    post_id: str
    outcome: float
    observed_age_h: float | None
    backfilled: bool
    covered80: bool
    ae_ln: float
    floor_ae_ln: float | None


class GradedPrediction(Prediction):
    """A prediction read back from the ledger, with its grades so far; `revised_by`: those that replaced it, oldest first."""

    retrospective: bool
    source: str
    post_id: str | None
    created_at: datetime
    grades: tuple[Grade, ...]
    revised_by: tuple[str, ...] = ()


class ChannelSummary(Record):
    channel_id: str
    platform: Platform
    creator_id: str
    posts: int
    last_published_at: datetime | None


class ChannelPage(Record):
    """`next_cursor` asks for the next page; null on the last one."""

    channels: tuple[ChannelSummary, ...]
    next_cursor: str | None


class RecentPost(Record):
    """`outcome` is the primary metric as last seen (its age beside it), null while nobody has seen it."""

    post_id: str
    published_at: datetime
    title: str
    media_type: MediaType
    outcome: float | None
    observed_age_h: float | None
    backfilled: bool | None


class ChannelDetail(ChannelSummary):
    timezone: str | None
    metric: str
    metric_definition: str
    typical_band: Band | None
    floor: float | None
    recent_posts: tuple[RecentPost, ...]


Made = Literal["live", "retrospective"]
Outcomes = Literal["observed", "backfilled"]
Size = Literal["new", "small", "medium", "large"]
"""Of a channel when the forecast was made: thirds of the floor among the graded forecasts of its platform; new: no
floor yet."""


class Skill(Record):
    """skill = 1 - mae_ln / floor_mae_ln over the graded rows that have a floor: above 0 beats it."""

    n: int
    coverage80: float
    mae_ln: float
    floor_n: int
    floor_mae_ln: float | None
    skill: float | None
    median_width_ln: float
    share_abstained: float


class TrackSlice(Record):
    """Skill of one group; null means 'all'. Live and retrospective forecasts never share a slice,
    nor do observed and back-filled outcomes."""

    made: Made
    outcomes: Outcomes
    platform: Platform | None
    horizon_h: float | None
    month: str | None
    size: Size | None = None
    skill: Skill


class CalibrationBin(Record):
    """How often what was stated came true, over forecasts whose stated probability lies in [from_p, to_p).

    `interval80`: the outcome fell within p10..p90, stated 0.8. `beats_floor`: the outcome passed the floor, stated
    prob_beats_floor. One age per post, the nearest to a week; `low` and `high` hold the true share 19 times out of 20
    (Wilson, 1927) if posts were independent of each other. Null platform or size means 'all'."""

    kind: Literal["interval80", "beats_floor"]
    made: Made
    outcomes: Outcomes
    platform: Platform | None
    size: Size | None
    from_p: float
    to_p: float
    stated: float
    observed: float
    low: float
    high: float
    n: int


class TrackPoint(Record):
    """One graded forecast of one channel, for charts of forecast against outcome."""

    prediction_id: str
    post_id: str
    horizon_h: float
    planned_at: datetime
    p10: float
    p50: float
    p90: float
    floor: float | None
    outcome: float
    covered80: bool
    abstained: bool
    made: Made
    outcomes: Outcomes


class TrackRecord(Record):
    """Graded predictions. `series` is filled where one channel is asked for (its last 500). `revised` (by horizon)
    holds forecasts made anew after the post was seen; nothing else counts them."""

    platform: Platform | None
    channel_id: str | None
    predictions: int
    graded: int
    totals: tuple[TrackSlice, ...]
    by_platform: tuple[TrackSlice, ...]
    by_horizon: tuple[TrackSlice, ...]
    by_month: tuple[TrackSlice, ...]
    by_size: tuple[TrackSlice, ...] = ()
    revised: tuple[TrackSlice, ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()
    series: tuple[TrackPoint, ...]


class ModelInfo(Record):
    """What serves a platform now. `serves` is null while there is no model, and `reason` says what to do."""

    platform: Platform
    model_name: str
    model_version: str | None
    serves: Serves | None
    registered_at: datetime | None
    metrics: dict[str, float]
    reason: str | None


class Models(Record):
    models: tuple[ModelInfo, ...]


class Health(Record):
    """`degraded`: it answers, but some part named in `problems` is missing."""

    status: Literal["ok", "degraded"]
    version: str
    workspace: str
    models: dict[str, str]
    problems: tuple[str, ...]


class FieldError(Record):
    """`reason` is for machines, where a file was refused (creatorlens.reading.files.Reason)."""

    field: str | None
    message: str
    hint: str | None = None
    reason: str | None = None


class Problem(Record):
    """RFC 9457 problem details; every error answer of `/v1` is one."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()
