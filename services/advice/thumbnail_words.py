"""Suggestions of pictures in words: what was done, what it mends, what is still wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from creatorlens.advice.common import Change
from creatorlens.advice.content import Content
from creatorlens.advice.thumbnails import Made, Picture, ThumbnailSuggestion
from services.advice.desk import suggestion_id, told
from services.advice.thumbnail_lifts import Expected

MOST_SAID = 3
ENLARGED = {"size"}
"""A small picture made larger is not mended."""
NOT_KNOWN = "changes are over the video's best frame as it is: what the platform would show is not known"
RECIPES = {
    "crop": "Cut to shape",
    "closer": "Closer to the face",
    "tone": "Light and colour mended",
    "text": "With words",
    "emphasis": "Subject lifted out",
    "text and emphasis": "Subject lifted out, with words",
}


def suggestion(
    content: Content, sha256: str, made: Made, current: Picture | None, expected: Expected, known: bool
) -> ThumbnailSuggestion:
    """`known`: what the draft shows now is."""
    change = Change(thumbnail=sha256, analysis_id=expected.analysis_id)
    because = [*_mended(made, current), *(f"still: {fix.words}" for fix in made.fixes[:MOST_SAID])]
    if not known:
        because.append(NOT_KNOWN)
    if expected.why_none is not None:
        because.append(expected.why_none)
    return ThumbnailSuggestion(
        suggestion_id=suggestion_id(content.content_id, content.now.version, "thumbnails", change),
        kind="thumbnails",
        change=change,
        words=_words(made, current),
        because=tuple(because),
        lift=told(expected.lift),
        prob_beats_floor=expected.prob_beats_floor,
        made=made,
        click_through=told(expected.clicks),
    )


def _words(made: Made, current: Picture | None) -> str:
    at = "" if made.at_s is None else f", frame at {made.at_s:.1f} s"
    beside = "" if current is None else f" ({current.marks.score:.2f} now)"
    steps = "; ".join(made.steps)
    return f"{RECIPES[made.recipe]} for {made.aspect}{at}: {steps}. Score {made.marks.score:.2f}{beside}."


def _mended(made: Made, current: Picture | None) -> list[str]:
    if current is None:
        return []
    left = {fix.what for fix in made.fixes} | ENLARGED
    return [f"mends: {fix.words}" for fix in current.fixes if fix.what not in left][:MOST_SAID]


def nothing_to_show(refused: Mapping[str, str]) -> str:
    if refused:
        name, why = next(iter(refused.items()))
        return f"There is no picture to work with: {name} {why}"
    return "The draft has no picture or video yet: take its files in with POST /v1/analyze and name the analysis_id."


def words_of_all(
    current: Picture | None,
    candidates: Sequence[Picture],
    suggestions: Sequence[ThumbnailSuggestion],
    among: int,
) -> str:
    if current is None:
        best = candidates[0]
        at = "" if best.at_s is None else f" at {best.at_s:.1f} s"
        first = f"Best of {len(candidates)} candidates: the one{at}, score {best.marks.score:.2f}."
    elif current.fixes:
        first = f"What is shown: {current.fixes[0].words}."
    else:
        first = f"What is shown has no measured flaw (score {current.marks.score:.2f})."
    if not suggestions:
        return f"{first} Nothing better could be made of this material."
    sure = [one for one in suggestions if one.lift is not None and not one.lift.noise]
    expected = f"{len(sure)} of {among} with a detectable change of the forecast" if sure else (
        "no detectable difference in the forecast"
    )  # fmt: skip
    if all(one.lift is None for one in suggestions):
        expected = "the forecast has no say"
    return f"{first} {len(suggestions)} pictures made of your own material; {expected}."
