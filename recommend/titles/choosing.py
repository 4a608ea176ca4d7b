"""Which candidates are worth asking the forecast about: a few of each kind of edit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from recommend.titles.brief import Candidate, TextField
from recommend.titles.voice import Voice

MOST_BESIDE = 3
"""Of the other field (a description beside a title)."""


def choose(
    candidates: Sequence[Candidate], most: int, *, field: TextField, voice: Voice | None = None
) -> list[Candidate]:
    """At most `most`, taken in turns from each operator of each generator, the likest to the channel's voice first."""
    beside = [one for one in candidates if one.field != field][:MOST_BESIDE]
    groups: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for one in candidates:
        if one.field == field:
            groups[one.made_by, one.operator].append(one)
    if voice is not None:
        for told in groups.values():
            told.sort(key=lambda one: -voice.hear(one.words.partition("\n")[0]).score)
    chosen: list[Candidate] = []
    for turn in range(max(map(len, groups.values()), default=0)):
        chosen += [told[turn] for told in groups.values() if turn < len(told)]
    return chosen[: most - len(beside)] + beside
