"""Taking in what was seen of a test, and judging it anew each time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine

from creatorlens.advice.experiments import ObservationOfVariant, ObservedAnswer, Verdict
from creatorlens.database.engine import IMMEDIATE
from creatorlens.errors import ConflictError, InputError, nearest
from creatorlens.settings import Settings
from services.experiments import finished, histories, kept
from services.experiments.kept import Row, Trial
from services.experiments.verdicts import verdict

CLOCKS_APART = timedelta(minutes=5)


@dataclass(frozen=True)
class _Taken:
    changed: tuple[Row, ...]
    unchanged: int


def observe(
    engine: Engine,
    settings: Settings,
    experiment_id: str,
    observations: Sequence[ObservationOfVariant],
    now: datetime | None = None,
) -> ObservedAnswer:
    """Takes all of them or none. Those told before change nothing; the same variant and start with other counts replaces them.
    Ends the test where it is decided. Raises InputError naming the observation at fault, ConflictError for news of a
    test that has ended."""
    moment = now or datetime.now(UTC)
    with engine.connect() as connection:
        trial = kept.read(connection, settings.workspace, experiment_id)
    rows = [_row(trial, i, one, moment) for i, one in enumerate(observations)]
    _own_posts(engine, settings, trial, rows)
    outcomes = _outcomes(engine, settings, trial, [row.post_id for row in rows])
    with engine.connect().execution_options(**IMMEDIATE) as connection, connection.begin():
        trial = kept.read(connection, settings.workspace, experiment_id, lock=True)
        before = kept.observations(connection, settings.workspace, experiment_id)
        taken = _sorted(rows, before)
        if taken.changed and trial.status != "running":
            raise ConflictError(
                f"this test is {trial.status}: nothing more is taken in.", field="experiment_id",
                hint="Start another one.",
            )  # fmt: skip
        _apart(trial, rows, before)
        changed = with_outcomes(taken.changed, outcomes)
        kept.put_observations(connection, settings.workspace, experiment_id, changed, moment)
        found = _judged(connection, settings.workspace, trial, moment)
        ended = kept.read(connection, settings.workspace, experiment_id)
    return ObservedAnswer(
        stored=len(taken.changed), unchanged=taken.unchanged, status=ended.status, verdict=found
    )


def settled(engine: Engine, settings: Settings, experiment_id: str, now: datetime | None = None) -> Verdict:
    """The verdict as of now: outcomes of a time test that became known since are taken in, and may decide it. Raises
    NotFoundError."""
    with engine.connect() as connection:
        trial = kept.read(connection, settings.workspace, experiment_id)
        rows = kept.observations(connection, settings.workspace, experiment_id)
    waiting = [row for row in rows if row.post_id is not None and row.outcome_ln is None]
    news = _outcomes(engine, settings, trial, [row.post_id for row in waiting])
    moment = now or datetime.now(UTC)
    with engine.connect().execution_options(**IMMEDIATE) as connection, connection.begin():
        trial = kept.read(connection, settings.workspace, experiment_id, lock=True)
        if news and trial.status == "running":
            known = [row for row in with_outcomes(waiting, news) if row.outcome_ln is not None]
            kept.put_observations(connection, settings.workspace, experiment_id, known, moment)
        return _judged(connection, settings.workspace, trial, moment)


def _judged(connection: Connection, workspace: str, trial: Trial, now: datetime) -> Verdict:
    """What stands; a test that runs and is decided by now is ended."""
    if trial.status != "running":
        return kept.last_word(connection, workspace, [trial.experiment_id])[trial.experiment_id].verdict
    rows = kept.observations(connection, workspace, trial.experiment_id)
    found = verdict(trial, rows)
    if found.finding != "undecided":
        finished.end(connection, workspace, trial, rows, found, "decided", now)
    return found


def _row(trial: Trial, i: int, told: ObservationOfVariant, now: datetime) -> Row:
    where = f"observations.{i}"
    if trial.position(told.variant_id) is None:
        ids = [one.variant_id for one in trial.variants]
        alike = nearest(told.variant_id, ids)
        hint = f"Did you mean {alike[0]}?" if alike else f"Known: {', '.join(ids)}."
        raise InputError(
            f"this test has no variant {told.variant_id!r}.", field=f"{where}.variant_id", hint=hint
        )
    if told.period_start > now + CLOCKS_APART or (
        trial.kind != "time" and told.period_end > now + CLOCKS_APART
    ):
        raise InputError(
            "is not over yet.", field=f"{where}.period_end", hint="Tell counts of periods that have passed."
        )
    if trial.kind == "time" and told.post_id is None and told.outcome_ln is None:
        raise InputError("a time test needs the post, or its outcome.", field=f"{where}.post_id")
    if trial.kind != "time" and (told.post_id is not None or told.outcome_ln is not None):
        name = "post_id" if told.post_id is not None else "outcome_ln"
        raise InputError(f"belongs to time tests; this one tests a {trial.kind}.", field=f"{where}.{name}")
    return Row(
        told.variant_id, told.period_start.astimezone(UTC), told.period_end.astimezone(UTC), told.impressions,
        told.clicks, told.post_id, told.outcome_ln,
    )  # fmt: skip


def _own_posts(engine: Engine, settings: Settings, trial: Trial, rows: Sequence[Row]) -> None:
    """Posts whose outcome is to be looked up must be the channel's."""
    asked = [row.post_id for row in rows if row.post_id is not None and row.outcome_ln is None]
    platform = histories.platform_of(engine, settings.workspace, trial.channel_id)
    known = histories.own_posts(engine, settings.workspace, platform, trial.channel_id, asked)
    for i, row in enumerate(rows):
        if row.post_id in asked and row.post_id not in known:
            raise InputError(
                f"no post {row.post_id!r} of {trial.channel_id} is known here.", field=f"observations.{i}.post_id",
                hint="Import it first, or tell its outcome_ln.",
            )  # fmt: skip


def _outcomes(
    engine: Engine, settings: Settings, trial: Trial, post_ids: Iterable[str | None]
) -> dict[str, float]:
    asked = [one for one in post_ids if one is not None]
    if not asked:
        return {}
    platform = histories.platform_of(engine, settings.workspace, trial.channel_id)
    return histories.outcomes_ln(settings, platform, asked)


def with_outcomes(rows: Iterable[Row], outcomes: Mapping[str, float]) -> list[Row]:
    """Where none was told."""
    return [
        row
        if row.outcome_ln is not None or row.post_id is None
        else replace(row, outcome_ln=outcomes.get(row.post_id))
        for row in rows
    ]


def _sorted(rows: Sequence[Row], before: Sequence[Row]) -> _Taken:
    """What is new or other than before. Raises InputError where one request tells two things of one period."""
    stored = {(row.variant_id, row.period_start): row for row in before}
    told: dict[tuple[str, datetime], Row] = {}
    for i, row in enumerate(rows):
        key = (row.variant_id, row.period_start)
        if key in told and told[key] != row:
            raise InputError(
                f"{row.variant_id} from {row.period_start.isoformat()} is told twice, differently.",
                field=f"observations.{i}",
            )
        told[key] = row
    changed = tuple(row for key, row in told.items() if not _same(row, stored.get(key)))
    return _Taken(changed, len(rows) - len(changed))


def _same(row: Row, stored: Row | None) -> bool:
    """An outcome that was looked up is no other one for not being told again."""
    if stored is not None and row.outcome_ln is None and row.post_id == stored.post_id:
        row = replace(row, outcome_ln=stored.outcome_ln)
    return row == stored


def _apart(trial: Trial, rows: Sequence[Row], before: Sequence[Row]) -> None:
    """Nothing may count twice: periods of one variant do not overlap, and each post is told once."""
    places = {(row.variant_id, row.period_start): i for i, row in enumerate(rows)}
    now = {(row.variant_id, row.period_start): row for row in before} | {
        (row.variant_id, row.period_start): row for row in rows
    }
    if trial.kind == "time":
        _posts_once(list(now.values()), places)
        return
    last: dict[str, Row] = {}
    for key, row in sorted(now.items(), key=lambda item: (item[1].period_start, item[1].period_end)):
        earlier = last.get(row.variant_id)
        if earlier is not None and row.period_start < earlier.period_end:
            place = places.get(key, places.get((earlier.variant_id, earlier.period_start)))
            raise InputError(
                f"overlaps with what was told of {row.variant_id} from {earlier.period_start.isoformat()} to "
                f"{earlier.period_end.isoformat()}.",
                field=f"observations.{place}.period_start",
                hint="Counts of a period, not totals since the start; or the same start again with a later end.",
            )
        last[row.variant_id] = row


def _posts_once(rows: Sequence[Row], places: Mapping[tuple[str, datetime], int]) -> None:
    seen: dict[str, tuple[str, datetime]] = {}
    for row in rows:
        if row.post_id is None:
            continue
        key = (row.variant_id, row.period_start)
        if row.post_id in seen:
            place = places.get(key, places.get(seen[row.post_id]))
            raise InputError(
                f"the post {row.post_id!r} was told before.", field=f"observations.{place}.post_id"
            )
        seen[row.post_id] = key
