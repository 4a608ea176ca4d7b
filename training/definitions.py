"""Training across metric definitions is refused: a count of another meaning would be learned as if it were this one."""

from __future__ import annotations

import pandas as pd

from creatorlens.errors import InputError
from creatorlens.metric_definitions import DEFINITIONS


def one_definition(rows: pd.DataFrame) -> str | None:
    """The definition all rows share; None where they do not tell. Raises InputError for rows of several."""
    if "metric_definition" not in rows.columns:
        return None
    counts = rows["metric_definition"].value_counts()
    if len(counts) > 1:
        told = "; ".join(f"{n:,} {name} ({_meaning(str(name))})" for name, n in sorted(counts.items()))
        raise InputError(
            f"the rows count different things and never train together: {told}",
            field="metric_definition",
            hint="Give the rows of one definition; `creatorlens definitions` tells what changed when.",
        )
    return str(counts.index[0]) if len(counts) else None


def _meaning(name: str) -> str:
    return DEFINITIONS[name].meaning.rstrip(".") if name in DEFINITIONS else "unknown here"
