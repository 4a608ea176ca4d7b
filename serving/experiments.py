"""Tests of titles, thumbnails and times over HTTP: power first, then start, observations, verdict."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import AfterValidator

from creatorlens import api
from creatorlens.advice.experiments import (
    Experiment,
    ExperimentRequest,
    Experiments,
    ObservedAnswer,
    PooledChanges,
    PowerCheck,
    PowerRequest,
    TrialObservationsRequest,
    Verdict,
)
from services.experiments import trials
from services.experiments.observing import observe, settled
from services.experiments.pooled import pooled_changes
from services.experiments.power import power_check
from serving import openapi
from serving.bodies import answered, decoded, described
from serving.state import State

Name = Annotated[str, Path(max_length=36), AfterValidator(api.no_nul)]
Channel = Annotated[str | None, Query(max_length=255), AfterValidator(api.no_nul)]
PLAN: dict[str, Any] = {"smallest": 0.2, "max_days": 30, "baseline": 0.04, "impressions_per_day": 4000}
POWER = {"kind": "title", "variants": 2, **PLAN}
TEST = {
    "kind": "title",
    "channel": "youtube:UC123",
    "variants": [
        {"variant_id": "now", "title": "Ten lenses, one winner"},
        {"variant_id": "other", "title": "I tried ten lenses. One won."},
    ],
    "plan": PLAN,
}
SEEN = {
    "observations": [
        {
            "variant_id": one, "period_start": "2026-11-01T00:00:00Z", "period_end": "2026-11-02T00:00:00Z",
            "impressions": 2000, "clicks": clicks,
        }
        for one, clicks in (("now", 81), ("other", 96))
    ]
}  # fmt: skip


def install(app: FastAPI) -> None:
    _before(app)
    _tests(app)
    _results(app)


def _before(app: FastAPI) -> None:
    @app.post(
        "/v1/experiments/power",
        openapi_extra=described(PowerRequest, POWER),
        responses=openapi.answers(PowerCheck),
    )
    async def power(request: Request) -> Response:
        """How long a test takes, or that it cannot be decided, and what then can be done. Leaves no trace."""
        state = _state(request)
        wanted = decoded(PowerRequest, await request.body(), request.headers.get("content-type"))
        return answered(await run_in_threadpool(power_check, state.engine, state.settings, wanted))

    @app.get("/v1/experiments/pooled", responses=openapi.answers(PooledChanges))
    def pooled(request: Request, channel: Channel = None) -> Response:
        """What kinds of change of a title are worth over all finished tests here, of all channels or of one."""
        state = _state(request)
        return answered(pooled_changes(state.engine, state.settings, channel_id=channel))


def _tests(app: FastAPI) -> None:
    @app.post(
        "/v1/experiments",
        openapi_extra=described(ExperimentRequest, TEST),
        responses=openapi.answers(Experiment),
    )
    async def start(request: Request) -> Response:
        """Start a test. Refused where it cannot be decided in the time it may take, unless `force`."""
        state = _state(request)
        wanted = decoded(ExperimentRequest, await request.body(), request.headers.get("content-type"))
        return answered(await run_in_threadpool(trials.start, state.engine, state.settings, wanted))

    @app.get("/v1/experiments", responses=openapi.answers(Experiments))
    def listed(
        request: Request, channel: Channel = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> Response:
        """Tests, newest first; of those that run without a verdict."""
        state = _state(request)
        return answered(trials.experiments(state.engine, state.settings, channel_id=channel, limit=limit))

    @app.get("/v1/experiments/{experiment_id}", responses=openapi.answers(Experiment))
    def one(request: Request, experiment_id: Name) -> Response:
        """A test with its plan, power check and what it says now."""
        state = _state(request)
        return answered(trials.experiment(state.engine, state.settings, experiment_id))

    @app.post("/v1/experiments/{experiment_id}/stop", responses=openapi.answers(Experiment))
    def stop(request: Request, experiment_id: Name) -> Response:
        """End a test as it stands. Once more changes nothing; 409 where it is decided."""
        state = _state(request)
        return answered(trials.stop(state.engine, state.settings, experiment_id))


def _results(app: FastAPI) -> None:
    @app.post(
        "/v1/experiments/{experiment_id}/observations",
        openapi_extra=described(TrialObservationsRequest, SEEN),
        responses=openapi.answers(ObservedAnswer),
    )
    async def observations(request: Request, experiment_id: Name) -> Response:
        """Counts of variants by period: all are taken, or none. The same again changes nothing; other counts for the same
        variant and start replace them. Ends the test where it is decided."""
        state = _state(request)
        wanted = decoded(TrialObservationsRequest, await request.body(), request.headers.get("content-type"))

        def take() -> ObservedAnswer:
            return observe(state.engine, state.settings, experiment_id, wanted.observations)

        return answered(await run_in_threadpool(take))

    @app.get("/v1/experiments/{experiment_id}/verdict", responses=openapi.answers(Verdict))
    def verdict(request: Request, experiment_id: Name) -> Response:
        """Won, no difference, or undecided; valid however often one looks."""
        state = _state(request)
        return answered(settled(state.engine, state.settings, experiment_id))


def _state(request: Request) -> State:
    state: State = request.app.state.service
    return state
