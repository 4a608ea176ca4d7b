"""`creatorlens promote`, `rollback`, `promotions`, `shadow`, `canary`: who serves, and who is on trial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import emit

if TYPE_CHECKING:
    from creatorlens.api_operations import Promotion
    from services.insights.trials import Trial

PlatformOption = Annotated[str, typer.Option("--platform", help="Whose model.")]
Actor = Annotated[str, typer.Option("--actor", help="Who decides, for the log; default user@host.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")]


def register(app: typer.Typer) -> None:
    for verb in (promote, rollback, promotions, shadow, canary):
        app.command(verb.__name__)(verb)


def promote(
    platform: PlatformOption,
    version: Annotated[str, typer.Option("--version", help="Default: the newest.")] = "",
    actor: Actor = "",
    as_json: Json = False,
) -> None:
    """Let a version serve if it beats the floor and the champion on posts neither had trained on."""
    from dataclasses import asdict

    from creatorlens.platforms import parse_platform
    from creatorlens.settings import load_settings
    from training.promotion import promote as decide

    decision = decide(
        load_settings(), parse_platform(platform), version or None, actor=actor or None, again=bool(version)
    )
    line = f"{decision.model_name} version {decision.version} {decision.action}: {decision.reason}"
    emit(asdict(decision), as_json=as_json, lines=lambda: [line])


def rollback(
    platform: PlatformOption,
    to: Annotated[
        str, typer.Option("--to", help="A version, or 'floor'; default: the champion before.")
    ] = "",
    reason: Annotated[str, typer.Option("--reason", help="For the log.")] = "",
    actor: Actor = "",
    as_json: Json = False,
) -> None:
    """Give the title back to the champion before this one. Services follow within seconds."""
    from dataclasses import asdict

    from creatorlens.platforms import parse_platform
    from creatorlens.settings import load_settings
    from training.promotion import rollback as give_back

    decision = give_back(
        load_settings(), parse_platform(platform), to or None, reason=reason, actor=actor or None
    )
    now = f"version {decision.champion} serves" if decision.champion else "the floor serves"
    emit(
        asdict(decision), as_json=as_json, lines=lambda: [f"{decision.model_name}: {now}; {decision.reason}"]
    )


def promotions(
    platform: Annotated[str, typer.Option("--platform", help="Only this platform's.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 50,
    as_json: Json = False,
) -> None:
    """The promotion log, newest first: what was decided, by whom, on which figures and data."""
    from creatorlens.database import open_database
    from creatorlens.database.promotions import promotions as read
    from creatorlens.platforms import parse_platform
    from creatorlens.settings import load_settings

    settings = load_settings()
    chosen = parse_platform(platform) if platform else None
    found = read(open_database(settings), settings.workspace, chosen, limit=limit)
    emit(
        found.model_dump(mode="json"),
        as_json=as_json,
        lines=lambda: [_line(one) for one in found.promotions] or ["Nothing was decided yet."],
    )


def shadow(
    platform: PlatformOption,
    version: Annotated[
        str, typer.Option("--version", help="Answers every prediction in the background.")
    ] = "",
    off: Annotated[bool, typer.Option("--off", help="End it.")] = False,
    report: Annotated[bool, typer.Option("--report", help="How its answers came out so far.")] = False,
    actor: Actor = "",
    as_json: Json = False,
) -> None:
    """Let a version answer beside the champion without anybody seeing it; without options, what is on trial."""
    from creatorlens.database import open_database
    from creatorlens.platforms import parse_platform
    from creatorlens.settings import load_settings
    from services.insights import trials

    _one_of(version=bool(version), off=off, report=report)
    settings, chosen = load_settings(), parse_platform(platform)
    if report:
        told = _report(platform)
        emit(told, as_json=as_json, lines=lambda: [_report_line(told)])
        return
    engine = open_database(settings)
    if version:
        found: Trial | None = trials.start_shadow(engine, settings, chosen, version, actor=actor or None)
    elif off:
        found = trials.stop(engine, settings, chosen, trials.SHADOW, actor=actor or None)
    else:
        found = trials.trial(settings, chosen)
    _emit_trial(platform, found, as_json)


def canary(
    platform: PlatformOption,
    version: Annotated[str, typer.Option("--version", help="Answers for its share of the channels.")] = "",
    share: Annotated[float, typer.Option("--share", help="Of the channels, above 0 up to 1.")] = 0.1,
    off: Annotated[bool, typer.Option("--off", help="End it.")] = False,
    actor: Actor = "",
    as_json: Json = False,
) -> None:
    """Let a version answer for a share of the channels, always the same ones; without options, what is on trial."""
    from creatorlens.database import open_database
    from creatorlens.platforms import parse_platform
    from creatorlens.settings import load_settings
    from services.insights import trials

    _one_of(version=bool(version), off=off)
    settings, chosen = load_settings(), parse_platform(platform)
    engine = open_database(settings)
    if version:
        found: Trial | None = trials.start_canary(
            engine, settings, chosen, version, share, actor=actor or None
        )
    elif off:
        found = trials.stop(engine, settings, chosen, trials.SHARE, actor=actor or None)
    else:
        found = trials.trial(settings, chosen)
    _emit_trial(platform, found, as_json)


def _one_of(**given: bool) -> None:
    from creatorlens.errors import InputError

    named = [f"--{name}" for name, is_given in given.items() if is_given]
    if len(named) > 1:
        raise InputError(f"{' and '.join(named)} exclude each other.", field=named[1])


def _emit_trial(platform: str, found: Trial | None, as_json: bool) -> None:
    from dataclasses import asdict

    told = {"platform": platform, "trial": asdict(found) if found else None}

    def lines() -> list[str]:
        if found is None:
            return [f"{platform}: nothing is on trial."]
        does = [
            *(["answers in the shadow"] if found.shadow else []),
            *([f"answers for {found.share:.1%} of the channels"] if found.share else []),
        ]
        return [f"{platform}: version {found.version} {' and '.join(does)}."]

    emit(told, as_json=as_json, lines=lines)


def _report(platform: str) -> dict[str, Any]:
    """Raises NotReadyError where no version answers in the shadow."""
    from creatorlens.database import open_database
    from creatorlens.errors import NotReadyError
    from creatorlens.platforms import parse_platform
    from creatorlens.settings import load_settings
    from services.insights import trials
    from services.insights.shadow_report import shadowed
    from training.challenge import challenge

    settings, chosen = load_settings(), parse_platform(platform)
    found = trials.trial(settings, chosen)
    if found is None:
        raise NotReadyError(
            f"no version is on trial: run creatorlens shadow --platform {platform} --version V first."
        )
    seen = shadowed(open_database(settings), settings.workspace, chosen, found.version)
    told: dict[str, Any] = {
        "platform": platform, "version": found.version, "answers": seen.answers, "graded": len(seen.pairs),
    }  # fmt: skip
    if len(seen.pairs):
        verdict = challenge(seen.pairs, "better")
        told |= {"better": verdict.won, "reason": verdict.reason, "figures": verdict.figures}
    return told


def _report_line(told: dict[str, Any]) -> str:
    so_far = (
        f"version {told['version']}: {told['answers']:,} answers in the shadow, {told['graded']:,} graded"
    )
    return f"{so_far}: {told['reason']}" if "reason" in told else f"{so_far}."


def _line(one: Promotion) -> str:
    before = f", was {one.previous_version}" if one.previous_version else ""
    return (
        f"{one.decided_at:%Y-%m-%d %H:%M}  {one.platform.value:<10} version {one.version} {one.action}{before}, "
        f"by {one.actor}: {one.reason}"
    )
