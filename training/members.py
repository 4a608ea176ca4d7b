"""The families over the same rows: boosters, boosted quantiles, the multimodal network and the sequence network on top of the
channel's base, and boosters without history."""

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
from training.parameters import Parameters
from training.plain import PlainMember, fit_plain, load_plain
from training.quantile_boosting import QuantileMember, fit_quantile_member, load_quantile_member

if TYPE_CHECKING:
    from training.multimodal import MultimodalNetwork
    from training.sequence import SequenceNetwork

FAMILIES = ("boosters", "network", "sequence", "without_history", "quantiles")
# Those that need no torch, and are fitted in a second.
TREES = ("boosters", "without_history")
# Of each of `FAMILIES`; they add up to 1.
Shares = tuple[float, float, float, float, float]
EVERYONE: Shares = (1.0, 1.0, 1.0, 1.0, 1.0)

# The newest outcomes suffice: on a platform with more, a fit takes minutes instead of seconds, and what was
# learned from older audiences is the first to go stale.
MAX_ROWS = 30_000


def as_shares(values: Sequence[float]) -> Shares:
    """In the order of `FAMILIES`; those that are not told of have none."""
    first, second, third, fourth, fifth = [*values, *[0.0] * (len(FAMILIES) - len(values))]
    return (first, second, third, fourth, fifth)


def mixed(each: Sequence[Floats], shares: Shares) -> Floats:
    """The weighted mean of the families' quantiles."""
    out: Floats = sum(
        (share * part for share, part in zip(shares, each, strict=True)), np.zeros_like(each[0])
    )
    return out


@dataclass(frozen=True)
class Members:
    """Fitted on the same rows; the networks and the boosted quantiles may be absent."""

    features: tuple[str, ...]
    usual_ln: float
    age: AgeSlope
    boosters: Boosters
    network: MultimodalNetwork | None
    sequence: SequenceNetwork | None
    plain: PlainMember
    boosted_quantiles: QuantileMember | None

    def quantiles(self, rows: pd.DataFrame, shares: Shares) -> Floats:
        """n x 3 in ln(1+metric), before calibration. Non-crossing, non-decreasing with age."""
        return mixed(self.each(rows, shares), shares)

    def answers(self, rows: pd.DataFrame, shares: Shares) -> tuple[Floats, dict[str, Floats]]:
        """`quantiles` and `others`, for which the network looks at the rows once."""
        if self.network is None:
            return self.quantiles(rows, shares), {}
        primary, others = self.network.predict_all(rows)
        level = self._level(rows)
        quantiles = mixed(self.each(rows, shares, by_network=primary), shares)
        return quantiles, {metric: level + part for metric, part in others.items()}

    def each(
        self, rows: pd.DataFrame, needed: Shares = EVERYONE, *, by_network: Floats | None = None
    ) -> list[Floats]:
        """Quantiles of each of `FAMILIES`, n x 3; those with no share in `needed` are not asked (zeros). Where one on top
        of the base is absent the boosters stand in. `by_network`: what the network says of the rows, if it was asked."""
        level = self._level(rows)
        beside = {1: self.network, 2: self.sequence, 4: self.boosted_quantiles}
        out = [np.zeros((len(rows), 3))] * len(FAMILIES)
        if needed[0] > 0 or any(needed[i] > 0 and member is None for i, member in beside.items()):
            out[0] = level + self.boosters.predict(matrix(rows, self.features), horizon_ln(rows))
        for i, member in beside.items():
            if needed[i] > 0:
                known = by_network if i == 1 else None
                out[i] = (
                    out[0] if member is None else level + (member.predict(rows) if known is None else known)
                )
        if needed[3] > 0:
            out[3] = self.plain.quantiles(rows)
        return out

    def others(self, rows: pd.DataFrame) -> dict[str, Floats]:
        """Other metrics than the primary one, n x 3 in ln(1+metric), before calibration."""
        if self.network is None:
            return {}
        level = self._level(rows)
        return {metric: level + part for metric, part in self.network.predict_all(rows)[1].items()}

    def reads_text(self, shares: Shares) -> bool:
        """Whether the text's embedding reaches a forecast mixed by these shares."""
        in_network = self.network is not None and self.network.reads("text")
        similar = "platform_similar_lift" in self.features
        in_plain = shares[3] > 0 and len(self.plain.text) > 0
        boosted = self.boosted_quantiles
        in_quantiles = shares[4] > 0 and boosted is not None and len(boosted.text) > 0
        return similar or in_network or in_plain or in_quantiles

    def base(self, rows: pd.DataFrame) -> Floats:
        """The history level; what posts got in training where not even the platform's was known."""
        base = rows["base_ln"].to_numpy(np.float64)
        out: Floats = np.where(np.isnan(base), self.usual_ln, base)
        return out

    def _level(self, rows: pd.DataFrame) -> Floats:
        """n x 1: what those on top of the base start from."""
        level: Floats = (self.base(rows) + self.age.at(horizon_ln(rows)))[:, None]
        return level

    def contributions(self, rows: pd.DataFrame, hours: float, shares: Shares) -> Floats:
        """TreeSHAP of the boosted middles at one age, each by its share of the ensemble: n x (features + 1),
        the last column being what the text's embedding tells."""
        x = matrix(rows, self.features)
        out = np.zeros((len(rows), len(self.features) + 1))
        if shares[0] > 0:
            out[:, :-1] = shares[0] * self.boosters.contributions(x, np.full(len(rows), np.log(hours)))
        if shares[3] > 0:
            at = [*(self.features.index(name) for name in self.plain.features), -1]
            out[:, at] += shares[3] * self.plain.contributions(rows, hours)
        if shares[4] > 0 and self.boosted_quantiles is not None:
            out += shares[4] * self.boosted_quantiles.contributions(rows)
        return out

    def save(self, folder: Path) -> None:
        told = {
            "features": list(self.features),
            "usual_ln": self.usual_ln,
            "age": vars(self.age),
            "network": self.network is not None,
            "sequence": self.sequence is not None,
            "quantiles": self.boosted_quantiles is not None,
        }
        (folder / "members.json").write_text(json.dumps(told, sort_keys=True, indent=1))
        self.boosters.save(folder)
        self.plain.save(folder / "plain")
        if self.boosted_quantiles is not None:
            self.boosted_quantiles.save(folder / "quantiles")
        for network in (self.network, self.sequence):
            if network is not None:
                network.save(folder)


def load_members(folder: Path) -> Members:
    told = json.loads((folder / "members.json").read_text())
    network, sequence = None, None
    if told["network"]:
        from training.multimodal import load_multimodal

        network = load_multimodal(folder)
    if told["sequence"]:
        from training.sequence import load_sequence

        sequence = load_sequence(folder)
    return Members(
        features=tuple(told["features"]),
        usual_ln=told["usual_ln"],
        age=AgeSlope(**told["age"]),
        boosters=load_boosters(folder),
        network=network,
        sequence=sequence,
        plain=load_plain(folder / "plain"),
        # models of before this family have none
        boosted_quantiles=load_quantile_member(folder / "quantiles") if told.get("quantiles") else None,
    )


def fit_members(
    rows: pd.DataFrame,
    features: tuple[str, ...],
    parameters: Parameters | None = None,
    *,
    network: bool = True,
    sequence: bool = True,
    quantiles: bool = True,
) -> Members:
    """rows: labelled, in the order their outcomes became known; the newest `MAX_ROWS` are used."""
    parameters = parameters or Parameters()
    rows = rows.tail(MAX_ROWS)
    usual_ln = float(np.median(outcome_ln(rows)))
    plain = fit_plain(rows, features, parameters)
    # Before the platform's first outcome there is no base: such a row would teach its whole count as a surprise.
    rows = rows.loc[rows["base_ln"].notna()]
    age, weight = horizon_ln(rows), row_weights(rows, parameters.fade)
    above_base = outcome_ln(rows) - rows["base_ln"].to_numpy(np.float64)
    slope = fit_age_slope(above_base, age, weight)
    left = above_base - slope.at(age)
    boosters = fit_boosters(matrix(rows, features), age, left, weight, parameters.boosting)
    trained, recurrent = None, None
    if network:
        from training.multimodal_training import fit_multimodal

        trained = fit_multimodal(rows, features, left, weight, parameters.network)
    if sequence:
        from training.sequence_training import fit_sequence

        recurrent = fit_sequence(rows, features, left, weight, parameters.sequence)
    boosted = fit_quantile_member(rows, features, left, parameters.quantiles) if quantiles else None
    return Members(features, usual_ln, slope, boosters, trained, recurrent, plain, boosted)
