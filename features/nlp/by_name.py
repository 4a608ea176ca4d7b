"""Transformers found by the name a setting gives: a folder, weights of that name, or the hub's cache on this disk.

Nothing is fetched while something is read: `creatorlens weights pull` does that. Safetensors only, no remote code.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from features.absent import Absent
from features.weights.models import Models

MAX_TOKENS = 512


def find(models: Models, name: str) -> Path | Absent:
    """The folder of the model called `name` ('owner/model', or a path), or what to do to have it."""
    name = name.strip()
    if name.lower() in ("", "none"):
        return Absent("switched off in the settings")
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    short = name.rpartition("/")[2]
    found = models.folder(short)
    if isinstance(found, Path):
        return found
    cached = models.once(("hub cache", name), lambda: _in_hub_cache(name))
    return cached or Absent(f"no weights of {name} here: creatorlens weights pull {short}")


def identity(models: Models, name: str) -> str:
    """name@16 hex digits of the files, '' where absent: names what a part was read with."""
    found = find(models, name)
    if isinstance(found, Absent):
        return ""
    # An absolute path is a name that every folder joins to itself.
    return f"{name.strip()}@{models.fingerprint(str(found.absolute()))}"


def load(models: Models, name: str, auto_class: str) -> tuple[Any, Any] | Absent:
    """(tokenizer, network in evaluation mode on the settings' device), once per process."""
    folder = find(models, name)
    if isinstance(folder, Absent):
        return folder
    return models.once((auto_class, folder), lambda: _load(folder, name, auto_class, device_of(models)))


def device_of(models: Models) -> str:
    import torch

    wanted = models.settings.device
    return wanted if wanted == "cpu" or torch.cuda.is_available() else "cpu"


def autocast(device: str) -> Any:
    """Half precision on a GPU, full precision on the CPU."""
    import torch

    return torch.autocast(device.partition(":")[0], dtype=torch.float16, enabled=device != "cpu")


def longest(tokenizer: Any, network: Any) -> int:
    """Tokens the network takes, its marks included."""
    places = getattr(network.config, "max_position_embeddings", None) or MAX_TOKENS
    # RoBERTa counts places from its padding index on.
    offset = 2 if "roberta" in getattr(network.config, "model_type", "") else 0
    return int(min(MAX_TOKENS, tokenizer.model_max_length, places - offset))


def _load(folder: Path, name: str, auto_class: str, device: str) -> tuple[Any, Any] | Absent:
    import transformers

    if not any(folder.glob("*.safetensors")):
        return Absent(f"{name}: no safetensors in {folder.name}")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        network = getattr(transformers, auto_class).from_pretrained(
            str(folder), local_files_only=True, use_safetensors=True
        )
    except Exception as error:  # broken or foreign weights cost their own part
        return Absent(f"{name} cannot be loaded ({type(error).__name__}: {str(error)[:200]})")
    return tokenizer, network.eval().to(device)


def _in_hub_cache(name: str) -> Path | None:
    from huggingface_hub import snapshot_download

    try:
        found = Path(snapshot_download(name, local_files_only=True))
    except Exception:  # the client raises many kinds; each means "not here"
        return None
    return found if any(found.glob("*.safetensors")) else None
