"""The other side of the HTTP border: answers of the API's own records, over a real socket.

What the dashboard does with a real API is shown in tests/e2e; here are the states that are hard to
bring about there: abstaining, refusing, an old track record, nothing at all.
"""

from __future__ import annotations

import math
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import pytest

from creatorlens import api
from creatorlens.api_operations import Replay
from creatorlens.platforms import Platform
from creatorlens.reading.analysis import Analysis
from tests.dashboard import operations

NOW = datetime.now(UTC).replace(microsecond=0)
BAND = api.Band(p10=5200, p50=10_400, p90=31_000, n=20)


@pytest.fixture(autouse=True)
def _own_main() -> Iterator[None]:
    """Streamlit's tester leaves a script of its own as `__main__`, which child processes would then run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@dataclass
class Scene:
    """What the API would say. Tests change it before they open a page; `asked` is what it was asked."""

    abstain: bool = False
    empty: bool = False
    graded: bool = True
    problem: api.Problem | None = None
    busy: int = 0
    """How many forecasts it refuses for now."""
    timing: float = 0.12
    # Far from now: a page opened at the best hour has nothing better to propose.
    best_hour: int = field(default_factory=lambda: (datetime.now(UTC).hour + 10) % 24)
    analysis: Analysis | api.Problem | None = None
    # Whether the model takes its forecasts apart, and by how much the content moves them per character of the title.
    parts: bool = True
    by_length_ln: float = 0.004
    operations: bool = True
    saved: api.GradedPrediction | None = None
    replay: Replay | None = None
    asked: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> object:
        if self.problem is not None and method == "POST":
            return self.problem
        if path == "/v1/analyze" and self.analysis is not None:
            self.asked.append(("analyze", {"body": body}))
            return self.analysis
        if path.startswith("/v1/analyses/") and isinstance(self.analysis, Analysis):
            return self.analysis
        if path == "/v1/predict" and self.busy > 0:
            self.busy -= 1
            return api.Problem(title="Overloaded", status=503, detail="Too many drafts are waiting.")
        if path.endswith("/replay") and self.replay is not None:
            return self.replay
        if path == "/v1/predict":
            return self._predict(api.PredictRequest.model_validate_json(body))
        if path == "/v1/channels":
            return self._channels(query)
        if path.startswith("/v1/channels/"):
            return self._channel()
        if path == "/v1/track-record":
            return self._track(query)
        if self.operations and (found := operations.answer(path)) is not None:
            return found
        if path.startswith("/v1/predictions/") and self.saved is not None:
            wanted = path.rsplit("/", 1)[-1]
            return self.saved if wanted == self.saved.prediction_id else first_of(self.saved)
        if path == "/v1/models":
            return self._models()
        if path == "/v1/health":
            return api.Health(status="ok", version="0.1.0", workspace="local", models={}, problems=())
        return api.Problem(title="Not found", status=404, detail=path)

    def _predict(self, request: api.PredictRequest) -> api.PredictResponse:
        told = {"n": len(request.drafts), "record": request.record}
        told["analysis_id"] = request.drafts[0].analysis_id
        self.asked.append(("predict", told))
        return api.PredictResponse(
            predictions=tuple(self._prediction(d, request, i) for i, d in enumerate(request.drafts))
        )

    def _prediction(self, draft: api.DraftRequest, request: api.PredictRequest, i: int) -> api.Prediction:
        hour = draft.planned_at.hour + draft.planned_at.minute / 60
        by_time = 1 + self.timing * math.cos((hour - self.best_hour) / 24 * 2 * math.pi) * (
            1.0 if draft.planned_at.weekday() < 5 else 0.5
        )
        by_age = {24.0: 0.55, 168.0: 1.0, 720.0: 1.25}
        content_ln = self.by_length_ln * len(draft.title or draft.text)
        forecasts = []
        for horizon in request.horizons:
            p50 = 10_400.0 if self.abstain else 12_300 * by_time * math.exp(content_ln)
            p50 *= by_age.get(horizon, 1.0)
            forecasts.append(
                api.ForecastAtHorizon(
                    horizon_h=horizon, p10=p50 * 0.45, p50=p50, p90=p50 * 2.3,
                    prob_beats_floor=None if self.abstain else 0.62, floor=10_400, abstained=self.abstain,
                    reason="the model does not beat this channel's own median" if self.abstain else "",
                )
            )  # fmt: skip
        week = min(forecasts, key=lambda f: abs(math.log(f.horizon_h / 168)))
        made_of = self._parts(week.p50, math.log(by_time), content_ln) if self.parts else ()
        drivers = () if self.abstain else (
            api.DriverEffect(feature="history_trend", words="the last posts rose", effect=0.09),
            api.DriverEffect(feature="question", words="question in the title", effect=0.042),
            api.DriverEffect(feature="gap", words="only one day since the last post", effect=-0.06),
            api.DriverEffect(feature="title_chars", words="a long title (84 characters)", effect=-0.025),
            api.DriverEffect(feature="hour", words="published in the evening", effect=0.015),
        )  # fmt: skip
        return api.Prediction(
            prediction_id=f"00000000-0000-0000-0000-{i:012d}", channel_id=draft.channel,
            platform=Platform.YOUTUBE, planned_at=draft.planned_at, as_of=NOW, metric="views",
            metric_definition="youtube-views-1", model_name="creatorlens-youtube", model_version="3",
            serves="model", typical_band=BAND, forecasts=tuple(forecasts), drivers=drivers, parts=made_of,
            other_metrics=operations.others(week) if self.parts else (), lineage_id="l1" if self.parts else None,
            input_hash="0" * 64, recorded=request.record,
        )  # fmt: skip

    def _parts(self, p50: float, timing_ln: float, content_ln: float) -> tuple[api.ForecastPart, ...]:
        audience = math.log1p(p50) - timing_ln - content_ln
        return tuple(
            api.ForecastPart(name=name, ln=ln, low_ln=ln - wide, high_ln=ln + wide)
            for name, ln, wide in (
                ("audience", audience, 0.2), ("timing", timing_ln, 0.03), ("content", content_ln, 0.06),
            )
        )  # fmt: skip

    def _channels(self, query: dict[str, list[str]]) -> api.ChannelPage:
        if self.empty or query.get("platform", ["youtube"])[0] not in ("youtube", "tiktok"):
            return api.ChannelPage(channels=(), next_cursor=None)
        platform = Platform(query.get("platform", ["youtube"])[0])
        names = ["Slow Kitchen", "Night Trains", "Paper Boats"]
        wanted = query.get("q", [""])[0].lower()
        return api.ChannelPage(
            channels=tuple(
                api.ChannelSummary(
                    channel_id=f"{platform}:{name}", platform=platform, creator_id=name, posts=214 - i,
                    last_published_at=NOW - timedelta(days=3 + i),
                )
                for i, name in enumerate(names) if wanted in name.lower()
            ),
            next_cursor=None,
        )  # fmt: skip

    def _channel(self) -> api.ChannelDetail:
        posts = tuple(
            api.RecentPost(
                post_id=f"p{i}", published_at=NOW - timedelta(days=10 + 4 * i), title=f"Bread on a Tuesday, part {i}",
                media_type="video", outcome=10_400 * math.exp(0.55 * math.sin(i * 2.3)), observed_age_h=720.0,
                backfilled=i > 8,
            )
            for i in range(24)
        )  # fmt: skip
        return api.ChannelDetail(
            channel_id="youtube:Slow Kitchen", platform=Platform.YOUTUBE, creator_id="Slow Kitchen", posts=214,
            last_published_at=NOW - timedelta(days=3), timezone="Europe/Berlin", metric="views",
            metric_definition="youtube-views-1", typical_band=BAND, floor=10_400, recent_posts=posts,
        )  # fmt: skip

    def _track(self, query: dict[str, list[str]]) -> api.TrackRecord:
        channel = query.get("channel_id", [None])[0]
        platform = query.get("platform", [None])[0]
        empty = api.TrackRecord(
            platform=platform, channel_id=channel, predictions=12 if not self.empty else 0, graded=0,
            totals=(), by_platform=(), by_horizon=(), by_month=(), series=(),
        )  # fmt: skip
        if not self.graded:
            return empty

        def skill(n: int, coverage: float, gain: float) -> api.Skill:
            return api.Skill(
                n=n, coverage80=coverage, mae_ln=0.5 * (1 - gain), floor_n=n, floor_mae_ln=0.5, skill=gain,
                median_width_ln=1.4, share_abstained=0.06,
            )  # fmt: skip

        def piece(made: str, outcomes: str, what: api.Skill, **by: object) -> api.TrackSlice:
            return api.TrackSlice(
                **{"made": made, "outcomes": outcomes, "platform": None, "horizon_h": None, "month": None}
                | by,
                skill=what,
            )

        kinds = (("live", "observed"), ("retrospective", "observed"), ("retrospective", "backfilled"))
        series = tuple(
            api.TrackPoint(
                prediction_id=f"t{i}", post_id=f"p{i}", horizon_h=168, planned_at=NOW - timedelta(days=4 * i),
                p10=5000, p50=10_800, p90=26_000, floor=10_400,
                outcome=11_000 * math.exp(0.7 * math.sin(i * 2.9)),
                covered80=5000 <= 11_000 * math.exp(0.7 * math.sin(i * 2.9)) <= 26_000,
                abstained=False, made="live", outcomes="observed",
            )
            for i in range(30)
        )  # fmt: skip
        return empty.model_copy(
            update={
                "graded": 140,
                "totals": tuple(piece(*kind, skill(46, 0.81, 0.12)) for kind in kinds),
                "by_platform": tuple(
                    piece(*kind, skill(40, 0.8, gain), platform=name)
                    for kind in kinds
                    for name, gain in (("youtube", 0.14), ("tiktok", -0.03))
                ),
                "by_horizon": tuple(
                    piece(*kind, skill(40, cover, 0.1), horizon_h=h)
                    for kind in kinds
                    for h, cover in ((24, 0.74), (168, 0.81), (720, 0.83))
                ),
                "by_month": tuple(
                    piece(*kind, skill(10 + 6 * m, 0.72 + 0.02 * m, 0.03 * m - 0.05), month=f"2026-{m:02d}")
                    for kind in kinds
                    for m in range(3, 11)
                ),
                "by_size": tuple(
                    piece(*kind, skill(15, 0.8, gain), platform="youtube", size=size)
                    for kind in kinds
                    for size, gain in (("small", 0.02), ("medium", 0.11), ("large", 0.17))
                ),
                "revised": (
                    piece("live", "observed", skill(12, 0.83, 0.4), platform="youtube", horizon_h=168),
                ),
                "calibration": operations.calibration(),
                "series": series if channel else (),
            }
        )

    def _models(self) -> api.Models:
        metrics = {"mae_ln": 0.48, "floor_mae_ln": 0.53, "spearman": 0.85, "coverage80": 0.803, "n": 1684}
        return api.Models(
            models=(
                api.ModelInfo(
                    platform="youtube", model_name="creatorlens-youtube", model_version="3", serves="model",
                    registered_at=NOW, metrics=metrics, reason=None,
                ),
                api.ModelInfo(
                    platform="tiktok", model_name="creatorlens-tiktok", model_version="1", serves="floor",
                    registered_at=NOW, metrics=metrics | {"mae_ln": 0.7, "floor_mae_ln": 0.69},
                    reason="The model did not beat the floor on the backtest.",
                ),
                api.ModelInfo(
                    platform="x", model_name="creatorlens-x", model_version=None, serves=None,
                    registered_at=None, metrics={}, reason="No model yet: run creatorlens train --platform x",
                ),
            )
        )  # fmt: skip


def first_of(revised: api.GradedPrediction) -> api.GradedPrediction:
    """The forecast that a revised one replaces: half as high."""
    halved = tuple(
        f.model_copy(update={"p10": f.p10 * 0.3, "p50": f.p50 * 0.5, "p90": f.p90 * 0.8})
        for f in revised.forecasts
    )
    before = {"prediction_id": revised.revises, "revises": None, "seen": (), "forecasts": halved}
    return revised.model_copy(update=before)


def serve(scene: Scene, port: int = 0) -> ThreadingHTTPServer:
    """The scene on a port of 127.0.0.1, in a thread."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply("GET")

        def do_POST(self) -> None:
            self._reply("POST")

        def do_PUT(self) -> None:
            self._reply("PUT")

        def do_DELETE(self) -> None:
            self._reply("DELETE")

        def _reply(self, method: str) -> None:
            url = urlparse(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = scene.answer(method, url.path, parse_qs(url.query), body)
            status = answer.status if isinstance(answer, api.Problem) else 200
            payload = answer if isinstance(answer, bytes) else answer.model_dump_json().encode()  # type: ignore[attr-defined]
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    scene = Scene()
    server = serve(scene)
    monkeypatch.setenv("CREATORLENS_API_URL", f"http://127.0.0.1:{server.server_address[1]}")
    yield scene
    server.shutdown()
    server.server_close()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
