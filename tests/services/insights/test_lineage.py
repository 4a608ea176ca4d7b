"""From imported file to graded outcome under one id, and what counts mean."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from sqlalchemy import Engine, select

from creatorlens.database import tables
from creatorlens.definition_changes import CHANGES
from creatorlens.errors import NotFoundError
from creatorlens.metric_definitions import DEFINITIONS, SHORTS_CHANGED_AT
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features.lineage import lineage_id, record_lineage
from services.insights.definitions import metric_definitions
from services.insights.grading import grade
from services.insights.lineage import lineage
from services.insights.predicting import predict_posts
from services.insights.registry import ChampionSource
from tests.services.insights.conftest import HOUR, START, Book
from tests.services.insights.test_predicting import asked

DAY = 24 * HOUR
Register = Callable[..., str]


def test_the_id_is_of_the_files_and_the_generation_alone(
    book: Book, engine: Engine, settings: Settings
) -> None:
    book.post("a", START)
    book.views("a", 10, observed_at=START + 8 * DAY)
    first = record_lineage(engine, settings.workspace, Platform.YOUTUBE, "youtube-1")
    assert record_lineage(engine, settings.workspace, Platform.YOUTUBE, "youtube-1") == first
    assert record_lineage(engine, settings.workspace, Platform.YOUTUBE, "youtube-2") != first
    assert lineage_id(["x", "y"], "g") == lineage_id(["y", "x", "x"], "g") != lineage_id(["x"], "g")
    with engine.connect() as connection:
        rows = connection.execute(select(tables.lineages.c.imports)).scalars().all()
    assert len(rows) == 2
    assert {one["kind"] for one in rows[0]} == {"posts"}
    assert len(rows[0]) == 2


def test_a_graded_prediction_leads_to_the_files_its_model_learned_from(
    book: Book, engine: Engine, settings: Settings, register: Register
) -> None:
    from mlflow import MlflowClient

    for i in range(12):
        book.post(f"p{i}", START + 2 * i * DAY, title=f"Film {i}")
        book.views(f"p{i}", 100 + i, observed_at=START + (2 * i + 8) * DAY)
    name = record_lineage(engine, settings.workspace, Platform.YOUTUBE, "youtube-1")
    version = register(Platform.YOUTUBE, times=1)
    client = MlflowClient(tracking_uri=settings.mlflow_uri, registry_uri=settings.mlflow_uri)
    for tag, value in (("lineage_id", name), ("data_hash", "d" * 64), ("code_hash", "c" * 64)):
        client.set_model_version_tag("creatorlens-youtube", version, tag, value)
    source = ChampionSource(settings)
    predict_posts(engine, settings, asked("p11", at=22), horizons=[192], source=source, now=START + 400 * DAY)
    grade(engine, settings, now=START + 400 * DAY)
    with engine.connect() as connection:
        made = connection.execute(select(tables.predictions.c.prediction_id)).scalar_one()
    found = lineage(engine, settings, made)
    assert found == lineage(engine, settings, name)
    assert (found.lineage_id, found.generation) == (name, "youtube-1")
    assert len(found.imports) == 24
    assert [(one.model_version, one.aliases, one.data_hash) for one in found.models] == [(version, ("champion",), "d" * 64)]  # fmt: skip
    assert (found.predictions, found.graded) == (1, 1)
    assert found.mae_ln is not None
    assert found.mae_ln == pytest.approx(found.floor_mae_ln)


def test_what_is_not_known_is_said(book: Book, engine: Engine, settings: Settings) -> None:
    with pytest.raises(NotFoundError, match="no lineage and no prediction 'x'"):
        lineage(engine, settings, "x")
    made = book.predict()
    with pytest.raises(NotFoundError, match="does not say which files it learned from"):
        lineage(engine, settings, made)


def test_changes_of_definitions_are_dated_sourced_and_of_definitions_there_are() -> None:
    assert all(a.changed_on <= b.changed_on for a, b in pairwise(CHANGES))
    for change in CHANGES:
        assert change.url.startswith("https://")
        assert change.source
        assert set(change.definitions) <= set(DEFINITIONS)
    split = [change for change in CHANGES if change.handling == "split"]
    assert [change.changed_on for change in split] == [SHORTS_CHANGED_AT.date()]
    of_x = metric_definitions(Platform.X)
    assert {one.platform for one in (*of_x.definitions, *of_x.changes)} == {Platform.X}
    assert len(metric_definitions().changes) == len(CHANGES)
