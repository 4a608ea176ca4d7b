"""A close look at the frames that were kept: classical measures of each, learned models for those that differ."""

from __future__ import annotations

from collections.abc import Sequence

from creatorlens.reading.image import ImageReading
from creatorlens.reading.video import Frames, VideoFrame
from features.video.luma import change
from features.video.pixels import preview
from features.video.scan import Taken
from features.vision.picture import picture_of
from features.vision.reading import read_pictures
from features.weights.models import Models

CLASSICAL = ("look", "saliency", "composition")
LEARNED = ("faces", "objects", "scene", "words", "safety")
ALIKE = 0.02
"""`luma.change` below which two frames show the same to a learned model."""
MOST = 16
"""Frames that learned models see of one video."""
LEFT_OUT = f"learned models look at {MOST} frames of a video at most, and others came first"
NOT_ASKED = "learned models were not asked for"


def look_at(taken: Sequence[Taken], models: Models, *, learned: bool) -> Frames:
    """Readings of the frames, in order of time."""
    pictures = [picture_of(frame.rgb) for frame in taken]
    plain = read_pictures(pictures, models, CLASSICAL)
    seen = _first_of_its_kind(taken)
    chosen = _chosen(taken, sorted(set(seen))) if learned else []
    answers = dict(zip(chosen, read_pictures([pictures[i] for i in chosen], models, LEARNED), strict=True))
    why = LEFT_OUT if learned else NOT_ASKED
    nothing = ImageReading(absent=dict.fromkeys(LEARNED, why))
    frames = [
        VideoFrame(
            time_s=frame.time_s,
            why=frame.why,
            preview=preview(frame.rgb),
            reading=_joined(plain[index], answers.get(seen[index], nothing)),
        )
        for index, frame in enumerate(taken)
    ]
    return Frames(frames=tuple(frames), learned=len(chosen))


def _joined(plain: ImageReading, learned: ImageReading) -> ImageReading:
    parts = {name: getattr(learned, name) for name in LEARNED}
    absent = {**plain.absent, **learned.absent}
    return plain.model_copy(update={**parts, "absent": absent})


def _first_of_its_kind(taken: Sequence[Taken]) -> list[int]:
    """For each frame the first that looks the same: itself, or an earlier one."""
    firsts: list[int] = []
    out: list[int] = []
    for index, frame in enumerate(taken):
        same = next((first for first in firsts if change(taken[first].tiny, frame.tiny) < ALIKE), None)
        if same is None:
            firsts.append(index)
        out.append(index if same is None else same)
    return out


def _chosen(taken: Sequence[Taken], candidates: list[int]) -> list[int]:
    """At most `MOST`: the first three seconds whole, then evenly over the rest."""
    opening = [index for index in candidates if taken[index].time_s < 3.0][:MOST]
    rest = [index for index in candidates if index not in opening]
    room = MOST - len(opening)
    if len(rest) > room:
        rest = [rest[(2 * step + 1) * len(rest) // (2 * room)] for step in range(room)]
    return sorted({*opening, *rest})
