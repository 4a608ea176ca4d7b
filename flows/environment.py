"""The environment that Prefect (and MLflow beneath it) must find: one place, applied before they are imported."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from creatorlens.errors import CreatorLensError
from creatorlens.settings import Settings


def flow_environment(settings: Settings) -> dict[str, str]:
    """Variables for a process that runs flows. What the caller has set already should win."""
    return {
        "CREATORLENS_HOME": str(settings.home),
        "PREFECT_HOME": str(settings.home / "prefect"),
        # a temporary server takes 15-20 s to come up, which is also Prefect's own limit
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        # spinning OpenMP threads make small fits thirty times slower when two processes share the cores
        "OMP_WAIT_POLICY": "PASSIVE",
        "PREFECT_LOGGING_FORMATTERS_STANDARD_FLOW_RUN_FMT": "%(asctime)s  %(message)s",
        "PREFECT_LOGGING_FORMATTERS_STANDARD_TASK_RUN_FMT": "%(asctime)s  %(message)s",
        "PREFECT_LOGGING_COLORS": "false",
        # progress comes as lines with times; bars of libraries would cut through them
        "TQDM_DISABLE": "1",
    }


def prepare_environment(settings: Settings) -> None:
    """Apply it to this process; call before anything imports Prefect."""
    for name, value in flow_environment(settings).items():
        os.environ.setdefault(name, value)


def quiet_console() -> None:
    """Leave Prefect's own remarks about runs out of the terminal; they stay in its UI."""
    from prefect.logging.configuration import setup_logging

    setup_logging()
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.addFilter(_worth_showing)


def _worth_showing(record: logging.LogRecord) -> bool:
    if record.name.startswith("great_expectations") and record.levelno < logging.WARNING:
        return False
    # what the user is to mend is told once, at the end, without a traceback
    if record.exc_info and isinstance(record.exc_info[1], CreatorLensError):
        return False
    remark = record.getMessage()
    return not remark.startswith(("Beginning ", "View at ", "Finished in state"))


@contextmanager
def without_heartbeat() -> Iterator[None]:
    """Each synchronous flow would wait up to a second for its heartbeat thread; ours are short-lived."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield
