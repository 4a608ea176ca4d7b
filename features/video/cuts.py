"""Hard cuts, found while frames stream past.

A cut is a frame that has little in common with the one before (`luma.change` above 0.55), stands out
from the half second around it (a whip pan or fire changes all the time), and does not return at once (a flash).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from creatorlens.reading.video import Cuts
from features.video.luma import Tiny, change

DIFFERENT = 0.55
STANDS_OUT = 2.0
AROUND = 3
"""Frames before and after a frame that it is compared with."""
AROUND_S = 0.5
SAME_AGAIN = 0.35
SHORTEST_SHOT_S = 0.1


@dataclass(frozen=True)
class Found:
    """A cut between two frames that were decoded: the first of the new shot and its predecessor."""

    time_s: float
    before_s: float


@dataclass(eq=False)
class _Seen:
    time_s: float
    tiny: Tiny
    change: float
    before_s: float


@dataclass
class CutFinder:
    """Push frames in order of time; a cut is told three frames later, the last ones by `finish`."""

    _seen: deque[_Seen] = field(default_factory=lambda: deque(maxlen=2 * AROUND + 2))
    _undecided: int = 0
    _last_cut_s: float = -1.0

    def push(self, time_s: float, tiny: Tiny) -> Found | None:
        last = self._seen[-1] if self._seen else None
        changed = 0.0 if last is None else change(last.tiny, tiny)
        self._seen.append(_Seen(time_s, tiny, changed, time_s if last is None else last.time_s))
        self._undecided += 1
        if self._undecided <= AROUND:
            return None
        return self._decide()

    def finish(self) -> list[Found]:
        """The stretch ends here; the next push begins another."""
        found = [self._decide() for _ in range(self._undecided)]
        self._seen.clear()
        return [cut for cut in found if cut is not None]

    def _decide(self) -> Found | None:
        seen = list(self._seen)
        index = len(seen) - self._undecided
        self._undecided -= 1
        at = seen[index]
        if at.change <= DIFFERENT or at.time_s - self._last_cut_s < SHORTEST_SHOT_S:
            return None
        around = [*seen[max(1, index - AROUND) : index], *seen[index + 1 : index + 1 + AROUND]]
        near = [other.change for other in around if abs(other.time_s - at.time_s) <= AROUND_S]
        if near and at.change < STANDS_OUT * float(np.median(near)):
            return None
        if index > 0 and self._returns(seen, index):
            return None
        self._last_cut_s = at.time_s
        return Found(at.time_s, at.before_s)

    def _returns(self, seen: list[_Seen], index: int) -> bool:
        """A flash, its beginning or its end: what was before the change is there again within `AROUND` frames."""
        before = seen[max(0, index - 1 - AROUND) : index]
        after = seen[index : index + 1 + AROUND]
        pairs = [(before[-1], later) for later in after[1:]] + [
            (earlier, after[0]) for earlier in before[:-1]
        ]
        return any(
            change(one.tiny, other.tiny) < SAME_AGAIN
            for one, other in pairs
            if other.time_s - one.time_s <= AROUND_S
        )


def cuts_of(times: list[float], stretches: list[tuple[float, float]], duration_s: float) -> Cuts:
    """The record. `stretches`: what was looked at, start and end in seconds, in order."""
    examined = sum(end - start for start, end in stretches)
    whole = len(stretches) == 1 and examined >= 0.999 * duration_s
    lengths: list[float] = []
    shots = 0
    for start, end in stretches:
        inside = [time for time in times if start <= time < end]
        edges = [start, *inside, end] if whole else inside
        lengths += [later - earlier for earlier, later in pairwise(edges)]
        shots += len(inside) + 1
    return Cuts(
        times_s=tuple(times),
        per_minute=len(times) * 60.0 / examined if examined > 0 else 0.0,
        shots=max(1, shots),
        shot_lengths_s=tuple(max(0.0, length) for length in lengths),
        mean_shot_s=examined / max(1, shots),
        longest_shot_s=max(lengths, default=max((end - start for start, end in stretches), default=0.0)),
        examined_share=min(1.0, examined / duration_s) if duration_s > 0 else 1.0,
    )
