"""What a recording sounds like in a few kilobytes, robust against coding, gain and a cut.

After Haitsma and Kalker, "A highly robust audio fingerprinting system" (2002): of 33 bands between 300 and 2000 Hz each
bit says whether the energy difference of two neighbouring bands rose or fell since the frame before. Gain does not enter,
coding changes few bits, and unrelated sound agrees in half of them. Frames are 0.37 s long, one every 93 ms.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from creatorlens.reading.audio import Fingerprint
from features.absent import Absent
from features.audio.filters import Floats
from features.audio.sound import SPECTRA_RATE, Sound
from features.audio.spectra import HOP, frames_of

LONGEST_S = 120.0
SPREAD, EVERY = 16, 4  # transforms to a frame, and from one frame to the next
SILENT = 1e-8  # mean band energy below which there is nothing to compare
SHORTEST = 16  # words that must overlap (1.5 s), or all of the shorter one
BITS = 32


def fingerprint(sound: Sound) -> tuple[int, ...]:
    """32-bit words, one every 93 ms of the first two minutes; empty for silence."""
    parts = sound.once("frames", lambda: frames_of(sound.heard))
    # Of a long sound only the beginning is without gaps.
    return words_of(parts[0].bands[: int(LONGEST_S * SPECTRA_RATE / HOP)])


def words_of(bands: Floats) -> tuple[int, ...]:
    """(n, 33) band energies, one row every 23 ms."""
    if len(bands) < SPREAD + EVERY or float(bands.mean()) < SILENT:
        return ()
    windows = np.lib.stride_tricks.sliding_window_view(bands, SPREAD, axis=0)[::EVERY]
    energy = windows @ np.hanning(SPREAD + 2)[1:-1].astype(np.float32)
    slope = np.diff(energy, axis=1)
    bits = np.diff(slope, axis=0) > 0
    packed = np.packbits(bits, axis=1)
    return tuple(int(word) for word in np.ascontiguousarray(packed).view(">u4")[:, 0])


def part(words: Sequence[int]) -> Fingerprint | Absent:
    return Fingerprint(hex=to_hex(words)) if words else Absent("silence, or too short to have a fingerprint")


def to_hex(words: Sequence[int]) -> str:
    return "".join(f"{word:08x}" for word in words)


def from_hex(text: str) -> tuple[int, ...]:
    return tuple(int(text[at : at + 8], 16) for at in range(0, len(text), 8))


def similarity(a: Sequence[int], b: Sequence[int]) -> float:
    """0 unrelated, 1 the same, at the best alignment of the two: 1 - 2 x the share of differing bits.

    At least half of the shorter one must overlap. The same recording in another coding scores above 0.5, others below
    0.3; see `docs/reading/audio.md`.
    """
    short, long = sorted((np.array(a, np.uint32), np.array(b, np.uint32)), key=len)
    if not len(short):
        return 0.0
    least = max(min(SHORTEST, len(short)), len(short) // 2)
    return float(max(0.0, 1 - 2 * _lowest_error_rate(short, long, least)))


def _lowest_error_rate(short: NDArray[np.uint32], long: NDArray[np.uint32], least: int) -> float:
    lowest = 1.0
    for offset in range(least - len(short), len(long) - least + 1):
        mine = short[max(0, -offset) : len(long) - offset]
        other = long[max(0, offset) : max(0, offset) + len(mine)]
        wrong = int(np.bitwise_count(mine ^ other).sum())
        lowest = min(lowest, wrong / (BITS * len(mine)))
    return lowest
