"""Which of the creator's own words go into the picture: few, whole, in their order. None is added."""

from __future__ import annotations

import re

MOST_LETTERS = 26
FEW_LETTERS = 13
MOST_WORDS = 5
SEPARATORS = re.compile(r"\s*(?:[|:–—•·!?()\[\]{}\"“”«»,;]|\s-\s|\.(?:\s|$)|\n)\s*")
WEAK = frozenset(
    {
        "a", "an", "and", "as", "at", "be", "but", "by", "for", "from", "how", "i", "in", "is",
        "it", "its", "my", "of", "on", "or", "our", "so", "that", "the", "this", "to", "was", "we",
        "what", "when", "why", "with", "you", "your", "der", "die", "das", "und", "ein", "eine",
        "mit", "von", "zu", "im", "le", "la", "les", "des", "un", "une", "et", "de", "du", "en",
        "el", "los", "las", "y",
    }
)  # fmt: skip


def words_for_picture(title: str) -> tuple[str, ...]:
    """The part of the title between its own separators that says most in at most five words, then a shorter one for
    where it finds no room; empty where nothing fits."""
    long = _best(title, MOST_LETTERS)
    short = None if long is None else _best(long, FEW_LETTERS)
    return tuple(dict.fromkeys(words for words in (long, short) if words is not None))


def _best(title: str, most: int) -> str | None:
    parts = [part for part in SEPARATORS.split(title.strip()) if part and any(c.isalnum() for c in part)]
    candidates = [
        (_weight(run), -start, run)
        for start, part in enumerate(parts)
        for run in ([part] if _fits(part, most) else _runs(part, most))
    ]
    weight, _, words = max(candidates, default=(0.0, 0, ""))
    return words if weight > 0 else None


def _fits(words: str, most: int) -> bool:
    return len(words) <= most and len(words.split()) <= MOST_WORDS


def _runs(part: str, most: int) -> list[str]:
    """Runs of whole words that fit and neither begin nor end weakly."""
    words = part.split()
    runs = []
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + MOST_WORDS) + 1):
            run = words[start:end]
            if run[0].lower() in WEAK or run[-1].lower() in WEAK:
                continue
            if _fits(" ".join(run), most):
                runs.append(" ".join(run))
    return runs


def _weight(words: str) -> float:
    """Letters of words that carry meaning; a number counts double."""
    strong = [word for word in words.split() if word.lower() not in WEAK]
    return sum(min(len(word), 8) + (4 if any(c.isdigit() for c in word) else 0) for word in strong)
