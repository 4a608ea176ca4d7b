"""Tests as they are kept: the rows of a test, read into one record and written from one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from creatorlens.advice.experiments import Experiment, Plan, PowerCheck, State, TestKind, VariantIn, Verdict
from creatorlens.database import tables
from creatorlens.errors import NotFoundError
from services.insights.ids import time_ordered_id

ADVICE = "GET /v1/experiments lists tests; POST /v1/experiments starts one."


@dataclass(frozen=True)
class Trial:
    """`plan` as asked for; `power` as checked when it was started. `spread_ln`, `row_ln`: of `recommend.experiments.judging.Rules`."""

    experiment_id: str
    kind: TestKind
    channel_id: str
    content_id: str | None
    headline: str | None
    created_at: datetime
    status: State
    plan: Plan
    power: PowerCheck
    spread_ln: float
    row_ln: float
    variants: tuple[VariantIn, ...]
    order: tuple[str, ...]

    def position(self, variant_id: str) -> int | None:
        ids = [one.variant_id for one in self.variants]
        return ids.index(variant_id) if variant_id in ids else None


@dataclass(frozen=True)
class Row:
    """One stored observation."""

    variant_id: str
    period_start: datetime
    period_end: datetime
    impressions: int
    clicks: int
    post_id: str | None
    outcome_ln: float | None


@dataclass(frozen=True)
class Told:
    """The last word on a test."""

    decided_at: datetime
    verdict: Verdict


def insert_trial(connection: Connection, workspace: str, trial: Trial) -> None:
    design = {
        "headline": trial.headline,
        "plan": trial.plan.model_dump(mode="json"),
        "power": trial.power.model_dump(mode="json"),
        "spread_ln": trial.spread_ln,
        "row_ln": trial.row_ln,
        "order": list(trial.order),
    }
    name = {"workspace_id": workspace, "experiment_id": trial.experiment_id}
    connection.execute(
        insert(tables.trials),
        {
            **name, "kind": trial.kind, "channel_id": trial.channel_id, "content_id": trial.content_id,
            "created_at": trial.created_at, "design": design, "status": trial.status,
        },
    )  # fmt: skip
    connection.execute(
        insert(tables.trial_variants),
        [
            {**name, "variant_id": one.variant_id, "position": i, "change": _change(one)}
            for i, one in enumerate(trial.variants)
        ],
    )


def _change(variant: VariantIn) -> dict[str, Any]:
    return variant.model_dump(mode="json", exclude_none=True, exclude={"variant_id"})


def read(connection: Connection, workspace: str, experiment_id: str, *, lock: bool = False) -> Trial:
    """`lock`: until the transaction ends nobody else changes it. Raises NotFoundError."""
    query = _trials(workspace).where(tables.trials.c.experiment_id == experiment_id)
    found = _read(connection, workspace, query.with_for_update() if lock else query)
    if not found:
        raise NotFoundError(f"no test {experiment_id[:64]!r} here.", field="experiment_id", hint=ADVICE)
    return found[0]


def newest(
    connection: Connection, workspace: str, *, channel_id: str | None = None, limit: int = 100
) -> list[Trial]:
    c = tables.trials.c
    query = _trials(workspace)
    if channel_id is not None:
        query = query.where(c.channel_id == channel_id)
    return _read(connection, workspace, query.order_by(c.experiment_id.desc()).limit(limit))


def _trials(workspace: str) -> Select[Any]:
    return select(tables.trials).where(tables.trials.c.workspace_id == workspace)


def _read(connection: Connection, workspace: str, query: Select[Any]) -> list[Trial]:
    rows = connection.execute(query).all()
    variants = _variants(connection, workspace, [row.experiment_id for row in rows])
    return [
        Trial(
            experiment_id=row.experiment_id,
            kind=row.kind,
            channel_id=row.channel_id,
            content_id=row.content_id,
            headline=row.design["headline"],
            created_at=row.created_at,
            status=row.status,
            plan=Plan.model_validate(row.design["plan"]),
            power=PowerCheck.model_validate(row.design["power"]),
            spread_ln=row.design["spread_ln"],
            row_ln=row.design["row_ln"],
            variants=tuple(variants[row.experiment_id]),
            order=tuple(row.design["order"]),
        )
        for row in rows
    ]


def _variants(
    connection: Connection, workspace: str, experiment_ids: Sequence[str]
) -> dict[str, list[VariantIn]]:
    c = tables.trial_variants.c
    query = (
        select(c.experiment_id, c.variant_id, c.change)
        .where(c.workspace_id == workspace, c.experiment_id.in_(experiment_ids))
        .order_by(c.experiment_id, c.position)
    )
    found: dict[str, list[VariantIn]] = {}
    for row in connection.execute(query):
        one = VariantIn.model_validate({"variant_id": row.variant_id, **row.change})
        found.setdefault(row.experiment_id, []).append(one)
    return found


def observations(connection: Connection, workspace: str, experiment_id: str) -> list[Row]:
    """By time."""
    c = tables.trial_observations.c
    columns = (
        c.variant_id, c.period_start, c.period_end, c.impressions, c.clicks, c.post_id, c.outcome_ln,
    )  # fmt: skip
    query = (
        select(*columns)
        .where(c.workspace_id == workspace, c.experiment_id == experiment_id)
        .order_by(c.period_start, c.period_end, c.variant_id)
    )
    return [Row(*row) for row in connection.execute(query)]


def put_observations(
    connection: Connection, workspace: str, experiment_id: str, rows: Iterable[Row], now: datetime
) -> None:
    """In place of what was told of the same variant and start before."""
    told = [
        {
            "workspace_id": workspace, "experiment_id": experiment_id, "variant_id": row.variant_id,
            "period_start": row.period_start, "period_end": row.period_end, "impressions": row.impressions,
            "clicks": row.clicks, "post_id": row.post_id, "outcome_ln": row.outcome_ln, "received_at": now,
        }
        for row in rows
    ]  # fmt: skip
    if not told:
        return
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(tables.trial_observations)
    changed = ("period_end", "impressions", "clicks", "post_id", "outcome_ln", "received_at")
    statement = statement.on_conflict_do_update(
        index_elements=["workspace_id", "experiment_id", "variant_id", "period_start"],
        set_={name: statement.excluded[name] for name in changed},
    )
    connection.execute(statement, told)


def insert_verdict(
    connection: Connection, workspace: str, trial: Trial, verdict: Verdict, status: State, now: datetime
) -> None:
    """`status` decided or stopped: the verdict stays as it is."""
    c = tables.trials.c
    connection.execute(
        update(tables.trials)
        .where(c.workspace_id == workspace, c.experiment_id == trial.experiment_id)
        .values(status=status)
    )
    connection.execute(
        insert(tables.trial_verdicts),
        {
            "workspace_id": workspace, "verdict_id": time_ordered_id(), "experiment_id": trial.experiment_id,
            "decided_at": now, "verdict": verdict.finding if status == "decided" else "stopped",
            "winner": verdict.winner, "result": verdict.model_dump(mode="json"),
        },
    )  # fmt: skip


def last_word(connection: Connection, workspace: str, experiment_ids: Sequence[str]) -> dict[str, Told]:
    """Of tests that have ended."""
    c = tables.trial_verdicts.c
    query = (
        select(c.experiment_id, c.decided_at, c.result)
        .where(c.workspace_id == workspace, c.experiment_id.in_(experiment_ids))
        .order_by(c.decided_at, c.verdict_id)
    )
    return {
        row.experiment_id: Told(row.decided_at, Verdict.model_validate(row.result))
        for row in connection.execute(query)
    }


def told(trial: Trial, last: Told | None, verdict: Verdict | None = None) -> Experiment:
    """As it travels; `verdict` of a test that still runs."""
    return Experiment(
        experiment_id=trial.experiment_id,
        kind=trial.kind,
        channel_id=trial.channel_id,
        content_id=trial.content_id,
        headline=trial.headline,
        created_at=trial.created_at,
        status=trial.status,
        plan=trial.plan,
        power=trial.power,
        variants=trial.variants,
        order=trial.order,
        decided_at=last.decided_at if last else None,
        verdict=last.verdict if last else verdict,
    )
