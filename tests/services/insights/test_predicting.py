"""Forecasts of posts from the database, and the commands over them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from creatorlens.errors import InputError, NotReadyError
from creatorlens.settings import Settings
from services.insights.grading import grade
from services.insights.predicting import COLUMNS, predict_posts
from services.insights.registry import ChampionSource
from tests.services.insights.conftest import HOUR, START, Book

DAY = 24 * HOUR
NOW = START + 400 * DAY


@pytest.fixture
def channel(book: Book) -> Book:
    """Twelve posts two days apart, each seen at eight days with 100, 101, … views."""
    for i in range(12):
        book.post(f"p{i}", START + 2 * i * DAY, title=f"Film {i}")
        book.views(f"p{i}", 100 + i, observed_at=START + (2 * i + 8) * DAY)
    return book


def asked(*names: str, at: int = 30, **more: object) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "post_id": names,
            "platform": "youtube",
            "creator_id": "ann",
            "published_at": [START + (at + i) * DAY for i in range(len(names))],
            "title": "A new film",
            **more,
        }
    )


def recorded(engine: Engine) -> pd.DataFrame:
    with engine.connect() as connection:
        return pd.DataFrame(connection.execute(text("SELECT * FROM predictions")).mappings())


def test_one_row_per_post_and_horizon_in_the_order_asked(
    channel: Book, engine: Engine, settings: Settings, doubling: ChampionSource
) -> None:
    table = predict_posts(engine, settings, asked("new2", "new1"), source=doubling, now=NOW)
    assert tuple(table.columns) == COLUMNS
    assert table["post_id"].tolist() == ["new2"] * 3 + ["new1"] * 3
    assert table["horizon_h"].tolist() == [24, 168, 720] * 2
    assert (table["floor"] == 109).all()
    assert (table["p50"] == 218).all()
    assert set(table["model_version"]) == {"creatorlens-youtube/1"}


def test_a_posts_own_horizon_overrides(
    channel: Book, engine: Engine, settings: Settings, doubling: ChampionSource
) -> None:
    posts = asked("a", "b", horizon_h=[52_000.5, np.nan])
    table = predict_posts(engine, settings, posts, horizons=[24], source=doubling, now=NOW)
    assert table["horizon_h"].tolist() == [52_000.5, 24]
    twice = pd.concat([asked("a", horizon_h=[30.0]), asked("a", horizon_h=[20.0])])
    assert predict_posts(engine, settings, twice, source=doubling, now=NOW)["horizon_h"].tolist() == [20, 30]


def test_only_what_was_known_at_publishing_is_used(
    channel: Book, engine: Engine, settings: Settings, doubling: ChampionSource
) -> None:
    early = asked("early", at=13)
    assert predict_posts(engine, settings, early, horizons=[24], source=doubling, now=NOW)[
        "floor"
    ].tolist() == [101]
    late = asked("late", at=40)
    then = START + 13 * DAY
    assert predict_posts(engine, settings, late, then, [24], source=doubling, now=NOW)["floor"].tolist() == [
        101
    ]


def test_looking_back_is_recorded_as_such_and_only_once(
    channel: Book, engine: Engine, settings: Settings, doubling: ChampionSource
) -> None:
    for _ in range(2):
        predict_posts(engine, settings, asked("a", "b"), horizons=[24, 168], source=doubling, now=NOW)
    kept = recorded(engine)
    assert len(kept) == 4
    assert kept["retrospective"].astype(bool).all()
    predict_posts(engine, settings, asked("ahead", at=401), horizons=[24], source=doubling, now=NOW)
    assert recorded(engine)["retrospective"].astype(bool).sum() == 4


def test_a_forecast_need_not_be_recorded(
    channel: Book, engine: Engine, settings: Settings, doubling: ChampionSource
) -> None:
    predict_posts(engine, settings, asked("a"), record=False, source=doubling, now=NOW)
    assert recorded(engine).empty


def test_posts_in_the_database_are_forecast_and_graded(
    channel: Book, engine: Engine, settings: Settings, doubling: ChampionSource
) -> None:
    posts = asked("p11", at=22)
    predict_posts(engine, settings, posts, horizons=[192], source=doubling, now=NOW)
    assert grade(engine, settings, now=NOW).graded == 1


def test_without_a_model_one_is_told_what_to_run(engine: Engine, settings: Settings) -> None:
    with pytest.raises(NotReadyError, match="creatorlens train --platform youtube"):
        predict_posts(engine, settings, asked("a"))


@pytest.mark.parametrize(
    ("posts", "says"),
    [
        (asked("a").drop(columns="published_at"), "published_at"),
        (asked("a").drop(columns="creator_id"), "creator_id"),
        (asked("a", "a"), "share a post_id"),
        (asked("a", horizon_h=[-1]), "above 0"),
    ],
)
def test_posts_that_cannot_be_forecast_are_refused(
    settings: Settings, tmp_path: Path, posts: pd.DataFrame, says: str
) -> None:
    from creatorlens.database import open_database

    with pytest.raises(InputError, match=says):
        predict_posts(open_database(settings), settings, posts)


class TestCommands:
    @pytest.fixture
    def run(self, settings: Settings, doubling: ChampionSource, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
        from cli.main import build

        monkeypatch.setenv("CREATORLENS_HOME", str(settings.home))
        if settings.database_url:
            monkeypatch.setenv("CREATORLENS_DATABASE_URL", settings.database_url.get_secret_value())
        monkeypatch.setenv("CREATORLENS_TRACKING_URI", doubling.settings.mlflow_uri)
        return lambda *arguments: CliRunner().invoke(build(), [str(argument) for argument in arguments])

    def test_predict_grade_and_track_record_are_one_story(
        self,
        run,
        channel: Book,
        doubling: ChampionSource,
        tmp_path: Path,  # type: ignore[no-untyped-def]
    ) -> None:
        posts, out = tmp_path / "posts.csv", tmp_path / "forecasts.parquet"
        asked("p11", at=22, media_type="video", horizon_h=[192]).to_csv(posts, index=False)
        told = run("predict", "--posts", posts, "--out", out, "--json")
        assert told.exit_code == 0, told.output
        assert json.loads(told.stdout.splitlines()[-1])["rows"] == 1
        assert pd.read_parquet(out)["horizon_h"].tolist() == [192]
        assert json.loads(run("grade", "--json").stdout.splitlines()[-1])["graded"] == 1
        record = json.loads(run("track-record", "--json").stdout.splitlines()[-1])
        assert record["totals"][0]["made"] == "retrospective"
        assert record["totals"][0]["skill"]["n"] == 1
        assert "1 graded" in run("track-record").stdout

    @pytest.mark.parametrize(
        ("content", "arguments", "says"),
        [
            ("post_id,platform,creator_id,published_at,media_type\na,youtube,ann,yesterday,video\n", (), "row 1"),
            ("post_id,platform,creator_id,published_at,media_type\na,myspace,ann,2026-03-01T00:00:00Z,video\n", (), "myspace"),
            ("post_id,platform,creator_id,published_at,media_type\na,youtube,ann,2026-03-01T00:00:00Z,hologram\n", (), "hologram"),
            ("post_id,platform,creator_id,published_at,media_type,horizon_h\na,youtube,ann,2026-03-01T00:00:00Z,video,soon\n", (), "hours"),
            ("", (), "empty"),
            (None, (), "no such file"),
            ("", ("--at", "whenever"), "whenever"),
            ("", ("--horizon", "24,soon"), "24,soon"),
            ("", ("--horizon", "0"), "above 0"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_read_is_named(
        self,
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        content: str | None,
        arguments: tuple[str, ...],
        says: str,
    ) -> None:
        from cli.main import build

        monkeypatch.setenv("CREATORLENS_HOME", str(settings.home))
        posts = tmp_path / "posts.csv"
        if content is not None:
            posts.write_text(content)
        told = CliRunner().invoke(
            build(), ["predict", "--posts", str(posts), "--out", str(tmp_path / "f.csv"), *arguments]
        )
        assert isinstance(told.exception, InputError)
        assert says in str(told.exception)
