from __future__ import annotations

from pathlib import Path

import pytest

from creatorlens.blobs import BlobStore


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_what_is_written_is_read(tmp_path: Path, scheme: str) -> None:
    store = BlobStore(f"{scheme}{tmp_path / 'blobs'}")
    store.write("a/b.bin", b"first")
    store.write("a/b.bin", b"second")
    assert store.read("a/b.bin") == b"second"
    assert store.read("a/none") is None


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    store = BlobStore(str(tmp_path / "blobs"))
    with pytest.raises(TypeError):
        store.write("key", object())  # type: ignore[arg-type]
    assert store.read("key") is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("scheme", ["", "file://", "memory://"])
def test_files_go_in_and_come_out_whole_and_one_that_is_there_is_left_alone(
    tmp_path: Path, scheme: str
) -> None:
    store = BlobStore(f"{scheme}{tmp_path / 'blobs'}")
    source = tmp_path / "source"
    source.write_bytes(bytes(range(256)) * 10_000)
    store.write_file("a/b", source)
    with store.as_file("a/b") as path:
        assert path.read_bytes() == source.read_bytes()
    source.write_bytes(b"other")
    store.write_file("a/b", source)
    assert len(store.read("a/b") or b"") == 2_560_000
    assert store.exists("a/b")
    assert not store.exists("a/none")
    with pytest.raises(FileNotFoundError), store.as_file("a/none"):
        pass
