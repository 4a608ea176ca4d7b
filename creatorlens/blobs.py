"""Blobs: bytes under a key, in a folder or an object store, written whole or not at all."""

from __future__ import annotations

import io
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import fsspec

CHUNK = 1 << 20


@dataclass(frozen=True)
class BlobStore:
    """`url` is a folder or any fsspec URL (`s3://bucket/prefix`)."""

    url: str

    def write(self, key: str, content: bytes) -> None:
        """Write under a temporary name and move: a reader or a kill never sees half a blob."""
        self._write(key, io.BytesIO(content))

    def write_file(self, key: str, path: Path) -> None:
        """The same for a file of any size: never held in memory. One that is there already is left alone."""
        if not self.exists(key):
            with path.open("rb") as source:
                self._write(key, source)

    def exists(self, key: str) -> bool:
        fs, root = fsspec.core.url_to_fs(self.url)
        return bool(fs.exists(f"{root}/{key}"))

    @contextmanager
    def as_file(self, key: str) -> Iterator[Path]:
        """The blob as a file on this machine, for as long as the block runs. Raises FileNotFoundError."""
        fs, root = fsspec.core.url_to_fs(self.url)
        if "file" in fs.protocol:
            path = Path(f"{root}/{key}")
            if not path.is_file():
                raise FileNotFoundError(str(path))
            yield path
            return
        with tempfile.TemporaryDirectory(prefix="creatorlens-blob-") as folder:
            path = Path(folder) / "blob"
            with fs.open(f"{root}/{key}", "rb") as source, path.open("wb") as out:
                shutil.copyfileobj(source, out, CHUNK)
            yield path

    def _write(self, key: str, source: IO[bytes]) -> None:
        fs, root = fsspec.core.url_to_fs(self.url)
        target = f"{root}/{key}"
        fs.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        temporary = f"{target}.{uuid.uuid4().hex}.tmp"
        try:
            with fs.open(temporary, "wb") as out:
                shutil.copyfileobj(source, out, CHUNK)
            fs.mv(temporary, target)
        except BaseException:
            if fs.exists(temporary):
                fs.rm(temporary)
            raise

    def read(self, key: str) -> bytes | None:
        fs, root = fsspec.core.url_to_fs(self.url)
        try:
            with fs.open(f"{root}/{key}", "rb") as source:
                content: bytes = source.read()
                return content
        except FileNotFoundError:
            return None
