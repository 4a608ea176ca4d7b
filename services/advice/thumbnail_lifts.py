"""What another picture is expected to do: to the post's result by its forecast, to clicks by the model of tested pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from creatorlens.errors import NotReadyError
from creatorlens.reading.analysis import Analysis
from recommend.scoring import LiftLn, Scored, lift
from services.advice.click_through import find_click_through
from services.advice.desk import Desk, scored
from services.advice.thumbnail_material import Files, with_pictures
from services.analysis.numbers import numbers_of

NO_CLICKS = "no test of pictures has trained it yet: record tests of thumbnails, then train on them"


@dataclass(frozen=True)
class Expected:
    """`why_none`: why the forecast has no say."""

    analysis_id: str
    lift: LiftLn | None
    why_none: str | None
    prob_beats_floor: float | None
    clicks: LiftLn | None


@dataclass(frozen=True)
class Lifts:
    """`among`: how many pictures were compared."""

    by_picture: Mapping[str, Expected]
    model_version: str | None = None
    absent: dict[str, str] = field(default_factory=dict)

    def of(self, picture: str) -> Expected:
        return self.by_picture[picture]

    @property
    def among(self) -> int:
        return len(self.by_picture)


def lifts(desk: Desk, files: Files, shown: str | None, pictures: Sequence[str]) -> Lifts:
    """Of a draft that shows each picture, over the same draft that shows `shown`."""
    if shown is None or not pictures:
        return Lifts({})
    before, *after = with_pictures(desk, files, [shown, *pictures])
    absent: dict[str, str] = {}
    forecasts, model_version = _forecasts(desk, files, before, after, absent)
    clicks = _clicks(desk, shown, before, pictures, after, absent)
    found = {}
    for i, picture in enumerate(pictures):
        expected, why, prob = _expected(forecasts, i, absent)
        found[picture] = Expected(
            after[i].analysis_id, expected, why, prob, None if clicks is None else clicks[i]
        )
    return Lifts(found, model_version, absent)


def _forecasts(
    desk: Desk, files: Files, before: Analysis, after: Sequence[Analysis], absent: dict[str, str]
) -> tuple[list[Scored], str | None]:
    """The draft's own first, then with each picture; empty where there is no forecast."""
    draft = files.content.draft()
    try:
        found = desk.forecasts([replace(draft, analysis_id=one.analysis_id) for one in (before, *after)])
    except NotReadyError as error:
        absent["forecast"] = str(error)
        return [], None
    return [scored(one) for one in found], found[0].model_version


def _expected(
    forecasts: Sequence[Scored], i: int, absent: Mapping[str, str]
) -> tuple[LiftLn | None, str | None, float | None]:
    if not forecasts:
        return None, absent.get("forecast"), None
    before, after = forecasts[0], forecasts[1 + i]
    if after.abstained:
        return None, f"the forecast is the floor's: {after.reason}", after.prob_beats_floor
    return lift(before, after, among=len(forecasts) - 1), None, after.prob_beats_floor


def _clicks(
    desk: Desk,
    shown: str,
    before: Analysis,
    pictures: Sequence[str],
    after: Sequence[Analysis],
    absent: dict[str, str],
) -> list[LiftLn] | None:
    model = find_click_through(desk)
    if model is None:
        absent["click-through model"] = NO_CLICKS
        return None
    numbers = [_numbers(one, picture) for one, picture in zip(after, pictures, strict=True)]
    return model.lift(_numbers(before, shown), numbers)


def _numbers(analysis: Analysis, picture: str) -> dict[str, float]:
    return next((numbers_of(one) for one in analysis.files if one.file.sha256 == picture), {})
