"""The ledger replayed through a challenger: what another version would have answered to graded predictions.

Paired: all contenders on the same (prediction, horizon). The challenger may have learned from the very outcomes it is
judged by; those are counted, and figures without them stand beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine, select

from creatorlens.database import tables
from creatorlens.errors import InputError, NotFoundError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.insights.answering import number_names
from services.insights.inputs import from_json, rows_of
from services.insights.originals import draft_of
from services.insights.versions import StoredVersion, recompute, stored_version

LEVELS = np.array([0.1, 0.5, 0.9])
PREDICTIONS_AT_ONCE = 2_000
CONTENDERS = ("served", "challenger", "floor")


@dataclass(frozen=True)
class Figures:
    """Of n graded forecasts, in ln(1+metric). pinball: mean over p10, p50, p90."""

    n: int
    pinball: float | None
    mae_ln: float | None
    coverage80: float | None


@dataclass(frozen=True)
class Through:
    """`all` and `unseen` (outcomes the challenger could not know when it was trained) by contender.

    `floor` is the challenger's own calibrated floor. missing_features: what the challenger reads and the ledger lacks,
    with the number of predictions that were forecast without it; left_out: predictions by the reason they were not.
    """

    platform: str
    version: str
    since: datetime | None
    known_until: str | None
    all: dict[str, Figures]
    unseen: dict[str, Figures]
    known_to_challenger: int
    warnings: tuple[str, ...]
    missing_features: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)


def replay_through(
    engine: Engine, settings: Settings, platform: Platform, version: str, *, since: datetime | None = None
) -> Through:
    """Raises NotFoundError where the registry lacks the version, InputError where nothing was graded yet."""
    challenger = stored_version(settings, platform, version)
    missing: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    parts = []
    names = _Names(settings, platform)
    for graded in _graded(engine, settings.workspace, platform, since):
        usable = _usable(graded, names, left_out)
        if len(usable):
            parts.append(_answered(challenger, usable, missing))
    if not parts:
        raise InputError(
            f"no graded prediction of {platform.value} that could be replayed"
            + (f" ({', '.join(f'{n} {why}' for why, n in left_out.items())})" if left_out else "")
            + ".",
            field="--platform" if since is None else "--since",
            hint="Run `creatorlens grade` when outcomes have been imported.",
        )
    table = pd.concat(parts, ignore_index=True)
    until = challenger.tags.get("known_until")
    seen = _seen(table, until)
    return Through(
        platform=platform.value,
        version=version,
        since=since,
        known_until=until,
        all=_figures(table),
        unseen=_figures(table[~seen]),
        known_to_challenger=int(seen.sum()),
        warnings=tuple(_warnings(int(seen.sum()), len(table), until, missing)),
        missing_features=dict(sorted(missing.items())),
        left_out=dict(sorted(left_out.items())),
    )


class _Names:
    """Names of the ledger's numbers by the version that read them; why not, where it is gone."""

    def __init__(self, settings: Settings, platform: Platform) -> None:
        self._settings, self._platform = settings, platform
        self._found: dict[str, tuple[str, ...] | None] = {}

    def of(self, version: str) -> tuple[str, ...] | None:
        if version not in self._found:
            try:
                model = stored_version(self._settings, self._platform, version).model()
                self._found[version] = number_names(model.feature_names)
            except NotFoundError:
                self._found[version] = None
        return self._found[version]


def _graded(
    engine: Engine, workspace: str, platform: Platform, since: datetime | None
) -> Iterator[pd.DataFrame]:
    """Graded forecasts with what they were made from, whole predictions at a time; no revisions."""
    p, g, o = tables.predictions.c, tables.grades.c, tables.observations.c
    ids = (
        select(p.prediction_id)
        .join(tables.grades, (p.prediction_id == g.prediction_id) & (p.horizon_h == g.horizon_h))
        .where(p.workspace_id == workspace, p.platform == platform.value, p.revises.is_(None))
        .distinct()
        .order_by(p.prediction_id)
    )
    if since is not None:
        ids = ids.where(p.planned_at >= since)
    wanted = (
        select(
            p.prediction_id, p.horizon_h, p.model_version, p.as_of, p.p10, p.p50, p.p90, p.floor, p.inputs, g.outcome,
            o.known_at,
        )
        .outerjoin(tables.grades, (p.prediction_id == g.prediction_id) & (p.horizon_h == g.horizon_h))
        .outerjoin(
            tables.observations,
            (o.workspace_id == p.workspace_id) & (o.platform == p.platform) & (o.post_id == g.post_id)
            & (o.observation_key == g.observation_key),
        )
        .order_by(p.prediction_id, p.horizon_h)
    )  # fmt: skip
    with engine.connect() as connection:
        names = list(connection.execute(ids).scalars())
        for start in range(0, len(names), PREDICTIONS_AT_ONCE):
            some = names[start : start + PREDICTIONS_AT_ONCE]
            query = wanted.where(p.prediction_id.in_(some))
            yield pd.DataFrame([dict(row._mapping) for row in connection.execute(query)])


def _usable(rows: pd.DataFrame, names: _Names, left_out: Counter[str]) -> pd.DataFrame:
    """Rows with an outcome, each with its prediction's `kept` inputs and their `names`."""
    kept = {one.prediction_id: one.inputs for one in rows.itertuples() if one.inputs}
    rows = rows.assign(kept=rows["prediction_id"].map(kept))
    good = {}
    for one in rows.drop_duplicates("prediction_id").itertuples():
        own = names.of(one.model_version)
        if own is None:
            left_out[f"version {one.model_version} is no longer in the registry"] += 1
        elif len(from_json(one.kept).numbers) != len(own):
            left_out["what was kept does not fit the version that answered"] += 1
        else:
            good[one.prediction_id] = own
    rows = rows[rows["prediction_id"].isin(good) & rows["outcome"].notna()]
    return rows.assign(names=rows["prediction_id"].map(good)).reset_index(drop=True)


def _answered(challenger: StoredVersion, graded: pd.DataFrame, missing: Counter[str]) -> pd.DataFrame:
    once = graded.drop_duplicates("prediction_id").reset_index(drop=True)
    inputs = [from_json(kept) for kept in once["kept"]]
    drafts = [draft_of(kept["draft"]) for kept in once["kept"]]
    rows = rows_of(inputs, once["names"].tolist(), drafts, once["as_of"].tolist())
    for name in challenger.model().feature_names:
        if name not in rows:
            missing[name] += len(rows)
            rows[name] = np.nan
    place = pd.Series(np.arange(len(once)), index=once["prediction_id"]).loc[graded["prediction_id"]]
    asked = rows.iloc[place.to_numpy()].reset_index(drop=True)
    asked = asked.assign(horizon_h=graded["horizon_h"].to_numpy(float))
    found = {"prediction_id": graded["prediction_id"], "known_at": graded["known_at"]}
    found["truth"] = _ln(graded["outcome"])
    answers = {
        "served": graded,
        "challenger": recompute(challenger, asked, drivers=False, floor_only=False).answers,
        "floor": recompute(challenger, asked, drivers=False, floor_only=True).answers,
    }
    for contender, answer in answers.items():
        for level in ("p10", "p50", "p90"):
            found[f"{contender}_{level}"] = _ln(answer[level])
    return pd.DataFrame(found)


def _figures(table: pd.DataFrame) -> dict[str, Figures]:
    return {contender: _of(table, contender) for contender in CONTENDERS}


def _of(table: pd.DataFrame, contender: str) -> Figures:
    if table.empty:
        return Figures(0, None, None, None)
    truth = table["truth"].to_numpy(float)
    quantiles = table[[f"{contender}_{level}" for level in ("p10", "p50", "p90")]].to_numpy(float)
    over = truth[:, None] - quantiles
    inside = (truth >= quantiles[:, 0]) & (truth <= quantiles[:, 2])
    return Figures(
        n=len(table),
        pinball=round(float(np.maximum(LEVELS * over, (LEVELS - 1) * over).mean()), 6),
        mae_ln=round(float(np.abs(over[:, 1]).mean()), 6),
        coverage80=round(float(inside.mean()), 6),
    )


def _seen(table: pd.DataFrame, until: str | None) -> np.ndarray:
    """Which outcomes were known when the challenger was trained; all, where that is not told."""
    if until is None:
        return np.ones(len(table), bool)
    known = pd.to_datetime(table["known_at"], utc=True)
    return (known.isna() | (known <= pd.Timestamp(until))).to_numpy()


def _warnings(seen: int, n: int, until: str | None, missing: Counter[str]) -> Iterator[str]:
    if until is None:
        yield "the version does not say up to when it knew outcomes: it may have learned from all of these"
    elif seen:
        yield (
            f"{seen:,} of {n:,} outcomes were known when the challenger was trained (until {until}): "
            "judge it by `unseen`"
        )
    if missing:
        yield f"{len(missing)} features that the challenger reads are not in the ledger and count as missing"


def _ln(values: Any) -> np.ndarray:
    return np.log1p(np.clip(np.asarray(values, float), 0, None))


def summary(report: Through) -> Sequence[str]:
    """Lines for people."""
    lines = [f"{report.platform}: version {report.version} on the ledger's graded forecasts"]
    for what, figures in (("all", report.all), ("unseen by the challenger", report.unseen)):
        lines.append(f"  {what}: n {figures['served'].n:,}")
        for contender in CONTENDERS:
            one = figures[contender]
            if one.n:
                lines.append(
                    f"    {contender:<10} pinball {one.pinball:.4f}  mae_ln {one.mae_ln:.4f}  coverage80 {one.coverage80:.1%}"
                )
    return [*lines, *(f"  note: {one}" for one in report.warnings)]
