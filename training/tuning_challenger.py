"""The model that stands for tuned parameters before the gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from training.tuned import accept, candidate_path, read_tuned

if TYPE_CHECKING:
    from training.train import TrainReport


@dataclass(frozen=True)
class Verdict:
    """`version`: the challenger; `accepted`: whether the gate let it serve, so that later trainings use its parameters."""

    version: str
    accepted: bool
    reason: str


def judge_candidate(
    settings: Settings, platform: Platform, progress: Callable[[str], None] = lambda _: None
) -> Verdict:
    """Train the challenger, ask the gate, and accept the parameters only where it serves."""
    from training.promotion import promote

    version = train_candidate(settings, platform, progress).version
    decision = promote(settings, platform, version)
    accepted = settled(settings, platform, version, serves=decision.champion == version)
    return Verdict(version, accepted, decision.reason)


def settled(settings: Settings, platform: Platform, version: str, *, serves: bool) -> bool:
    """What follows from the gate's word on the challenger."""
    if serves:
        accept(settings, platform, version)
    return serves


def train_candidate(
    settings: Settings, platform: Platform, progress: Callable[[str], None] = lambda _: None
) -> TrainReport:
    """Train and register a version with the candidate's parameters; nothing serves by that. NotReadyError without one."""
    from creatorlens.database import open_database
    from training.train import train_platform

    candidate = read_tuned(candidate_path(settings, platform))
    if candidate is None:
        raise NotReadyError(
            f"no tuned parameters of {platform.value} wait to be tried: run `creatorlens tune`."
        )
    engine = open_database(settings)
    try:
        return train_platform(engine, settings, platform, progress=progress, parameters=candidate.parameters)
    finally:
        engine.dispose()
