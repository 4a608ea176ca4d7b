"""The members over the same rows: boosters and a network on top of the channel's base, and one without history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from training.boosting import Boosters, fit_boosters, load_boosters
from training.columns import Floats, horizon_ln, matrix, outcome_ln, row_weights
from training.level import AgeSlope, fit_age_slope
from training.plain import PlainMember, fit_plain, load_plain
from training.text_directions import embeddings

if TYPE_CHECKING:
    from training.network import Network


# Of the boosters, the network and the member without history; they add up to 1.
Shares = tuple[float, float, float]


def mixed(each: Sequence[Floats], shares: Shares) -> Floats:
    """The weighted mean of the members' quantiles."""
    out: Floats = sum(
        (share * part for share, part in zip(shares, each, strict=True)), np.zeros_like(each[0])
    )
    return out


# The newest outcomes suffice: on a platform with more, a fit takes minutes instead of seconds, and what was
# learned from older audiences is the first to go stale.
MAX_ROWS = 50_000


@dataclass(frozen=True)
class Members:
    """Fitted on the same rows; the network may be absent."""

    features: tuple[str, ...]
    usual_ln: float
    age: AgeSlope
    boosters: Boosters
    network: Network | None
    plain: PlainMember

    def quantiles(self, rows: pd.DataFrame, shares: Shares) -> Floats:
        """n x 3 in ln(1+metric), before calibration. Non-crossing, non-decreasing with age."""
        return mixed(self.each(rows, shares), shares)

    def each(self, rows: pd.DataFrame, needed: Shares = (1.0, 1.0, 1.0)) -> list[Floats]:
        """Quantiles of the boosters, the network and the member without history, n x 3 each.

        Members with no share in `needed` are not asked (zeros); without a network the boosters stand in.
        """
        x, age = matrix(rows, self.features), horizon_ln(rows)
        level = (self.base(rows) + self.age.at(age))[:, None]
        nothing = np.zeros((len(rows), 3))
        by_boosters = needed[0] > 0 or (needed[1] > 0 and self.network is None)
        boosted = level + self.boosters.predict(x, age) if by_boosters else nothing
        networked = boosted
        if self.network is not None and needed[1] > 0:
            networked = level + self.network.predict(x, embeddings(rows))
        plain = self.plain.quantiles(rows) if needed[2] > 0 else nothing
        return [boosted, networked, plain]

    def reads_text(self, shares: Shares) -> bool:
        """Whether the text's embedding reaches a forecast mixed by these shares."""
        in_network = self.network is not None and len(self.network.standardiser.text) > 0
        return (shares[1] > 0 and in_network) or (shares[2] > 0 and len(self.plain.text) > 0)

    def base(self, rows: pd.DataFrame) -> Floats:
        """The history level; what posts got in training where not even the platform's was known."""
        base = rows["base_ln"].to_numpy(np.float64)
        out: Floats = np.where(np.isnan(base), self.usual_ln, base)
        return out

    def contributions(self, rows: pd.DataFrame, hours: float, shares: Shares) -> Floats:
        """TreeSHAP of the boosted centres at one age, each by its share of the ensemble: n x (features + 1),
        the last column being what the text's embedding tells."""
        x = matrix(rows, self.features)
        out = np.zeros((len(rows), len(self.features) + 1))
        out[:, :-1] = shares[0] * self.boosters.contributions(x, np.full(len(rows), np.log(hours)))
        if shares[2] > 0:
            at = [*(self.features.index(name) for name in self.plain.features), -1]
            out[:, at] += shares[2] * self.plain.contributions(rows, hours)
        return out

    def save(self, folder: Path) -> None:
        told = {
            "features": list(self.features),
            "usual_ln": self.usual_ln,
            "age": vars(self.age),
            "network": self.network is not None,
        }
        (folder / "members.json").write_text(json.dumps(told, sort_keys=True, indent=1))
        self.boosters.save(folder)
        self.plain.save(folder / "plain")
        if self.network is not None:
            self.network.save(folder)


def load_members(folder: Path) -> Members:
    told = json.loads((folder / "members.json").read_text())
    network = None
    if told["network"]:
        from training.network import load_network

        network = load_network(folder)
    age, boosters = AgeSlope(**told["age"]), load_boosters(folder)
    plain = load_plain(folder / "plain")
    return Members(tuple(told["features"]), told["usual_ln"], age, boosters, network, plain)


def fit_members(rows: pd.DataFrame, features: tuple[str, ...], *, network: bool) -> Members:
    """rows: labelled, in the order their outcomes became known; the newest `MAX_ROWS` are used."""
    rows = rows.tail(MAX_ROWS)
    usual_ln = float(np.median(outcome_ln(rows)))
    plain = fit_plain(rows, features)
    # Before the platform's first outcome there is no base: such a row would teach its whole count as a surprise.
    rows = rows.loc[rows["base_ln"].notna()]
    x, age = matrix(rows, features), horizon_ln(rows)
    above_base = outcome_ln(rows) - rows["base_ln"].to_numpy(np.float64)
    weight = row_weights(rows)
    slope = fit_age_slope(above_base, age, weight)
    left = above_base - slope.at(age)
    boosters = fit_boosters(x, age, left, weight)
    if not network:
        return Members(features, usual_ln, slope, boosters, None, plain)
    from training.network_training import fit_network

    trained = fit_network(x, embeddings(rows), left, weight)
    return Members(features, usual_ln, slope, boosters, trained, plain)
