"""Starting tests, listing them, stopping them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from sqlalchemy import Engine

from creatorlens.advice.experiments import Experiment, ExperimentRequest, Experiments
from creatorlens.database.engine import IMMEDIATE
from creatorlens.errors import ConflictError, InputError
from creatorlens.settings import Settings
from recommend.timing.randomised import randomise
from services.content.contents import find_content, must_hold
from services.experiments import finished, histories, kept
from services.experiments.kept import Trial
from services.experiments.observing import settled
from services.experiments.power import Planned, planned
from services.experiments.verdicts import verdict
from services.insights.ids import time_ordered_id

ORDER_ROWS = 120
"""Days or posts for which the order is drawn; after that it starts again."""


def start(
    engine: Engine, settings: Settings, wanted: ExperimentRequest, now: datetime | None = None
) -> Experiment:
    """Power first: raises InputError where the test cannot be decided in the time it may take, unless `force`; and
    NotFoundError for a channel, content or picture that is not known."""
    histories.platform_of(engine, settings.workspace, wanted.channel)
    headline = _headline(engine, settings.workspace, wanted)
    _pictures_held(engine, settings.workspace, wanted)
    plan = planned(
        engine, settings, wanted.kind, wanted.plan, len(wanted.variants), wanted.channel, where="plan."
    )
    if not plan.check.decidable and not wanted.force:
        raise InputError(
            plan.check.words,
            field="plan",
            hint=" ".join((*plan.check.options, "Or start it all the same: force.")),
        )
    trial = _trial(wanted, headline, plan, now or datetime.now(UTC))
    with engine.begin() as connection:
        kept.insert_trial(connection, settings.workspace, trial)
    return kept.told(trial, None, verdict(trial, ()))


def _trial(wanted: ExperimentRequest, headline: str | None, plan: Planned, now: datetime) -> Trial:
    experiment_id = time_ordered_id()
    return Trial(
        experiment_id=experiment_id,
        kind=wanted.kind,
        channel_id=wanted.channel,
        content_id=wanted.content_id,
        headline=headline,
        created_at=now,
        status="running",
        plan=wanted.plan,
        power=plan.check,
        spread_ln=plan.spread_ln,
        row_ln=plan.row_ln,
        variants=wanted.variants,
        order=_order(wanted, experiment_id),
    )


def _order(wanted: ExperimentRequest, experiment_id: str) -> tuple[str, ...]:
    """Drawn in blocks that hold each variant once; the id is the seed, so that the draw can be checked."""
    if wanted.kind != "time" and wanted.plan.rotation != "by-day":
        return ()
    seed = int.from_bytes(hashlib.sha256(experiment_id.encode()).digest()[:8], "big")
    ids = [one.variant_id for one in wanted.variants]
    return tuple(one.slot for one in randomise(ids, ORDER_ROWS, seed))


def _headline(engine: Engine, workspace: str, wanted: ExperimentRequest) -> str | None:
    """Shown with each picture of a thumbnail test. Raises InputError where nothing says which."""
    content = None
    if wanted.content_id is not None:
        content = find_content(engine, workspace, wanted.content_id)
        if content.channel_id != wanted.channel:
            raise InputError(
                f"is of {content.channel_id}, not of {wanted.channel}.", field="content_id",
                hint="Name the content's own channel.",
            )  # fmt: skip
    if wanted.kind != "thumbnail":
        return None
    title = wanted.headline or (content.now.title or content.now.text if content else None)
    if not title:
        raise InputError(
            "a thumbnail test needs the title that is shown with the pictures.", field="headline",
            hint="Tell it, or the content_id of a kept draft.",
        )  # fmt: skip
    return title


def _pictures_held(engine: Engine, workspace: str, wanted: ExperimentRequest) -> None:
    with engine.connect() as connection:
        for i, variant in enumerate(wanted.variants):
            if variant.thumbnail is not None:
                must_hold(connection, workspace, [variant.thumbnail], f"variants.{i}.thumbnail")


def experiment(engine: Engine, settings: Settings, experiment_id: str) -> Experiment:
    """Raises NotFoundError."""
    settled(engine, settings, experiment_id)
    with engine.connect() as connection:
        trial = kept.read(connection, settings.workspace, experiment_id)
        last = kept.last_word(connection, settings.workspace, [experiment_id]).get(experiment_id)
        rows = kept.observations(connection, settings.workspace, experiment_id)
    return kept.told(trial, last, None if last else verdict(trial, rows))


def experiments(
    engine: Engine, settings: Settings, *, channel_id: str | None = None, limit: int = 100
) -> Experiments:
    """Newest first; of those that run the verdict is left out (`experiment` tells it)."""
    with engine.connect() as connection:
        found = kept.newest(connection, settings.workspace, channel_id=channel_id, limit=limit)
        ended = kept.last_word(connection, settings.workspace, [one.experiment_id for one in found])
    return Experiments(experiments=tuple(kept.told(one, ended.get(one.experiment_id)) for one in found))


def stop(engine: Engine, settings: Settings, experiment_id: str, now: datetime | None = None) -> Experiment:
    """Ends it as it stands. Stopping twice changes nothing; raises ConflictError where it is decided."""
    settled(engine, settings, experiment_id, now)
    with engine.connect().execution_options(**IMMEDIATE) as connection, connection.begin():
        trial = kept.read(connection, settings.workspace, experiment_id, lock=True)
        if trial.status == "decided":
            raise ConflictError(
                "this test is decided.", field="experiment_id", hint="Its verdict stays: GET .../verdict."
            )
        if trial.status == "running":
            rows = kept.observations(connection, settings.workspace, experiment_id)
            ended = verdict(trial, rows)
            finished.end(
                connection, settings.workspace, trial, rows, ended, "stopped", now or datetime.now(UTC)
            )
    return experiment(engine, settings, experiment_id)
