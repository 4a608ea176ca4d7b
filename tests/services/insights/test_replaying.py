"""A recorded prediction computed again: exactly, or with the name of what is not as it was."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from creatorlens.api_operations import Replay
from creatorlens.database import tables
from creatorlens.errors import InputError, NotFoundError
from creatorlens.platforms import MediaType, Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings
from services.insights import ledger
from services.insights.grading import grade
from services.insights.inputs import from_json, read_inputs, rows_of, to_json
from services.insights.predicting import predict_posts
from services.insights.registry import ChampionSource
from services.insights.replaying import replay
from services.insights.through import replay_through
from tests.services.insights.conftest import HOUR, START, Book

DAY = 24 * HOUR
NOW = START + 400 * DAY
Register = Callable[..., str]


@pytest.fixture
def channel(book: Book) -> Book:
    """Twelve posts two days apart, each seen at eight days with 100, 101, … views."""
    for i in range(12):
        book.post(f"p{i}", START + 2 * i * DAY, title=f"Film {i}")
        book.views(f"p{i}", 100 + i, observed_at=START + (2 * i + 8) * DAY)
    return book


def predict(engine: Engine, settings: Settings, *names: str, at: int = 30) -> list[str]:
    """Forecast posts together; their predictions' ids, in order."""
    posts = pd.DataFrame(
        {
            "post_id": names, "platform": "youtube", "creator_id": "ann", "title": "A new film",
            "published_at": [START + (at + i) * DAY for i in range(len(names))],
        }
    )  # fmt: skip
    predict_posts(engine, settings, posts, source=ChampionSource(settings), now=NOW)
    p = tables.predictions.c
    with engine.connect() as connection:
        kept = dict(connection.execute(tables.predictions.select().with_only_columns(p.post_id, p.prediction_id)).all())  # fmt: skip
    return [kept[name] for name in names]


def told(found: Replay) -> dict[str, tuple[str, str]]:
    return {one.what: (one.then, one.now) for one in found.differences}


def test_the_same_inputs_through_the_same_version_give_the_same_numbers(
    channel: Book, engine: Engine, settings: Settings, register: Register
) -> None:
    register(Platform.YOUTUBE, times=1.1)
    first, *_ = predict(engine, settings, "a")
    register(Platform.YOUTUBE, times=3.0)
    found = replay(engine, settings, first)
    assert found.exact, found.differences
    assert found.differences == ()
    assert (found.model_name, found.model_version) == ("creatorlens-youtube", "1")


def test_what_was_imported_since_shows_in_the_features_and_not_in_exact(
    channel: Book, engine: Engine, settings: Settings, register: Register
) -> None:
    register(Platform.YOUTUBE)
    (name,) = predict(engine, settings, "a")
    channel.post("late", START + 21 * DAY)
    channel.views("late", 9_000, observed_at=START + 29 * DAY, imported_at=NOW)
    found = replay(engine, settings, name)
    assert found.exact
    assert told(found)["feature:floor"] == ("109.0", "110.0")
    assert replay(engine, settings, name, features=False).differences == ()


def test_a_changed_number_is_named_with_both_values(
    channel: Book, settings: Settings, register: Register, engine: Engine
) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("the ledger's triggers are taken away by hand on SQLite")
    register(Platform.YOUTUBE, times=2)
    (name,) = predict(engine, settings, "a")
    forge(settings, "UPDATE predictions SET p50 = p50 + 1e-9 WHERE horizon_h = 168")
    found = replay(engine, settings, name)
    assert not found.exact
    assert list(told(found)) == ["forecast:168h:p50"]
    then, now = told(found)["forecast:168h:p50"]
    assert float(then) != float(now) == 218.0


def test_changed_inputs_no_longer_have_their_hash(
    channel: Book, settings: Settings, register: Register, engine: Engine
) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("the ledger's triggers are taken away by hand on SQLite")
    register(Platform.YOUTUBE)
    (name,) = predict(engine, settings, "a")
    with sqlite3.connect(settings.home / "creatorlens.db") as connection:
        inputs = json.loads(
            connection.execute("SELECT inputs FROM predictions WHERE inputs != '{}'").fetchone()[0]
        )
    inputs["draft"]["title"] = "Another film"
    forge(settings, "UPDATE predictions SET inputs = ? WHERE inputs != '{}'", json.dumps(inputs))
    found = replay(engine, settings, name, features=False)
    assert not found.exact
    assert "input_hash" in told(found)


def test_what_it_was_made_with_is_compared(
    channel: Book, engine: Engine, settings: Settings, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.insights import made_with, versions

    register(Platform.YOUTUBE)
    (name,) = predict(engine, settings, "a")
    other = {**made_with.made_with(object()), "package:numpy": "9.9", "cpu": "another one"}
    monkeypatch.setattr(versions, "made_with", lambda _: other)
    found = replay(engine, settings, name, features=False)
    assert found.exact
    assert set(told(found)) == {"package:numpy", "cpu"}
    assert told(found)["package:numpy"] == (np.__version__, "9.9")


def test_a_version_that_is_gone_is_said_to_be(channel: Book, engine: Engine, settings: Settings, register: Register) -> None:  # fmt: skip
    from mlflow import MlflowClient

    register(Platform.YOUTUBE)
    (name,) = predict(engine, settings, "a")
    client = MlflowClient(tracking_uri=settings.mlflow_uri, registry_uri=settings.mlflow_uri)
    client.delete_model_version("creatorlens-youtube", "1")
    found = replay(engine, settings, name)
    assert not found.exact
    assert list(told(found)) == ["model"]
    assert "no version 1 of creatorlens-youtube" in told(found)["model"][1]


def test_an_unknown_prediction_is_not_found(engine: Engine, settings: Settings) -> None:
    with pytest.raises(NotFoundError, match="no prediction 'x'"):
        replay(engine, settings, "x")


def test_the_command_tells_exact_or_not_and_refuses_unknown_ids(
    channel: Book, engine: Engine, settings: Settings, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cli.main import build

    register(Platform.YOUTUBE)
    (name,) = predict(engine, settings, "a")
    monkeypatch.setenv("CREATORLENS_HOME", str(settings.home))
    if settings.database_url is not None:
        monkeypatch.setenv("CREATORLENS_DATABASE_URL", settings.database_url.get_secret_value())
    answer = CliRunner().invoke(build(), ["replay", name, "--json"])
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout.splitlines()[-1])["exact"] is True
    assert isinstance(CliRunner().invoke(build(), ["replay", "x"]).exception, InputError)
    assert isinstance(CliRunner().invoke(build(), ["replay"]).exception, InputError)


def test_the_ledger_through_a_challenger_is_paired_and_warns_of_outcomes_it_knew(
    channel: Book, engine: Engine, settings: Settings, register: Register
) -> None:
    from mlflow import MlflowClient

    register(Platform.YOUTUBE, times=2)
    for i in range(5):
        channel.post(f"new{i}", START + (30 + i) * DAY)
        channel.views(f"new{i}", 109, observed_at=START + (37 + i) * DAY)
    predict(engine, settings, *(f"new{i}" for i in range(5)))
    grade(engine, settings, now=NOW)
    challenger = register(Platform.YOUTUBE, times=1, alias=None)
    report = replay_through(engine, settings, Platform.YOUTUBE, challenger)
    assert report.all["served"].n == report.all["challenger"].n == report.all["floor"].n == 5
    served, new = report.all["served"], report.all["challenger"]
    assert new.mae_ln is not None
    assert served.mae_ln is not None
    assert new.mae_ln < 0.05 < served.mae_ln
    assert new.pinball < served.pinball  # type: ignore[operator]
    assert "may have learned from all of these" in report.warnings[0]

    client = MlflowClient(tracking_uri=settings.mlflow_uri, registry_uri=settings.mlflow_uri)
    until = (START + 39.5 * DAY).isoformat()
    client.set_model_version_tag("creatorlens-youtube", challenger, "known_until", until)
    report = replay_through(engine, settings, Platform.YOUTUBE, challenger)
    assert report.known_to_challenger == 3
    assert report.unseen["challenger"].n == 2
    assert "3 of 5 outcomes were known when the challenger was trained" in report.warnings[0]
    late = replay_through(engine, settings, Platform.YOUTUBE, challenger, since=START + 33.5 * DAY)
    assert late.all["served"].n == 1
    with pytest.raises(NotFoundError):
        replay_through(engine, settings, Platform.YOUTUBE, "77")


def test_inputs_come_back_with_every_bit() -> None:
    random = np.random.default_rng(0)
    draft = Draft("youtube:ann", Platform.YOUTUBE, START, title="A", media_type=MediaType.VIDEO)
    rows = pd.DataFrame(
        {
            "post_id": [None, None], "channel_id": "youtube:ann", "platform": "youtube",
            "published_at": pd.to_datetime([START] * 2).astype("datetime64[us, UTC]"),
            "as_of": pd.to_datetime([START] * 2).astype("datetime64[us, UTC]"),
            "floor": [0.1 + 0.2, np.nan], "floor_n": np.array([5, 0]), "base_ln": random.normal(size=2),
            "read": random.normal(size=2).astype(np.float32), "unread": [1 / 3, np.nan],
            "text_embedding": [random.normal(size=8).astype(np.float32), None],
            "channel_sequence": [random.normal(size=(3, 6)).astype(np.float32), None],
        }
    )  # fmt: skip
    names = ("floor", "floor_n", "base_ln", "read", "absent")
    kept = [from_json(json.loads(json.dumps(to_json(one)))) for one in read_inputs(rows, names)]
    back = rows_of(kept, [names] * 2, [draft] * 2, rows["as_of"].tolist())
    for name in ("floor", "floor_n", "base_ln", "read", "unread"):
        assert back[name].dtype == rows[name].dtype
        np.testing.assert_array_equal(back[name], rows[name])
    assert back["absent"].isna().all()
    for name in ("text_embedding", "channel_sequence"):
        assert (back[name][0] == rows[name][0]).all()
        assert back[name][0].dtype == np.float32
        assert back[name][1] is None


def test_parts_lineage_and_what_was_seen_come_back_from_the_ledger(book: Book, engine: Engine, settings: Settings) -> None:  # fmt: skip
    from creatorlens import api

    told = book.predict(horizons=(168,))
    kept = ledger.kept(engine, settings.workspace, told)
    more = {
        "prediction_id": "0" * 36, "lineage_id": "l" * 32, "revises": told, "seen": (api.Seen(age_h=5, value=70),),
        "arm": "canary", "parts": (api.ForecastPart(name="content", ln=0.1 + 0.2, low_ln=0, high_ln=1),),
        "other_metrics": (api.OtherMetric(metric="likes", horizon_h=168, p10=1, p50=2, p90=3),),
    }  # fmt: skip
    fields = {name: getattr(kept.prediction, name) for name in api.Prediction.model_fields}
    prediction = api.Prediction(**fields | more)
    draft = Draft("youtube:ann", Platform.YOUTUBE, START, title="A title")
    entry = ledger.Entry(prediction, draft, START, "api", np.array([1.0]), "floor", made_with={"cpu": "one"})
    ledger.record(engine, settings.workspace, [entry])
    back = ledger.kept(engine, settings.workspace, "0" * 36)
    assert {name: getattr(back.prediction, name) for name in more} == more
    assert back.inputs["made_with"] == {"cpu": "one"}
    assert replace(entry, source="x").made_with == {"cpu": "one"}


def forge(settings: Settings, statement: str, *values: str) -> None:
    """Change the ledger behind its triggers' back."""
    path: Path = settings.home / "creatorlens.db"
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER IF EXISTS predictions_no_update")
        connection.execute(statement, values)
