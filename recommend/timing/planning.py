"""A schedule for posts on several channels: the best slots that keep their distance, by mixed-integer programming.

Posts of one channel are worth the same in a slot, so that what is decided is which slots each channel uses; they are
handed out in the order in which the posts were planned. Spacing is a clique constraint: among slots less than the
spacing apart at most one is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta

import numpy as np

from features.asof import Floats, Ints
from recommend.timing.slots import Slot

SECONDS = 20.0
EARLIER = 1e-6
"""Per hour of waiting, in ln: of two slots that are worth the same the earlier one."""


@dataclass(frozen=True)
class Wanted:
    """`posts` of one channel, the slots open to it in order of time, and what each is worth in ln."""

    channel_id: str
    posts: int
    slots: Sequence[Slot]
    worth: Floats


class TooFewSlots(Exception):
    """`most`: how many posts of `channel_id` fit; None where channels stand in each other's way."""

    def __init__(self, channel_id: str | None, most: int | None) -> None:
        super().__init__(channel_id, most)
        self.channel_id, self.most = channel_id, most


def plan(wanted: Sequence[Wanted], spacing: timedelta, apart: timedelta = timedelta(0)) -> list[list[Slot]]:
    """Per channel its slots in order of time; the total worth is the largest there is. `spacing`: within a channel; `apart`:
    between any two posts. Raises TooFewSlots."""
    for one in wanted:
        most = most_that_fit(one.slots, spacing)
        if most < one.posts:
            raise TooFewSlots(one.channel_id, most)
    chosen = _solved(wanted, spacing, apart)
    if chosen is None:
        raise TooFewSlots(None, None)
    return chosen


def most_that_fit(slots: Sequence[Slot], spacing: timedelta) -> int:
    """The earliest that keeps its distance, again and again: no other choice fits more."""
    count, last = 0, None
    for slot in slots:
        if last is None or slot.at.astimezone(UTC) - last >= spacing:
            count, last = count + 1, slot.at.astimezone(UTC)
    return count


def _solved(wanted: Sequence[Wanted], spacing: timedelta, apart: timedelta) -> list[list[Slot]] | None:
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_matrix

    owner = np.repeat(np.arange(len(wanted)), [len(one.slots) for one in wanted])
    slots = [slot for one in wanted for slot in one.slots]
    moment = np.array([slot.at.timestamp() for slot in slots])
    worth = np.concatenate([one.worth for one in wanted]) - EARLIER * (moment - moment.min()) / 3600
    rows, columns = _cliques(moment, owner, spacing, apart)
    n_cliques = int(rows.max()) + 1 if len(rows) else 0
    cliques = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(n_cliques, len(slots)))
    members = csr_matrix(
        (np.ones(len(slots)), (owner, np.arange(len(slots)))), shape=(len(wanted), len(slots))
    )
    posts = np.array([one.posts for one in wanted], dtype=float)
    rules = [LinearConstraint(members, posts, posts)]
    if n_cliques:
        rules.append(LinearConstraint(cliques, -np.inf, 1.0))
    found = milp(
        -worth, constraints=rules, integrality=np.ones(len(slots)), bounds=Bounds(0, 1),
        options={"time_limit": SECONDS, "mip_rel_gap": 1e-6},
    )  # fmt: skip
    if found.x is None:
        return None
    used = np.flatnonzero(found.x > 0.5)
    return [[slots[i] for i in used if owner[i] == k] for k in range(len(wanted))]


def _cliques(moment: Floats, owner: Ints, spacing: timedelta, apart: timedelta) -> tuple[Ints, Ints]:
    """Rows (clique) and columns (slot) of the constraint matrix: all slots from each one on that are nearer than allowed."""
    rows, columns, clique = [], [], 0
    groups = [(np.flatnonzero(owner == k), spacing) for k in np.unique(owner)] + [
        (np.arange(len(owner)), apart)
    ]
    for members, distance in groups:
        order = members[np.argsort(moment[members], kind="stable")]
        ends = np.searchsorted(moment[order], moment[order] + distance.total_seconds() - 0.5, side="left")
        for i, end in enumerate(ends):
            if end - i > 1:
                rows.append(np.full(end - i, clique))
                columns.append(order[i:end])
                clique += 1
    if not rows:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate(rows), np.concatenate(columns)
