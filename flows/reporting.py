"""What a run leaves behind to read: progress lines, and artifacts that sum it up."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from creatorlens.settings import Settings


def narrator() -> Callable[[str], None]:
    """A function that writes progress to the current run's log (stderr, and Prefect's UI)."""
    from prefect import get_run_logger

    say: Callable[[str], None] = get_run_logger().info
    return say


def table(key: str, rows: Sequence[dict[str, Any]], description: str) -> None:
    """A table artifact; none where there are no rows."""
    from prefect.artifacts import create_table_artifact

    if rows:
        plain = [{name: _plain(value) for name, value in row.items()} for row in rows]
        create_table_artifact(table=plain, key=artifact_key(key), description=description)


def markdown(key: str, text: str) -> None:
    from prefect.artifacts import create_markdown_artifact

    create_markdown_artifact(markdown=text, key=artifact_key(key))


def link(key: str, url: str, text: str) -> None:
    from prefect.artifacts import create_link_artifact

    create_link_artifact(link=url, link_text=text, key=artifact_key(key))


def artifact_key(words: str) -> str:
    """Prefect takes lower-case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def run_address(settings: Settings, experiment_id: str, run_id: str) -> str:
    """Where the MLflow UI shows a run, once `creatorlens up` has started it."""
    base = settings.mlflow_uri
    if not base.startswith(("http:", "https:")):
        base = f"http://{settings.host}:{settings.mlflow_port}"
    return f"{base.rstrip('/')}/#/experiments/{experiment_id}/runs/{run_id}"


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        # JSON has no NaN
        return None if value != value else round(value, 4)
    return value if isinstance(value, (int, str, bool, type(None))) else str(value)
