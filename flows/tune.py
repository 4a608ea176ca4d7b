"""Better parameters, judged by the gate that judges every model: study → challenger trained with them → gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prefect import flow, task

from creatorlens.platforms import Platform
from creatorlens.settings import load_settings
from flows.promote import promote
from flows.reporting import markdown, narrator
from flows.retrying import transient

if TYPE_CHECKING:
    from training.train import TrainReport
    from training.tuning import TuneReport


@dataclass(frozen=True)
class Tuning:
    """`version`: the challenger trained with what the study recommends, None where today's parameters were best;
    `accepted`: whether the gate let it serve, so that later trainings use its parameters."""

    study: TuneReport
    version: str | None
    accepted: bool
    reason: str


@task(
    task_run_name="study {platform.value}",
    # What was finished stays in the storage: a second attempt goes on with it.
    retries=1,
    retry_delay_seconds=30,
    retry_condition_fn=transient,
    timeout_seconds=24 * 3600,
)
def study(platform: Platform, trials: int, hours: float | None, jobs: int, resume: bool) -> TuneReport:
    from training.tuning import tune_platform

    return tune_platform(
        load_settings(), platform, trials=trials, hours=hours, jobs=jobs, resume=resume, progress=narrator()
    )


@task(task_run_name="train {platform.value} with tuned parameters", timeout_seconds=3 * 3600)
def train_challenger(platform: Platform) -> TrainReport:
    from training.tuning_challenger import train_candidate

    return train_candidate(load_settings(), platform, progress=narrator())


@flow(name="tune", flow_run_name="tune {platform}", timeout_seconds=30 * 3600)
def tune(
    platform: Platform, trials: int = 40, hours: float | None = None, jobs: int = 1, resume: bool = False
) -> Tuning:
    """Search, and let the gate decide on a model trained with what was found; parameters are never accepted otherwise."""
    found = study(platform, trials, hours, jobs, resume)
    if found.candidate is None:
        return _told(platform, Tuning(found, None, False, "no parameters were better than today's"))
    version = train_challenger(platform).version
    decision = promote(platform, version, actor="flow tune")
    from training.tuning_challenger import settled

    accepted = settled(load_settings(), platform, version, serves=decision.champion == version)
    return _told(platform, Tuning(found, version, accepted, str(decision.reason)))


def _told(platform: Platform, tuning: Tuning) -> Tuning:
    found = tuning.study
    changed = "".join(f"\n- `{name}`: {old} → {new}" for name, (old, new) in found.changed.items())
    markdown(
        f"tuning-{platform.value}",
        f"**{found.study}**: {found.completed} trials finished, {found.pruned} pruned; {found.base_value} → "
        f"{found.value}\n{changed}\n\n{tuning.reason}\n",
    )
    return tuning
