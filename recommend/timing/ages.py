"""The same posts counted at different ages: a day, a week and a month after publishing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from creatorlens.platforms import MATURE_AGE_H

Age = Literal["day", "week", "month"]
AGES: tuple[Age, ...] = ("day", "week", "month")
HOURS: dict[Age, float] = {"day": 24.0, "week": 168.0, "month": 720.0}
WINDOW: dict[Age, tuple[float, float]] = {"day": (12.0, 48.0), "month": (480.0, 1080.0)}


@dataclass(frozen=True)
class Counted:
    """Outcomes at one age. `rows`: residuals' columns with y, known_at and age_h of the count taken. `words`: which counts
    they are."""

    age: Age
    rows: pd.DataFrame
    words: str


def counted(residuals: pd.DataFrame, labels: pd.DataFrame, as_of: pd.Timestamp, age: Age) -> Counted:
    """`residuals` as in `features.stored_residuals`, `labels` as in `features.outcomes.labels`; of both what was known at `as_of`.

    A week: the matured outcome as it is known, whatever its age. A day and a month: the count nearest to that age within
    `WINDOW`, against the same level; that counts at a day are lower for all is the platform's mean, which the model takes
    out. Nothing is carried over from one age to another.
    """
    known = residuals.loc[(residuals["known_at"] <= as_of) & residuals["residual"].notna()]
    told = labels.loc[labels["outcome_known_at"] <= as_of]
    matured = _matured(told)
    rows = known.merge(matured, on="post_id", how="left", validate="one_to_one")
    if age == "week":
        found = rows.assign(y=rows["residual"])
        return Counted(age, found, _ages_in_words(found["age_h"]))
    low, high = WINDOW[age]
    seen = told.loc[told["age_h"].between(low, high)]
    distance = np.abs(np.log(seen["age_h"] / HOURS[age]))
    nearest = seen.assign(distance=distance).sort_values("distance", kind="stable").drop_duplicates("post_id")
    level = rows.assign(level=rows["matured_ln"] - rows["residual"]).drop(columns=["age_h", "known_at"])
    found = level.merge(
        nearest[["post_id", "outcome", "age_h", "outcome_known_at"]], on="post_id", validate="one_to_one"
    ).rename(columns={"outcome_known_at": "known_at"})
    found["y"] = np.log1p(found["outcome"].clip(lower=0)) - found["level"]
    found = found.loc[found["y"].notna()].reset_index(drop=True)
    found["y"] -= found["y"].mean() if len(found) else 0.0
    return Counted(age, found, _ages_in_words(found["age_h"]))


def _matured(labels: pd.DataFrame) -> pd.DataFrame:
    """post_id, matured_ln, age_h of the observation that `features.outcomes.matured_outcomes` takes."""
    age = labels["age_h"]
    kept = labels.loc[labels["backfilled"] | age.isna() | (age >= MATURE_AGE_H)]
    first = kept.sort_values("outcome_known_at", kind="stable").drop_duplicates("post_id")
    return pd.DataFrame(
        {
            "post_id": first["post_id"].to_numpy(dtype=object),
            "matured_ln": np.log1p(first["outcome"].clip(lower=0).to_numpy(dtype=float)),
            "age_h": first["age_h"].to_numpy(dtype=float),
        }
    )


def _ages_in_words(age_h: pd.Series) -> str:
    told = age_h.dropna()
    if age_h.empty:
        return "no counts at this age are known"
    if told.empty:
        return "counts of unknown age, as they were imported"
    low, middle, high = (float(told.quantile(q)) for q in (0.1, 0.5, 0.9))
    span = _span(middle) if high < 1.5 * low else f"{_span(low)} to {_span(high)}"
    some = "" if len(told) == len(age_h) else f"; of {len(age_h) - len(told)} posts the age is not known"
    return f"counts {span} after publishing{some}"


def _span(hours: float) -> str:
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"
