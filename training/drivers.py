"""What drives a forecast: exact contributions of what the creator can change, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from creatorlens.records import Driver
from features.catalogue import BY_NAME
from training.columns import Floats
from training.text_directions import EMBEDDING

TOP = 5
# Below half a percent it is not worth a sentence.
_SMALLEST = 0.005
# Features that say one thing in several numbers are told as one: moving the post an hour moves all of its group.
_TOGETHER = {
    "hour_cos": "hour_sin",
    "channel_daypart_lift": "hour_sin",
    "weekday_cos": "weekday_sin",
    "is_weekend": "weekday_sin",
    "channel_weekday_lift": "weekday_sin",
    "month_cos": "month_sin",
    "own_similar_n_ln": "own_similar_lift",
    "posts_30d": "posts_7d",
    "posts_90d": "posts_7d",
}
_WORDS = {EMBEDDING: "what the title is about", "posts_7d": "how often the channel posts"}


@dataclass(frozen=True)
class DriverTable:
    """Which columns can be told, computed once per model."""

    columns: tuple[tuple[int, ...], ...]
    names: tuple[str, ...]

    def drivers(self, contributions: Floats) -> list[list[Driver]]:
        """n x features of ln contributions → each row's drivers, strongest first."""
        if not self.names:
            return [[] for _ in range(len(contributions))]
        told = np.stack([contributions[:, list(c)].sum(axis=1) for c in self.columns], axis=1)
        effect = np.expm1(told)
        order = np.argsort(-np.abs(told), axis=1, kind="stable")[:, :TOP]
        return [
            [self._driver(j, float(effect[i, j])) for j in order[i] if abs(effect[i, j]) >= _SMALLEST]
            for i in range(len(told))
        ]

    def _driver(self, column: int, effect: float) -> Driver:
        name = self.names[column]
        words = _WORDS.get(name) or BY_NAME[name].words
        # Screens put the size beside the words; the direction belongs to the sentence.
        return Driver(name, f"{words} {'lifts' if effect > 0 else 'lowers'} it", effect)


def driver_table(features: tuple[str, ...], claimable: tuple[str, ...]) -> DriverTable:
    """Of the columns that `Members.contributions` returns (the features, then the text's embedding) those groups that may
    be claimed (`training.permutation`)."""
    columns = (*features, EMBEDDING)
    place = {name: i for i, name in enumerate(columns)}
    groups = {name: own for name, own in driver_groups(features).items() if name in claimable}
    return DriverTable(tuple(tuple(place[name] for name in own) for own in groups.values()), tuple(groups))


def driver_groups(features: tuple[str, ...]) -> dict[str, list[str]]:
    """What a creator can change, by the name it is told under: columns that say one thing together."""
    groups: dict[str, list[str]] = {}
    for name in (*features, EMBEDDING):
        if name == EMBEDDING or (name in BY_NAME and BY_NAME[name].controllable):
            groups.setdefault(_TOGETHER.get(name, name), []).append(name)
    return groups
