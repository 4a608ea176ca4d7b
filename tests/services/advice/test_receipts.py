"""Edit receipts: what was expected of a change, on what evidence, and how it came out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from creatorlens.advice.common import Change, EvidencePost
from creatorlens.advice.content import Applied, ApplyRequest, Content, ContentRequest, Receipt
from creatorlens.database import open_database
from creatorlens.errors import ConflictError, InputError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.advice.applying import apply
from services.advice.desk import Desk
from services.advice.receipts import Prepared, insert_receipt, receipts
from services.content.contents import find_content, keep
from services.insights import ledger
from services.insights.grading import grade
from services.insights.registry import ChampionSource
from tests.services.insights.conftest import HOUR, START, Book, register_median

POSTS = 30
WORKSPACE = "local"
LENGTHENS = '''
import mlflow
import numpy as np
import pandas as pd


class LongTitles(mlflow.pyfunc.PythonModel):
    """The floor, and 2 % more for each character of the title; how much exactly is known to a half."""

    feature_names = ("headline_chars", "n_matured_ln")
    summary = {}
    text_encoder = None

    def load_context(self, context):
        pass

    def forecast(self, rows, *, drivers=False, floor_only=False):
        level = np.log1p(rows["floor"].fillna(1.0).to_numpy())
        content = 0.02 * rows["headline_chars"].to_numpy(float)
        ln = level + content
        answer = pd.DataFrame(
            {
                "p10": np.expm1(ln - 0.6), "p50": np.expm1(ln), "p90": np.expm1(ln + 0.6),
                "prob_beats_floor": np.clip(0.5 + content / 2, 0, 0.99), "floor": rows["floor"].to_numpy(),
                "abstained": False, "reason": "",
            },
            index=rows.index,
        )
        if drivers:
            answer["drivers"] = [[] for _ in range(len(rows))]
            answer["parts"] = [
                [
                    {"name": "audience", "ln": a, "low_ln": a - 0.1, "high_ln": a + 0.1},
                    {"name": "timing", "ln": 0.0, "low_ln": 0.0, "high_ln": 0.0},
                    {"name": "content", "ln": c, "low_ln": c / 2, "high_ln": c * 1.5},
                ]
                for a, c in zip(level, content)
            ]
        return answer

    def predict(self, context, model_input, params=None):
        return self.forecast(model_input)


mlflow.models.set_model(LongTitles())
'''


@pytest.fixture
def book(engine: Engine, settings: Settings) -> Book:
    return Book(engine, settings)


def told(book: Book, after: str, before: str, *, prob: float | None = 0.7) -> Prepared:
    found = {
        "change": {"title": "B"}, "before": {"title": "A"}, "words": "Title changed.", "lift": None,
        "prob_before": 0.5, "prob_after": prob, "prob_change": None, "prob_change_low": None,
        "prob_change_high": None,
    }  # fmt: skip
    return Prepared("c1", "titles", START - HOUR, 1, before, after, found, ())


def written(book: Book, prepared: Prepared, receipt_id: str = "r1") -> Receipt:
    with book.engine.begin() as connection:
        return insert_receipt(connection, WORKSPACE, prepared, receipt_id, 2)


def test_a_receipt_is_graded_by_what_grades_its_forecast(
    book: Book, engine: Engine, settings: Settings
) -> None:
    """The post goes out with the changed words: its outcome meets both forecasts at every horizon it was seen near to."""
    before = book.predict(title="A", p50=100)
    after = book.predict(title="B", p10=100, p50=200, p90=400, floor=150)
    receipt = written(book, told(book, after, before))
    assert receipts(engine, WORKSPACE).receipts == (receipt,)
    assert receipt.grades == ()

    book.post("v1", START, title="B")
    book.views("v1", 90, observed_at=START + 24 * HOUR)
    book.views("v1", 210, observed_at=START + 168 * HOUR)
    grade(engine, settings, now=START + 5_000 * HOUR)
    found = receipts(engine, WORKSPACE)
    day, week = found.receipts[0].grades
    assert (day.horizon_h, day.outcome, day.covered80, day.beat_floor) == (24, 90, False, False)
    assert (week.horizon_h, week.outcome, week.covered80, week.beat_floor) == (168, 210, True, True)
    assert week.ae_ln_after == pytest.approx(math.log(211 / 201))
    assert week.ae_ln_before == pytest.approx(math.log(211 / 101))
    record = found.record
    assert record is not None
    assert (record.receipts, record.graded, record.with_floor) == (1, 1, 1)
    assert (record.mean_prob_before, record.mean_prob_after, record.share_beat_floor) == (0.5, 0.7, 1.0)
    assert record.mae_ln_after == pytest.approx(week.ae_ln_after), "the horizon nearest a week counts"
    grade(engine, settings, now=START + 5_000 * HOUR)
    assert receipts(engine, WORKSPACE) == found, "grading again changes nothing"


def test_what_was_never_published_is_never_graded(book: Book, engine: Engine, settings: Settings) -> None:
    """Of two changes, one after the other, the post shows the second: nobody saw what the first alone would have got."""
    first, second, third = (book.predict(title=title) for title in ("A", "B", "C"))
    written(book, told(book, second, first), "r1")
    written(book, told(book, third, second), "r2")
    book.post("v1", START, title="C")
    book.views("v1", 120, observed_at=START + 168 * HOUR)
    grade(engine, settings, now=START + 5_000 * HOUR)
    found = receipts(engine, WORKSPACE)
    assert {one.receipt_id: len(one.grades) for one in found.receipts} == {"r1": 0, "r2": 1}
    assert found.record is not None
    assert (found.record.receipts, found.record.graded) == (2, 1)


def test_without_a_floor_nothing_is_said_of_beating_it(
    book: Book, engine: Engine, settings: Settings
) -> None:
    before, after = book.predict(title="A", floor=None), book.predict(title="B", floor=None)
    written(book, told(book, after, before, prob=None))
    book.post("v1", START, title="B")
    book.views("v1", 120, observed_at=START + 168 * HOUR)
    grade(engine, settings, now=START + 5_000 * HOUR)
    found = receipts(engine, WORKSPACE)
    assert found.receipts[0].grades[0].beat_floor is None
    assert found.record is not None
    assert (found.record.graded, found.record.with_floor, found.record.share_beat_floor) == (1, 0, None)


def test_receipts_of_one_draft_and_of_one_workspace(book: Book, engine: Engine) -> None:
    before, after = book.predict(title="A"), book.predict(title="B")
    written(book, told(book, after, before))
    assert receipts(engine, WORKSPACE, "another").receipts == ()
    assert receipts(engine, "somebody else").receipts == ()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A channel with outcomes, and a model that believes in long titles."""
    from features.featurize import featurize

    settings = Settings(home=tmp_path_factory.mktemp("receipts") / "home", text_encoder="none")
    engine = open_database(settings)
    book = Book(engine, settings)
    start = datetime.now(UTC) - timedelta(days=2 * POSTS + 10)
    for i in range(POSTS):
        at = start + timedelta(days=2 * i)
        book.post(f"p{i}", at, title=f"Lens review {i}" if i % 5 == 0 else f"A walk by the sea {i}")
        book.views(f"p{i}", 100 + i, observed_at=at + timedelta(days=8))
    featurize(engine, settings, Platform.YOUTUBE, embeddings=False)
    source = Path(tmp_path_factory.mktemp("model")) / "long_titles.py"
    source.write_text(LENGTHENS)
    register_median(settings, source, Platform.YOUTUBE)
    engine.dispose()
    return settings


@pytest.fixture(scope="module")
def desk(home: Settings) -> Iterator[Desk]:
    from features.feature_store import OnlineStore

    engine = open_database(home)
    yield Desk(engine, home, ChampionSource(home), OnlineStore(home))
    engine.dispose()


@pytest.fixture
def kept(desk: Desk) -> Content:
    at = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    wanted = ContentRequest(channel="youtube:ann", planned_at=at, title="A lens", hashtags=("lens",))
    return keep(desk.engine, WORKSPACE, wanted)


def applied(desk: Desk, content: Content, title: str) -> Applied:
    wanted = ApplyRequest(kind="titles", change=Change(title=title), version=content.now.version)
    return apply(desk, content.content_id, wanted)


def test_a_receipt_says_from_what_to_what_and_what_is_expected(desk: Desk, kept: Content) -> None:
    receipt = applied(desk, kept, "A lens review").receipt
    assert (receipt.before, receipt.change.title) == ({"title": "A lens"}, "A lens review")
    assert (receipt.from_version, receipt.to_version) == (1, 2)
    lift = receipt.lift
    assert lift is not None
    assert lift.low is not None
    assert lift.high is not None
    assert lift.low < lift.effect < lift.high
    assert lift.effect == pytest.approx(math.exp(0.02 * 7) - 1, rel=0.05), "seven characters more"
    assert receipt.prob_change is not None
    assert receipt.prob_change == pytest.approx(0.07)
    assert receipt.prob_change_low is not None
    assert receipt.prob_change_high is not None
    assert receipt.prob_change_low <= receipt.prob_change <= receipt.prob_change_high
    assert "chance of beating the floor" in receipt.words


def test_the_five_most_similar_own_posts_come_with_their_outcomes(desk: Desk, kept: Content) -> None:
    similar = applied(desk, kept, "A lens review").receipt.similar
    assert len(similar) == 5
    assert all(post.title.startswith("Lens review") for post in similar)
    assert all(post.outcome == 100 + int(post.post_id[1:]) for post in similar)
    cosines = [post.similarity or 0 for post in similar]
    assert cosines == sorted(cosines, reverse=True)
    assert all(isinstance(post, EvidencePost) and post.channel_id == "youtube:ann" for post in similar)


def test_a_change_that_does_nothing_is_called_that(desk: Desk, kept: Content) -> None:
    receipt = applied(desk, kept, "B lens").receipt
    assert receipt.lift is not None
    assert receipt.lift.noise
    assert "no difference" in receipt.words
    assert receipt.prob_change == 0


def test_both_forecasts_are_in_the_ledger_before_the_outcome(desk: Desk, kept: Content) -> None:
    made = applied(desk, kept, "A lens review")
    receipt = made.receipt
    for prediction_id, title in (
        (receipt.before_prediction_id, "A lens"), (receipt.after_prediction_id, "A lens review"),
    ):  # fmt: skip
        entry = ledger.get(desk.engine, WORKSPACE, prediction_id)
        assert entry.recorded
        assert entry.grades == ()
        assert ledger.kept(desk.engine, WORKSPACE, prediction_id).inputs["draft"]["title"] == title
    assert find_content(desk.engine, WORKSPACE, kept.content_id).now.receipt_id == receipt.receipt_id


def test_applied_published_and_graded(desk: Desk, kept: Content, home: Settings) -> None:
    """The whole way: the draft goes out as changed, its outcome is imported, and the receipt says how it came out."""
    receipt = applied(desk, kept, "A lens review at last").receipt
    out = kept.now.planned_at + timedelta(hours=1)
    book = Book(desk.engine, home)
    book.post("out", out, title="A lens review at last")
    book.views("out", 160, observed_at=out + timedelta(days=7))
    grade(desk.engine, home, now=out + timedelta(days=60))
    (graded,) = receipts(desk.engine, WORKSPACE, kept.content_id).receipts
    assert graded.receipt_id == receipt.receipt_id
    (week,) = graded.grades
    assert (week.horizon_h, week.outcome, week.beat_floor) == (168, 160, True)


def test_nothing_is_written_where_a_change_cannot_be_applied(desk: Desk, kept: Content) -> None:
    with pytest.raises(InputError, match="already"):
        applied(desk, kept, "A lens")
    applied(desk, kept, "A lens review")
    with pytest.raises(ConflictError):
        applied(desk, kept, "Another")
    assert len(receipts(desk.engine, WORKSPACE, kept.content_id).receipts) == 1
    assert len(find_content(desk.engine, WORKSPACE, kept.content_id).versions) == 2
