"""`creatorlens titles`: the model of headlines learned from randomised tests, and headlines ranked by it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import emit, say

if TYPE_CHECKING:
    from creatorlens.settings import Settings
    from services.advice.headlines import HeadlineModel

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object as the last line of stdout.")]


def register(app: typer.Typer) -> None:
    titles = typer.Typer(
        no_args_is_help=True, help="Headlines, ranked by what randomised tests of headlines taught."
    )
    titles.command("rank")(rank)
    titles.command("train")(train)
    app.add_typer(titles, name="titles")


def rank(
    experiments: Annotated[
        Path, typer.Option("--experiments", help="Parquet or CSV: experiment_id, variant_id, headline.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Where the scores go; CSV by the name, else Parquet.")],
    as_json: AsJson = False,
) -> None:
    """Score every headline of a table: experiment_id, variant_id, score. Higher gets more clicks within its experiment.

    Where no model serves yet, one is trained on the experiments imported before (some minutes).
    """
    from creatorlens.settings import load_settings
    from services.advice.headline_files import read_headlines
    from services.insights.posts_file import write_forecasts

    table = read_headlines(experiments)
    model = _model(load_settings())
    say(f"headlines: {len(table):,} of them scored by version {model.version}")
    scored = table[["experiment_id", "variant_id"]].assign(score=model.scores(table["headline"].tolist()))
    write_forecasts(scored, out)
    told = {"rows": len(scored), "out": str(out), "model_version": model.version}
    emit(told, as_json=as_json, lines=lambda: [f"{len(scored):,} scores in {out}."])


def train(
    until: Annotated[
        int | None, typer.Option("--until", help="Only tests up to this week: 201431 is week 31 of 2014.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train on the experiments imported; the new model serves where it beats chance and is no worse than the champion."""
    from dataclasses import asdict

    from creatorlens.database import open_database
    from creatorlens.errors import InputError
    from creatorlens.settings import load_settings
    from training.headline_training import train_headlines

    if until is not None and not (190001 <= until <= 299953 and 1 <= until % 100 <= 53):
        raise InputError(f"{until} is no week.", field="--until", hint="Write year and week: 201431.")
    settings = load_settings()
    report = train_headlines(open_database(settings), settings, until, say)
    told: dict[str, Any] = asdict(report)

    def lines() -> list[str]:
        found = [f"  {name}: {value:g}" for name, value in report.figures.items()]
        return [f"{report.model_name} version {report.version} {report.decision}: {report.reason}", *found]

    emit(told, as_json=as_json, lines=lines)


def _model(settings: Settings) -> HeadlineModel:
    """The champion; where there is none, one trained now. Raises NotReadyError saying what to do."""
    from creatorlens.database import open_database
    from creatorlens.errors import NotReadyError
    from services.advice.headlines import champion_headlines
    from training.headline_training import train_headlines

    found = champion_headlines(settings)
    if found is not None:
        return found
    say("headlines: no model serves yet; training one on the experiments imported")
    report = train_headlines(open_database(settings), settings, None, say)
    found = champion_headlines(settings)
    if found is None:
        raise NotReadyError(
            f"the model trained does not serve: {report.reason}. Import more tests with `creatorlens import`, then "
            "run `creatorlens titles train`."
        )
    return found
