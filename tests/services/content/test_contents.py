"""Kept drafts: versions, conflicts, what becomes of them once they are out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from creatorlens.advice.common import Change
from creatorlens.advice.content import Content, ContentRequest
from creatorlens.database import tables
from creatorlens.errors import ConflictError, InputError, NotFoundError
from creatorlens.settings import Settings
from services.content.contents import change, contents, delete, find_content, keep
from tests.services.insights.conftest import Book

CHANNEL = "youtube:ann"
PLANNED = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
PICTURE = "a" * 64


@pytest.fixture
def book(engine: Engine, settings: Settings) -> Book:
    book = Book(engine, settings)
    book.post("old", datetime.now(UTC) - timedelta(days=30), title="An old film")
    return book


def request(**told: Any) -> ContentRequest:
    usual = {"channel": CHANNEL, "title": "A film about lenses", "planned_at": PLANNED.isoformat()}
    return ContentRequest.model_validate(usual | told)


@pytest.fixture
def kept(book: Book) -> Content:
    return keep(book.engine, book.settings.workspace, request())


def again(book: Book, content: Content, **told: Any) -> Content:
    version = told.pop("version", content.now.version)
    return change(book.engine, book.settings.workspace, content.content_id, request(**told), version=version)


def test_a_change_is_a_new_version_and_the_earlier_one_stays(book: Book, kept: Content) -> None:
    changed = again(book, kept, title="Ten lenses, one winner")
    assert [one.title for one in changed.versions] == ["A film about lenses", "Ten lenses, one winner"]
    assert changed == find_content(book.engine, book.settings.workspace, kept.content_id)
    assert changed.draft().title == "Ten lenses, one winner"
    assert changed.draft(changed.versions[0]).title == "A film about lenses"


def test_the_local_clock_of_the_planned_time_is_kept(book: Book) -> None:
    at = PLANNED.astimezone(UTC).isoformat().replace("+00:00", "+05:30")
    kept = keep(book.engine, book.settings.workspace, request(planned_at=at))
    assert kept.draft().planned_at.utcoffset() == timedelta(hours=5, minutes=30)


def test_who_changes_what_somebody_else_changed_is_told_so(book: Book, kept: Content) -> None:
    again(book, kept, title="Theirs")
    with pytest.raises(ConflictError, match="version 2, not 1"):
        again(book, kept, title="Mine")


def test_of_many_changes_at_once_one_wins(book: Book, kept: Content) -> None:
    def attempt(i: int) -> bool:
        try:
            again(book, kept, title=f"Title {i}")
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(attempt, range(6))) == 1
    found = find_content(book.engine, book.settings.workspace, kept.content_id)
    assert [one.version for one in found.versions] == [1, 2]


def test_unknown_channels_files_and_analyses_are_named(book: Book) -> None:
    for told, field in (
        ({"channel": "youtube:an"}, "channel"), ({"assets": [PICTURE]}, "assets"),
        ({"analysis_id": "none"}, "analysis_id"),
    ):  # fmt: skip
        with pytest.raises(NotFoundError) as error:
            keep(book.engine, book.settings.workspace, request(**told))
        assert error.value.field == field
    assert contents(book.engine, book.settings.workspace).contents == ()


def test_the_files_of_an_analysis_belong_to_the_draft(book: Book) -> None:
    with book.engine.begin() as connection:
        connection.execute(
            insert(tables.analyses),
            {
                "analysis_id": "read", "workspace_id": book.settings.workspace, "created_at": PLANNED,
                "result": {"files": [{"file": {"sha256": PICTURE}}], "features": {}},
            },
        )  # fmt: skip
    kept = keep(book.engine, book.settings.workspace, request(analysis_id="read"))
    assert kept.now.assets == (PICTURE,)


def test_content_stays_on_its_channel(book: Book, kept: Content) -> None:
    book.post("b", PLANNED - timedelta(days=9), channel="bob")
    with pytest.raises(InputError, match=r"youtube:ann"):
        again(book, kept, channel="youtube:bob")


def test_pages_are_newest_first_and_meet_each_content_once(book: Book) -> None:
    made = [keep(book.engine, book.settings.workspace, request(title=f"Film {i}")) for i in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = contents(book.engine, book.settings.workspace, channel_id=CHANNEL, limit=2, cursor=cursor)
        seen += [one.content_id for one in page.contents]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [one.content_id for one in reversed(made)]
    assert contents(book.engine, book.settings.workspace, channel_id="youtube:bob").contents == ()


def test_a_deleted_draft_is_not_found_but_its_versions_are_not_lost(book: Book, kept: Content) -> None:
    delete(book.engine, book.settings.workspace, kept.content_id)
    with pytest.raises(NotFoundError):
        find_content(book.engine, book.settings.workspace, kept.content_id)
    with pytest.raises(NotFoundError):
        again(book, kept)
    with book.engine.connect() as connection:
        assert len(connection.execute(select(tables.content_versions)).all()) == 1


def test_a_published_draft_is_linked_by_its_words_and_closed(book: Book) -> None:
    planned = datetime.now(UTC) - timedelta(hours=3)
    kept = keep(book.engine, book.settings.workspace, request(planned_at=planned.isoformat()))
    assert kept.post_id is None
    book.post("out", planned + timedelta(hours=1), title="A  film about lenses ")
    found = find_content(book.engine, book.settings.workspace, kept.content_id)
    assert found.post_id == "out"
    with pytest.raises(ConflictError, match="youtube:out"):
        again(book, found, planned_at=planned.isoformat())


def test_an_id_told_before_publishing_does_not_close_the_draft(book: Book) -> None:
    kept = keep(book.engine, book.settings.workspace, request(post_id="reserved"))
    assert again(book, kept, title="Still open").now.version == 2


def test_an_own_post_is_content_that_can_only_be_read(book: Book) -> None:
    post = find_content(book.engine, book.settings.workspace, "youtube:old")
    assert (post.now.title, post.now.version, post.post_id) == ("An old film", 1, "old")
    with pytest.raises(ConflictError):
        again(book, post)
    with pytest.raises(ConflictError):
        delete(book.engine, book.settings.workspace, "youtube:old")
    for unknown in ("youtube:none", "elsewhere:old"):
        with pytest.raises(NotFoundError):
            find_content(book.engine, book.settings.workspace, unknown)


def test_a_change_moves_only_what_it_names(kept: Content) -> None:
    changed = kept.now.changed(Change(thumbnail=PICTURE))
    assert (changed.assets, changed.thumbnail, changed.title) == ((PICTURE,), PICTURE, kept.now.title)
    assert kept.now.changed(Change(hashtags=())).hashtags == ()
