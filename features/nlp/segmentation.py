"""Words, sentences and syllables.

A word is a run of letters, marks and digits, inner apostrophes and hyphens included. In scripts that do not part
words by spaces (Han, kana, Thai, Lao, Khmer, Burmese) every letter counts as a word of its own.
"""

from __future__ import annotations

from functools import cache
from typing import Any

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
WORD = (
    rf"[{UNSPACED}]\p{{M}}*"
    rf"|(?:(?![{UNSPACED}])[\p{{L}}\p{{M}}\p{{N}}])+(?:['’\-](?:(?![{UNSPACED}])[\p{{L}}\p{{M}}\p{{N}}])+)*"
)
# A full stop ends a sentence when space follows, and not after these.
ABBREVIATIONS = r"\b(?:mr|mrs|ms|dr|prof|st|vs|no|inc|jr|sr|e\.g|i\.e|etc|approx)"
# Only where a run of marks begins: from its middle nothing new would be found, at a square of its length.
SENTENCE_END = r"(?:(?<![.!?…])[.!?…]++[\"'”’)\]]*(?=\s)|[。！？।؟]+|\n+)"
MAX_WORD = 60


def words(text: str) -> list[str]:
    """As written."""
    return _word().findall(text)


def sentences(text: str) -> list[str]:
    """With their marks, trimmed; pieces without a letter or digit join no sentence and are left out."""
    parts, start = [], 0
    for end in _sentence_end().finditer(text):
        if _abbreviated().search(text[max(start, end.start() - 10) : end.start()]) and end.group() == ".":
            continue
        parts.append(text[start : end.end()].strip())
        start = end.end()
    parts.append(text[start:].strip())
    return [part for part in parts if any(letter.isalnum() for letter in part)]


def unspaced_share(text: str) -> float:
    """Share of the letters that belong to scripts without spaces between words (0-1)."""
    letters = len(_letter().findall(text))
    return len(_unspaced().findall(text)) / letters if letters else 0.0


def syllables(word: str) -> int:
    """Of an English word: groups of vowels, less silent endings; at least one. Right for about nine words in ten."""
    low = word[:MAX_WORD].lower()
    count = len(_vowels().findall(low)) - len(_silent().findall(low)) + len(_hiatus().findall(low))
    return max(1, count)


@cache
def _word() -> Any:
    return _compile(WORD)


@cache
def _sentence_end() -> Any:
    return _compile(SENTENCE_END)


@cache
def _abbreviated() -> Any:
    return _compile(rf"(?i){ABBREVIATIONS}$")


@cache
def _letter() -> Any:
    return _compile(r"\p{L}")


@cache
def _unspaced() -> Any:
    return _compile(f"[{UNSPACED}]")


@cache
def _vowels() -> Any:
    return _compile(r"[aeiouy]+")


@cache
def _silent() -> Any:
    # make, makes, baked (not wanted, boxes, little)
    return _compile(
        r"(?<=[aeiouy].*)(?:(?<![aeiouyl])e|(?<=[aeiouy]l)e|(?<![aeiouytdsxzc]|sh|ch|g)es|(?<![aeiouytd])ed)$"
    )


@cache
def _hiatus() -> Any:
    # two vowels that are two syllables: idea, science, video, create
    return _compile(
        r"i[ao](?!u)(?<!ti[ao])(?<!ci[ao])(?<!si[ao])|[aeiou]ing|eo(?!u|p)|ie(?=nc|t$)|rea(?=t[ei])|[dr]ea$|ua(?=l|t)|uou"
    )


def _compile(pattern: str) -> Any:
    import regex

    return regex.compile(pattern)
