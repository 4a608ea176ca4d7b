"""Revised forecasts of a platform's posts: the forecaster's own quantiles, and what was seen since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creatorlens.errors import InputError
from training.columns import Floats, floor_ln
from training.probability import prob_above
from training.revision import Revision, fit_revision

SEEN = "seen"


class Forecasts(Protocol):
    def forecast(
        self, rows: pd.DataFrame, drivers: bool = False, floor_only: bool = False, gated: bool = True
    ) -> pd.DataFrame: ...


def fit_revisions(
    rows: pd.DataFrame, definitions: Iterable[str], forecasts: Floats | None = None
) -> dict[str, Revision]:
    """One for each metric definition: counts of different ones never train together. rows, forecasts: see
    `training.revision.fit_revision`."""
    own = rows["metric_definition"].to_numpy(dtype=object)
    return {
        name: fit_revision(rows.loc[own == name], None if forecasts is None else forecasts[own == name])
        for name in definitions
    }


def revise(
    forecaster: Forecasts,
    revisions: Mapping[str, Revision],
    definition: NDArray[np.object_],
    rows: pd.DataFrame,
) -> pd.DataFrame:
    """Aligned to rows (as `Forecaster.forecast` takes them, with horizon_h and `seen`: ascending (age_h, value)):
    the same columns. What was seen of the post itself outweighs the channel's gate: nothing abstains.

    definition: metric definition of each row. Raises InputError for a row that was not seen.
    """
    tracks = [_checked(track) for track in rows[SEEN]]
    age, value = (np.array([track[-1][i] for track in tracks], float) for i in (0, 1))
    horizon = rows["horizon_h"].to_numpy(np.float64)
    plain = rows.drop(columns=SEEN)
    both = pd.concat([plain.assign(horizon_h=age), plain], ignore_index=True)
    # Ungated: a floor says nothing of how a post goes on from here.
    unrevised = forecaster.forecast(both, gated=False)
    ln = np.log1p(unrevised[["p10", "p50", "p90"]].to_numpy(np.float64))
    before, after = ln[: len(rows)], ln[len(rows) :]
    out = np.empty((len(rows), 3))
    for name in dict.fromkeys(definition.tolist()):
        at = np.flatnonzero(definition == name)
        revision = revisions.get(str(name)) or fit_revision(_NO_ROWS)
        out[at] = revision.apply(
            before[at], after[at], age[at], value[at], horizon[at], [tracks[i] for i in at]
        )
    counts = np.maximum(np.expm1(out), 0.0)
    return pd.DataFrame(
        {
            "p10": counts[:, 0],
            "p50": counts[:, 1],
            "p90": counts[:, 2],
            "prob_beats_floor": prob_above(out, floor_ln(rows)),
            "floor": rows["floor"].to_numpy(np.float64),
            "abstained": False,
            "reason": "",
        },
        index=rows.index,
    )


def _checked(track: object) -> list[tuple[float, float]]:
    seen = [(float(age), float(value)) for age, value in track] if isinstance(track, list | tuple) else []
    if not seen:
        raise InputError("nothing was seen of this post.", field=SEEN, hint="Ages in hours, with the count.")
    return sorted(seen)


_NO_ROWS = pd.DataFrame(
    {
        "post_id": pd.Series(dtype=object),
        "channel_id": pd.Series(dtype=object),
        "published_at": pd.Series(dtype="datetime64[us, UTC]"),
        "age_h": pd.Series(dtype=float),
        "outcome": pd.Series(dtype=float),
    }
)
