"""Which stretches of a video are decoded: all of a short one, the beginning and evenly spread parts of a long one.

The rule depends on the file alone, never on how fast this machine is: the same bytes give the same record.
"""

from __future__ import annotations

import numpy as np

from features.video.container import Probed

WORK = 6e9
"""Pixels of luma that are decoded at most: about three and a half minutes of 720p at 30 frames a second."""
LEAST_FRAME = 400_000
"""What a small frame costs beside its pixels, in pixels."""
OPENING_S = 16.0
PART_S = 8.0
FEWEST, MOST = 8, 48


def stretches(probed: Probed) -> list[tuple[float, float]]:
    """Start and end in seconds, in order, apart from each other. Parts begin at keyframes: nothing is decoded in vain."""
    facts, track = probed.container, probed.track
    duration = facts.duration_s
    work = facts.frames * max(facts.width * facts.height, LEAST_FRAME)
    if work <= WORK:
        return [(0.0, duration)]
    seconds = duration * WORK / work
    opening = min(OPENING_S, seconds / 2)
    number = int(np.clip(round((seconds - opening) / PART_S), FEWEST, MOST))
    length = (seconds - opening) / number
    keys = track.times[track.keys]
    found = [(0.0, opening)]
    for wanted in np.linspace(opening, duration - length, number + 1)[1:]:
        start = (
            float(keys[max(0, np.searchsorted(keys, wanted, "right") - 1)]) if len(keys) else float(wanted)
        )
        # keyframes far apart: what lies between the key and the wanted moment would be decoded for nothing
        if start >= found[-1][1]:
            found.append((start, min(duration, start + length)))
    return found
