"""The experiments table: randomised tests of headlines with their impressions and clicks."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, select

from creatorlens.database import tables
from services.content import storing
from services.content.batches import Batch, Stored, keys_of

CONTENT = ("week", "headline", "lede", "image_id", "impressions", "clicks")
NUMBERS = ("week", "impressions", "clicks")


def prepare(_: Connection, batch: Batch) -> pd.DataFrame:
    return batch.frame


def key(frame: pd.DataFrame) -> pd.Series:
    return keys_of(frame, ["experiment_id", "variant_id"])


file_key = key


def fingerprint(frame: pd.DataFrame) -> pd.Series:
    return storing.fingerprints(frame, CONTENT)


def stored(connection: Connection, batch: Batch, frame: pd.DataFrame) -> pd.Series:
    c = tables.experiments.c
    found = storing.fetch_for_keys(
        connection,
        select(c.experiment_id, c.variant_id, *(c[name] for name in CONTENT)),
        c.workspace_id == batch.workspace,
        c.experiment_id,
        frame["experiment_id"].tolist(),
    ).astype(dict.fromkeys(NUMBERS, "float64"))
    return pd.Series(fingerprint(found).to_numpy(), index=key(found).to_numpy(), dtype=object)


def store(connection: Connection, batch: Batch, frame: pd.DataFrame, _: pd.DataFrame) -> Stored:
    whole = {name: frame[name].round().astype("Int64").astype(object) for name in NUMBERS}
    rows = pd.DataFrame(
        {
            "workspace_id": batch.workspace,
            **{name: frame[name] for name in ("experiment_id", "variant_id", *CONTENT)},
            **{name: values.where(values.notna(), None) for name, values in whole.items()},
            "import_id": batch.import_id,
        },
        index=frame.index,
    )
    storing.insert_frame(connection, tables.experiments, rows)
    return Stored()
