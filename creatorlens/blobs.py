"""Blobs: bytes under a key, in a folder or an object store, written whole or not at all."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import fsspec


@dataclass(frozen=True)
class BlobStore:
    """`url` is a folder or any fsspec URL (`s3://bucket/prefix`)."""

    url: str

    def write(self, key: str, content: bytes) -> None:
        """Write under a temporary name and move: a reader or a kill never sees half a blob."""
        fs, root = fsspec.core.url_to_fs(self.url)
        target = f"{root}/{key}"
        fs.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        temporary = f"{target}.{uuid.uuid4().hex}.tmp"
        try:
            with fs.open(temporary, "wb") as out:
                out.write(content)
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
