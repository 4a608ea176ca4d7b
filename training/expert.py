"""One metric definition's model: families, calibration, the floor's own calibration, the gate, and what may be said of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creatorlens.platforms import MATURE_AGE_H
from training.columns import Floats, Ints, floor_ln, outcome_ln
from training.conformal import Conformal, fit_conformal, quantile
from training.decomposition import NAMES, Decomposition, fit_decomposition, with_reliability
from training.definitions import one_definition
from training.drivers import driver_groups
from training.gate import Gate, fit_gate
from training.members import FAMILIES, Members, Shares, as_shares, fit_members, load_members, mixed
from training.other_metrics import OtherMetrics, fit_other_metrics
from training.out_of_time import OutOfTime, Round, forecast_unseen
from training.parameters import Parameters
from training.permutation import survivors
from training.sizes import Sizes, fit_sizes
from training.stacking import choose_shares

MIN_ROWS = 200
# Explanations are checked on so many unseen posts at most: the newest.
_EXPLAINED_ROWS = 1_000


@dataclass(frozen=True)
class FloorRange:
    """Quantiles of ln(1+outcome) - ln(1+floor) on unseen posts, and how often the floor was beaten."""

    low: float
    high: float
    beaten: float
    n: int


@dataclass(frozen=True)
class Explained:
    """`quantiles`: calibrated n x 3; `others`: the same of other metrics; `parts`: of each row that was split, 3 parts
    (`decomposition.NAMES`) x (ln, low, high)."""

    quantiles: Floats
    others: dict[str, Floats]
    parts: Floats


@dataclass(frozen=True)
class Expert:
    """Fitted families with everything learned from posts they had not seen. `drivers`: groups of features that survived the
    permutation check; without a decomposition it was fitted for figures alone."""

    members: Members
    shares: Shares
    sizes: Sizes
    conformal: Conformal
    floor: FloorRange
    gate: Gate
    others: OtherMetrics
    decomposition: Decomposition | None
    drivers: tuple[str, ...]
    rows: int
    unseen: int

    def quantiles(self, rows: pd.DataFrame) -> Floats:
        """Calibrated n x 3 in ln(1+metric)."""
        return self.conformal.apply(self.members.quantiles(rows, self.shares), self.group(rows))

    def explained(self, rows: pd.DataFrame, split: Ints) -> Explained:
        """`quantiles`, what else the rows' posts will get, and the parts of some of the rows (their places; none without a
        decomposition), all from one look at them."""
        if self.decomposition is None:
            quantiles, others = self.members.answers(rows, self.shares)
            parts = np.zeros((0, len(NAMES), 3))
        else:
            asked = self.decomposition.asked(rows, split)
            whole, others = self.members.answers(asked, self.shares)
            parts = self.decomposition.with_intervals(self.decomposition.shares_of(whole[:, 1], split))
            quantiles = whole[: len(rows)]
            others = {metric: found[: len(rows)] for metric, found in others.items()}
        calibrated = self.conformal.apply(quantiles, self.group(rows))
        return Explained(calibrated, self.others.calibrated(others), parts)

    def middle(self, rows: pd.DataFrame) -> Floats:
        """n; calibration moves the bounds alone."""
        return self.members.quantiles(rows, self.shares)[:, 1]

    def group(self, rows: pd.DataFrame) -> Ints:
        """Which calibration a row gets: by its channel's size, or as one without any matured outcome."""
        return self.sizes.of(rows["base_ln"].to_numpy(np.float64), _has_history(rows))

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.members.save(folder)
        told = {
            "shares": list(self.shares),
            "sizes": self.sizes.to_json(),
            "conformal": self.conformal.to_json(),
            "floor": vars(self.floor),
            "gate": self.gate.to_json(),
            "others": self.others.to_json(),
            "decomposition": None if self.decomposition is None else self.decomposition.to_json(),
            "drivers": list(self.drivers),
            "rows": self.rows,
            "unseen": self.unseen,
        }
        (folder / "calibration.json").write_text(json.dumps(told, sort_keys=True, indent=1))


def load_expert(folder: Path) -> Expert:
    told: dict[str, Any] = json.loads((folder / "calibration.json").read_text())
    shares, parts = told["shares"], told["decomposition"]
    return Expert(
        members=load_members(folder),
        shares=as_shares(shares),
        sizes=Sizes.from_json(told["sizes"]),
        conformal=Conformal.from_json(told["conformal"]),
        floor=FloorRange(**told["floor"]),
        gate=Gate.from_json(told["gate"]),
        others=OtherMetrics.from_json(told["others"]),
        decomposition=None if parts is None else Decomposition.from_json(parts),
        drivers=tuple(told["drivers"]),
        rows=told["rows"],
        unseen=told["unseen"],
    )


def fit_expert(
    rows: pd.DataFrame,
    features: tuple[str, ...],
    parameters: Parameters | None = None,
    *,
    families: tuple[str, ...] = FAMILIES,
    explain: bool = True,
) -> Expert:
    """rows: labelled rows of one metric definition, all known by now; `families`: those that may have a share; without
    `explain` there are no parts, drivers and other metrics, and it is faster.

    What calibrates never trained what it calibrates: members fitted on the first 60 % and 80 % of the
    outcomes (by the time they became known) forecast the posts published after that. The members that
    serve are then fitted once more on everything, so that they know the last weeks too.
    Raises InputError where rows of several metric definitions are handed in.
    """
    one_definition(rows)
    parameters, rows = parameters or Parameters(), in_known_order(rows)
    unseen = forecast_unseen(rows, features, parameters, families, MIN_ROWS // 2)
    truth, floor = outcome_ln(unseen.rows), floor_ln(unseen.rows)
    shares = choose_shares(unseen.each, truth, families)
    sizes = fit_sizes(rows["base_ln"].to_numpy(np.float64), _has_history(rows))
    group = sizes.of(unseen.rows["base_ln"].to_numpy(np.float64), _has_history(unseen.rows))
    quantiles = mixed(unseen.each, shares)
    conformal = fit_conformal(quantiles, truth, group, unseen.round_of)
    middle = conformal.apply(quantiles, group)[:, 1]
    others = fit_other_metrics(unseen) if explain and "network" in families else OtherMetrics({})
    members = fit_members(
        rows, features, parameters,
        network=shares[1] > 0 or bool(others.shifts), sequence=shares[2] > 0, quantiles=shares[4] > 0,
    )  # fmt: skip
    expert = Expert(
        members=members,
        shares=shares,
        sizes=sizes,
        conformal=conformal,
        floor=_floor_range(truth - floor),
        gate=fit_gate(
            unseen.rows["channel_id"], np.abs(truth - middle), np.abs(truth - floor), unseen.round_of
        ),
        others=others,
        decomposition=None,
        drivers=(),
        rows=len(rows),
        unseen=len(unseen.rows),
    )
    return _explained(expert, rows, unseen) if explain else expert


def in_known_order(rows: pd.DataFrame) -> pd.DataFrame:
    by = ["outcome_known_at", "published_at", "post_id"]
    return rows.sort_values(by, kind="stable", ignore_index=True)


def definitions(rows: pd.DataFrame) -> Sequence[str]:
    """Metric definitions with rows enough for a model of their own, most frequent first."""
    counts = rows["metric_definition"].value_counts()
    ordered = sorted(((-int(n), str(name)) for name, n in counts.items() if n >= MIN_ROWS))
    return [name for _, name in ordered]


def _explained(expert: Expert, rows: pd.DataFrame, unseen: OutOfTime) -> Expert:
    """With what may be said of its forecasts, checked on posts that the rounds' members had not seen."""
    fitted = fit_decomposition(rows, expert.members.features)
    if not unseen.rounds:
        nothing = np.zeros((0, 3))
        return replace(expert, decomposition=with_reliability(fitted, nothing, nothing, np.zeros(0), []))
    shares = expert.shares
    last = unseen.rounds[-1]
    asked = last.rows.tail(_EXPLAINED_ROWS).reset_index(drop=True)
    truth = outcome_ln(asked)
    by_round = fitted.split(lambda some: last.members.quantiles(some, shares)[:, 1], asked)
    by_final = fitted.split(expert.middle, asked)
    return replace(
        expert,
        decomposition=with_reliability(fitted, by_final, by_round, truth, asked["channel_id"]),
        drivers=_surviving(last, shares, asked, truth),
    )


def _surviving(last: Round, shares: Shares, asked: pd.DataFrame, truth: Floats) -> tuple[str, ...]:
    """Of the boosted families, whose contributions are what is told."""
    boosted = [shares[0], 0.0, 0.0, shares[3], shares[4]]
    whole = sum(boosted)
    if whole == 0:
        return ()
    of = as_shares([share / whole for share in boosted])
    aged = asked if "age_h" in asked.columns else asked.assign(horizon_h=float(MATURE_AGE_H))
    groups = driver_groups(last.members.features)
    return survivors(lambda some: last.members.quantiles(some, of)[:, 1], aged, truth, groups)


def _floor_range(ratio: Floats) -> FloorRange:
    ratio = ratio[~np.isnan(ratio)]
    if len(ratio) == 0:
        return FloorRange(-1.0, 1.0, 0.5, 0)
    return FloorRange(
        low=min(0.0, -quantile(-ratio, 0.9, unseen=True)),
        high=max(0.0, quantile(ratio, 0.9, unseen=True)),
        beaten=float((ratio > 0).mean()),
        n=len(ratio),
    )


def _has_history(rows: pd.DataFrame) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = ~np.isnan(rows["floor"].to_numpy(np.float64))
    return known
