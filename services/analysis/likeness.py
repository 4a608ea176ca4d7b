"""Which stored files look or sound like one at hand."""

from __future__ import annotations

import threading

from sqlalchemy import Engine

from creatorlens.reading.files import FrameHash, Identity, Near
from features.media.identity import Pictures, Videos
from features.media.sounds import Sounds
from services.content import assets

MOST_SHOWN = 10


class Likeness:
    """Loaded from the store once, then told of each file that is read. Thread-safe."""

    def __init__(self, engine: Engine, workspace: str) -> None:
        self._pictures: dict[str, str] = {}
        self._videos: dict[str, tuple[FrameHash, ...]] = {}
        self._sounds: dict[str, str] = {}
        self._lock = threading.Lock()
        self._index: tuple[Pictures, Videos, Sounds] | None = None
        for sha256, identity in assets.identities(engine, workspace):
            self.add(sha256, identity)

    def add(self, sha256: str, identity: Identity) -> None:
        with self._lock:
            if identity.image_hash is not None:
                self._pictures[sha256] = identity.image_hash
            if identity.video_hashes:
                self._videos[sha256] = identity.video_hashes
            if identity.audio_fingerprint is not None:
                self._sounds[sha256] = identity.audio_fingerprint
            self._index = None

    def near(self, sha256: str, identity: Identity) -> tuple[Near, ...]:
        """Others, most alike first."""
        pictures, videos, sounds = self._indexes()
        found: list[Near] = []
        if identity.image_hash is not None and pictures.ids:
            found += pictures.near(identity.image_hash)
        if identity.video_hashes and videos.ids:
            found += videos.near(identity.video_hashes)
        if identity.audio_fingerprint is not None and sounds.ids:
            found += sounds.near(identity.audio_fingerprint)
        return tuple(one for one in found if one.id != sha256)[:MOST_SHOWN]

    def _indexes(self) -> tuple[Pictures, Videos, Sounds]:
        with self._lock:
            if self._index is None:
                self._index = (
                    Pictures.of(list(self._pictures.items())),
                    Videos.of(list(self._videos.items())),
                    Sounds.of(list(self._sounds.items())),
                )
            return self._index
