"""How much words sound like a channel's own titles.

One score from two halves, each in standard deviations of the channel's own titles scored without themselves: the
log-probability of the characters under an n-gram model of the other titles (interpolated after Witten and Bell 1991), and
how usual the surface is (length, marks, capitals). It is told as the share of own titles that score no higher.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recommend.titles.phrasing import EMOJI, is_titled

FEWEST = 12
"""Own titles below which a voice is not told."""
NEWEST = 150
ORDER = 4
MAX_CHARS = 160
ALPHABET = 200
TELLS = 0.12
"""A mark that fewer of the own titles have than this is rare, and more than the rest of it usual."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Mark:
    """Something of the surface that a title has or has not. `rarely`, `usually`: what to say where it differs."""

    name: str
    pattern: re.Pattern[str]
    rarely: str
    usually: str


@dataclass(frozen=True)
class Grams:
    """`after`: context of up to ORDER - 1 characters → characters that follow, with counts; `n`: their sum."""

    after: dict[str, Counter[str]]

    @cached_property
    def n(self) -> dict[str, int]:
        return {context: following.total() for context, following in self.after.items()}


MARKS = (
    Mark("a question", re.compile(r"[?？]"), "you rarely ask questions", "you usually ask a question"),
    Mark("a number", re.compile(r"\d"), "you rarely use numbers", "you usually have a number"),
    Mark("brackets", re.compile(r"[\[\(【（].+[\]\)】）]"), "you rarely use brackets", "you usually have brackets"),
    Mark("a colon, dash or bar", re.compile(r"[:：|–—]|\s-\s"), "you rarely part titles by a colon, dash or bar", "you usually part titles by a colon, dash or bar"),
    Mark("an exclamation mark", re.compile(r"[!！]"), "you rarely use exclamation marks", "you usually use exclamation marks"),
    Mark("emoji", re.compile(EMOJI), "you rarely use emoji", "you usually use emoji"),
    Mark("words in capitals", re.compile(r"\b[^\W\d_a-zà-ÿ]{4,}\b"), "you rarely write words in capitals", "you usually write words in capitals"),
    Mark("a hashtag", re.compile(r"(?<!\w)#\w"), "you rarely put hashtags there", "you usually put hashtags there"),
    Mark("I, my or we", re.compile(r"(?i)\b(?:i|i'm|my|we|our|je|j'ai|mon|ma|mes|ich|mein|yo|mi)\b"), "you rarely speak of yourself", "you usually speak of yourself"),
    Mark("you or your", re.compile(r"(?i)\b(?:you|your|vous|votre|tu|du|dein|usted)\b"), "you rarely address the reader", "you usually address the reader"),
)  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """`score`: share of own titles that sound no more like the channel (0-1). `differs`, in words, most telling first."""

    score: float
    differs: tuple[str, ...]


@dataclass(frozen=True)
class Voice:
    """Learnt from own titles; `own` are their scores without themselves, ascending."""

    grams: Grams
    centre: Floats
    spread: Floats
    shares: dict[str, float]
    lengths: tuple[float, float]
    titled: float
    own: Floats

    def hear(self, title: str) -> Heard:
        value = self._value(title)
        score = float(np.searchsorted(self.own, value, side="right")) / len(self.own)
        return Heard(score, self._differs(title))

    def below_all(self, title: str) -> bool:
        """Further from the channel than any own title, by a standard deviation of those."""
        return self._value(title) < float(self.own[0] - self.own.std())

    def _value(self, title: str) -> float:
        halves = np.array([_log_probability(title, self.grams, None), self._usual(title)])
        return float(((halves - self.centre) / self.spread).mean())

    def _usual(self, title: str) -> float:
        """Log-probability of the surface: marks one by one, and the length (ln, normal)."""
        total = 0.0
        for mark in MARKS:
            share = self.shares[mark.name]
            total += math.log(share if mark.pattern.search(title) else 1 - share)
        mean, deviation = self.lengths
        total -= 0.5 * ((math.log(1 + len(title)) - mean) / deviation) ** 2
        return total + math.log(self.titled if is_titled(title) else 1 - self.titled)

    def _differs(self, title: str) -> tuple[str, ...]:
        mean, deviation = self.lengths
        z = (math.log(1 + len(title)) - mean) / deviation
        found = (
            [(abs(z) / 2, "longer than usual" if z > 0 else "shorter than usual")] if abs(z) > 1.28 else []
        )
        for mark in MARKS:
            share, there = self.shares[mark.name], bool(mark.pattern.search(title))
            if there and share < TELLS:
                found.append((1 - share, mark.rarely))
            elif not there and share > 1 - TELLS:
                found.append((share, mark.usually))
        titled = is_titled(title)
        if titled and self.titled < TELLS:
            found.append((1 - self.titled, "you rarely write every word with a capital"))
        return tuple(words for _, words in sorted(found, key=lambda pair: (-pair[0], pair[1])))


def learn_voice(titles: Sequence[str]) -> Voice | None:
    """From own titles, oldest first; None where there are fewer than `FEWEST` distinct ones."""
    own = [
        title for title in dict.fromkeys(" ".join(title.split())[:MAX_CHARS] for title in titles) if title
    ][-NEWEST:]
    if len(own) < FEWEST:
        return None
    each = [_grams(title) for title in own]
    grams: dict[str, Counter[str]] = defaultdict(Counter)
    for told in each:
        for context, after in told.items():
            grams[context].update(after)
    n = len(own)
    lengths = np.log(1 + np.array([len(title) for title in own], dtype=float))
    shares = {mark.name: (sum(bool(mark.pattern.search(t)) for t in own) + 0.5) / (n + 1) for mark in MARKS}
    first = Voice(
        grams=Grams(dict(grams)),
        centre=np.zeros(2),
        spread=np.ones(2),
        shares=shares,
        lengths=(float(lengths.mean()), float(max(lengths.std(), 0.1))),
        titled=(sum(map(is_titled, own)) + 0.5) / (n + 1),
        own=np.zeros(1),
    )
    halves = np.array(
        [
            (_log_probability(title, first.grams, Grams(told)), first._usual(title))
            for title, told in zip(own, each, strict=True)
        ]
    )
    centre, spread = halves.mean(axis=0), np.maximum(halves.std(axis=0), 1e-3)
    scores = np.sort(((halves - centre) / spread).mean(axis=1))
    return Voice(first.grams, centre, spread, shares, first.lengths, first.titled, scores)


def _grams(title: str) -> dict[str, Counter[str]]:
    text = f"\x02{title.casefold()}\x03"
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for i in range(1, len(text)):
        for size in range(ORDER):
            if i >= size:
                found[text[i - size : i]][text[i]] += 1
    return found


def _log_probability(title: str, grams: Grams, without: Grams | None) -> float:
    """Mean over characters; counts of `without` are taken off first."""
    text = f"\x02{title[:MAX_CHARS].casefold()}\x03"
    total = 0.0
    for i in range(1, len(text)):
        probability = 1 / ALPHABET
        for size in range(min(ORDER, i + 1)):
            context = text[i - size : i]
            seen = grams.after.get(context)
            if seen is None:
                break
            taken = without.after.get(context) if without is not None else None
            n = grams.n[context] - (without.n[context] if without is not None and taken else 0)
            if n <= 0:
                break
            kinds = len(seen) if not taken else sum(seen[letter] > taken[letter] for letter in seen)
            count = seen[text[i]] - (taken[text[i]] if taken else 0)
            probability = (count + kinds * probability) / (n + kinds)
        total += math.log(probability)
    return total / (len(text) - 1)
