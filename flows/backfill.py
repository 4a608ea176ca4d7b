"""Versions as they would have been trained on past dates, each on what was known then. Killed, it goes on where it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import flow

from creatorlens.errors import InputError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings, load_settings
from flows.featurize import featurize
from flows.promote import promote
from flows.reporting import narrator, table
from flows.train import train_platform

MOST_DATES = 400


@dataclass(frozen=True)
class Dated:
    """`version` of a date; `skipped` says why nothing was trained for it."""

    until: str
    version: str | None
    skipped: str | None = None


@dataclass(frozen=True)
class Backfilled:
    """`promoted`: what the gate said to the newest one, None where the serving version knows more."""

    platform: str
    dates: list[Dated]
    promoted: str | None


def dates(since: datetime, until: datetime, every_d: float) -> list[datetime]:
    """From `since` on, `every_d` days apart, up to `until`. Raises InputError where that is none or too many."""
    if every_d <= 0:
        raise InputError("the step must be longer than nothing.", field="--every", hint="As 7d.")
    if since > until:
        raise InputError("it is after --until.", field="--since")
    n = int((until - since) / timedelta(days=every_d)) + 1
    if n > MOST_DATES:
        raise InputError(
            f"{n} trainings are too many at once.", field="--every", hint=f"At most {MOST_DATES}."
        )
    return [since + i * timedelta(days=every_d) for i in range(n)]


@flow(name="backfill", flow_run_name="back-fill {platform} from {since}", timeout_seconds=7 * 24 * 3600)
def backfill(
    platform: Platform,
    since: datetime,
    until: datetime | None = None,
    every_d: float = 7.0,
    force: bool = False,
) -> Backfilled:
    """In order of the dates. A date that has a version is left alone (`force`: trained again). Past versions do not
    serve; the newest goes before the gate where it knows more than the one that serves."""
    settings = load_settings()
    asked = dates(_utc(since), _utc(until) if until else datetime.now(UTC), every_d)
    featurize([platform])
    done = []
    for moment in asked:
        there = None if force else version_of(settings, platform, moment)
        done.append(Dated(moment.isoformat(), there, "trained before") if there else _train(platform, moment))
        narrator()(
            f"{platform.value} as of {moment:%Y-%m-%d}: {done[-1].skipped or f'version {done[-1].version}'}"
        )
    table(
        f"backfill-{platform.value}", [vars(one) for one in done], "Versions by the date of what they knew."
    )
    return Backfilled(platform.value, done, _promoted(settings, platform, done))


def version_of(settings: Settings, platform: Platform, moment: datetime) -> str | None:
    """The newest version trained as of that moment."""
    from training import tracking

    client = tracking.connect(settings)
    for version in tracking.versions(client, platform):
        if _param(client, version.run_id, "until") == moment.isoformat():
            return str(version.version)
    return None


def _train(platform: Platform, moment: datetime) -> Dated:
    try:
        report = train_platform(platform, moment)
    except NotReadyError as error:
        return Dated(moment.isoformat(), None, str(error))
    same = "nothing was learned since the version before" if report.skipped else None
    return Dated(moment.isoformat(), report.version, same)


def _promoted(settings: Settings, platform: Platform, done: list[Dated]) -> str | None:
    from training import tracking

    newest = next((one.version for one in reversed(done) if one.version), None)
    if newest is None:
        return None
    client, name = tracking.connect(settings), tracking.model_name(platform)
    aliases = client.get_registered_model(name).aliases
    serving = aliases.get(tracking.CHAMPION) or aliases.get(tracking.FLOOR)
    if serving is not None and _known_until(client, name, newest) <= _known_until(client, name, str(serving)):
        return None
    return promote(platform, newest).reason


def _known_until(client: Any, name: str, version: str) -> str:
    """ISO, so that later ones sort after; empty for versions that do not tell."""
    tags: dict[str, str] = client.get_model_version(name, version).tags
    return tags.get("known_until", "")


def _param(client: Any, run_id: str | None, name: str) -> str | None:
    from mlflow.exceptions import MlflowException

    if run_id is None:
        return None
    try:
        params: dict[str, str] = client.get_run(run_id).data.params
    except MlflowException:
        return None
    return params.get(name)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
