"""Training again where it is due: look, and where a trigger fired bring features up to date, train, let the gate judge."""

from __future__ import annotations

from dataclasses import dataclass

from prefect import flow, runtime

from creatorlens.database import open_database
from creatorlens.platforms import Platform
from creatorlens.settings import load_settings
from flows.featurize import featurize
from flows.promote import promote
from flows.reporting import table
from flows.selecting import platforms_with_posts
from flows.train import train
from flows.watch import watch


@dataclass(frozen=True)
class Retrained:
    """`why`: the trigger, or that there was none. version, serves and decision: where it was trained."""

    platform: str
    retrained: bool
    why: str
    version: str | None = None
    serves: str | None = None
    decision: str | None = None


def _run_name() -> str:
    asked = runtime.flow_run.parameters
    about = ", ".join(asked["platforms"]) if asked.get("platforms") else "what is due"
    return f"retrain {about}{' (forced)' if asked.get('force') else ''}"


@flow(name="retrain", flow_run_name=_run_name, timeout_seconds=24 * 3600)
def retrain(platforms: list[Platform] | None = None, force: bool = False) -> list[Retrained]:
    """The platforms given, or all with posts. A platform without a model is due; `force` trains them all."""
    settings = load_settings()
    chosen = platforms or platforms_with_posts(open_database(settings), settings)
    reports = {report.platform: report for report in watch(chosen)}
    done = []
    for platform in chosen:
        report = reports.get(platform)
        why = report.reason if report else "no model serves it yet"
        if report is None or report.retrain or force:
            done.append(_again(platform, f"asked for; {why}" if force else why))
        else:
            done.append(Retrained(platform.value, False, why))
    table("retraining", [vars(one) for one in done], "What was trained again, and why.")
    return done


def _again(platform: Platform, why: str) -> Retrained:
    featurize([platform])
    trained = train([platform])[0]
    decision = promote(platform, trained.version, actor="flow retrain")
    return Retrained(platform.value, True, why, trained.version, decision.serves, decision.reason)
