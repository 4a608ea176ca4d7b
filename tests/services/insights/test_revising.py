"""A post that was seen is forecast anew: once for each observation, as a prediction of its own."""

from __future__ import annotations

import json
from datetime import datetime

import pandas as pd
import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from creatorlens import api
from creatorlens.errors import InputError, NotFoundError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.insights import ledger
from services.insights.grading import grade
from services.insights.predicting import predict_posts
from services.insights.registry import ChampionSource
from services.insights.revising import ReviseReport, revise, revise_one
from tests.services.insights.conftest import HOUR, START, Book, Register

DAY = 24 * HOUR
OUT = START + 40 * DAY
NOW = OUT + 29 * HOUR


@pytest.fixture
def channel(book: Book) -> Book:
    """Twelve matured posts, and one that came out at `OUT` and was forecast an hour before."""
    for i in range(12):
        book.post(f"p{i}", START + 2 * i * DAY, title=f"Film {i}")
        book.views(f"p{i}", 100 + i, observed_at=START + (2 * i + 8) * DAY)
    book.post("new", OUT, title="A new film")
    return book


def forecast(book: Book, **changes: object) -> str:
    given = {"post_id": "new", "title": "A new film", "planned_at": OUT, "created_at": OUT - HOUR}
    return book.predict(**given | changes)  # type: ignore[arg-type]


def again(book: Book, source: ChampionSource, now: datetime = NOW) -> ReviseReport:
    return revise(book.engine, book.settings, source, now=now)


def stored(book: Book, name: str) -> api.GradedPrediction:
    return ledger.get(book.engine, book.settings.workspace, name)


def test_a_revision_names_what_it_revises_and_what_was_seen(channel: Book, doubling: ChampionSource) -> None:
    first = forecast(channel)
    channel.views("new", 500, observed_at=OUT + 28 * HOUR)
    report = again(channel, doubling)
    assert (report.revised, report.unchanged, report.by_platform) == (1, 0, {"youtube": 1})
    made = stored(channel, report.prediction_ids[0])
    assert made.revises == first
    assert made.seen == (api.Seen(age_h=28, value=500),)
    assert made.as_of == OUT + 28 * HOUR
    assert made.post_id == "new"
    # 24 h are past; the small model doubles what was seen
    assert [(f.horizon_h, f.p50) for f in made.forecasts] == [(168, 1000), (720, 1000)]
    assert not made.retrospective
    assert stored(channel, first).revises is None


def test_the_same_observation_revises_once_and_a_new_one_again(
    channel: Book, doubling: ChampionSource
) -> None:
    forecast(channel)
    channel.views("new", 500, observed_at=OUT + 28 * HOUR)
    (one,) = again(channel, doubling).prediction_ids
    twice = again(channel, doubling, NOW + HOUR)
    assert (twice.revised, twice.unchanged, twice.prediction_ids) == (0, 1, (one,))
    channel.views("new", 700, observed_at=OUT + 50 * HOUR)
    (two,) = again(channel, doubling, NOW + DAY).prediction_ids
    assert two != one
    assert stored(channel, two).seen == (api.Seen(age_h=28, value=500), api.Seen(age_h=50, value=700))
    assert stored(channel, two).revises == stored(channel, one).revises


def test_what_was_seen_before_the_prediction_was_made_revises_nothing(
    channel: Book, doubling: ChampionSource
) -> None:
    channel.views("new", 500, observed_at=OUT + 2 * HOUR)
    forecast(channel, created_at=OUT + 3 * HOUR)
    channel.views("new", 900, observed_at=OUT + 28 * HOUR)
    assert again(channel, doubling).prediction_ids == ()


@pytest.mark.parametrize(
    ("observed_h", "made_h", "why"),
    [
        (None, -1, "nobody knows when it was seen"),
        (721, -1, "every horizon is past"),
        (100, 60, "the prediction looked back"),
    ],
)
def test_there_is_nothing_to_revise_where(
    channel: Book, doubling: ChampionSource, observed_h: float | None, made_h: float, why: str
) -> None:
    forecast(channel, created_at=OUT + made_h * HOUR)
    at = None if observed_h is None else OUT + observed_h * HOUR
    channel.views("new", 500, observed_at=at, imported_at=OUT + DAY)
    assert again(channel, doubling, OUT + 40 * DAY).prediction_ids == (), why


def test_a_draft_is_found_by_its_words_and_only_its_last_forecast_is_revised(
    channel: Book, doubling: ChampionSource
) -> None:
    forecast(channel, post_id=None, created_at=OUT - 5 * HOUR)
    last = forecast(channel, post_id=None, planned_at=OUT - 2 * HOUR)
    forecast(channel, post_id=None, title="Another film")
    channel.views("new", 500, observed_at=OUT + 28 * HOUR)
    (name,) = again(channel, doubling).prediction_ids
    made = stored(channel, name)
    assert made.revises == last
    assert made.planned_at == OUT


def test_only_what_is_observed_later_grades_a_revision(channel: Book, doubling: ChampionSource) -> None:
    first = forecast(channel)
    channel.views("new", 500, observed_at=OUT + 160 * HOUR)
    (name,) = again(channel, doubling, OUT + 161 * HOUR).prediction_ids
    grade(channel.engine, channel.settings, now=OUT + 300 * HOUR)
    assert [g.outcome for g in stored(channel, first).grades] == [500]
    assert stored(channel, name).grades == ()
    channel.views("new", 600, observed_at=OUT + 170 * HOUR)
    channel.views("new", 900, observed_at=OUT + 720 * HOUR)
    grade(channel.engine, channel.settings, now=OUT + 721 * HOUR)
    graded = stored(channel, name).grades
    assert [(g.horizon_h, g.outcome) for g in graded] == [(168, 600), (720, 900)]


def test_a_forecast_of_the_serving_version_is_revised_from_what_the_ledger_kept(
    channel: Book, doubling: ChampionSource, engine: Engine, settings: Settings
) -> None:
    asked = pd.DataFrame(
        {"post_id": ["new"], "platform": "youtube", "creator_id": "ann", "published_at": OUT, "title": "A new film"}
    )  # fmt: skip
    predict_posts(engine, settings, asked, source=doubling, now=OUT)
    channel.views("new", 500, observed_at=OUT + 28 * HOUR)
    (name,) = again(channel, doubling).prediction_ids
    made = stored(channel, name)
    with engine.connect() as connection:
        kept = connection.execute(
            text(
                "SELECT prediction_id, inputs FROM predictions WHERE horizon_h = 24 OR prediction_id = :name"
            ),
            {"name": name},
        ).all()
    inputs = {
        row.prediction_id: json.loads(row.inputs) if isinstance(row.inputs, str) else row.inputs
        for row in kept
        if row.inputs and row.inputs != "{}"
    }
    assert made.revises is not None
    assert inputs[name]["numbers"] == inputs[made.revises]["numbers"]
    assert made.typical_band == stored(channel, made.revises).typical_band
    assert made.input_hash != stored(channel, made.revises).input_hash


def test_with_nothing_to_revise_no_model_is_needed_and_with_something_it_is(
    channel: Book, settings: Settings
) -> None:
    nothing = ChampionSource(settings)
    assert again(channel, nothing).revised == 0
    forecast(channel)
    channel.views("new", 500, observed_at=OUT + 28 * HOUR)
    with pytest.raises(NotReadyError, match="creatorlens train"):
        again(channel, nothing)


def test_what_if_leaves_no_trace_and_what_was_seen_is_recorded_once(
    channel: Book, doubling: ChampionSource, engine: Engine, settings: Settings
) -> None:
    first = forecast(channel)
    seen = [api.Seen(age_h=5, value=40), api.Seen(age_h=30, value=90)]

    def ask(record: bool) -> api.Prediction:
        return revise_one(engine, settings, doubling, first, seen, record=record, now=OUT + 31 * HOUR)

    asked = ask(False)
    assert not asked.recorded
    assert [(f.horizon_h, f.p50) for f in asked.forecasts] == [(168, 180), (720, 180)]
    with pytest.raises(NotFoundError):
        stored(channel, asked.prediction_id)
    told = ask(True)
    assert told.prediction_id == ask(True).prediction_id
    assert stored(channel, told.prediction_id).seen == tuple(seen)
    # a revision is revised from its original
    deeper = revise_one(
        engine, settings, doubling, told.prediction_id, seen, record=False, now=OUT + 31 * HOUR
    )
    assert deeper.revises == first


def test_what_cannot_have_been_seen_is_refused_by_field(
    channel: Book, doubling: ChampionSource, engine: Engine, settings: Settings
) -> None:
    first = forecast(channel)
    late = [api.Seen(age_h=30, value=90), api.Seen(age_h=800, value=100)]
    with pytest.raises(InputError, match="longest age") as refused:
        revise_one(engine, settings, doubling, first, late, record=False, now=NOW)
    assert refused.value.field == "seen.1.age_h"
    with pytest.raises(InputError, match="still to come") as refused:
        revise_one(engine, settings, doubling, first, late[:1], record=True, now=OUT)
    assert refused.value.field == "seen.0.age_h"
    with pytest.raises(NotFoundError, match="no prediction"):
        revise_one(engine, settings, doubling, "nothing", late[:1], record=False, now=NOW)


def test_importing_observations_revises_and_says_how_many(
    book: Book, settings: Settings, register: Register, tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    import cli.main as command

    if settings.database_url is not None:
        pytest.skip("the commands here read CREATORLENS_HOME alone")
    register(Platform.YOUTUBE, times=2)
    now = pd.Timestamp.now(tz="UTC").floor("s").to_pydatetime()
    book.post("new", now - 30 * HOUR, title="A new film")
    book.predict(post_id="new", title="A new film", planned_at=now - 30 * HOUR, created_at=now - 31 * HOUR)
    table = tmp_path_factory.mktemp("tables") / "seen.csv"
    table.write_text(f"post_id,platform,observed_at,views\nnew,youtube,{(now - HOUR).isoformat()},700\n")
    monkeypatch.setenv("CREATORLENS_HOME", str(settings.home))

    def run(*words: str) -> dict[str, object]:
        result = CliRunner().invoke(command.build(), list(words), catch_exceptions=False)
        told: dict[str, object] = json.loads(result.stdout.strip().splitlines()[-1])
        return told

    assert run("import", str(table), "--json")["revised"] == 1
    assert run("import", str(table), "--json")["revised"] == 0
    assert run("revise", "--json") == {"revised": 0, "unchanged": 1, "by_platform": {}}
