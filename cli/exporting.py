"""`creatorlens export`: the model that serves a platform, as ONNX files for machines without our libraries."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.output import emit, say


def register(app: typer.Typer) -> None:
    app.command("export")(export)


def export(
    platform: str = typer.Option(..., "--platform", help="Whose champion to export."),
    out: Path = typer.Option(..., "--out", help="Folder to write; one that an export made is replaced."),
    int8: bool = typer.Option(False, "--int8", help="Weights of the networks in 8 bits."),
    rows: int = typer.Option(2_000, "--rows", min=1, help="Compare on so many of the newest known posts."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """Write the champion's forecasts as ONNX with a runner (onnxruntime and numpy), and report size, speed and loss."""
    from dataclasses import asdict

    from creatorlens.platforms import parse_platform
    from creatorlens.settings import load_settings
    from training.exporting import export_champion

    told = asdict(
        export_champion(load_settings(), parse_platform(platform), out, int8=int8, newest=rows, say=say)
    )

    def lines() -> list[str]:
        loss = told["accuracy"]
        return [
            f"{told['model_name']} version {told['version']} in {out}: {told['size_bytes'] / 1e6:.2f} MB "
            f"(as registered {told['original_bytes'] / 1e6:.2f} MB)",
            f"{told['seconds_per_1000']:.3f} s per 1,000 predictions ({told['original_seconds_per_1000']:.3f} s), "
            f"{told['one_row_ms']:.2f} ms for one",
            f"off by {told['difference_max']:.2g} at most and {told['difference_mean']:.2g} on average (ln), "
            f"on {told['rows']:,} posts, of which {told['rows_unseen']:,} were not known when it was trained",
            f"mae_ln {loss['exported']['mae_ln']} (was {loss['original']['mae_ln']}), "
            f"pinball {loss['exported']['pinball']} (was {loss['original']['pinball']})",
        ]

    emit(told, as_json=as_json, lines=lines)
