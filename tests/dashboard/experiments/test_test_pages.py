"""The page of tests, run by Streamlit against the real services of tests over a socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from creatorlens import api
from creatorlens.advice.experiments import ExperimentRequest, PowerRequest, TrialObservationsRequest
from creatorlens.database import open_database, tables
from creatorlens.errors import CreatorLensError
from creatorlens.settings import Settings
from dashboard import experiment_shapes as shapes
from services.experiments import trials
from services.experiments.observing import observe
from services.experiments.power import power_check
from serving.problems import refusal
from tests.dashboard.conftest import Scene, serve

CHANNEL = "youtube:Slow Kitchen"


@dataclass
class TestScene(Scene):
    """Tests are answered by the services themselves, everything else by the scene."""

    __test__ = False
    engine: Engine = field(kw_only=True)
    settings: Settings = field(kw_only=True)

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> object:
        if not path.startswith("/v1/experiments"):
            return super().answer(method, path, query, body)
        try:
            return self._tests(method, path.removeprefix("/v1/experiments").strip("/").split("/"), body)
        except CreatorLensError as error:
            told = refusal(error)
            return api.Problem(title="Refused", status=told.status, detail=told.detail, errors=told.errors)

    def _tests(self, method: str, rest: list[str], body: bytes) -> object:
        if rest == ["power"]:
            return power_check(self.engine, self.settings, PowerRequest.model_validate_json(body))
        if rest == [""]:
            if method == "GET":
                return trials.experiments(self.engine, self.settings)
            return trials.start(self.engine, self.settings, ExperimentRequest.model_validate_json(body))
        if rest[1:] == ["stop"]:
            return trials.stop(self.engine, self.settings, rest[0])
        if rest[1:] == ["observations"]:
            told = TrialObservationsRequest.model_validate_json(body)
            return observe(self.engine, self.settings, rest[0], told.observations)
        return trials.experiment(self.engine, self.settings, rest[0])


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestScene]:
    settings = Settings(home=tmp_path / "home")
    engine = open_database(settings)
    with engine.begin() as connection:
        connection.execute(
            tables.channels.insert(),
            {
                "workspace_id": "local", "channel_id": CHANNEL, "platform": "youtube", "creator_id": "Slow Kitchen",
                "first_imported_at": datetime.now(UTC),
            },
        )  # fmt: skip
    scene = TestScene(engine=engine, settings=settings)
    server = serve(scene)
    monkeypatch.setenv("CREATORLENS_API_URL", f"http://127.0.0.1:{server.server_address[1]}")
    yield scene
    server.shutdown()
    server.server_close()
    engine.dispose()


def _page() -> None:
    from dashboard.views import experiments

    experiments.page()


def opened() -> AppTest:
    app = AppTest.from_function(_page, default_timeout=60)
    app.query_params["channel"] = CHANNEL
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    kinds = (
        app.title,
        app.subheader,
        app.markdown,
        app.caption,
        app.info,
        app.error,
        app.success,
        app.warning,
    )
    return "\n".join(part.value for kind in kinds for part in kind)


def planned(app: AppTest, impressions: float) -> AppTest:
    app.text_area(key="test-title").set_value("Ten lenses\nWhich lens?")
    app.number_input(key="test-rate").set_value(5.0)
    app.number_input(key="test-impressions").set_value(impressions)
    return app.run()


def _counts(app: AppTest) -> list[Any]:
    """Impressions and clicks of each variant."""
    return [one for one in app.number_input if one.label.startswith(("Impressions of", "Clicks on"))]


def test_power_comes_first_and_what_is_not_known_is_asked_for(scene: TestScene) -> None:
    app = opened()
    assert "Click-through now: the channel's history does not tell it" in said(app)
    tiny = planned(app, 50.0)
    assert "longer than the 30 days it may take" in said(tiny)
    assert tiny.button(key="test-start").disabled
    tiny.checkbox(key="test-force").set_value(True).run()
    assert not tiny.button(key="test-start").disabled
    enough = planned(app, 20_000.0)
    assert "is found with 80 % certainty within" in said(enough)
    assert not enough.button(key="test-start").disabled


def test_a_test_is_started_fed_and_decided(scene: TestScene) -> None:
    app = planned(opened(), 20_000.0)
    app.button(key="test-start").click().run()
    assert not app.exception
    assert "Nothing can be said yet" in said(app)
    assert "Shares of impressions next" in said(app)
    for box, count in zip(_counts(app), (10_000, 500, 10_000, 800), strict=True):
        box.set_value(count)
    next(one for one in app.button if one.label == "Tell it").click().run()
    assert not app.exception
    assert "B wins: +60 % clicks against A" in said(app)
    assert "Decided on" in said(app)
    assert not [one for one in app.button if one.label == "Stop the test"]


def test_a_test_is_stopped_and_stays_as_it_stands(scene: TestScene) -> None:
    app = planned(opened(), 20_000.0)
    app.button(key="test-start").click().run()
    next(one for one in app.button if one.label == "Stop the test").click().run()
    assert not app.exception
    assert "Stopped on" in said(app)


def test_observations_are_read_from_a_file_with_the_line_at_fault() -> None:
    header = "variant_id,period_start,period_end,impressions,clicks\n"
    good = "A,2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,100,5\n"
    (one,) = shapes.from_csv((header + good).encode())
    assert (one.variant_id, one.impressions) == ("A", 100)
    with pytest.raises(Exception, match="line 3, clicks: more clicks than impressions"):
        shapes.from_csv((header + good + good.replace("100,5", "5,100")).encode())
    body: dict[str, Any] = json.loads(one.model_dump_json())
    assert body["clicks"] == 5
