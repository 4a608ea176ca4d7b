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
