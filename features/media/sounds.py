"""Which known recordings a sound is like, among many.

Candidates share 32-bit words of the fingerprint (`features.audio.fingerprint`), exactly or but for one bit, at one offset;
each candidate is then compared whole (Haitsma and Kalker 2002, section 5). The rule: `near` from a similarity of 0.4, `same`
from 0.5; unrelated sound stays below 0.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creatorlens.reading.files import Near

NEAR_SOUND, SAME_SOUND = 0.4, 0.5
MOST_COMPARED, MOST_FOUND = 20, 50
LONGEST_WORDS = 1 << 12  # per fingerprint: two minutes are 1,290
Words = NDArray[np.uint32]


@dataclass(frozen=True)
class Sounds:
    """Fingerprints of known recordings; `words` sorted, with the place each stands at in all of them in a row."""

    ids: tuple[str, ...]
    fingerprints: tuple[Words, ...]
    words: Words
    owners: NDArray[np.int64]
    places: NDArray[np.int64]

    @classmethod
    def of(cls, known: Sequence[tuple[str, str]]) -> Sounds:
        """From pairs of id and fingerprint in hexadecimal."""
        prints = tuple(_words(text) for _, text in known)
        every = np.concatenate(prints) if prints else np.array([], np.uint32)
        lengths = [len(one) for one in prints]
        owners = np.repeat(np.arange(len(prints)), lengths)
        places = (
            np.concatenate([np.arange(length) for length in lengths]) if prints else np.array([], np.int64)
        )
        order = np.argsort(every, kind="stable")
        return cls(tuple(one for one, _ in known), prints, every[order], owners[order], places[order])

    def near(self, fingerprint: str, *, most: int = MOST_FOUND) -> tuple[Near, ...]:
        """Those that sound like it, most alike first."""
        from features.audio.fingerprint import similarity

        mine = _words(fingerprint)
        found = []
        for at in self._candidates(mine):
            alike = similarity(mine.tolist(), self.fingerprints[at].tolist())
            if alike >= NEAR_SOUND:
                found.append(
                    Near(id=self.ids[at], what="audio", similarity=min(1.0, alike), same=alike >= SAME_SOUND)
                )
        return tuple(sorted(found, key=lambda one: -one.similarity)[:most])

    def _candidates(self, mine: Words) -> list[int]:
        """Those with most words at one offset."""
        if not len(mine) or not len(self.words):
            return []
        bits = np.concatenate([[0], 1 << np.arange(32)]).astype(np.uint32)
        asked = (mine[:, None] ^ bits[None, :]).ravel()
        places = np.repeat(np.arange(len(mine)), len(bits))
        first, last = np.searchsorted(self.words, asked, "left"), np.searchsorted(self.words, asked, "right")
        counts = last - first
        hits = np.repeat(first, counts) + _ramps(counts)
        offsets = self.places[hits] - np.repeat(places, counts)
        votes = self.owners[hits] * (2 * LONGEST_WORDS) + offsets + LONGEST_WORDS
        groups, size = np.unique(votes, return_counts=True)
        best: dict[int, int] = {}
        for group in np.argsort(-size, kind="stable"):
            best.setdefault(int(groups[group] // (2 * LONGEST_WORDS)), int(size[group]))
            if len(best) >= MOST_COMPARED:
                break
        return list(best)


def _ramps(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, ... within each of the runs."""
    ends = np.cumsum(counts)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)


def _words(text: str) -> Words:
    return np.frombuffer(bytes.fromhex(text), ">u4").astype(np.uint32)[: LONGEST_WORDS - 1]
