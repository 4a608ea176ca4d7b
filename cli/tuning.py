"""`creatorlens tune`: a study over a platform's parameters, and the gate's word on what it found."""

from __future__ import annotations

import typer

from cli.output import emit, say


def register(app: typer.Typer) -> None:
    app.command("tune")(tune)


def tune(
    platform: str = typer.Option(..., "--platform", help="Whose parameters to search."),
    trials: int = typer.Option(40, "--trials", help="Trials of the study altogether."),
    hours: float | None = typer.Option(None, "--hours", help="No trial starts later than that."),
    jobs: int = typer.Option(1, "--jobs", help="Processes that share the study."),
    resume: bool = typer.Option(
        False, "--resume", help="Go on with the newest study of the same rows and space."
    ),
    judging: bool = typer.Option(
        True, "--judge/--no-judge", help="Train a challenger with what was found and let the gate decide."
    ),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """Search better parameters; they are used once a model trained with them has passed the gate."""
    from dataclasses import asdict

    from creatorlens.platforms import parse_platform
    from creatorlens.settings import load_settings
    from training.tuning import tune_platform
    from training.tuning_challenger import judge_candidate

    settings, chosen = load_settings(), parse_platform(platform)
    report = tune_platform(
        settings, chosen, trials=trials, hours=hours, jobs=jobs, resume=resume, progress=say
    )
    verdict = judge_candidate(settings, chosen, say) if judging and report.candidate else None

    def lines() -> list[str]:
        counted = f"{report.completed} trials finished, {report.pruned} pruned, {report.failed} failed"
        told = [
            f"{report.study}: {counted}; {report.base_value} with today's parameters, {report.value} at best"
        ]
        told += [f"  {name}: {old} → {new}" for name, (old, new) in report.changed.items()]
        if report.candidate is None:
            return [*told, "Nothing was better than what is used today."]
        if verdict is None:
            return [*told, f"Candidate: {report.candidate}"]
        return [*told, f"version {verdict.version}: {verdict.reason}"]

    emit({**asdict(report), "verdict": asdict(verdict) if verdict else None}, as_json=as_json, lines=lines)
