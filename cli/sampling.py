"""`creatorlens sample`, `demo` and `flow`: a corpus to try things on, and the whole job on it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import emit, say

if TYPE_CHECKING:
    from flows.demo import DemoReport

FLOWS = (
    "ingest", "analyze", "featurize", "train", "promote", "forecast", "grade", "renew", "watch", "retrain",
    "backfill",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    app.command()(sample)
    app.command()(demo)
    app.command()(flow)


def sample(
    out: Annotated[Path, typer.Option(help="Folder to write to; made if missing.")],
    seed: Annotated[int, typer.Option(help="The same seed and end give the same tables.")] = 7,
    end: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The corpus's present, a UTC day.")
    ] = None,
    channels: Annotated[int, typer.Option(help="Channels per platform.")] = 8,
    weeks: Annotated[int, typer.Option(help="Weeks of posts.")] = 104,
    later_weeks: Annotated[int, typer.Option(help="Newest weeks, kept apart in later/.")] = 6,
    media: Annotated[bool, typer.Option(help="Draw thumbnails and clips for some posts.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Make a synthetic corpus: canonical tables, and media for some posts. Nobody's data."""
    from dataclasses import asdict, replace

    from services.content.sample import make_sample
    from services.content.sample_channels import SampleOptions

    options = SampleOptions(seed=seed, weeks=weeks, later_weeks=later_weeks, channels=channels, media=media)
    if end is not None:
        options = replace(options, end=end)
    report = make_sample(out, options, say)
    emit(
        asdict(report),
        as_json=as_json,
        lines=lambda: [
            f"{'Made' if report.made else 'Unchanged:'} {report.folder}: {report.posts:,} posts of "
            f"{report.channels} synthetic channels, {report.later_posts:,} more in later/, "
            f"{report.observations:,} observations, {report.thumbnails} thumbnails, {report.clips} clips."
        ],
    )


def demo(
    data: Annotated[
        Path | None, typer.Option(help="Folder of canonical tables; default a synthetic sample corpus.")
    ] = None,
    embeddings: Annotated[bool, typer.Option(help="Embed titles and texts (the slowest step).")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Run the main job: import, features, models, forecasts, grades. A second run skips what is unchanged."""
    import time

    from cli.findings import findings, lines
    from cli.flow_server import flow_server
    from creatorlens.errors import InputError
    from creatorlens.settings import load_settings

    if data is not None and not any(path.suffix in {".parquet", ".csv"} for path in data.glob("*.*")):
        raise InputError("no folder with canonical tables.", field=str(data), hint="See the README, Tables.")
    started = time.monotonic()
    settings = load_settings()
    with flow_server(settings) as wait_until_ready:
        folder, cut = (data, _cut_of(data)) if data is not None else _own_sample(settings.home / "sample")
        wait_until_ready()
        report = _run_demo(folder.absolute(), cut, embeddings)
    found = findings(settings, folder, report, time.monotonic() - started)
    emit(found, as_json=as_json, lines=lambda: lines(found))


def _own_sample(folder: Path) -> tuple[Path, datetime]:
    """The home's sample corpus; made on the first run to end last Monday, so that planned times are near."""
    from dataclasses import replace
    from datetime import UTC, timedelta

    from services.content.sample import make_sample
    from services.content.sample_channels import SampleOptions

    cut = _cut_of(folder)
    if cut is None:
        say("Making a sample corpus (synthetic; half a minute)")
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        options = replace(SampleOptions(), end=today - timedelta(days=today.weekday()))
        make_sample(folder, options, say)
        cut = options.cut.to_pydatetime()
    else:
        say("The sample corpus is there already, skipped")
    return folder, cut


def _cut_of(folder: Path) -> datetime | None:
    from services.content.sample import read_manifest

    manifest = read_manifest(folder)
    return datetime.fromisoformat(manifest["cut"]) if manifest is not None else None


def _run_demo(folder: Path, cut: datetime | None, embeddings: bool) -> DemoReport:
    from flows.demo import demo as demo_flow
    from flows.environment import quiet_console, without_heartbeat

    quiet_console()
    with without_heartbeat():
        return demo_flow(folder, cut, embeddings)


def flow(
    name: Annotated[str, typer.Argument(help="Its name, as train or watch; a wrong one lists them.")],
    parameters: Annotated[
        list[str] | None,
        typer.Option("--set", help="A parameter: name=value, the value as JSON or plain text."),
    ] = None,
) -> None:
    """Run one flow now, recorded in Prefect like the scheduled ones: flow train --set 'platforms=["x"]'."""
    import importlib

    from cli.flow_server import flow_server
    from creatorlens.errors import InputError, nearest
    from creatorlens.settings import load_settings

    if name not in FLOWS:
        near = nearest(name, FLOWS)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(FLOWS)}."
        raise InputError(f"no flow {name!r}.", field="name", hint=hint)
    given = dict(_parameter(one) for one in parameters or [])
    with flow_server(load_settings()) as wait_until_ready:
        wait_until_ready()
        from prefect.exceptions import ParameterTypeError, SignatureMismatchError

        from flows.environment import quiet_console, without_heartbeat

        quiet_console()
        run = getattr(importlib.import_module(f"flows.{name}"), name)
        try:
            with without_heartbeat():
                run(**given)
        except (ParameterTypeError, SignatureMismatchError) as error:
            raise InputError(str(error), field="--set") from error


def _parameter(text: str) -> tuple[str, object]:
    import json

    from creatorlens.errors import InputError

    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"{text!r} is not name=value.", field="--set")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
