"""A draft from a file: JSON, YAML, or a table of one row; what is wrong is said with its field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from creatorlens.errors import InputError
from creatorlens.settings import Settings
from services.content.draft_files import is_draft, read_draft

AT = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
USUAL = {"planned_at": AT.isoformat()}


@pytest.fixture
def plain(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("draft.json", '{"channel": "youtube:ann", "title": "Ten lenses", "hashtags": ["lenses", "film"]}'),
        ("draft.yaml", "channel: youtube:ann\ntitle: Ten lenses\nhashtags: [lenses, film]\n"),
        ("draft.yml", "channel: youtube:ann\ntitle: Ten lenses\nhashtags: '#lenses #film'\n"),
        ("draft.csv", "channel,title,hashtags\nyoutube:ann,Ten lenses,#lenses film\n"),
        ("draft.tsv", 'creator_id\tplatform\ttitle\thashtags\nann\tyoutube\tTen lenses\t["lenses", "film"]\n'),
    ],
)  # fmt: skip
def test_every_form_says_the_same(tmp_path: Path, plain: Settings, name: str, text: str) -> None:
    draft = read_draft(written(tmp_path, name, text), plain, USUAL).to_draft()
    assert (draft.channel_id, draft.title, draft.hashtags) == (
        "youtube:ann",
        "Ten lenses",
        ("lenses", "film"),
    )
    assert draft.planned_at == AT


def test_a_row_of_a_posts_table_is_a_draft_with_its_list_and_its_gaps(
    tmp_path: Path, plain: Settings
) -> None:
    row = {
        "post_id": "v1", "platform": "youtube", "creator_id": "ann", "published_at": pd.Timestamp(AT), "title": "Ten lenses",
        "text": "", "hashtags": ["lenses", "film"], "duration_s": 61.5, "followers": None, "category": None,
        "media_type": "video",
    }  # fmt: skip
    path = tmp_path / "posts.parquet"
    pd.DataFrame([row]).to_parquet(path)
    draft = read_draft(path, plain, {}).to_draft()
    assert (draft.post_id, draft.planned_at, draft.hashtags) == ("v1", AT, ("lenses", "film"))
    assert (draft.duration_s, draft.followers) == (61.5, None)


def test_what_is_told_besides_yields_to_the_file(tmp_path: Path, plain: Settings) -> None:
    path = written(tmp_path, "draft.json", '{"title": "In the file"}')
    draft = read_draft(path, plain, {**USUAL, "channel": "youtube:ann", "title": "Besides"})
    assert (draft.title, draft.channel) == ("In the file", "youtube:ann")


@pytest.mark.parametrize(
    ("name", "text", "field", "says"),
    [
        ("d.json", "{", None, "not JSON"),
        ("d.json", "[1]", None, "as an object"),
        ("d.json", "[" * 100_000, None, "not JSON"),
        ("d.yaml", "a: [", None, "not YAML"),
        ("d.yaml", "!!python/object/apply:os.system ['true']", None, "not YAML"),
        ("d.yaml", "channel: youtube:ann\ntitle: x\nplanned_at: 2026-12-01 18:00:00", "planned_at", ""),
        ("d.json", '{"channel": "youtube:ann", "titel": "x"}', "titel", "Did you mean title?"),
        ("d.json", '{"channel": "youtube:ann"}', "title", "both empty"),
        ("d.json", '{"title": "x"}', "channel", "required"),
        ("d.json", '{"channel": "youtube:ann", "title": "x", "hashtags": 3}', "hashtags", ""),
        ("d.csv", "channel,title\nyoutube:ann,x\nyoutube:ann,y\n", None, "2 rows"),
        ("d.parquet", "no parquet", None, "as a table"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_field(
    tmp_path: Path, plain: Settings, name: str, text: str, field: str | None, says: str
) -> None:
    path = written(tmp_path, name, text)
    with pytest.raises(InputError) as error:
        read_draft(path, plain, USUAL)
    assert error.value.field == (field or str(path))
    assert says in str(error.value)


def test_material_is_no_draft() -> None:
    names: dict[str, Any] = {"a.JSON": True, "a.yml": True, "a.mp4": False, "a.png": False, "a": False}
    assert {name: is_draft(Path(name)) for name in names} == names
