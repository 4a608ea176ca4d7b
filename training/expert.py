"""One metric definition's model: members, calibration, the floor's own calibration, and the gate."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.columns import Floats, floor_ln, moments, outcome_ln
from training.conformal import Conformal, fit_conformal, recency, weighted_quantile
from training.definitions import one_definition
from training.gate import Gate, fit_gate
from training.members import Members, Shares, fit_members, load_members, mixed

MIN_ROWS = 200
# Origins of the out-of-time rounds, as shares of the outcomes by the time they became known.
ORIGINS = (0.6, 0.8)
# Boosters first: of shares that do equally well, the first is taken.
_QUARTERS: tuple[Shares, ...] = tuple(
    (a / 4, b / 4, (4 - a - b) / 4) for a in range(4, -1, -1) for b in range(4 - a, -1, -1)
)
_MIN_UNSEEN = 40


@dataclass(frozen=True)
class FloorRange:
    """Quantiles of ln(1+outcome) - ln(1+floor) on unseen posts, and how often the floor was beaten."""

    low: float
    high: float
    beaten: float
    n: int


@dataclass(frozen=True)
class Expert:
    """Fitted members with everything learned from posts they had not seen."""

    members: Members
    shares: Shares
    conformal: Conformal
    floor: FloorRange
    gate: Gate
    rows: int
    unseen: int

    def quantiles(self, rows: pd.DataFrame) -> Floats:
        """Calibrated n x 3 in ln(1+metric)."""
        return self.conformal.apply(self.members.quantiles(rows, self.shares), _group(rows))

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.members.save(folder)
        told = {
            "shares": list(self.shares),
            "conformal": self.conformal.to_json(),
            "floor": vars(self.floor),
            "gate": self.gate.to_json(),
            "rows": self.rows,
            "unseen": self.unseen,
        }
        (folder / "calibration.json").write_text(json.dumps(told, sort_keys=True, indent=1))


def load_expert(folder: Path) -> Expert:
    told: dict[str, Any] = json.loads((folder / "calibration.json").read_text())
    return Expert(
        members=load_members(folder),
        shares=(told["shares"][0], told["shares"][1], told["shares"][2]),
        conformal=Conformal.from_json(told["conformal"]),
        floor=FloorRange(**told["floor"]),
        gate=Gate.from_json(told["gate"]),
        rows=told["rows"],
        unseen=told["unseen"],
    )


def fit_expert(rows: pd.DataFrame, features: tuple[str, ...], *, network: bool = True) -> Expert:
    """rows: labelled rows of one metric definition, all known by now.

    What calibrates never trained what it calibrates: members fitted on the first 60 % and 80 % of the
    outcomes (by the time they became known) forecast the posts published after that. The members that
    serve are then fitted once more on everything, so that they know the last weeks too.
    """
    one_definition(rows)
    rows = in_known_order(rows)
    unseen, each, rounds = _out_of_time(rows, features, network)
    truth = outcome_ln(unseen)
    weight, group = recency(_order(unseen)), _group(unseen)
    shares = _shares(each, truth, weight, network)
    quantiles = mixed(each, shares)
    conformal = fit_conformal(quantiles, truth, weight, group)
    floor = floor_ln(unseen)
    calibrated = conformal.apply(quantiles, group)
    return Expert(
        members=fit_members(rows, features, network=shares[1] > 0),
        shares=shares,
        conformal=conformal,
        floor=_floor_range(truth - floor, weight),
        gate=fit_gate(unseen["channel_id"], np.abs(truth - calibrated[:, 1]), np.abs(truth - floor), rounds),
        rows=len(rows),
        unseen=len(unseen),
    )


def in_known_order(rows: pd.DataFrame) -> pd.DataFrame:
    by = ["outcome_known_at", "published_at", "post_id"]
    return rows.sort_values(by, kind="stable", ignore_index=True)


def _out_of_time(
    rows: pd.DataFrame, features: tuple[str, ...], network: bool
) -> tuple[pd.DataFrame, list[Floats], NDArray[np.int64]]:
    """Unseen rows (last observation of each post known by now), each member's quantiles, round numbers."""
    known, published = moments(rows["outcome_known_at"]), moments(rows["published_at"])
    last = ~rows["post_id"].duplicated(keep="last").to_numpy()
    origins = [int(known[int(len(rows) * share)]) for share in ORIGINS]
    parts, found, rounds = [], [], []
    for number, (origin, until) in enumerate(zip(origins, [*origins[1:], None], strict=True)):
        seen = known <= origin
        ahead = last & (published > origin) & (published <= until if until is not None else True)
        if seen.sum() < MIN_ROWS // 2 or not ahead.any():
            continue
        members = fit_members(rows.loc[seen].reset_index(drop=True), features, network=network)
        part = rows.loc[ahead].reset_index(drop=True)
        parts.append(part)
        found.append(members.each(part))
        rounds.append(np.full(len(part), number))
    if not parts:
        return rows.iloc[:0], [np.zeros((0, 3))] * 3, np.zeros(0, np.int64)
    each = [np.concatenate([quantiles[i] for quantiles in found]) for i in range(3)]
    return pd.concat(parts, ignore_index=True), each, np.concatenate(rounds)


def _shares(each: Sequence[Floats], truth: Floats, weight: Floats, network: bool) -> Shares:
    """The shares, in quarters, whose middle was closest on unseen posts; half boosters, half network
    where there are few. Errors are centred first: a drift of the whole platform, which every member
    missed alike, says nothing of how to mix them.
    """
    if len(truth) < _MIN_UNSEEN:
        return (0.5, 0.5, 0.0) if network else (1.0, 0.0, 0.0)
    best, chosen = np.inf, (1.0, 0.0, 0.0)
    for shares in _QUARTERS:
        if shares[1] > 0 and not network:
            continue
        error = truth - mixed(each, shares)[:, 1]
        lost = float(np.average(np.abs(error - weighted_quantile(error, weight, 0.5)), weights=weight))
        if lost < best - 1e-9:
            best, chosen = lost, shares
    return chosen


def _floor_range(ratio: Floats, weight: Floats) -> FloorRange:
    known = ~np.isnan(ratio)
    ratio, weight = ratio[known], weight[known]
    if len(ratio) == 0:
        return FloorRange(-1.0, 1.0, 0.5, 0)
    return FloorRange(
        low=min(0.0, -weighted_quantile(-ratio, weight, 0.9, unseen=True)),
        high=max(0.0, weighted_quantile(ratio, weight, 0.9, unseen=True)),
        beaten=float(np.average(ratio > 0, weights=weight)),
        n=len(ratio),
    )


def _order(rows: pd.DataFrame) -> NDArray[np.int64]:
    return moments(rows["published_at"])


def _group(rows: pd.DataFrame) -> NDArray[np.int64]:
    """0 = channels with a floor, 1 = without any matured outcome."""
    return np.isnan(rows["floor"].to_numpy(np.float64)).astype(np.int64)


def definitions(rows: pd.DataFrame) -> Sequence[str]:
    """Metric definitions with rows enough for a model of their own, most frequent first."""
    counts = rows["metric_definition"].value_counts()
    ordered = sorted(((-int(n), str(name)) for name, n in counts.items() if n >= MIN_ROWS))
    return [name for _, name in ordered]
