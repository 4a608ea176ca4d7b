"""The models learned from tests of headlines and of pictures, trained anew on the tests known; the gate decides whether they serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect import flow, task

from creatorlens.database import open_database
from creatorlens.errors import NotReadyError
from creatorlens.settings import load_settings
from flows.reporting import narrator, table
from flows.retrying import transient

if TYPE_CHECKING:
    from training.click_through import ClickThroughReport
    from training.headline_training import HeadlineReport

THREE_HOURS = 3 * 3600


@task(
    task_run_name="train on tests of headlines",
    retries=1,
    retry_delay_seconds=30,
    retry_condition_fn=transient,
    timeout_seconds=THREE_HOURS,
)
def train_on_headlines(until_week: int | None) -> HeadlineReport | str:
    """What became of it, or why there is nothing to learn from yet."""
    from training.headline_training import train_headlines

    settings = load_settings()
    try:
        return train_headlines(open_database(settings), settings, until_week, narrator())
    except NotReadyError as error:
        return str(error)


@task(
    task_run_name="train on tests of pictures",
    retries=1,
    retry_delay_seconds=30,
    retry_condition_fn=transient,
    timeout_seconds=THREE_HOURS,
)
def train_on_pictures() -> ClickThroughReport | str:
    """What became of it, or why there is nothing to learn from yet."""
    from training.click_through import train_click_through

    settings = load_settings()
    try:
        return train_click_through(open_database(settings), settings, narrator())
    except NotReadyError as error:
        return str(error)


@flow(name="headlines", flow_run_name="models of headlines and pictures", timeout_seconds=2 * THREE_HOURS)
def headlines(until_week: int | None = None) -> dict[str, str]:
    """Train and judge; model → what became of it. The same tests and code again change nothing."""
    found = {"headlines": train_on_headlines(until_week), "click-through": train_on_pictures()}
    told = {
        name: one if isinstance(one, str) else f"version {one.version} {one.decision}: {one.reason}"
        for name, one in found.items()
    }
    rows: list[dict[str, object]] = [
        {"model": name, "figure": figure, "value": value}
        for name, one in found.items()
        if not isinstance(one, str)
        for figure, value in one.figures.items()
    ]
    table("headlines", rows, "\n\n".join(f"{name}: {words}" for name, words in told.items()))
    return told
