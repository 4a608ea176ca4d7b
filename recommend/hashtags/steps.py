"""From a choice of hashtags to what to change in a draft: the set that is best, and single steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recommend.hashtags.choosing import DISCLOSURE, IRRELEVANT, STUFFED, Choice, relevance
from recommend.hashtags.numbers import Number

MOST_ADDED = 6
LIKELY = 0.03
"""Chance of being chosen below which a hashtag is not offered."""
DOUBTFUL = (IRRELEVANT, STUFFED)
"""Reasons that whoever wrote the hashtag may know better than we do: said, but kept in the best set."""


@dataclass(frozen=True)
class Steps:
    """Names of hashtags. `best`: in order, None where the draft has exactly these; `drop`: with why."""

    best: tuple[str, ...] | None
    add: tuple[str, ...]
    drop: tuple[tuple[str, str], ...]


def steps(draft: Sequence[str], choice: Choice, number: Number) -> Steps:
    """`draft`: hashtags it has. New ones, which nobody used before, are kept unless something speaks against them."""
    reasons = {tag: choice.out[tag] for tag in draft if choice.out.get(tag, DISCLOSURE) != DISCLOSURE}
    kept = [tag for tag in draft if reasons.get(tag, IRRELEVANT) in DOUBTFUL]
    rank = {one.name: place for place, one in enumerate(choice.kept)}
    surplus = len(kept) - number.high
    if surplus > 0:
        ours = [tag for tag in kept if choice.out.get(tag) != DISCLOSURE]
        least = sorted(ours, key=lambda tag: (tag in reasons, rank.get(tag, len(rank))))[::-1][:surplus]
        over = f"more than the {number.high} that fit"
        reasons |= {tag: reasons.get(tag, over) for tag in least}
        kept = [tag for tag in kept if tag not in least]
    add = [one.name for one in choice.kept if one.name not in draft and float(relevance(one.logit)) >= LIKELY]
    filled = add[: max(0, number.target - len(kept))] if number.low > 0 else []
    best = (*kept, *filled)
    return Steps(
        best=None if set(best) == set(draft) else best,
        add=tuple(add[:MOST_ADDED]),
        drop=tuple((tag, reasons[tag]) for tag in draft if tag in reasons),
    )
