"""The table that links files to posts: bytes by content, once; what cannot be taken is told row by row."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sqlalchemy import Engine, select

from creatorlens.database import tables
from creatorlens.settings import Settings
from services.content.importing import import_files
from services.content.quality import report_quality
from services.content.quarantining import quarantined
from services.content.reports import ImportReport


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"malware_scanner": "none"})


@pytest.fixture
def folder(tmp_path: Path, engine: Engine, settings: Settings) -> Path:
    """Two imported posts, and pictures beside the table."""
    (tmp_path / "in" / "pictures").mkdir(parents=True)
    posts = tmp_path / "in" / "posts.csv"
    posts.write_text(
        "post_id,platform,creator_id,published_at,media_type,title,text\n"
        "1,youtube,me,2026-01-01T10:00:00Z,video,One,\n2,youtube,me,2026-01-02T10:00:00Z,video,Two,\n"
    )
    import_files(engine, settings, [posts])
    for name, level in (("one", 40), ("two", 200)):
        pixels = np.full((90, 160, 3), level, np.uint8)
        Image.fromarray(pixels).save(tmp_path / "in" / "pictures" / f"{name}.jpg")
    return tmp_path / "in"


def take(folder: Path, engine: Engine, settings: Settings, rows: list[tuple[str, str, str]]) -> ImportReport:
    table = folder / "media.csv"
    frame = pd.DataFrame(rows, columns=["post_id", "role", "path"]).assign(platform="youtube")
    frame.to_csv(table, index=False)
    [report] = import_files(engine, settings, [table])
    return report


def links(engine: Engine) -> list[tuple[str, str, str]]:
    m, a = tables.post_media.c, tables.assets.c
    query = (
        select(m.post_id, m.role, a.blob_key)
        .join(tables.assets, m.sha256 == a.sha256)
        .order_by(m.post_id, m.role)
    )
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_files_are_linked_and_their_bytes_kept_once(folder: Path, engine: Engine, settings: Settings) -> None:
    rows = [("1", "thumbnail", "pictures/one.jpg"), ("1", "image", "pictures/two.jpg"), ("2", "cover", "pictures/one.jpg")]  # fmt: skip
    report = take(folder, engine, settings, rows)
    assert (report.kind, report.rows_taken, report.rows_quarantined) == ("media", 3, 0)
    found = links(engine)
    assert [(post, role) for post, role, _ in found] == [
        ("1", "image"),
        ("1", "thumbnail"),
        ("2", "thumbnail"),
    ]
    assert found[1][2] == found[2][2]
    kept = Path(settings.blobs) / found[1][2]
    assert kept.read_bytes() == (folder / "pictures" / "one.jpg").read_bytes()
    assert len([path for path in Path(settings.blobs).rglob("*") if path.is_file()]) == 2


def test_importing_twice_changes_nothing(folder: Path, engine: Engine, settings: Settings) -> None:
    rows = [("1", "thumbnail", "pictures/one.jpg"), ("1", "video", "none.mp4")]
    take(folder, engine, settings, rows)
    before = links(engine)
    again = take(folder, engine, settings, rows)
    assert (again.rows_taken, again.rows_unchanged, again.rows_quarantined) == (0, 1, 1)
    assert links(engine) == before
    (folder / "none.mp4").write_bytes((folder / "pictures" / "two.jpg").read_bytes())
    assert take(folder, engine, settings, rows).reasons == {"file_readable": 1}


def test_what_cannot_be_taken_is_kept_apart_with_its_reason(
    folder: Path, engine: Engine, settings: Settings
) -> None:
    (folder / "pictures" / "program.jpg").write_bytes(b"MZ" + bytes(200))
    (folder.parent / "secret.jpg").write_bytes((folder / "pictures" / "one.jpg").read_bytes())
    rows = [
        ("1", "thumbnail", "pictures/missing.jpg"),
        ("1", "thumbnail", "../secret.jpg"),
        ("1", "thumbnail", "pictures/program.jpg"),
        ("1", "video", "pictures/one.jpg"),
        ("1", "poster", "pictures/one.jpg"),
        ("9", "thumbnail", "pictures/one.jpg"),
        ("2", "thumbnail", ""),
        ("2", "image", "pictures/one.jpg"),
        ("2", "image", "pictures/two.jpg"),
    ]
    report = take(folder, engine, settings, rows)
    assert report.rows_taken == 1
    assert report.reasons == {
        "file_readable": 4, "role_known": 1, "post_known": 1, "path_present": 1, "conflicting_duplicate": 1,
    }  # fmt: skip
    apart, _ = quarantined(engine, "local", 20)
    told = {row.row_number: row.detail for row in apart}
    assert told[1] == "missing: there is no file pictures/missing.jpg"
    assert told[2].startswith("unsafe_path: ../secret.jpg")
    assert told[3].startswith("not_media: Windows program")
    assert told[4] == "wrong_role: pictures/one.jpg is image/jpeg, which is no video"
    r = tables.refused_files.c
    with engine.connect() as connection:
        [refused] = connection.execute(select(r.name, r.reason, r.blob_key)).all()
    assert (refused.name, refused.reason) == ("program.jpg", "not_media")
    assert (Path(settings.blobs) / refused.blob_key).read_bytes().startswith(b"MZ")


def test_another_file_for_the_same_part_of_a_post_does_not_replace_it(
    folder: Path, engine: Engine, settings: Settings
) -> None:
    take(folder, engine, settings, [("1", "thumbnail", "pictures/one.jpg")])
    report = take(folder, engine, settings, [("1", "thumbnail", "pictures/two.jpg")])
    assert report.reasons == {"differs_from_stored": 1}


def test_the_data_docs_show_the_links(folder: Path, engine: Engine, settings: Settings) -> None:
    take(folder, engine, settings, [("1", "thumbnail", "pictures/one.jpg")])
    quality = {one.table: asdict(one) for one in report_quality(engine, settings).tables}
    assert quality["media"]["rows"] == 1
    assert quality["media"]["failed"] == ()
