"""What a picture or video looks like in a few bytes, and which others look like it.

The hash of a picture is the perceptual hash of Zauner 2010 (after Krawetz): luma averaged to 32 x 32, discrete cosine
transform, the 64 lowest frequencies, one bit each: above their median or not. Scaling, coding and a change of light
leave most bits; another picture agrees in half of them.

The rule (docs/reading/files.md has the measurements behind it):

- pictures: `same` at a distance of at most 6 bits of 64, `near` (worth showing) at most 12;
- videos: a frame matches at 10 bits; `near` where at least half of the frames of the shorter match frames of
  the other, `same` where at least 80 % do in both directions;
- a picture without structure (black, a plain colour) has no hash: every such picture would be like every other.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creatorlens.reading.files import FrameHash, Near
from creatorlens.reading.video import VideoReading

BITS = 64
SIDE, KEPT = 32, 8
FLAT = 2.0  # standard deviation of 0-255 luma after averaging, below which there is nothing to see
SAME_PICTURE, NEAR_PICTURE = 6, 12
MATCHING_FRAME = 10
NEAR_VIDEO, SAME_VIDEO = 0.5, 0.8
FEWEST_FRAMES = 3
MOST_FOUND = 50

Pixels = NDArray[np.uint8]
Hashes = NDArray[np.uint64]


def picture_hash(pixels: Pixels) -> int | None:
    """Of height x width x 3 (sRGB) or height x width (luma), uint8; None where there is no structure."""
    import cv2

    luma = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(luma, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float64)
    if float(small.std()) < FLAT:
        return None
    transform = _cosines()
    low = (transform @ small @ transform.T)[:KEPT, :KEPT].ravel()
    bits = low > np.median(low[1:])  # the first is the mean light, which says nothing of what is shown
    return int(np.packbits(bits).view(">u8")[0])


def hex_of(number: int) -> str:
    return f"{number:016x}"


def image_hash(pixels: Pixels) -> str | None:
    """As `Identity.image_hash`."""
    found = picture_hash(pixels)
    return None if found is None else hex_of(found)


def video_hashes(reading: VideoReading) -> tuple[FrameHash, ...]:
    """Of the sampled frames, from their previews; those without structure are left out."""
    if reading.frames is None:
        return ()
    found = []
    for frame in reading.frames.frames:
        number = picture_hash(_luma(frame.preview))
        if number is not None:
            found.append(FrameHash(at_s=frame.time_s, hash=hex_of(number)))
    return tuple(found)


def distance(a: str, b: str) -> int:
    """Bits that differ, 0-64."""
    return (int(a, 16) ^ int(b, 16)).bit_count()


@dataclass(frozen=True)
class Pictures:
    """Hashes of known pictures, ready to be searched: 100,000 take about a millisecond."""

    ids: tuple[str, ...]
    hashes: Hashes

    @classmethod
    def of(cls, known: Sequence[tuple[str, str]]) -> Pictures:
        """From pairs of id and hash."""
        return cls(tuple(one for one, _ in known), _numbers([one for _, one in known]))

    def near(self, hash_: str, *, most: int = MOST_FOUND) -> tuple[Near, ...]:
        """Those that look like it, most alike first; equals in the order they were given."""
        differing = np.bitwise_count(self.hashes ^ np.uint64(int(hash_, 16)))
        found = np.flatnonzero(differing <= NEAR_PICTURE)
        ordered = found[np.argsort(differing[found], kind="stable")][:most]
        return tuple(
            Near(
                id=self.ids[at], what="image", similarity=1 - float(differing[at]) / BITS,
                same=bool(differing[at] <= SAME_PICTURE),
            )
            for at in ordered
        )  # fmt: skip


@dataclass(frozen=True)
class Videos:
    """Frame hashes of known videos, all in one row; `owners` says whose each is, in order."""

    ids: tuple[str, ...]
    hashes: Hashes
    owners: NDArray[np.intp]

    @classmethod
    def of(cls, known: Sequence[tuple[str, Sequence[FrameHash]]]) -> Videos:
        """From pairs of id and frames."""
        frames = [frame.hash for _, frames in known for frame in frames]
        owners = np.repeat(np.arange(len(known)), [len(frames) for _, frames in known])
        return cls(tuple(one for one, _ in known), _numbers(frames), owners.astype(np.intp))

    def near(self, frames: Sequence[FrameHash], *, most: int = MOST_FOUND) -> tuple[Near, ...]:
        """Those that show the same, most alike first. Fewer than three frames tell too little."""
        if len(frames) < FEWEST_FRAMES or not len(self.hashes):
            return ()
        mine = _numbers([one.hash for one in frames])
        differing = np.stack([np.bitwise_count(self.hashes ^ one) for one in mine], axis=1)  # a byte each
        matching = differing <= MATCHING_FRAME  # known frames x frames
        sizes = np.bincount(self.owners, minlength=len(self.ids))
        theirs = np.bincount(self.owners[matching.any(axis=1)], minlength=len(self.ids))
        out = []
        for at in np.flatnonzero((theirs > 0) & (sizes >= FEWEST_FRAMES)):
            own = slice(*np.searchsorted(self.owners, [at, at + 1]))
            ours = int(matching[own].any(axis=0).sum())
            shares = (theirs[at] / sizes[at], ours / len(frames))
            shorter = shares[0] if sizes[at] <= len(frames) else shares[1]
            if shorter < NEAR_VIDEO:
                continue
            best = differing[own].min(axis=0)
            alike = 1 - float(best[best <= MATCHING_FRAME].mean()) / BITS if ours else 0.0
            out.append(
                Near(id=self.ids[at], what="video", similarity=alike, same=bool(min(shares) >= SAME_VIDEO))
            )
        return tuple(sorted(out, key=lambda one: (not one.same, -one.similarity))[:most])


def _luma(preview: str) -> Any:
    import cv2

    return cv2.imdecode(np.frombuffer(base64.b64decode(preview), np.uint8), cv2.IMREAD_GRAYSCALE)


def _numbers(hashes: Sequence[str]) -> Hashes:
    return np.array([int(one, 16) for one in hashes], dtype=np.uint64)


@cache
def _cosines() -> NDArray[np.float64]:
    """The lowest rows of the type II discrete cosine transform of 32 values."""
    at = np.arange(SIDE)
    return np.cos(np.pi * np.outer(np.arange(KEPT), 2 * at + 1) / (2 * SIDE))
