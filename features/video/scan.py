"""One pass over a video: cuts, motion, and the frames that are looked at closely."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from creatorlens.errors import InputError
from creatorlens.reading.video import Why
from features.media.limits import Limits
from features.video.container import HINT, Probed
from features.video.cuts import CutFinder, Found
from features.video.decoding import Decoder, fine_stamps
from features.video.luma import Tiny, change, tiny
from features.video.motion import MotionMeter, Sample
from features.video.pixels import upright
from features.video.stretches import WORK, stretches
from features.vision.picture import Pixels

HOOK_S = (0.0, 1.0, 2.0, 5.0, 8.0, 11.0, 14.0)
UNIFORM = 10
SHOTS = 20
AFTER_CUT_S = 0.5
"""A new shot is looked at once it has settled."""
REFINING = 0.25
"""Of the work of a scan: what may be spent on cuts whose frame was not decoded at first."""


@dataclass(frozen=True, eq=False)
class Taken:
    """A frame kept for a close look."""

    time_s: float
    why: Why
    rgb: Pixels = field(repr=False)
    tiny: Tiny = field(repr=False)


@dataclass(frozen=True, eq=False)
class Scan:
    """`stretches`: what was decoded. `decoded`: how many frames."""

    cuts: list[float]
    stretches: list[tuple[float, float]]
    speeds: list[Sample]
    taken: list[Taken]
    decoded: int


def scan(path: Path, probed: Probed, limits: Limits, threads: int = 2) -> Scan:
    """Raises InputError where not one frame can be decoded."""
    import cv2

    parts = stretches(probed)
    turned = probed.container.rotation in (90, 270)
    motion = MotionMeter(across=1 if turned else 0)
    picker = _Picker(probed, parts)
    fine = fine_stamps(probed.track)
    found: list[Found] = []
    decoded = 0
    cv2.setUseOptimized(True)
    with Decoder(path, probed.track, limits, threads) as decoder:
        for start, end in parts:
            finder = CutFinder()
            motion.restart()
            for time_s, frame in decoder.frames(start, end, fine):
                decoded += 1
                small = tiny(frame)
                motion.push(time_s, small)
                cut = finder.push(time_s, small)
                if cut is not None:
                    found.append(cut)
                    picker.cut(cut.time_s)
                picker.offer(time_s, frame, small)
            found += finder.finish()
    if decoded == 0:
        raise InputError("not one frame of the video can be decoded.", hint=HINT)
    cuts = list(_exact(path, probed, limits, threads, found))
    return Scan(cuts, parts, motion.samples, picker.taken, decoded)


@dataclass
class _Picker:
    """Decides while frames pass which are kept: the hook's moments, each shot once settled, and some in between."""

    probed: Probed
    parts: list[tuple[float, float]]
    taken: list[Taken] = field(default_factory=list)
    _settled_s: float = math.inf

    def __post_init__(self) -> None:
        self._examined = sum(end - start for start, end in self.parts)
        self._hook = [moment for moment in HOOK_S if moment < self.probed.container.duration_s]
        self._uniform = list(self._evenly())

    def _evenly(self) -> Iterator[float]:
        """Evenly over what is decoded."""
        passed, wanted = 0.0, [(index + 0.5) / UNIFORM * self._examined for index in range(UNIFORM)]
        for start, end in self.parts:
            while wanted and wanted[0] < passed + end - start:
                yield start + wanted.pop(0) - passed
            passed += end - start

    def cut(self, time_s: float) -> None:
        self._settled_s = time_s + AFTER_CUT_S

    def offer(self, time_s: float, frame: Any, small: Tiny) -> None:
        why = self._why(time_s)
        if why is None:
            return
        container = self.probed.container
        rgb = upright(frame, self.probed.pixel_aspect, container.rotation)
        self.taken.append(Taken(time_s, why, rgb, small))

    def _why(self, time_s: float) -> Why | None:
        since = time_s - self.taken[-1].time_s if self.taken else math.inf
        near = time_s + self.probed.track.gap_s / 2
        if self._hook and near >= self._hook[0]:
            self._hook.pop(0)
            return "hook"
        if time_s >= self._settled_s:
            self._settled_s = math.inf
            if since >= 0.9 * self._examined / SHOTS:
                return "cut"
        if self._uniform and near >= self._uniform[0]:
            self._uniform.pop(0)
            if since >= 0.5 * self._examined / UNIFORM:
                return "uniform"
        return None


def _exact(path: Path, probed: Probed, limits: Limits, threads: int, found: list[Found]) -> Iterator[float]:
    """The frame of each cut. Where frames between the two were skipped, they are decoded now."""
    track = probed.track
    times = track.times
    left = REFINING * WORK
    with Decoder(path, track, limits, threads) as decoder:
        for cut in found:
            first, last = np.searchsorted(times, (cut.before_s + 1e-6, cut.time_s - 1e-6))
            keys = np.flatnonzero(track.keys[:first])
            work = (last - (keys[-1] if len(keys) else 0)) * probed.container.width * probed.container.height
            if last <= first or work > left:
                yield cut.time_s
                continue
            left -= work
            yield _first_of_shot(decoder, track.stamps, times, cut)


def _first_of_shot(decoder: Decoder, stamps: Any, times: Any, cut: Found) -> float:
    """Of the frames after the old shot's last known one, that which differs most from the one before it."""
    inside = (times >= cut.before_s - 0.5) & (times <= cut.time_s + 0.5)
    previous: Tiny | None = None
    best, best_s = -1.0, cut.time_s
    for time_s, frame in decoder.frames(cut.before_s, cut.time_s + 1e-3, frozenset(stamps[inside].tolist())):
        small = tiny(frame)
        if previous is not None:
            changed = change(previous, small)
            if changed > best:
                best, best_s = changed, time_s
        previous = small
    return best_s
