"""`creatorlens experiments`: the power check, then a test, what was seen of it, and what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.output import emit

if TYPE_CHECKING:
    from pydantic import BaseModel

    from creatorlens.advice.experiments import Experiment, ObservationOfVariant, PowerCheck, Verdict

JSON = typer.Option(False, "--json", help="One JSON object as the last line of stdout.")
KIND = typer.Option("title", "--kind", help="title, thumbnail or time.")
SMALLEST = typer.Option(0.2, "--smallest", help="The smallest change worth finding: 0.2 is 20 % more.")
DAYS = typer.Option(30, "--max-days", help="How long the test may take.")
BASELINE = typer.Option(None, "--baseline", help="Clicks per impression now [default: from earlier tests].")
A_DAY = typer.Option(
    None, "--impressions-per-day", help="Over all variants [default: from the channel's history]."
)
A_WEEK = typer.Option(None, "--posts-per-week", help="Of a time test [default: from the channel's history].")
BY_DAY = typer.Option(False, "--by-day", help="One variant a day instead of side by side.")
THOMPSON = typer.Option(
    False, "--thompson", help="Shift traffic to what is likely the best while the test runs."
)


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Tests of titles, thumbnails and times of posting.")
    for name, verb in (
        ("power", power), ("start", start), ("observe", observe), ("verdict", verdict), ("list", listed),
        ("stop", stop), ("pooled", pooled),
    ):  # fmt: skip
        group.command(name)(verb)
    app.add_typer(group, name="experiments")


def power(
    channel: str = typer.Option(
        None, "--channel", help="As youtube:UC123: what is not told is taken from its history."
    ),
    kind: str = KIND,
    variants: int = typer.Option(2, "--variants"),
    smallest: float = SMALLEST,
    max_days: int = DAYS,
    baseline: float = BASELINE,
    impressions_per_day: float = A_DAY,
    posts_per_week: float = A_WEEK,
    by_day: bool = BY_DAY,
    as_json: bool = JSON,
) -> None:
    """How long a test takes, or that it cannot be decided."""
    from creatorlens.advice.experiments import PowerRequest
    from services.experiments.power import power_check

    plan = _plan(smallest, max_days, baseline, impressions_per_day, posts_per_week, by_day)
    wanted = _checked(PowerRequest, {"kind": kind, "channel": channel, "variants": variants, **plan})
    found = power_check(*_opened(), wanted)
    emit(found.model_dump(mode="json"), as_json=as_json, lines=lambda: _power_lines(found))


def start(
    shown: list[str] = typer.Argument(
        ...,
        help="What is tested, two or more: titles; sha256 of stored pictures; slots in words. The first is what the others are compared with.",
    ),
    channel: str = typer.Option(..., "--channel", help="As youtube:UC123."),
    kind: str = KIND,
    content: str = typer.Option(None, "--content", help="The kept draft it is about."),
    headline: str = typer.Option(
        None, "--headline", help="Of a thumbnail test: the title shown with each picture."
    ),
    smallest: float = SMALLEST,
    max_days: int = DAYS,
    baseline: float = BASELINE,
    impressions_per_day: float = A_DAY,
    posts_per_week: float = A_WEEK,
    by_day: bool = BY_DAY,
    thompson: bool = THOMPSON,
    force: bool = typer.Option(False, "--force", help="Start it though it cannot be decided in time."),
    as_json: bool = JSON,
) -> None:
    """Start a test. Variants are called a, b, c... in the order given."""
    from creatorlens.advice.experiments import ExperimentRequest
    from services.experiments import trials

    plan = _plan(smallest, max_days, baseline, impressions_per_day, posts_per_week, by_day)
    part = "slot" if kind == "time" else kind
    told = {
        "kind": kind, "channel": channel, "content_id": content, "headline": headline, "force": force,
        "plan": plan | {"allocation": "thompson" if thompson else "equal"},
        "variants": [{"variant_id": _letter(i), part: one} for i, one in enumerate(shown)],
    }  # fmt: skip
    found = trials.start(*_opened(), _checked(ExperimentRequest, told))
    emit(found.model_dump(mode="json"), as_json=as_json, lines=lambda: _test_lines(found))


def observe(
    experiment_id: str,
    file: Path = typer.Argument(
        ...,
        help="CSV with variant_id, period_start, period_end, impressions, clicks (of a time test post_id or outcome_ln).",
    ),
    as_json: bool = JSON,
) -> None:
    """Take in what was seen. The same file again changes nothing."""
    from services.experiments.observing import observe as take

    found = take(*_opened(), experiment_id, _read(file))
    emit(
        found.model_dump(mode="json"),
        as_json=as_json,
        lines=lambda: [
            f"{found.stored} stored, {found.unchanged} known before; {found.status}",
            *_verdict_lines(found.verdict),
        ],
    )


def verdict(experiment_id: str, as_json: bool = JSON) -> None:
    """What a test says now; valid however often one looks."""
    from services.experiments.observing import settled

    found = settled(*_opened(), experiment_id)
    emit(found.model_dump(mode="json"), as_json=as_json, lines=lambda: _verdict_lines(found))


def listed(
    channel: str = typer.Option(None, "--channel", help="Of this channel only."), as_json: bool = JSON
) -> None:
    """Tests, newest first."""
    from services.experiments import trials

    found = trials.experiments(*_opened(), channel_id=channel)
    emit(
        found.model_dump(mode="json"),
        as_json=as_json,
        lines=lambda: (
            [
                f"{one.experiment_id}  {one.created_at:%Y-%m-%d}  {one.kind:<9}  {one.status:<8}  {one.channel_id}"
                for one in found.experiments
            ]
            or ["no tests yet"]
        ),
    )


def stop(experiment_id: str, as_json: bool = JSON) -> None:
    """End a test as it stands."""
    from services.experiments import trials

    found = trials.stop(*_opened(), experiment_id)
    emit(found.model_dump(mode="json"), as_json=as_json, lines=lambda: _test_lines(found))


def pooled(
    channel: str = typer.Option(None, "--channel", help="Of this channel's own tests only."),
    as_json: bool = JSON,
) -> None:
    """What kinds of change of a title are worth over all finished tests."""
    from services.experiments.pooled import pooled_changes

    found = pooled_changes(*_opened(), channel_id=channel)
    emit(
        found.model_dump(mode="json"),
        as_json=as_json,
        lines=lambda: [found.words, *(f"  {one.words}" for one in found.changes)],
    )


def _opened() -> tuple[Any, Any]:
    from creatorlens.database import open_database
    from creatorlens.settings import load_settings

    settings = load_settings()
    return open_database(settings), settings


def _plan(
    smallest: float,
    max_days: int,
    baseline: float | None,
    a_day: float | None,
    a_week: float | None,
    by_day: bool,
) -> dict[str, Any]:
    return {
        "smallest": smallest, "max_days": max_days, "baseline": baseline, "impressions_per_day": a_day,
        "posts_per_week": a_week, "rotation": "by-day" if by_day else "side-by-side",
    }  # fmt: skip


def _checked(kind: type[BaseModel], told: dict[str, Any]) -> Any:
    """Raises InputError in place of pydantic's."""
    from pydantic import ValidationError

    from creatorlens.errors import InputError

    try:
        return kind.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        context = first.get("ctx") or {}
        field = ".".join(
            str(part) for part in (*first["loc"], *([context["field"]] if "field" in context else []))
        )
        raise InputError(first["msg"], field=field) from None


def _read(file: Path) -> list[ObservationOfVariant]:
    import csv

    from creatorlens.advice.experiments import ObservationOfVariant
    from creatorlens.errors import InputError

    try:
        with file.open(newline="", encoding="utf-8-sig") as opened:
            rows = list(csv.DictReader(opened))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", field=str(file)) from None
    found: list[ObservationOfVariant] = []
    for number, row in enumerate(rows, start=2):
        told = {name: value for name, value in row.items() if value not in (None, "")}
        try:
            found.append(_checked(ObservationOfVariant, told))
        except InputError as error:
            raise InputError(error.message, field=f"{file}, line {number}, {error.field}") from None
    if not found:
        raise InputError("has no rows.", field=str(file))
    return found


def _letter(i: int) -> str:
    return chr(ord("a") + i)


def _power_lines(found: PowerCheck) -> list[str]:
    return [
        found.words,
        *(f"  assumed: {one}" for one in found.assumed),
        *(f"  or: {one}" for one in found.options),
    ]


def _test_lines(found: Experiment) -> list[str]:
    lines = [f"{found.experiment_id}: {found.status}"]
    for variant in found.variants:
        shown = variant.title or variant.thumbnail or variant.slot
        lines.append(f"  {variant.variant_id}: {json.dumps(shown, ensure_ascii=False)}")
    if found.order:
        lines.append(f"  in this order: {' '.join(found.order[:14])} ...")
    if found.status == "running":
        return [*lines, found.power.words]
    return lines + (_verdict_lines(found.verdict) if found.verdict else [])


def _verdict_lines(found: Verdict) -> list[str]:
    lines = [found.words, *(f"  {one.words}" for one in found.effects)]
    for one in found.variants:
        counts = f"{one.clicks:,} of {one.impressions:,} clicked" if not one.posts else f"{one.posts} posts"
        lines.append(
            f"  {one.variant_id}: {counts}; the best with {one.best:.0%}, next share {one.next_share:.0%}"
        )
    return lines + [f"  {one}" for one in found.remarks]
