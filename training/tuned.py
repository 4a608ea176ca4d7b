"""Parameters that tuning found for this home: a candidate until the gate lets a model trained with it serve.

`home/tuned/<platform>.candidate.yaml` is what a study recommends; `home/tuned/<platform>.yaml` is what was accepted, and goes before
the packaged configuration. A killed write leaves the old file.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from creatorlens.errors import InputError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from training.parameters import CONFIGS, Parameters, load_parameters


class Tuned(BaseModel):
    """`value` and `base_value`: mean pinball with its penalty for the parameters and for those used before, on the same
    cut-offs; `until`: nothing later was looked at; `version`: which the gate accepted it with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    parameters: Parameters
    study: str
    value: float
    base_value: float
    trials: int
    data_hash: str
    until: str
    version: str | None = None


def parameters_in_use(settings: Settings, platform: Platform, configs: Path = CONFIGS) -> Parameters:
    """Accepted in this home, else as packaged."""
    accepted = read_tuned(accepted_path(settings, platform))
    return accepted.parameters if accepted is not None else load_parameters(platform, configs)


def accepted_path(settings: Settings, platform: Platform) -> Path:
    return settings.home / "tuned" / f"{platform.value}.yaml"


def candidate_path(settings: Settings, platform: Platform) -> Path:
    return settings.home / "tuned" / f"{platform.value}.candidate.yaml"


def read_tuned(path: Path) -> Tuned | None:
    """None where there is no such file. Raises InputError naming it where it cannot be read."""
    import yaml

    try:
        told: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Tuned.model_validate(told)
    except FileNotFoundError:
        return None
    except (yaml.YAMLError, ValidationError) as error:
        what = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        hint = "Delete the file to go back to the packaged parameters."
        raise InputError(f"cannot be read: {what}.", field=str(path), hint=hint) from None


def write_tuned(path: Path, tuned: Tuned) -> None:
    """All or nothing."""
    import yaml

    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial-{os.getpid()}")
    with partial.open("w", encoding="utf-8") as file:
        yaml.safe_dump(tuned.model_dump(mode="json"), file, sort_keys=True, allow_unicode=True)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def accept(settings: Settings, platform: Platform, version: str) -> Tuned:
    """The gate let `version`, trained with the candidate, serve: from now on trainings use its parameters.

    Repeating it changes nothing. Raises NotReadyError without a candidate.
    """
    candidate = read_tuned(candidate_path(settings, platform))
    if candidate is None:
        accepted = read_tuned(accepted_path(settings, platform))
        if accepted is not None and accepted.version == version:
            return accepted
        raise NotReadyError(
            f"no tuned parameters of {platform.value} wait to be accepted: run `creatorlens tune`."
        )
    accepted = candidate.model_copy(update={"version": version})
    write_tuned(accepted_path(settings, platform), accepted)
    candidate_path(settings, platform).unlink(missing_ok=True)
    return accepted
