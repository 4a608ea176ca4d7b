"""The typed client of the HTTP API: what the dashboard and any integrator in Python use."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from creatorlens import api, api_operations
from creatorlens.advice.common import Suggestion
from creatorlens.advice.content import Applied, ApplyRequest, Content, ContentPage, Receipts
from creatorlens.advice.experiments import (
    Experiment,
    ExperimentRequest,
    Experiments,
    ObservationOfVariant,
    ObservedAnswer,
    PooledChanges,
    PowerCheck,
    PowerRequest,
    Verdict,
)
from creatorlens.advice.hashtags import Hashtags
from creatorlens.advice.strategy import Strategy
from creatorlens.advice.thumbnails import ThumbnailAdvice
from creatorlens.advice.timing import Schedule, ScheduleRequest, Timing
from creatorlens.advice.titles import TitleAdvice
from creatorlens.api_definitions import MetricDefinitions
from creatorlens.api_revisions import ObservationIn, ObservationsAnswer
from creatorlens.errors import CreatorLensError
from creatorlens.platforms import HORIZONS_H, Platform
from creatorlens.reading.analysis import Analysis
from creatorlens.records import Draft

ANALYSIS_TIMEOUT_S = 900.0
"""A long video with speech on a busy machine; an answer usually comes within seconds."""

ADVICE_TIMEOUT_S = 300.0
"""The first advice after new features waits while what is kept between requests is fitted."""

OBSERVE_TIMEOUT_S = 120.0
"""The first observations after a start wait while the rules for rows are loaded."""

Answer = TypeVar("Answer", bound=BaseModel)


class ApiError(CreatorLensError):
    """The service refused or failed. `problem` carries its words and the fields at fault."""

    def __init__(self, problem: api.Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem

    @property
    def status(self) -> int:
        return self.problem.status

    def __str__(self) -> str:
        where = "; ".join(f"{e.field}: {e.message}" if e.field else e.message for e in self.problem.errors)
        return f"{self.problem.title}: {where or self.problem.detail}"


class UnreachableError(ApiError):
    """Nobody answered at the address (status 0)."""


class Client:
    """Speaks to `base_url` (as `http://127.0.0.1:3000`). `transport` stands in for the network in tests.

    Every method raises ApiError with the problem details, UnreachableError where nobody answers.
    """

    def __init__(
        self,
        base_url: str,
        transport: httpx.BaseTransport | None = None,
        *,
        timeout_s: float = 30.0,
    ) -> None:
        self._http = httpx.Client(base_url=base_url, transport=transport, timeout=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def predict(
        self,
        drafts: Sequence[api.DraftRequest | Draft],
        *,
        horizons: Sequence[float] = HORIZONS_H,
        record: bool = True,
    ) -> api.PredictResponse:
        """Forecasts in the order of `drafts`; at most 512 at once. `record=False` leaves no trace."""
        body = {
            "drafts": [_draft_json(draft) for draft in drafts],
            "horizons": list(horizons),
            "record": record,
        }
        return self._answer(api.PredictResponse, "POST", "/v1/predict", json=body)

    def prediction(self, prediction_id: str) -> api.GradedPrediction:
        return self._answer(api.GradedPrediction, "GET", f"/v1/predictions/{_quoted(prediction_id)}")

    def revise(
        self, prediction_id: str, seen: Sequence[api.Seen | tuple[float, float]], *, record: bool = False
    ) -> api.Prediction:
        """The prediction, now that its post was seen: (age in hours, primary metric), ascending. `record=False` asks
        what if."""
        told = [one if isinstance(one, api.Seen) else api.Seen(age_h=one[0], value=one[1]) for one in seen]
        body = {"seen": [one.model_dump() for one in told], "record": record}
        return self._answer(
            api.Prediction, "POST", f"/v1/predictions/{_quoted(prediction_id)}/revise", json=body
        )

    def observe(
        self,
        platform: Platform | str,
        observations: Sequence[ObservationIn],
        *,
        timeout_s: float = OBSERVE_TIMEOUT_S,
    ) -> ObservationsAnswer:
        """Counts of published posts as seen; at most 1,000 at once. Forecasts of those posts are revised."""
        body = {"observations": [one.model_dump(exclude_none=True) for one in observations]}
        path = f"/v1/webhooks/performance/{_quoted(str(platform))}"
        return self._answer(ObservationsAnswer, "POST", path, json=body, timeout=timeout_s)

    def analyze(
        self,
        files: Sequence[Path | tuple[str, bytes]] = (),
        *,
        title: str = "",
        text: str = "",
        platform: Platform | str | None = None,
        channel: str | None = None,
        blobs: Sequence[str] = (),
        transcribe: bool = True,
        timeout_s: float = ANALYSIS_TIMEOUT_S,
    ) -> Analysis:
        """What is read from a draft's files (paths, or name and bytes) and words; or from bytes the service has
        already (`blobs`: their sha256). Raises ApiError, status 422, where every file is refused."""
        fields = _given(title=title or None, text=text or None, platform=platform, channel=channel)
        if not files:
            body = {**fields, "blobs": list(blobs), "transcribe": transcribe}
            return self._answer(Analysis, "POST", "/v1/analyze", json=body, timeout=timeout_s)
        with ExitStack() as opened:
            parts: list[tuple[str, tuple[str | None, IO[bytes] | bytes | str]]] = [
                *((name, (None, value)) for name, value in fields.items()),
                ("transcribe", (None, str(transcribe).lower())),
                *(("blob", (None, sha256)) for sha256 in blobs),
                *(("file", _part(file, opened)) for file in files),
            ]
            return self._answer(Analysis, "POST", "/v1/analyze", files=parts, timeout=timeout_s)

    def analysis(self, analysis_id: str) -> Analysis:
        return self._answer(Analysis, "GET", f"/v1/analyses/{_quoted(analysis_id)}")

    def channels(
        self,
        *,
        platform: Platform | str | None = None,
        q: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> api.ChannelPage:
        params = _given(platform=platform, q=q, limit=limit, cursor=cursor)
        return self._answer(api.ChannelPage, "GET", "/v1/channels", params=params)

    def channel(self, channel_id: str) -> api.ChannelDetail:
        return self._answer(api.ChannelDetail, "GET", f"/v1/channels/{_quoted(channel_id)}")

    def track_record(
        self, *, platform: Platform | str | None = None, channel_id: str | None = None
    ) -> api.TrackRecord:
        params = _given(platform=platform, channel_id=channel_id)
        return self._answer(api.TrackRecord, "GET", "/v1/track-record", params=params)

    def models(self) -> api.Models:
        return self._answer(api.Models, "GET", "/v1/models")

    def health(self) -> api.Health:
        return self._answer(api.Health, "GET", "/v1/health")

    def promotions(self, *, platform: Platform | str | None = None) -> api_operations.Promotions:
        """Who moved which model version where, why; newest first."""
        params = _given(platform=platform)
        return self._answer(api_operations.Promotions, "GET", "/v1/promotions", params=params)

    def drift(self, *, platform: Platform | str | None = None) -> api_operations.DriftReports:
        """How far inputs and errors have moved since training; newest first."""
        return self._answer(api_operations.DriftReports, "GET", "/v1/drift", params=_given(platform=platform))

    def lineage(self, lineage_id: str) -> api_operations.Lineage:
        """From imported file to graded outcome."""
        return self._answer(api_operations.Lineage, "GET", f"/v1/lineage/{_quoted(lineage_id)}")

    def replay(self, prediction_id: str) -> api_operations.Replay:
        """The prediction computed again from what the ledger kept: exact, or what differs."""
        path = f"/v1/predictions/{_quoted(prediction_id)}/replay"
        return self._answer(api_operations.Replay, "GET", path)

    def metric_definitions(self, *, platform: Platform | str | None = None) -> MetricDefinitions:
        """What each count means, and when platforms changed it, with sources."""
        params = _given(platform=platform)
        return self._answer(MetricDefinitions, "GET", "/v1/metric-definitions", params=params)

    def model_card(self, platform: Platform | str) -> api_operations.ModelCard:
        """The card of the version that serves the platform."""
        return self._answer(api_operations.ModelCard, "GET", f"/v1/models/{_quoted(str(platform))}/card")

    def trends(self, platform: Platform | str, *, as_of: datetime | None = None) -> api_operations.Trends:
        """What is on the rise on a platform, and what hours, weekdays and months are worth there; `as_of` (with a
        zone): by what was known then."""
        params = _given(platform=platform, as_of=as_of)
        return self._answer(api_operations.Trends, "GET", "/v1/trends", params=params)

    def create_content(
        self,
        draft: api.DraftRequest | Draft,
        *,
        assets: Sequence[str] = (),
        thumbnail: str | None = None,
    ) -> Content:
        """Keep a draft, so that suggestions can be asked for and applied. `assets`: sha256 of its files."""
        body = _content_json(draft, assets, thumbnail)
        return self._answer(Content, "POST", "/v1/content", json=body)

    def content(self, content_id: str) -> Content:
        """A kept draft with all its versions; or an own post as `platform:post_id`."""
        return self._answer(Content, "GET", f"/v1/content/{_quoted(content_id)}")

    def contents(
        self, *, channel: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> ContentPage:
        """Kept drafts, newest first."""
        params = _given(channel=channel, limit=limit, cursor=cursor)
        return self._answer(ContentPage, "GET", "/v1/content", params=params)

    def update_content(
        self,
        content_id: str,
        draft: api.DraftRequest | Draft,
        *,
        version: int,
        assets: Sequence[str] = (),
        thumbnail: str | None = None,
    ) -> Content:
        """A new version in place of `version`. ApiError, status 409, where that is not the newest."""
        body = _content_json(draft, assets, thumbnail)
        path = f"/v1/content/{_quoted(content_id)}"
        return self._answer(Content, "PUT", path, json=body, params=_given(version=version))

    def delete_content(self, content_id: str) -> Content:
        return self._answer(Content, "DELETE", f"/v1/content/{_quoted(content_id)}")

    def apply(self, content_id: str, suggestion: Suggestion, *, version: int) -> Applied:
        """Apply a suggestion to the version it was made for; the receipt says what is expected of it."""
        wanted = ApplyRequest(
            kind=suggestion.kind,
            change=suggestion.change,
            version=version,
            suggestion_id=suggestion.suggestion_id,
        )
        body = wanted.model_dump(mode="json", exclude_none=True)
        return self._answer(Applied, "POST", f"/v1/content/{_quoted(content_id)}/apply", json=body)

    def receipts(self, content_id: str | None = None) -> Receipts:
        """What was applied to one content, or to all, newest first."""
        path = "/v1/receipts" if content_id is None else f"/v1/content/{_quoted(content_id)}/receipts"
        return self._answer(Receipts, "GET", path)

    def titles(self, content_id: str) -> TitleAdvice:
        return self._answer(TitleAdvice, "GET", _advice("titles", content_id), timeout=ADVICE_TIMEOUT_S)

    def hashtags(self, content_id: str) -> Hashtags:
        return self._answer(Hashtags, "GET", _advice("hashtags", content_id), timeout=ADVICE_TIMEOUT_S)

    def timing(self, content_id: str) -> Timing:
        return self._answer(Timing, "GET", _advice("timing", content_id), timeout=ADVICE_TIMEOUT_S)

    def thumbnails(self, content_id: str) -> ThumbnailAdvice:
        """Takes seconds: pictures are rendered and looked at again."""
        path = _advice("thumbnails", content_id)
        return self._answer(ThumbnailAdvice, "GET", path, timeout=ANALYSIS_TIMEOUT_S)

    def thumbnails_zip(self, content_id: str) -> bytes:
        """The pictures with a manifest, ready for a test of them."""
        path = f"{_advice('thumbnails', content_id)}/export"
        return self._respond("GET", path, timeout=ANALYSIS_TIMEOUT_S).content

    def strategy(self, channel: str) -> Strategy:
        params = _given(channel=channel)
        path = "/v1/recommendations/strategy"
        return self._answer(Strategy, "GET", path, params=params, timeout=ADVICE_TIMEOUT_S)

    def schedule(self, wanted: ScheduleRequest) -> Schedule:
        """Times for several kept drafts."""
        return Schedule.model_validate_json(self._scheduled(wanted, "application/json").content)

    def calendar(self, wanted: ScheduleRequest) -> str:
        """The same as iCalendar."""
        return self._scheduled(wanted, "text/calendar").text

    def asset(self, sha256: str) -> bytes:
        """A picture that the workspace holds."""
        return self._respond("GET", f"/v1/assets/{_quoted(sha256)}").content

    def experiment_power(self, wanted: PowerRequest) -> PowerCheck:
        """How long a test takes, or that it cannot be decided. Leaves no trace."""
        body = wanted.model_dump(mode="json", exclude_none=True)
        return self._answer(PowerCheck, "POST", "/v1/experiments/power", json=body)

    def start_experiment(self, wanted: ExperimentRequest) -> Experiment:
        """ApiError, status 422, where it cannot be decided in the time it may take, unless `wanted.force`."""
        body = wanted.model_dump(mode="json", exclude_none=True)
        return self._answer(Experiment, "POST", "/v1/experiments", json=body)

    def experiments(self, *, channel: str | None = None, limit: int = 100) -> Experiments:
        """Newest first; of those that run without a verdict."""
        return self._answer(
            Experiments, "GET", "/v1/experiments", params=_given(channel=channel, limit=limit)
        )

    def experiment(self, experiment_id: str) -> Experiment:
        return self._answer(Experiment, "GET", f"/v1/experiments/{_quoted(experiment_id)}")

    def observe_experiment(
        self, experiment_id: str, observations: Sequence[ObservationOfVariant]
    ) -> ObservedAnswer:
        """Counts of variants by period; at most 1,000 at once. The same again changes nothing."""
        body = {"observations": [one.model_dump(mode="json", exclude_none=True) for one in observations]}
        path = f"/v1/experiments/{_quoted(experiment_id)}/observations"
        return self._answer(ObservedAnswer, "POST", path, json=body)

    def experiment_verdict(self, experiment_id: str) -> Verdict:
        return self._answer(Verdict, "GET", f"/v1/experiments/{_quoted(experiment_id)}/verdict")

    def stop_experiment(self, experiment_id: str) -> Experiment:
        """As it stands. ApiError, status 409, where it is decided."""
        return self._answer(Experiment, "POST", f"/v1/experiments/{_quoted(experiment_id)}/stop")

    def pooled_changes(self, *, channel: str | None = None) -> PooledChanges:
        """What kinds of change of a title are worth over all finished tests."""
        params = _given(channel=channel)
        return self._answer(PooledChanges, "GET", "/v1/experiments/pooled", params=params)

    def _scheduled(self, wanted: ScheduleRequest, accept: str) -> httpx.Response:
        return self._respond(
            "POST",
            "/v1/recommendations/schedule",
            json=wanted.model_dump(mode="json", exclude_none=True),
            headers={"Accept": accept},
            timeout=ADVICE_TIMEOUT_S,
        )

    def _answer(self, kind: type[Answer], method: str, path: str, **request: Any) -> Answer:
        return kind.model_validate_json(self._respond(method, path, **request).content)

    def _respond(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **request)
        except httpx.TransportError as error:
            raise UnreachableError(_unreachable(self._http.base_url, error)) from error
        if response.is_success:
            return response
        raise ApiError(_problem(response))


def _part(file: Path | tuple[str, bytes], opened: ExitStack) -> tuple[str, IO[bytes] | bytes]:
    if isinstance(file, tuple):
        return file
    return file.name, opened.enter_context(file.open("rb"))


def _draft_json(draft: api.DraftRequest | Draft) -> dict[str, Any]:
    if isinstance(draft, api.DraftRequest):
        return draft.model_dump(mode="json", exclude_none=True)
    # The server judges the draft, so that its limits and its words are the only ones.
    fields = {
        "channel": draft.channel_id,
        "platform": draft.platform.value,
        "planned_at": draft.planned_at.isoformat(),
        "title": draft.title,
        "text": draft.text,
        "hashtags": list(draft.hashtags),
        "media_type": draft.media_type.value,
        "duration_s": draft.duration_s,
        "category": draft.category,
        "followers": draft.followers,
        "post_id": draft.post_id,
        "analysis_id": draft.analysis_id,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _content_json(
    draft: api.DraftRequest | Draft, assets: Sequence[str], thumbnail: str | None
) -> dict[str, Any]:
    told: dict[str, Any] = {"assets": list(assets) or None, "thumbnail": thumbnail}
    return _draft_json(draft) | {name: value for name, value in told.items() if value is not None}


def _advice(kind: str, content_id: str) -> str:
    return f"/v1/recommendations/{kind}/{_quoted(content_id)}"


def _given(**params: object) -> dict[str, str]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in params.items()
        if value is not None
    }


def _quoted(part: str) -> str:
    from urllib.parse import quote

    return quote(part, safe=":")


def _problem(response: httpx.Response) -> api.Problem:
    try:
        return api.Problem.model_validate_json(response.content)
    except ValidationError:
        # A proxy in between answers in its own words.
        return api.Problem(
            title=response.reason_phrase or "Error",
            status=response.status_code,
            detail=response.text[:300],
        )


def _unreachable(base_url: httpx.URL, error: httpx.TransportError) -> api.Problem:
    return api.Problem(
        title="The service does not answer",
        status=0,
        detail=f"{base_url}: {type(error).__name__}. Is `creatorlens up` running?",
    )
