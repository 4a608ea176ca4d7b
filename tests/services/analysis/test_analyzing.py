"""A draft read whole: every file accounted for, nothing read twice, the words beside the files."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from creatorlens.database import tables
from creatorlens.errors import InputError, NotFoundError
from creatorlens.platforms import Platform
from creatorlens.reading.image import Embedding
from services.analysis.channel_context import channel_look
from services.analysis.stored import stored_analysis
from services.content import assets
from tests.services.analysis.conftest import Room, jpeg, tone


def test_a_picture_is_read_and_the_analysis_comes_back_by_its_id(room: Room) -> None:
    found = room.analyze(room.file("cover.jpg", jpeg(1)))
    [one] = found.files
    assert (one.file.name, one.file.mime, one.image.facts.width) == ("cover.jpg", "image/jpeg", 320)
    assert one.image.look.brightness == pytest.approx(0.5, abs=0.2)
    assert one.identity.image_hash is not None
    assert found.features["image_brightness"] == one.image.look.brightness
    assert found.features["video_motion"] is None
    assert stored_analysis(room.engine, "local", found.analysis_id) == found
    with pytest.raises(NotFoundError):
        stored_analysis(room.engine, "local", "none")


def test_the_same_bytes_are_never_read_twice(room: Room) -> None:
    first = room.analyze(room.file("cover.jpg", jpeg(1)))
    assert len(room.desk.read) == 1
    room.desk.forget()
    again = room.analyze(room.file("other name.png", jpeg(1)))
    assert room.desk.asked == []
    assert again.files[0].image == first.files[0].image
    assert "image.look" in again.files[0].from_cache
    assert again.files[0].seconds == {}


def test_a_changed_extractor_reads_only_its_own_part_anew(room: Room) -> None:
    room.analyze(room.file("cover.jpg", jpeg(1)))
    room.desk.forget()
    room.desk.changed = {"image.look": "image.look:2"}
    again = room.analyze(room.file("cover.jpg", jpeg(1)))
    assert set(again.files[0].seconds) == {"image.decoding", "image.look"}
    assert "image.saliency" in again.files[0].from_cache
    room.desk.asked.clear()
    room.analyze(room.file("cover.jpg", jpeg(1)))
    assert room.desk.asked == []


def test_a_sound_is_read_with_its_transcript_left_out_only_for_now(room: Room) -> None:
    from features.analysis import Options
    from services.analysis.analyzing import DraftContent, analyze
    from services.content.intake import Given

    wav = Given(tone(room.folder.parent / "tone.wav"), "tone.wav")
    found = analyze(
        room.engine, room.settings, room.desk, DraftContent(files=(wav,)), source="cli", options=Options(transcribe=False)
    )  # fmt: skip
    assert found.files[0].audio.loudness.integrated_lufs == pytest.approx(-17, abs=2)
    assert "not asked for" in found.files[0].audio.absent["transcript"]
    room.desk.forget()
    room.analyze(wav)
    assert len(room.desk.read) == 1, "a transcript that was not asked for says nothing of the file"


def test_a_refused_file_goes_to_quarantine_and_the_others_are_read(room: Room) -> None:
    found = room.analyze(
        room.file("cover.jpg", jpeg(1)), room.file("program.jpg", b"MZ" + bytes(200)), room.file("cut.jpg", jpeg(2)[:400])
    )  # fmt: skip
    assert [one.file.name for one in found.files] == ["cover.jpg"]
    assert {one.name: one.refusal.reason for one in found.refused} == {
        "program.jpg": "not_media",
        "cut.jpg": "broken",
    }
    r, u = tables.refused_files.c, tables.media_usage.c
    with room.engine.connect() as connection:
        kept = connection.execute(select(r.name, r.reason, r.blob_key).order_by(r.name)).all()
        uses = connection.execute(select(u.name, u.outcome).order_by(u.usage_id)).all()
    assert [(row.name, row.reason) for row in kept] == [("cut.jpg", "broken"), ("program.jpg", "not_media")]
    assert all((Path(room.settings.blobs) / row.blob_key).is_file() for row in kept)
    assert all(row.blob_key.startswith("quarantine/") for row in kept)
    assert set(uses) == {("program.jpg", "not_media"), ("cut.jpg", "broken"), ("cover.jpg", "read")}


def test_nothing_is_stored_where_every_file_is_refused(room: Room) -> None:
    found = room.analyze(room.file("program.exe", b"MZ" + bytes(200)))
    assert not found.files
    with pytest.raises(NotFoundError):
        stored_analysis(room.engine, "local", found.analysis_id)


def test_an_archive_is_read_member_by_member(room: Room) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a/cover.jpg", jpeg(1))
        archive.writestr("run.exe", b"MZ" + bytes(200))
    found = room.analyze(room.file("all.zip", packed.getvalue()))
    assert [one.image.facts.width for one in found.files] == [320]
    assert [(one.name, one.refusal.reason) for one in found.refused] == [("run.exe", "not_media")]


def test_files_sent_before_are_named_by_their_hash(room: Room) -> None:
    sha256 = room.analyze(room.file("cover.jpg", jpeg(1))).files[0].file.sha256
    assert room.analyze(blobs=(sha256,)).files[0].image.facts.width == 320
    with pytest.raises(NotFoundError, match="taken in"):
        room.analyze(blobs=("0" * 64,))


@pytest.mark.parametrize(
    ("draft", "field"),
    [({}, None), ({"title": "a" * 10_001}, "title"), ({"title": "a", "channel": "UC1"}, "channel"),
     ({"title": "a", "channel": "x:me", "platform": Platform.YOUTUBE}, "channel")],
)  # fmt: skip
def test_what_cannot_be_read_is_told_by_field(
    room: Room, draft: dict[str, object], field: str | None
) -> None:
    with pytest.raises(InputError) as caught:
        room.analyze(**draft)
    assert caught.value.field == field


def test_a_missing_file_is_told_by_name(room: Room) -> None:
    from services.content.intake import Given

    with pytest.raises(InputError, match=r"none\.jpg: there is no such file"):
        room.analyze(Given(room.folder / "none.jpg", "none.jpg"))


def test_near_identical_pictures_are_named(room: Room) -> None:
    first = room.analyze(room.file("cover.jpg", jpeg(1)))
    found = room.analyze(
        room.file("smaller.jpg", jpeg(1, quality=60, size=(240, 135))), room.file("other.jpg", jpeg(7))
    )
    smaller, other = found.files
    assert [(one.id, one.same) for one in smaller.identity.near] == [(first.files[0].file.sha256, True)]
    assert other.identity.near == ()
    # without learned models there is nothing to take over: its own light and sharpness are read
    assert smaller.from_alike == {}
    assert smaller.image.look != first.files[0].image.look


def test_absent_parts_are_told_with_what_they_cost(room: Room) -> None:
    found = room.analyze(room.file("cover.jpg", jpeg(1)))
    faces = next(note for note in found.notes if note.what == "image.faces")
    assert faces.files == ("cover.jpg",)
    assert "weights pull" in faces.why
    assert faces.costs is not None
    assert "faces in the picture" in faces.costs


def test_a_picture_is_compared_with_the_channels_earlier_ones(room: Room) -> None:
    """Only those published before, only those seen by the same model."""
    now = datetime.now(UTC)
    for post_id, days, vector, model in (
        ("a", 3, (1.0, 0.0), "m"), ("b", 2, (0.0, 1.0), "m"), ("c", -2, (-1.0, 0.0), "m"), ("d", 1, (-1.0, 0.0), "n"),
    ):  # fmt: skip
        _post_with_picture(room, post_id, now - timedelta(days=days), vector, model)
    look = channel_look(room.engine, "local", "youtube:me", now, Embedding(vector=(1.0, 0.0), model="m"))
    assert look is not None
    assert (look.earlier, round(look.consistency, 3)) == (2, 0.707)
    assert (
        channel_look(room.engine, "local", "youtube:me", now, Embedding(vector=(1.0,), model="other")) is None
    )


def _post_with_picture(room: Room, post_id: str, at: datetime, vector: tuple[float, ...], model: str) -> None:
    given = room.file(f"{post_id}.jpg", jpeg(len(post_id) + ord(post_id)))
    from features.media.sniffing import examine

    file = examine(given.path)
    assets.take_in(room.engine, room.settings, file, given.path, at)
    assets.settle(
        room.engine, "local", file.sha256,
        assets.Summary("x", at, picture=Embedding(vector=vector, model=model)),
    )  # fmt: skip
    with room.engine.begin() as connection:
        if post_id == "a":
            connection.execute(
                insert(tables.imports),
                {"import_id": "i", "workspace_id": "local", "file_name": "f", "sha256": "0", "kind": "posts",
                 "imported_at": at, "rows_read": 0, "rows_taken": 0, "rows_unchanged": 0, "rows_quarantined": 0},
            )  # fmt: skip
        connection.execute(
            insert(tables.posts),
            {"workspace_id": "local", "platform": "youtube", "post_id": post_id, "channel_id": "youtube:me",
             "published_at": at, "media_type": "video", "title": post_id, "text": "", "hashtags": [],
             "content_hash": "0", "import_id": "i"},
        )  # fmt: skip
        connection.execute(
            insert(tables.post_media),
            {"workspace_id": "local", "platform": "youtube", "post_id": post_id, "role": "thumbnail",
             "sha256": file.sha256, "import_id": "i"},
        )  # fmt: skip
