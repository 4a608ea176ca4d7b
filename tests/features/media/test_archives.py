"""Archives are unpacked file by file under limits; what is made to harm is refused before it fills anything."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from creatorlens.reading.files import Refusal
from features.media.archives import members
from features.media.limits import MIB, Limits
from features.media.refusing import Refused
from features.media.sniffing import sniff

SMALL = Limits(members=10, expanded_bytes=20 * MIB, expansion=50.0)


def unpacked(path: Path, folder: Path, limits: Limits = SMALL) -> dict[str, bytes | str]:
    """By name: its bytes, or the reason of its refusal."""
    out: dict[str, bytes | str] = {}
    for member in members(path, sniff(path).mime, limits, folder):
        out[member.name] = (
            member.path.reason if isinstance(member.path, Refusal) else member.path.read_bytes()
        )
    return out


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, files: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def gzipped_tar(path: Path, files: dict[str, bytes]) -> Path:
    return tarred(path, files, "w:gz")


MAKERS = [zipped, tarred, gzipped_tar]
Maker = Callable[[Path, dict[str, bytes]], Path]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("make", MAKERS)
def test_members_come_out_one_by_one_and_nothing_stays(
    make: Maker, tmp_path: Path, work: Path, shared_media: Path
) -> None:
    photo = (shared_media / "photos" / "rocket.jpg").read_bytes()
    path = make(
        tmp_path / "a", {"photos/rocket.jpg": photo, "notes.txt": b"words", "__MACOSX/._x": b"litter"}
    )
    seen = []
    for member in members(path, sniff(path).mime, SMALL, work):
        assert isinstance(member.path, Path)
        seen.append((member.name, member.path.read_bytes()))
        assert len(list(work.rglob("*"))) == 2  # its folder and itself
        assert sniff(member.path).kind in ("image", "text")
    assert seen == [("rocket.jpg", photo), ("notes.txt", b"words")]
    assert list(work.iterdir()) == []


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("name", ["../evil.jpg", "/etc/evil", "a/../../evil", "..\\evil", "C:\\evil"])
def test_names_that_lead_outside(make: Maker, name: str, tmp_path: Path, work: Path) -> None:
    path = make(tmp_path / "a", {"fine.txt": b"words", name: b"evil"})
    with pytest.raises(Refused, match="leads outside") as caught:
        unpacked(path, work)
    assert caught.value.reason == "unsafe_content"
    assert list(work.iterdir()) == []


@pytest.mark.parametrize("make", MAKERS)
def test_bombs(make: Maker, tmp_path: Path, work: Path) -> None:
    path = make(tmp_path / "a", {"bomb.txt": bytes(100 * MIB)})
    with pytest.raises(Refused) as caught:
        unpacked(path, work)
    assert caught.value.reason == "archive_expansion"
    assert list(work.iterdir()) == []


def test_a_bomb_of_gzip_alone(tmp_path: Path, work: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(100 * MIB)))
    with pytest.raises(Refused, match="times when unpacked"):
        unpacked(path, work)


def test_sizes_an_archive_claims_are_not_believed(tmp_path: Path, work: Path) -> None:
    data = bytearray(zipped(tmp_path / "a", {"bomb": bytes(60 * MIB)}).read_bytes())
    small = (1).to_bytes(4, "little")
    data[22:26] = small  # the local header's size, and the directory's
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = small
    path = tmp_path / "b"
    path.write_bytes(data)
    with pytest.raises(Refused) as caught:
        unpacked(path, work)
    assert caught.value.reason in ("archive_expansion", "broken")


def test_too_many_members(tmp_path: Path, work: Path) -> None:
    path = zipped(tmp_path / "a", {f"{number}.txt": b"x" for number in range(11)})
    with pytest.raises(Refused, match="more than 10 files"):
        unpacked(path, work)


@pytest.mark.parametrize("make", MAKERS)
def test_an_archive_inside_is_refused_and_the_rest_goes_on(make: Maker, tmp_path: Path, work: Path) -> None:
    inner = zipped(tmp_path / "inner", {"x.txt": b"x"}).read_bytes()
    path = make(tmp_path / "a", {"inner.jpg": inner, "notes.txt": b"words"})
    assert unpacked(path, work) == {"inner.jpg": "archive_nested", "notes.txt": b"words"}


def test_links_and_devices(tmp_path: Path, work: Path) -> None:
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        path = tmp_path / "a.tar"
        with tarfile.open(path, "w") as archive:
            info = tarfile.TarInfo("innocent.jpg")
            info.type = kind
            info.linkname = "/etc/passwd"
            archive.addfile(info)
        with pytest.raises(Refused) as caught:
            unpacked(path, work)
        assert caught.value.reason in ("unsafe_content", "broken")
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("innocent.jpg")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(Refused, match="link or a device"):
        unpacked(path, work)


@pytest.mark.parametrize("make", MAKERS)
def test_broken_archives(make: Maker, tmp_path: Path, work: Path, shared_media: Path) -> None:
    photo = (shared_media / "photos" / "rocket.jpg").read_bytes()
    data = make(tmp_path / "a", {"rocket.jpg": photo, "more.jpg": photo}).read_bytes()
    for cut in (600, len(data) // 2, len(data) * 3 // 4):
        path = tmp_path / "cut"
        path.write_bytes(data[:cut])
        with pytest.raises(Refused) as caught:
            unpacked(path, work)
        assert caught.value.reason == "broken"
    assert list(work.iterdir()) == []


def test_empty_archives_hold_nothing(shared_media: Path, work: Path) -> None:
    assert unpacked(shared_media / "odd-other" / "small_zip.zip", work) == {}
    assert unpacked(shared_media / "odd-other" / "small_gzip.gz", work) == {"small_gzip": b""}
