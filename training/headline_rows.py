"""Rows of randomised tests of headlines: which are of one test and picture, which share a headline, how sure each rate is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Engine, select

from creatorlens.database import tables
from creatorlens.errors import NotReadyError
from training.columns import Floats

COLUMNS = (
    "experiment_id", "variant_id", "week", "headline", "lede", "image_id", "impressions", "clicks",
)  # fmt: skip
NO_IMAGE = ""
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class HeadlineRows:
    """Variants in a fixed order, index 0..n-1, impressions above 0; lede and image_id are "" where there is none."""

    frame: pd.DataFrame

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, chosen: Any) -> HeadlineRows:
        return HeadlineRows(self.frame.loc[chosen].reset_index(drop=True))

    @property
    def headlines(self) -> list[str]:
        return self.frame["headline"].tolist()

    @property
    def ledes(self) -> list[str]:
        return self.frame["lede"].tolist()

    @cached_property
    def clicks(self) -> Floats:
        return self.frame["clicks"].to_numpy(np.float64)

    @cached_property
    def impressions(self) -> Floats:
        return self.frame["impressions"].to_numpy(np.float64)

    @property
    def rate(self) -> Floats:
        return self.clicks / self.impressions

    @cached_property
    def ln_rate(self) -> Floats:
        """Half a click added: a variant nobody clicked has a rate too."""
        out: Floats = np.log((self.clicks + 0.5) / self.impressions)
        return out

    @cached_property
    def test(self) -> Ints:
        return self.frame.groupby("experiment_id", sort=True).ngroup().to_numpy(np.int64)

    @cached_property
    def stratum(self) -> Ints:
        """Test and picture: within one, headlines alone differ."""
        return self.frame.groupby(["experiment_id", "image_id"], sort=True).ngroup().to_numpy(np.int64)

    @cached_property
    def week(self) -> Ints:
        """-1 where it was not told: the oldest."""
        return self.frame["week"].fillna(-1).to_numpy(np.int64)

    @cached_property
    def family(self) -> Ints:
        """Tests that share a headline, directly or through others, have one number: they belong on one side of a split."""
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components

        words = self.frame["headline"].str.lower().str.split().str.join(" ")
        headline = pd.factorize(words)[0].astype(np.int64)
        tests = int(self.test.max()) + 1 if len(self) else 0
        size = tests + (int(headline.max()) + 1 if len(self) else 0)
        edges = coo_matrix((np.ones(len(self)), (self.test, tests + headline)), shape=(size, size))
        found: Ints = connected_components(edges, directed=False)[1][self.test].astype(np.int64)
        return found

    @cached_property
    def telling(self) -> NDArray[np.bool_]:
        """Of tests with at least two headlines: the others say nothing of headlines."""
        headlines = self.frame.groupby("experiment_id")["headline"].transform("nunique")
        return (headlines > 1).to_numpy()

    def strata(self) -> Iterator[Ints]:
        """Row numbers of each test and picture with at least two headlines."""
        order = np.argsort(self.stratum, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(self.stratum[order])) + 1):
            if len(rows) > 1 and len(set(self.frame["headline"].iloc[rows])) > 1:
                yield rows

    @cached_property
    def pairs(self) -> Ints:
        """m x 2 row numbers: one test, one picture, two headlines."""
        words = self.frame["headline"].to_numpy(object)
        found = [
            (first, second)
            for rows in self.strata()
            for place, first in enumerate(rows)
            for second in rows[place + 1 :]
            if words[first] != words[second]
        ]
        return np.array(found, np.int64).reshape(-1, 2)


def rows_of(frame: pd.DataFrame) -> HeadlineRows:
    """From a table with `COLUMNS`; variants that nobody saw say nothing and are left out."""
    told = frame.loc[frame["impressions"].astype(float) > 0, list(COLUMNS)].copy()
    for name in ("headline", "lede", "image_id"):
        told[name] = told[name].fillna("").astype(str).str.strip()
    told = told.sort_values(["week", "experiment_id", "variant_id"], kind="stable", na_position="first")
    return HeadlineRows(told.reset_index(drop=True))


def known_tests(engine: Engine, workspace: str, until_week: int | None = None) -> HeadlineRows:
    """All imported tests, or those of weeks up to `until_week` (a test counts by its last). Raises NotReadyError."""
    c = tables.experiments.c
    query = select(*(c[name] for name in COLUMNS)).where(c.workspace_id == workspace)
    with engine.connect() as connection:
        rows = connection.execute(query).fetchall()
    frame = pd.DataFrame.from_records(rows, columns=list(COLUMNS))
    if until_week is not None and len(frame):
        last = frame.groupby("experiment_id")["week"].transform("max")
        frame = frame.loc[~(last > until_week)]
    if frame.empty:
        raise NotReadyError(
            "no tests of headlines are here: import a table of experiments (experiment_id, variant_id, week, headline, "
            "lede, image_id, impressions, clicks) with `creatorlens import FILE` first."
        )
    return rows_of(frame)


def split_at(rows: HeadlineRows, week: int, until: int | None = None) -> tuple[HeadlineRows, HeadlineRows]:
    """Tests of earlier weeks, without those that share a headline with the later ones; and the later, from `week` on and before
    `until`. A test counts by its last week."""
    last = rows.frame.groupby("experiment_id")["week"].transform("max").fillna(-1).to_numpy(np.float64)
    ahead = (last >= week) & (last < (np.inf if until is None else until))
    shared = np.isin(rows.family, np.unique(rows.family[ahead]))
    return rows.take((last < week) & ~shared), rows.take(ahead)
