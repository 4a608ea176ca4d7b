"""The forecaster of one platform: an expert per metric definition, the floor beside each, and reasons."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creatorlens.errors import NotReadyError
from creatorlens.metric_definitions import DEFINITIONS, definition_ids
from creatorlens.platforms import MATURE_AGE_H, Platform
from features.one_thread import one_thread
from training.columns import (
    Floats,
    Ints,
    floor_ln,
    matrix,
    model_features,
    moments,
    with_values,
    without_groups,
)
from training.decomposition import NAMES as PARTS
from training.drivers import driver_table
from training.early_performance import fit_revisions, revise
from training.expert import MIN_ROWS, Expert, Explained, FloorRange, definitions, fit_expert, load_expert
from training.members import FAMILIES
from training.parameters import Parameters, load_parameters
from training.probability import prob_above
from training.revision import Revision, load_revision
from training.text_directions import embeddings

NO_MODEL_YET = (
    "our model does not beat the median of the last five posts on this platform yet, so that is what you see"
)
NO_HISTORY = (
    "no earlier post of this channel has a known result: this is what posts like it get on the platform"
)
OTHER_COUNT = "too few results are known for this way of counting ({meaning}), so you see the median of the last five posts"
SERVES = ""


@dataclass(frozen=True)
class Forecaster:
    """`experts` by metric definition, the most frequent first; `left_out`: rows of definitions without one.

    `text_encoder`: whose `text_embedding` it reads (`features.encoder.Encoder.model_id`), None if no one's. `revisions`:
    how a forecast changes once the post was seen, by metric definition.
    """

    platform: Platform
    feature_names: tuple[str, ...]
    experts: dict[str, Expert]
    left_out: dict[str, int]
    text_encoder: str | None = None
    revisions: dict[str, Revision] = field(default_factory=dict)

    @classmethod
    def fit(
        cls,
        rows: pd.DataFrame,
        platform: Platform,
        parameters: Parameters | None = None,
        *,
        features: tuple[str, ...] | None = None,
        families: tuple[str, ...] = FAMILIES,
        explain: bool = True,
        text_encoder: str | None = None,
    ) -> Forecaster:
        """rows: labelled rows whose outcomes are all known; text_encoder: whose embeddings they hold; parameters: by default
        the platform's own; families, explain: see `training.expert.fit_expert`.

        Raises NotReadyError with too few of them.
        """
        parameters = parameters or load_parameters(platform)
        names = without_groups(features or with_values(rows, model_features()), parameters.leave_out)
        own = definitions(rows)
        if not own:
            raise NotReadyError(
                f"{len(rows)} known outcomes on {platform.value}, and {MIN_ROWS} of one way of counting are "
                "needed to train: import more posts with their observations."
            )
        with one_thread():
            experts = {
                name: fit_expert(
                    rows.loc[rows["metric_definition"] == name],
                    names,
                    parameters,
                    families=families,
                    explain=explain,
                )
                for name in own
            }
            revisions = fit_revisions(rows, experts) if explain else {}
        counts = rows["metric_definition"].value_counts()
        left_out = {str(name): int(n) for name, n in sorted(counts.items()) if name not in experts}
        reads_text = any(expert.members.reads_text(expert.shares) for expert in experts.values())
        reader = text_encoder if reads_text else None
        return cls(platform, names, experts, left_out, reader, revisions)

    @property
    def summary(self) -> dict[str, Any]:
        """Small facts for people: rows per definition, ensemble weights, channels where the floor serves."""
        return {
            "platform": self.platform.value,
            "features": len(self.feature_names),
            "text_encoder": self.text_encoder,
            "rows": {name: expert.rows for name, expert in self.experts.items()},
            "rows_left_out": self.left_out,
            "unseen_posts": {name: expert.unseen for name, expert in self.experts.items()},
            "shares": {
                name: dict(zip(FAMILIES, expert.shares, strict=True)) for name, expert in self.experts.items()
            },
            "drivers": {name: list(expert.drivers) for name, expert in self.experts.items()},
            "channels_refused": {
                name: sum(record.worse_ln > 0 for record in expert.gate.channels.values())
                for name, expert in self.experts.items()
            },
        }

    def forecast(
        self,
        rows: pd.DataFrame,
        drivers: bool = False,
        floor_only: bool = False,
        gated: bool = True,
        parts: bool = False,
    ) -> pd.DataFrame:
        """Aligned to rows (features, floor, base_ln, and horizon_h or age_h): p10, p50, p90, prob_beats_floor, floor,
        abstained, reason[, drivers: list of {feature, words, effect}, parts: list of {name, ln, low_ln, high_ln} that add up
        to ln(1+p50), of each post's row nearest a week, other_metrics: list of {metric, p10, p50, p90}; empty where the model does not speak].

        Where it abstains the numbers are the floor's; without a floor they are the platform's level.
        `floor_only` lets the floor serve everywhere; `gated=False` the model wherever there is one; `parts` tells all that
        `drivers` does but the drivers, which cost most.
        """
        n = len(rows)
        quantiles = np.full((n, 3), np.nan)
        prob = np.full(n, np.nan)
        reason = np.full(n, SERVES, dtype=object)
        told: list[list[dict[str, Any]]] = [[] for _ in range(n)]
        split, others = list(told), list(told)
        definition = self._definitions(rows)
        for name in dict.fromkeys(definition.tolist()):
            at = np.flatnonzero(definition == name)
            part = rows if len(at) == n else rows.iloc[at]
            answer = self._of_definition(
                str(name), part, floor_only=floor_only, gated=gated, explain=drivers or parts
            )
            quantiles[at], prob[at], reason[at] = answer.quantiles, answer.prob, answer.reason
            if answer.explained is not None:
                some = np.flatnonzero(answer.by_model)
                if drivers:
                    self._drivers(self._expert(str(name)), part, at, some, told)
                for i, one in zip(at[some].tolist(), _others(answer.explained, some), strict=True):
                    others[i] = one
                for i, one in zip(at[answer.split].tolist(), _parts(answer.explained), strict=True):
                    split[i] = one
        counts = np.maximum(np.expm1(np.minimum(quantiles, 60.0)), 0.0)
        out = pd.DataFrame(
            {
                "p10": counts[:, 0],
                "p50": counts[:, 1],
                "p90": counts[:, 2],
                "prob_beats_floor": prob,
                "floor": rows["floor"].to_numpy(np.float64),
                "abstained": reason != SERVES,
                "reason": reason,
            },
            index=rows.index,
        )
        beside = {"drivers": told} if drivers else {}
        if drivers or parts:
            beside |= {"parts": split, "other_metrics": others}
        for name, found in beside.items():
            out[name] = pd.Series(found, index=rows.index, dtype=object)
        return out

    def revise(self, rows: pd.DataFrame) -> pd.DataFrame:
        """`forecast` of posts that were seen: rows with `seen`, ascending (age_h, value) of each post's own
        observations, besides horizon_h. Nothing is below what was seen; see `training.revision`."""
        return revise(self, self.revisions, self._definitions(rows), rows)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for i, expert in enumerate(self.experts.values()):
            expert.save(folder / f"expert_{i}")
        for i, name in enumerate(self.revisions):
            self.revisions[name].save(folder / f"revision_{i}")
        told = {
            "platform": self.platform.value,
            "feature_names": list(self.feature_names),
            "experts": list(self.experts),
            "left_out": self.left_out,
            "text_encoder": self.text_encoder,
            "revisions": list(self.revisions),
        }
        (folder / "forecaster.json").write_text(json.dumps(told, sort_keys=True, indent=1))

    @classmethod
    def load(cls, folder: Path) -> Forecaster:
        told = json.loads((folder / "forecaster.json").read_text())
        experts = {name: load_expert(folder / f"expert_{i}") for i, name in enumerate(told["experts"])}
        revisions = {
            name: load_revision(folder / f"revision_{i}") for i, name in enumerate(told["revisions"])
        }
        names = tuple(told["feature_names"])
        left_out, reader = told["left_out"], told["text_encoder"]
        return cls(Platform(told["platform"]), names, experts, left_out, reader, revisions)

    def _of_definition(
        self, name: str, rows: pd.DataFrame, *, floor_only: bool, gated: bool, explain: bool
    ) -> _Answer:
        expert, own = self._expert(name), name in self.experts
        has_floor = ~np.isnan(rows["floor"].to_numpy(np.float64))
        reason = np.full(len(rows), SERVES, dtype=object)
        if gated and own and not floor_only:
            refusals = {c: expert.gate.refusal(c) for c in rows["channel_id"].unique()}
            reason[:] = [refusals[channel] or SERVES for channel in rows["channel_id"]]
        if floor_only:
            reason[:] = NO_MODEL_YET
        elif not own:
            reason[:] = OTHER_COUNT.format(meaning=DEFINITIONS[name].meaning if name in DEFINITIONS else name)
        reason[~has_floor] = NO_HISTORY
        by_model = (reason == SERVES) | ~has_floor
        explained, split = None, np.zeros(0, np.int64)
        if not by_model.any():
            quantiles = np.zeros((len(rows), 3))
        elif explain:
            some = np.flatnonzero(by_model)
            if expert.decomposition is not None:
                split = _nearest_a_week(rows, some)
            explained = expert.explained(rows, split)
            quantiles = explained.quantiles
        else:
            quantiles = expert.quantiles(rows)
        prob = prob_above(quantiles, floor_ln(rows))
        floor = _around_floor(floor_ln(rows), expert.floor)
        quantiles = np.where(by_model[:, None], quantiles, floor)
        prob = np.where(by_model, prob, expert.floor.beaten)
        return _Answer(quantiles, prob, reason, by_model, explained, split)

    def _drivers(self, expert: Expert, rows: pd.DataFrame, at: Ints, some: Ints, told: list[Any]) -> None:
        """Of some of the rows, at a week's age, once for rows that differ only in the age asked for."""
        inputs = matrix(rows, self.feature_names)[some]
        text = embeddings(rows)
        if text is not None:
            inputs = np.concatenate([inputs, text[some]], axis=1)
        first: dict[bytes, int] = {}
        place = [first.setdefault(row.tobytes(), len(first)) for row in inputs]
        _, distinct = np.unique(place, return_index=True)
        contributions = expert.members.contributions(
            rows.iloc[some[distinct]], float(MATURE_AGE_H), expert.shares
        )
        found = driver_table(expert.members.features, expert.drivers).drivers(contributions)
        for i, which in zip(at[some].tolist(), place, strict=True):
            told[i] = [vars(driver) for driver in found[which]]

    def _definitions(self, rows: pd.DataFrame) -> NDArray[np.object_]:
        if "metric_definition" in rows.columns:
            return rows["metric_definition"].to_numpy(dtype=object)
        if "duration_ln_s" not in rows.columns or len(rows) == 0:
            return np.full(len(rows), next(iter(self.experts)), dtype=object)
        # duration travels as a float32 logarithm: rounding gives the second back.
        seconds = pd.Series(np.expm1(rows["duration_ln_s"].to_numpy(np.float64)).round(2))
        published = pd.Series(pd.to_datetime(rows["published_at"].array, utc=True))
        return definition_ids(self.platform, published, seconds).to_numpy(dtype=object)

    def _expert(self, name: str) -> Expert:
        return self.experts.get(name) or next(iter(self.experts.values()))


@dataclass(frozen=True)
class _Answer:
    quantiles: Floats
    prob: Floats
    reason: NDArray[np.object_]
    by_model: NDArray[np.bool_]
    explained: Explained | None
    split: Ints


def _nearest_a_week(rows: pd.DataFrame, some: Ints) -> Ints:
    """Of some rows' places those of each post's row at the age nearest a week (rows of one post stand together); every one
    without ages."""
    if "horizon_h" not in rows.columns or len(some) == 0:
        return some
    hours = rows["horizon_h"].to_numpy(np.float64)[some]
    names = [rows[name].to_numpy()[some] for name in ("post_id", "channel_id")]
    keys = [*names, moments(rows["published_at"])[some]]
    # Variants of one draft share their keys, but the ages asked of each rise.
    new = np.any([hours[1:] <= hours[:-1], *(key[1:] != key[:-1] for key in keys)], axis=0)
    run = np.cumsum(np.r_[False, new])
    away = np.abs(np.log(hours / MATURE_AGE_H))
    order = np.lexsort((away, run))
    _, first = np.unique(run[order], return_index=True)
    return some[order[first]]


def _parts(explained: Explained) -> list[list[dict[str, Any]]]:
    """Of each row that was split."""
    return [
        [
            {"name": name, "ln": ln, "low_ln": low, "high_ln": high}
            for name, (ln, low, high) in zip(PARTS, of_row.tolist(), strict=True)
        ]
        for of_row in explained.parts
    ]


def _others(explained: Explained, some: Ints) -> list[list[dict[str, Any]]]:
    counts = {
        metric: np.expm1(np.minimum(ln[some], 60.0)).tolist() for metric, ln in explained.others.items()
    }
    return [
        [
            {"metric": metric, **dict(zip(("p10", "p50", "p90"), of_rows[i], strict=True))}
            for metric, of_rows in counts.items()
        ]
        for i in range(len(some))
    ]


def _around_floor(floor: Floats, spread: FloorRange) -> Floats:
    return np.stack([np.maximum(floor + spread.low, 0.0), floor, floor + spread.high], axis=1)
