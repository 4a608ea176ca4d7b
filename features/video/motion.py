"""How fast the picture moves: dense optical flow between frames that follow each other closely."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from creatorlens.reading.base import Curve
from creatorlens.reading.video import Motion
from features.video.luma import Tiny

EVERY_S = 0.25
APART_S = 0.06
FURTHEST_S = 0.4
STILL = 0.01
"""Heights a second below which nothing moves but noise."""
MOST_STEPS = 600
SHORTEST_STEP_S = 0.5


@dataclass(frozen=True)
class Sample:
    """Heights a second between two moments."""

    start_s: float
    end_s: float
    speed: float


@dataclass
class MotionMeter:
    """Push frames in order of time. `across`: axis of the frame as coded that is the height as shown."""

    across: int = 0
    samples: list[Sample] = field(default_factory=list)
    _from: tuple[float, Tiny] | None = None
    _next_s: float = -math.inf
    _flow: Any = None

    def push(self, time_s: float, tiny: Tiny) -> None:
        if self._from is not None:
            since = time_s - self._from[0]
            if since < APART_S:
                return
            # far apart (a gap, a slide show) nothing can be followed
            if since <= FURTHEST_S:
                speed = self._speed(self._from[1], tiny) / since
                self.samples.append(Sample(self._from[0], time_s, speed))
            self._from = None
        if time_s >= self._next_s:
            self._from, self._next_s = (time_s, tiny), time_s + EVERY_S

    def restart(self) -> None:
        """The next frame does not follow the last: another stretch begins."""
        self._from, self._next_s = None, -math.inf

    def _speed(self, one: Tiny, other: Tiny) -> float:
        """Mean length of the flow, in heights of the picture."""
        import cv2

        if self._flow is None:
            self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        flow = self._flow.calc(one.luma, other.luma, None)
        length = float(np.sqrt(np.einsum("ijk,ijk->ij", flow, flow)).mean())
        return length / one.luma.shape[self.across] if math.isfinite(length) else 0.0


def motion_of(samples: list[Sample], cuts: Sequence[float], duration_s: float) -> Motion | None:
    """None where no two frames follow each other closely enough. What spans a cut is no motion."""
    samples = [one for one in samples if bisect_right(cuts, one.end_s) == bisect_right(cuts, one.start_s)]
    if not samples:
        return None
    step = max(SHORTEST_STEP_S, duration_s / MOST_STEPS)
    count = max(1, math.ceil(duration_s / step))
    sums, numbers = np.zeros(count), np.zeros(count)
    for one in samples:
        index = min(count - 1, int(one.start_s / step))
        sums[index] += one.speed
        numbers[index] += 1
    values: list[float] = []
    for total, number in zip(sums, numbers, strict=True):
        values.append(float(total / number) if number else (values[-1] if values else samples[0].speed))
    return Motion(
        mean=float(np.mean([one.speed for one in samples])),
        highest=max(values),
        still_share=float(np.mean(np.array(values) < STILL)),
        curve=Curve(step_s=step, values=tuple(values)),
    )
