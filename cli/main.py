"""The command itself: gathers the groups of verbs and turns errors into messages and exit codes."""

from __future__ import annotations

import sys

import typer

from cli import (
    analyzing,
    experimenting,
    exporting,
    featurizing,
    forecasting,
    importing,
    modelling,
    operating,
    promoting,
    recommending,
    replaying,
    revising,
    sampling,
    titling,
    trending,
    tuning,
    watching,
    watermarking,
    weights,
)
from creatorlens import __version__
from creatorlens.errors import CreatorLensError, InputError, NotReadyError

BAD_INPUT = 2
OUR_FAULT = 1


def build() -> typer.Typer:
    app = typer.Typer(
        name="creatorlens",
        help="Forecasts how a draft will do against the channel's own typical band, and grades itself afterwards.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for group in (
        importing,
        featurizing,
        modelling,
        forecasting,
        revising,
        analyzing,
        sampling,
        operating,
        exporting,
        promoting,
        replaying,
        tuning,
        watching,
        weights,
        watermarking,
        trending,
        titling,
        experimenting,
        recommending,
    ):
        group.register(app)
    return app


def main() -> None:
    """Exit codes: 0 done, 2 bad input or usage, 1 our fault."""
    try:
        build()()
    except (InputError, NotReadyError) as error:
        typer.echo(f"creatorlens: {error}", err=True)
        sys.exit(BAD_INPUT)
    except CreatorLensError as error:  # a fault that has words, such as a full disk
        typer.echo(f"creatorlens: {error}", err=True)
        sys.exit(OUR_FAULT)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] in _OURS:
            raise
        typer.echo(
            f"creatorlens: this verb needs {error.name}, which is not installed here. "
            "Install the group it belongs to (see README, Install).",
            err=True,
        )
        sys.exit(BAD_INPUT)


_OURS = {
    "creatorlens", "features", "training", "recommend", "services", "flows", "serving", "cli", "dashboard",
}  # fmt: skip


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"creatorlens {__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """All state lives under CREATORLENS_HOME (default .creatorlens/ in the current folder)."""


if __name__ == "__main__":
    main()
