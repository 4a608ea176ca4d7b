"""A file is what its bytes say. What is no media is refused, and so is media that is something else besides."""

from __future__ import annotations

import io
import shutil
import struct
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from creatorlens.reading.files import FileFacts, Refusal
from features.media.limits import Limits
from features.media.sniffing import clean_name, examine, sniff

# every odd or broken file: what it is, or the reason why it is refused
REFUSED = {
    "tinytag_empty_file.mp3": "empty",
    "tinytag_incomplete.mp3": "not_media",
    "tinytag_ilbm.aiff": "unsupported_format",
    "pillow_bmp_b_badheadersize.bmp": "not_media",
    "pillow_crash-465703f71a0f0094873a3e0e82c9f798161171b8.sgi": "unsupported_format",
    "pillow_crash-4fb027452e6988530aa5dabee76eecacb3b79f8a.j2k": "unsupported_format",
    "pillow_cross_scan_line_truncated.tga": "not_media",
    "pillow_decompression_bomb.ico": "unsupported_format",
    "pillow_hopper.ico": "unsupported_format",
    "pillow_hopper.psd": "unsupported_format",
    "pillow_invalid_header_length.jp2": "unsupported_format",
    "pillow_pngtest_bad.png.bin": "not_media",
    "pillow_rgb_trns_ycbc.j2k": "unsupported_format",
    "pillow_timeout-9139147ce93e20eb14088fe238e541443ffd64b3.fli": "not_media",
    "small_bpg.bpg": "unsupported_format",
    "small_heif.heif": "unsupported_format",
    "small_ico.ico": "unsupported_format",
    "small_jpeg2.jp2": "unsupported_format",
    "small_jxl.jxl": "unsupported_format",
    "small_mng.mng": "unsupported_format",
    "small_svg.svg": "unsafe_content",
    "small_targa.tga": "not_media",
    "small_pdf.pdf": "not_media",
}
OTHERWISE = {
    "tinytag_there_is_no_such_ext.bogus": "text",
    "small_mp4-with-audio.mp4": "audio",
    "small_gzip.gz": "archive",
    "small_tar.tar": "archive",
    "small_zip.zip": "archive",
    "pillow_timeout-6646305047838720": "image",
}
FOLDERS = {"odd-images": "image", "odd-audio": "audio", "odd-video": "video", "odd-other": "archive"}
REAL = {"photos": "image", "nima-reference": "image", "audio": "audio", "video": "video", "composed": "video"}


def test_every_odd_file_is_known_or_refused_for_its_reason(shared_media: Path) -> None:
    seen = 0
    for folder, usual in FOLDERS.items():
        for path in sorted((shared_media / folder).iterdir()):
            found = examine(path)
            seen += 1
            if path.name in REFUSED:
                assert isinstance(found, Refusal), path.name
                assert found.reason == REFUSED[path.name], path.name
                assert found.field == path.name
                assert found.hint
            else:
                assert isinstance(found, FileFacts), (path.name, found)
                assert found.kind == OTHERWISE.get(path.name, usual), path.name
    assert seen > 120


def test_no_real_file_is_refused(shared_media: Path) -> None:
    for folder, kind in REAL.items():
        for path in sorted((shared_media / folder).iterdir()):
            assert sniff(path).kind == kind, path.name
    for path in (shared_media / "speech").iterdir():
        assert sniff(path).kind == ("text" if path.suffix == ".txt" else "audio"), path.name


def test_the_name_does_not_matter(shared_media: Path, tmp_path: Path) -> None:
    lying = tmp_path / "holiday.txt"
    shutil.copy(shared_media / "photos" / "coffee.png", lying)
    found = examine(lying, name="../../etc/holi\u202eday\x00.exe")
    assert isinstance(found, FileFacts)
    assert (found.mime, found.name) == ("image/png", "holiday.exe")
    assert found.bytes == lying.stat().st_size


@pytest.mark.parametrize(
    ("given", "shown"),
    [("a/b\\c.jpg", "c.jpg"), ("..", "unnamed"), ("", "unnamed"), ("  . ", "unnamed"), ("é\u0301.png", "é\u0301.png"), ("a\nb", "ab"), ("x" * 500, "x" * 200)],
)  # fmt: skip
def test_names_are_cleaned(given: str, shown: str) -> None:
    assert clean_name(given) == shown


def test_the_facts_are_of_the_bytes(shared_media: Path) -> None:
    found = examine(shared_media / "speech" / "jfk.flac")
    assert isinstance(found, FileFacts)
    import hashlib

    data = (shared_media / "speech" / "jfk.flac").read_bytes()
    assert (found.bytes, found.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_limits_on_bytes(shared_media: Path) -> None:
    photo = shared_media / "photos" / "coffee.png"
    for limits in (Limits(file_bytes=1000), Limits(image_bytes=1000)):
        found = examine(photo, limits=limits)
        assert isinstance(found, Refusal)
        assert found.reason == "too_large"
    assert isinstance(
        examine(shared_media / "speech" / "jfk.flac", limits=Limits(image_bytes=1000)), FileFacts
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (bytes(5000), "empty"),
        (b"MZ" + bytes(200), "not_media"),
        (b"\x7fELF\x02" + bytes(200), "not_media"),
        (b"%PDF-1.7\n", "not_media"),
        (b"#!/bin/sh\nrm -rf /\n", "unsafe_content"),
        (b"<!DOCTYPE html><html></html>", "unsafe_content"),
        (b"words <script>alert(1)</script>", "unsafe_content"),
        (b"<?php system($_GET[0]); ?>", "unsafe_content"),
        (b'<?xml version="1.0"?><x/>', "unsafe_content"),
        (b"plain words" * 1000 + b"\x00\x01\x02", "not_media"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(50), "unsupported_format"),
    ],
)
def test_what_is_no_media_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    found = examine(path)
    assert isinstance(found, Refusal)
    assert found.reason == reason


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        ("Größe 大きい 😀\n".encode(), "text/plain"),
        (b"WEBVTT\n\n00:00.000 --> 00:02.000\nhello\n", "text/vtt"),
        (b"1\n00:00:00,000 --> 00:00:02,000\nhello\n", "application/x-subrip"),
        ("words".encode("utf-16"), "text/plain"),
        (("é" * 3000).encode(), "text/plain"),  # a character across the end of the head
    ],
)
def test_words_are_text(tmp_path: Path, data: bytes, mime: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    found = sniff(path)
    assert (found.kind, found.mime) == ("text", mime)


# --- media that is something else besides ---


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.class", b"\xca\xfe\xba\xbe" * 50)
    return out.getvalue()


def a_picture(kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, kind, **options)
    return out.getvalue()


KINDS = ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_with_an_archive_behind_it(tmp_path: Path, kind: str) -> None:
    assert refused(tmp_path, a_picture(kind) + a_zip()) == "polyglot"


def test_sound_and_video_with_an_archive_behind_them(shared_media: Path, tmp_path: Path) -> None:
    for name in ("speech/english.wav", "composed/known_answers.mp4", "audio/robin.ogg"):
        assert refused(tmp_path, (shared_media / name).read_bytes() + a_zip()) == "polyglot"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
@pytest.mark.parametrize(
    "payload",
    [b"%PDF-1.4 ...", b"\x7fELF\x02\x01", b"Rar!\x1a\x07\x00", b"MZ" + bytes(70) + b"This program cannot be run in DOS mode", b"<script>x()</script>", b"<?php x(); ?>", b"#!/bin/sh\n"],
)  # fmt: skip
def test_a_picture_with_a_payload_behind_its_end(tmp_path: Path, kind: str, payload: bytes) -> None:
    assert refused(tmp_path, a_picture(kind) + b"\n" + payload) == "polyglot"


def test_a_script_inside_the_picture(tmp_path: Path) -> None:
    hidden = a_picture("JPEG", comment=b"<?php eval($_POST[1]); ?>")
    assert refused(tmp_path, hidden) == "polyglot"
    gif = a_picture("GIF", comment=b"<ScRiPt src=x></sCrIpT>")
    assert refused(tmp_path, gif) == "polyglot"


def test_a_picture_that_is_a_javascript_comment(tmp_path: Path) -> None:
    gif = bytearray(a_picture("GIF"))
    gif[6:8] = b"/*"
    assert refused(tmp_path, bytes(gif) + b"*/=1;alert(1);") == "polyglot"
    jpeg = a_picture("JPEG")
    comment = b"\xff\xfe" + struct.pack(">H", 0x2F2A) + b"x" * (0x2F2A - 2)
    assert refused(tmp_path, jpeg[:2] + comment + jpeg[2:-2] + b"*/=1;alert(1)/*" + jpeg[-2:]) == "polyglot"


def test_a_picture_that_is_a_pdf(tmp_path: Path) -> None:
    jpeg = a_picture("JPEG", comment=b"%PDF-1.5 obj")
    assert refused(tmp_path, jpeg) == "polyglot"


def test_harmless_bytes_behind_a_picture_are_allowed(tmp_path: Path) -> None:
    jpeg = a_picture("JPEG")
    for behind in (bytes(1000), jpeg, b"MotionPhoto_Data" + bytes(8) + b"ftypmp42", b"\r\n"):
        path = tmp_path / "photo"
        path.write_bytes(jpeg + behind)
        assert sniff(path).mime == "image/jpeg"


def test_pictures_with_metadata_are_no_polyglots(tmp_path: Path) -> None:
    xmp = b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF></rdf:RDF></x:xmpmeta>'
    path = tmp_path / "photo"
    path.write_bytes(a_picture("JPEG", xmp=xmp, comment=b"a * b / c", dpi=(72, 72), progressive=True))
    assert sniff(path).mime == "image/jpeg"


def test_a_tag_before_other_sound_is_looked_behind(shared_media: Path) -> None:
    assert sniff(shared_media / "odd-audio" / "tinytag_with_id3_header.flac").mime == "audio/flac"


def refused(folder: Path, data: bytes) -> str:
    path = folder / "file"
    path.write_bytes(data)
    found = examine(path)
    assert isinstance(found, Refusal), found
    return found.reason
