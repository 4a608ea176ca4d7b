"""Weights of pretrained models: weights list, weights pull."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.output import emit, say

if TYPE_CHECKING:
    from creatorlens.settings import Settings
    from features.weights.catalogue import Weight
    from features.weights.verifying import Standing


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True, help="Pretrained models: what there is, what it costs to be without."
    )
    group.command("list")(list_weights)
    group.command("pull")(pull_weights)
    app.add_typer(group, name="weights")


def list_weights(
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """Every model that can be used here: is it there and sound, its source, size and licence, what its absence costs."""
    from creatorlens.settings import load_settings
    from features.weights.standings import standings

    settings = load_settings()
    rows = [_row(weight, found) for weight, found in standings(settings)]
    emit(
        {"folders": [str(folder) for folder in settings.weights_folders], "weights": rows},
        as_json=as_json,
        lines=lambda: _table(rows, settings),
    )


def pull_weights(
    names: list[str] = typer.Argument(
        None, metavar="[NAME]...", help="Which; without any, the usual ones that are not here."
    ),
    source: Path = typer.Option(None, "--from", help="Copy from this folder instead of the network."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """Fetch weights into home/weights, with their checksums. Interrupted, it goes on where it was."""
    from creatorlens.errors import InputError, NotReadyError
    from creatorlens.settings import load_settings
    from features.weights.catalogue import wanted
    from features.weights.pulling import pull, pull_from

    settings = load_settings()
    chosen = [wanted(name) for name in names] if names else _usual(settings, source)
    done: list[dict[str, Any]] = []
    failed: list[dict[str, str]] = []
    for weight in chosen:
        progress = _Progress(weight.name)
        try:
            pulled = (
                pull(weight, settings, progress)
                if source is None
                else pull_from(source.expanduser(), weight, settings, progress)
            )
        except (InputError, NotReadyError) as error:
            if len(chosen) == 1:
                raise
            say(f"{weight.name}: {error}")
            failed.append({"name": weight.name, "reason": str(error)})
        else:
            done.append({"name": weight.name, "folder": str(pulled.folder), "fetched": pulled.fetched})
    emit(
        {"pulled": done, "failed": failed},
        as_json=as_json,
        lines=lambda: [
            *(f"{one['name']}: {'in' if one['fetched'] else 'was there already, in'} {one['folder']}" for one in done),
            f"{len(done)} here, {len(failed)} failed.",
        ],
    )  # fmt: skip
    if failed:
        raise typer.Exit(2)


def _usual(settings: Settings, source: Path | None) -> list[Weight]:
    """Without names: what is usual and not here; of a folder, what it holds."""
    from features.weights.catalogue import catalogue
    from features.weights.standings import standings

    if source is not None:
        return [weight for weight in catalogue() if (source.expanduser() / weight.name).is_dir()]
    missing = [w for w, found in standings(settings) if w.usual and found.state in ("absent", "damaged")]
    for weight in missing:
        if not weight.published:
            say(f"{weight.name}: {weight.note}; pull it with --from FOLDER")
    return [weight for weight in missing if weight.published]


def _row(weight: Weight, found: Standing) -> dict[str, Any]:
    from features.weights.verifying import manifest

    files = weight.files or (() if found.where is None else manifest(found.where))
    return {
        "name": weight.name,
        "modality": weight.modality,
        "task": weight.task,
        "state": found.state,
        "folder": None if found.where is None else str(found.where),
        "damage": found.why or None,
        "source": weight.source,
        "revision": weight.revision,
        "bytes": weight.bytes,
        "licence": weight.licence,
        "non_commercial": weight.non_commercial,
        "sha256": {file.path: file.sha256 for file in files},
        "published": weight.published,
        "usual": weight.usual,
        "without": weight.without,
        "note": weight.note,
    }


def _table(rows: list[dict[str, Any]], settings: Settings) -> list[str]:
    lines = []
    for row in rows:
        marks = {"present": "ok", "absent": "--", "damaged": "NO"}
        size = f"{row['bytes'] / 1e6:,.1f} MB"
        commercial = ", not for commercial use" if row["non_commercial"] else ""
        lines.append(
            f"{marks[row['state']]:>4}  {row['name']}: {row['task']} ({size}; {row['licence']}{commercial})"
        )
        if row["state"] == "damaged":
            lines.append(f"      damaged: {row['damage']}, in {row['folder']}")
        if row["state"] != "present" and row["without"]:
            lines.append(f"      without it {row['without']}")
        if row["state"] != "present" and row["note"]:
            lines.append(f"      {row['note']}")
    present = sum(row["state"] == "present" for row in rows)
    usual = sum(row["usual"] and row["state"] != "present" for row in rows)
    lines.append("")
    lines.append(f"{present} present; of the usual ones {usual} missing. creatorlens weights pull [NAME]")
    lines.append("Looked for in " + ", ".join(str(folder) for folder in settings.weights_folders))
    return lines


class _Progress:
    """Says a line per file and tenth."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._said: tuple[str, int] = ("", -1)

    def __call__(self, file: str, there: int, total: int) -> None:
        tenth = 10 * there // total if total else there // (100 * 1024**2)
        if (file, tenth) == self._said or total < 1024**2:
            return
        self._said = (file, tenth)
        say(f"{self._name}: {file} {there / 1e6:,.1f} of {total / 1e6:,.1f} MB")
