"""Pretrained models by name, loaded when first asked for and once per process.

A model's folder is looked for under each of `settings.weights_folders`, and taken only where its checksums are those
of the catalogue. Without it the model is `Absent`, with what to do; whoever asked passes the reason on.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from creatorlens.settings import Settings
from features.absent import Absent
from features.weights.verifying import MANIFEST, checksums, standing

T = TypeVar("T")


class Models:
    """Collaborator of every extractor. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._kept: dict[Any, Any] = {}
        self._lock = threading.RLock()
        self._sums = checksums(settings)

    def folder(self, name: str) -> Path | Absent:
        """Where the weights called `name` lie. Found once it is kept; absent it is looked for again."""
        with self._lock:
            kept = self._kept.get(("folder", name))
            if kept is None:
                kept = self._folder(name)
                if not isinstance(kept, Absent):
                    self._kept["folder", name] = kept
            found: Path | Absent = kept
            return found

    def fingerprint(self, name: str) -> str:
        """16 hex digits that change with the weights' bytes; '' where they are absent."""
        folder = self.folder(name)
        if isinstance(folder, Absent):
            return ""
        return self.once(("fingerprint", folder), lambda: self._fingerprint(folder))

    def onnx(self, name: str, file: str) -> Any | Absent:
        """The ONNX Runtime session of `file` in the folder of `name`, on the settings' device."""
        folder = self.folder(name)
        if isinstance(folder, Absent):
            return folder
        return self.once(("onnx", folder, file), lambda: self._session(folder / file))

    def once(self, key: Any, make: Callable[[], T]) -> T:
        """What `make` gives, made at the first call with `key` and kept."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make()
            kept: T = self._kept[key]
            return kept

    def _folder(self, name: str) -> Path | Absent:
        if not _is_plain(name):
            return Absent(f"no weights of {name!r} here")
        found = standing(name, self.settings, self._sums)
        if found.state == "present" and found.where is not None:
            return found.where
        if found.state == "damaged":
            return Absent(f"the weights of {name} are damaged ({found.why}): creatorlens weights pull {name}")
        return Absent(f"no weights of {name} here: creatorlens weights pull {name}")

    def _fingerprint(self, folder: Path) -> str:
        digest = hashlib.sha256()
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            if path.suffix in {".md", ".origin"} or path.name == MANIFEST:
                continue
            digest.update(path.name.encode())
            digest.update(bytes.fromhex(self._sums.sha256(path)))
        return digest.hexdigest()[:16]

    def _session(self, path: Path) -> Any | Absent:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.settings.model_threads
        options.log_severity_level = 3
        # Idle threads would spin and take the cores from the other worker: twice the processor's time for text.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        providers = ["CPUExecutionProvider"]
        if self.settings.device != "cpu" and "CUDAExecutionProvider" in onnxruntime.get_available_providers():
            providers.insert(0, "CUDAExecutionProvider")
        try:
            return onnxruntime.InferenceSession(str(path), options, providers=providers)
        except Exception as error:  # a broken file must cost its own features, not the analysis
            return Absent(f"{path.parent.name}/{path.name} cannot be loaded: {error}")


def _is_plain(name: str) -> bool:
    """Not a path: `owner/model` at most, nothing that leads elsewhere."""
    parts = name.split("/")
    return 1 <= len(parts) <= 2 and all(part not in ("", ".", "..") for part in parts)
