"""Which of the pictures that were made are worth showing: few, different, and none that is what is there already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from creatorlens.advice.thumbnails import Made, Picture
from recommend.thumbnails.shapes import Shape

MOST_LOST = 0.10
"""Of the score: a picture that measures so much worse than the one that is shown is no suggestion."""


def chosen(
    made: Sequence[Made], current: Picture | None, shapes: Sequence[Shape], most: int, left_out: Counter[str]
) -> list[Made]:
    """Shapes take turns, best first, of each every recipe once before any twice; reasons are counted in `left_out`."""
    queues = []
    for shape in shapes:
        some = []
        for one in made:
            if one.aspect == shape.name:
                why = _useless(one, current)
                if why is None:
                    some.append(one)
                else:
                    left_out[why] += 1
        queues.append(_varied(some))
    picked: list[Made] = []
    while any(queues) and len(picked) < most:
        for queue in queues:
            if queue and len(picked) < most:
                picked.append(queue.pop(0))
    rest = sum(map(len, queues))
    if rest:
        left_out["others measure better"] += rest
    return picked


def _useless(one: Made, current: Picture | None) -> str | None:
    if current is None:
        return None
    same = one.source == current.source and one.at_s is None
    if same and one.recipe == "crop" and one.steps[0].startswith("kept whole"):
        return "it is what is shown already"
    if one.marks.score < current.marks.score - MOST_LOST:
        return "measured to be worse than what is shown"
    return None


def _varied(some: Sequence[Made]) -> list[Made]:
    best = sorted(some, key=lambda one: (-one.marks.score, one.at_s or 0.0))
    seen: set[str] = set()
    first: list[Made] = []
    later: list[Made] = []
    for one in best:
        (later if one.recipe in seen else first).append(one)
        seen.add(one.recipe)
    return first + later
