"""A model by the name a setting gives it: a folder of weights, a local folder, or a model of the hub."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from features.absent import Absent
from features.weights.models import Models

HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True)
class Named:
    """`model_id` stands in the records; a local one carries what its bytes are, since names do not tell."""

    name: str
    model_id: str
    folder: Path | None

    @property
    def source(self) -> str:
        """What `from_pretrained` takes."""
        return str(self.folder or self.name)


def find(models: Models, name: str) -> Named | Absent:
    name = name.strip()
    if name.lower() in ("", "none"):
        return Absent("switched off: no model is named in the settings")
    folder = models.folder(name)
    if not isinstance(folder, Absent):
        # An absolute path is found as such, whatever the folders of weights are.
        return Named(name, f"{folder.name}@{models.fingerprint(name)}", folder)
    if HUB_NAME.fullmatch(name):
        return Named(name, name, None)
    return folder


def config_of(found: Named) -> dict[str, Any]:
    """`config.json` of a local model, empty for one of the hub."""
    if found.folder is None or not (found.folder / "config.json").is_file():
        return {}
    try:
        config = json.loads((found.folder / "config.json").read_text())
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}
