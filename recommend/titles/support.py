"""What the content says, and which words of a candidate it does not.

A content word must be in the sources (English: the same stem), a number too, beside the word that it counts there; a
sign of money or percent stays with its number. Order is not checked: who did what to whom may still be turned round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from features.nlp.segmentation import words
from recommend.titles.lexicon import CLOSED_ELSEWHERE, CLOSED_ENGLISH, NUMBER_WORDS

CLAUSE_END = re.compile(r"[,;:!?()\[\]{}|–—\"“”„«»…•。！？、]+|\s-+\s|\.(?:\s|$)|\n")
THOUSANDS = re.compile(r"(?<=\d)[,.  ](?=\d{3}(?!\d))")
DECIMAL = re.compile(r"(?<=\d)[.,:](?=\d)")
SIGNED = re.compile(r"([$€£¥₹])\s?(\d[\d.,]*)|(\d[\d.,]*)\s?([%$€£¥₹])")
REACH = 4
"""Words after a number among which what it counts is found."""


@dataclass(frozen=True)
class Support:
    """`counted`: (number, stem that follows); `led`: (stem before, number); `signed`: (sign, number)."""

    english: bool
    stems: frozenset[str]
    counted: frozenset[tuple[str, str]]
    led: frozenset[tuple[str, str]]
    signed: frozenset[tuple[str, str]]

    def missing(self, candidate: str) -> list[str]:
        """Words and numbers of the candidate that nothing here supports, as written there."""
        found = []
        for clause in clauses(candidate):
            stems = [stem(word, self.english) for word in clause]
            for i, (word, root) in enumerate(zip(clause, stems, strict=True)):
                if is_number(root):
                    if root not in self.stems or not self._counts_the_same(stems, i):
                        found.append(word)
                elif root not in self.stems and not is_closed(word, self.english):
                    found.append(word)
        return found + [
            sign + number for sign, number in signs(candidate) if (sign, number) not in self.signed
        ]

    def _counts_the_same(self, stems: list[str], place: int) -> bool:
        number = stems[place]
        after = next((s for s in stems[place + 1 : place + 3] if not is_closed(s, self.english)), None)
        before = stems[place - 1] if place else None
        if after is not None and (number, after) not in self.counted:
            return False
        return before is None or is_closed(before, self.english) or (before, number) in self.led


def support_of(said: str, *, english: bool) -> Support:
    """From all sources together."""
    every: set[str] = set()
    counted: set[tuple[str, str]] = set()
    led: set[tuple[str, str]] = set()
    for clause in clauses(said):
        stems = [stem(word, english) for word in clause]
        every.update(stems)
        for i, root in enumerate(stems):
            if is_number(root):
                counted.update((root, after) for after in stems[i + 1 : i + 1 + REACH])
                led.update((before, root) for before in stems[max(0, i - 1) : i])
    return Support(english, frozenset(every), frozenset(counted), frozenset(led), frozenset(signs(said)))


def clauses(text: str) -> list[list[str]]:
    """Words between marks, as written; a number is one word."""
    # An inner apostrophe joins: 3.5 stays one word, 1,000 becomes 1000.
    joined = DECIMAL.sub("’", THOUSANDS.sub("", text))
    return [found for part in CLAUSE_END.split(joined) if (found := words(part))]


def content_stems(text: str, *, english: bool) -> list[str]:
    """In order, without closed-class words."""
    return [
        stem(word, english) for clause in clauses(text) for word in clause if not is_closed(word, english)
    ]


def is_closed(word: str, english: bool) -> bool:
    low = _flat(word)
    return low in CLOSED_ENGLISH or (not english and low in CLOSED_ELSEWHERE)


def is_number(root: str) -> bool:
    return root[:1].isdigit() and root.replace("'", "").isdigit()


def stem(word: str, english: bool) -> str:
    """Lower case; English without its commonest endings; number words as digits ('one' is a pronoun too and stays)."""
    low = _flat(word)
    value = _value(low)
    if value is not None:
        return str(value)
    if not english or len(low) < 4 or not low.isascii():
        return low
    low = low.removesuffix("'s")
    for ending in ("ings", "ing", "ies", "ied", "ed", "es", "s"):
        root = low.removesuffix(ending)
        if root != low and len(root) >= 3 and any(letter in "aeiouy" for letter in root):
            if ending == "s" and root[-1] in "su":
                return low.removesuffix("e")
            low = root + ("y" if ending in ("ies", "ied") else "")
            if len(low) > 3 and low[-1] == low[-2] and low[-1] not in "lsz":
                low = low[:-1]
            break
    return low.removesuffix("e") if len(low) > 3 else low


def signs(text: str) -> Iterator[tuple[str, str]]:
    """Sign and number, however they are arranged."""
    for match in SIGNED.finditer(text):
        before, number, other, after = match.groups()
        yield before or after, re.sub(r"[.,]", "", (number or other).rstrip(".,"))


def _flat(word: str) -> str:
    return word.casefold().replace("’", "'")


def _value(low: str) -> int | None:
    if low == "one":
        return None
    if low in NUMBER_WORDS:
        return NUMBER_WORDS[low]
    tens, hyphen, units = low.partition("-")
    if (
        hyphen
        and tens in NUMBER_WORDS
        and units in NUMBER_WORDS
        and NUMBER_WORDS[tens] >= 20 > NUMBER_WORDS[units]
    ):
        return NUMBER_WORDS[tens] + NUMBER_WORDS[units]
    return None
