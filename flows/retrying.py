"""Which failures are worth another try."""

from __future__ import annotations

from typing import Any

from creatorlens.errors import CreatorLensError


def transient(_task: Any, _task_run: Any, state: Any) -> bool:
    """Prefect's `retry_condition_fn`: everything but our own errors, which will be the same next time."""
    try:
        state.result()
    except CreatorLensError:
        return False
    except Exception:
        return True
    return False
