"""Pretrained models by name, loaded when first asked for and once per process.

A model's folder is looked for under each of `settings.weights_folders`. Without it the model is `Absent`,
with what to do; whoever asked passes the reason on.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from creatorlens.settings import Settings
from features.absent import Absent

T = TypeVar("T")


class Models:
    """Collaborator of every extractor. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._kept: dict[Any, Any] = {}
        self._lock = threading.RLock()

    def folder(self, name: str) -> Path | Absent:
        """Where the weights called `name` lie."""
        for parent in self.settings.weights_folders:
            if (parent / name).is_dir():
                return parent / name
        return Absent(f"no weights of {name} here: creatorlens weights pull {name}")

    def fingerprint(self, name: str) -> str:
        """16 hex digits that change with the weights' bytes; '' where they are absent."""
        folder = self.folder(name)
        if isinstance(folder, Absent):
            return ""
        return self.once(("fingerprint", folder), lambda: _fingerprint(folder))

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

    def _session(self, path: Path) -> Any | Absent:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.settings.model_threads
        options.log_severity_level = 3
        providers = ["CPUExecutionProvider"]
        if self.settings.device != "cpu" and "CUDAExecutionProvider" in onnxruntime.get_available_providers():
            providers.insert(0, "CUDAExecutionProvider")
        try:
            return onnxruntime.InferenceSession(str(path), options, providers=providers)
        except Exception as error:  # a broken file must cost its own features, not the analysis
            return Absent(f"{path.parent.name}/{path.name} cannot be loaded: {error}")


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix in {".md", ".origin"}:
            continue
        digest.update(path.name.encode())
        with path.open("rb") as source:
            digest.update(hashlib.file_digest(source, "sha256").digest())
    return digest.hexdigest()[:16]
