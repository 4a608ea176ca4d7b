"""Kinds of change between headlines of one test, told by surface alone: question or statement, with a number or without."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from recommend.experiments.pooling import Effect, log_ratio

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
LONG_WORDS = 14


@dataclass(frozen=True)
class Trait:
    name: str
    words: str
    holds: Callable[[str], bool]


@dataclass(frozen=True)
class Shown:
    """A headline and what it got."""

    headline: str
    impressions: float
    clicks: float


def _words(text: str) -> list[str]:
    return [one.lower() for one in _WORD.findall(text)]


def _starts(text: str, openers: Iterable[str]) -> bool:
    found = _words(text)
    return bool(found) and found[0] in openers


TRAITS = (
    Trait("question", "a question instead of a statement", lambda t: "?" in t),
    Trait("number", "with a number", lambda t: bool(re.search(r"\d", t))),
    Trait("you", "speaking to “you”", lambda t: bool({"you", "your", "you're", "you’re"} & set(_words(t)))),
    Trait("quote", "with a quotation", lambda t: bool(re.search(r"[\"“”«»]", t))),
    Trait("how-why", "opening with how, why or what", lambda t: _starts(t, ("how", "why", "what"))),
    Trait("exclamation", "with an exclamation mark", lambda t: "!" in t),
    Trait("two-sentences", "in two sentences or more", lambda t: len(re.findall(r"[.!?…]+(?:\s|$)", t)) >= 2),
    Trait("long", f"longer than {LONG_WORDS} words", lambda t: len(_words(t)) > LONG_WORDS),
)


def effect(trait: Trait, shown: Sequence[Shown]) -> Effect | None:
    """Headlines of one test with the trait against those without; None where all or none have it."""
    has = [one for one in shown if trait.holds(one.headline)]
    lacks = [one for one in shown if not trait.holds(one.headline)]
    if not has or not lacks:
        return None
    sides = (has, lacks)
    return log_ratio(
        [sum(one.clicks for one in side) for side in sides],
        [sum(one.impressions for one in side) for side in sides],
    )
