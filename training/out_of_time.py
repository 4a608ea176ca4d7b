"""Forecasts of posts by families that had not seen them: what stacking, calibration, the gate and explanations learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.columns import Floats, moments
from training.members import FAMILIES, Members, fit_members
from training.parameters import Parameters

# Origins of the rounds, as shares of the outcomes by the time they became known.
ORIGINS = (0.6, 0.8)


@dataclass(frozen=True)
class Round:
    """Members fitted on what was known at one origin, and the posts published from there to the next."""

    members: Members
    rows: pd.DataFrame


@dataclass(frozen=True)
class OutOfTime:
    """`each`: quantiles of each of `FAMILIES` on the unseen rows of all rounds, n x 3; `round_of`: n."""

    rounds: tuple[Round, ...]
    rows: pd.DataFrame
    each: tuple[Floats, ...]
    round_of: NDArray[np.int64]


def forecast_unseen(
    rows: pd.DataFrame,
    features: tuple[str, ...],
    parameters: Parameters,
    families: tuple[str, ...],
    least: int,
) -> OutOfTime:
    """rows: labelled, in the order their outcomes became known; a round needs `least` of them to be fitted. Unseen are the last
    observations, known by now, of posts published after the origin."""
    known, published = moments(rows["outcome_known_at"]), moments(rows["published_at"])
    last = ~rows["post_id"].duplicated(keep="last").to_numpy()
    origins = [int(known[int(len(rows) * share)]) for share in ORIGINS]
    rounds, each = [], []
    for origin, until in zip(origins, [*origins[1:], None], strict=True):
        seen = known <= origin
        ahead = last & (published > origin) & (published <= until if until is not None else True)
        if seen.sum() < least or not ahead.any():
            continue
        fitted = fit_members(
            rows.loc[seen].reset_index(drop=True), features, parameters,
            network="network" in families, sequence="sequence" in families, quantiles="quantiles" in families,
        )  # fmt: skip
        part = rows.loc[ahead].reset_index(drop=True)
        rounds.append(Round(fitted, part))
        each.append(fitted.each(part))
    if not rounds:
        nothing = tuple(np.zeros((0, 3)) for _ in FAMILIES)
        return OutOfTime((), rows.iloc[:0], nothing, np.zeros(0, np.int64))
    return OutOfTime(
        rounds=tuple(rounds),
        rows=pd.concat([one.rows for one in rounds], ignore_index=True),
        each=tuple(np.concatenate([quantiles[i] for quantiles in each]) for i in range(len(FAMILIES))),
        round_of=np.repeat(np.arange(len(rounds)), [len(one.rows) for one in rounds]),
    )
