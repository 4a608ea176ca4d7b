"""What a change of the draft does to its forecast: the drafts to ask for, and the answers as frames. No Streamlit.

Only what a creator can change is varied. Everything is asked in one batch; drafts that are the same are asked once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

import pandas as pd

from creatorlens.api import ForecastAtHorizon, Prediction
from creatorlens.records import Draft
from dashboard import decomposition_shapes as parts
from dashboard import words
from dashboard.forecast_shapes import at_horizon
from dashboard.planning import WEEKDAYS

CHANGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("the title", ("title",)),
    ("the text", ("text",)),
    ("the hashtags", ("hashtags",)),
    ("the format", ("media_type", "duration_s")),
    ("the time", ("planned_at",)),
)
"""What is changed together, and the fields of the draft that hold it."""

DURATIONS_S = (
    5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200, 10_800,
)  # fmt: skip
"""Lengths to slide over: evenly spaced to the eye, since what matters is how many times longer."""

USUAL_S = 60.0
"""Where the slider starts when no length was given."""

CURVE_COLUMNS = [
    "label", "position", "at_words", "p50", "p50_words", "effect", "change_words", "noise", "chosen",
]  # fmt: skip


@dataclass(frozen=True)
class Question:
    """The draft as it was and as it is now, each change alone, and the draft at other hours and on other days."""

    before: Draft
    after: Draft
    alone: dict[str, Draft]
    hours: tuple[Draft, ...]
    days: tuple[Draft, ...]

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """Each different draft once."""
        everything = (self.before, self.after, *self.alone.values(), *self.hours, *self.days)
        return tuple(dict.fromkeys(everything))


@dataclass(frozen=True)
class Answer:
    """The forecasts of a question's drafts."""

    question: Question
    by_draft: dict[Draft, Prediction] = field(repr=False)

    def of(self, draft: Draft) -> Prediction:
        return self.by_draft[draft]

    def at(self, draft: Draft, horizon_h: float) -> ForecastAtHorizon:
        return at_horizon(self.of(draft), horizon_h)


def question(before: Draft, after: Draft, now: datetime) -> Question:
    """Everything one look at the page asks for."""
    hours, days = hours_of_day(after.planned_at), coming_days(after.planned_at, now)
    return Question(
        before=before,
        after=after,
        alone=alone(before, after),
        hours=tuple(replace(after, planned_at=at) for at in hours),
        days=tuple(replace(after, planned_at=at) for at in days),
    )


def answer(asked: Question, predictions: Sequence[Prediction]) -> Answer:
    return Answer(asked, dict(zip(asked.drafts, predictions, strict=True)))


def alone(before: Draft, after: Draft) -> dict[str, Draft]:
    """What was changed → the old draft with that one change. Empty where a single thing or nothing was changed."""
    found = {}
    for what, names in CHANGES:
        new = {name: getattr(after, name) for name in names}
        if any(getattr(before, name) != value for name, value in new.items()):
            found[what] = replace(before, **new)
    return {what: draft for what, draft in found.items() if _has_words(draft)} if len(found) > 1 else {}


def _has_words(draft: Draft) -> bool:
    # one caption that moved from title to text would leave nothing to forecast
    return bool(draft.title.strip() or draft.text.strip())


def hours_of_day(at: datetime) -> list[datetime]:
    """The full hours of that day on its clock, without those that daylight saving skips, and `at` itself in place of
    its hour."""
    return [
        _instead(at, datetime.combine(at.date(), time(hour), at.tzinfo))
        for hour in range(24)
        if _real(at, hour)
    ]


def _instead(at: datetime, hour: datetime) -> datetime:
    return at if hour.hour == at.hour else hour


def _real(at: datetime, hour: int) -> bool:
    wall = datetime.combine(at.date(), time(hour), at.tzinfo)
    return wall.astimezone(UTC).astimezone(at.tzinfo).hour == hour


def coming_days(at: datetime, now: datetime) -> list[datetime]:
    """The same time on seven days in a row: from today on, or the week around `at` where it lies beyond."""
    today = now.astimezone(at.tzinfo).date()
    first = today if (at.date() - today).days < 7 else at.date() - timedelta(days=3)
    return [_on(at, first + timedelta(days=step)) for step in range(7)]


def _on(at: datetime, day: date) -> datetime:
    return datetime.combine(day, at.timetz())


def curve_frame(found: Answer, drafts: Sequence[Draft], horizon_h: float, *, days: bool) -> pd.DataFrame:
    """The forecast along hours or days: label, position, p50, its change against the present choice, whether that is
    noise, and which is the choice."""
    now = found.question.after
    rows = []
    for i, draft in enumerate(drafts):
        gap = parts.difference(
            found.at(now, horizon_h),
            found.at(draft, horizon_h),
            found.of(now),
            found.of(draft),
            among=len(drafts) - 1,
        )
        p50 = found.at(draft, horizon_h).p50
        at = draft.planned_at
        rows.append(
            {
                "label": WEEKDAYS[at.weekday()] if days else f"{at.hour}:00",
                "position": i,
                "at_words": words.moment(at),
                "p50": p50,
                "p50_words": words.count(p50),
                "effect": gap.effect,
                "change_words": "your choice" if draft == now else gap.words,
                "noise": gap.noise,
                "chosen": draft == now,
            }
        )
    return pd.DataFrame(rows, columns=CURVE_COLUMNS)


def curve_sentence(frame: pd.DataFrame, what: str) -> str:
    """Whether another hour (or day) would do better by more than noise."""
    loud = frame[~frame["noise"]]
    if loud.empty:
        span = float(frame["effect"].abs().max())
        return f"No other {what} moves the forecast by more than noise (at most {words.change(span).lstrip('+')})."
    best = loud.loc[loud["effect"].idxmax()]
    if best["effect"] > 0:
        return f"Best {what}: {best['at_words']}, {best['change_words']}."
    worst = loud.loc[loud["effect"].idxmin()]
    return (
        f"No {what} is clearly better than yours; the worst is {worst['at_words']}, {worst['change_words']}."
    )


def changes_frame(found: Answer, horizon_h: float) -> pd.DataFrame:
    """All changes together, then each alone: label, effect, low, high (the effect itself where not known), words, noise."""
    asked = found.question
    together = {"everything together" if asked.alone else "this change": asked.after}
    rows = []
    for label, draft in (together | asked.alone).items():
        gap = parts.difference(
            found.at(asked.before, horizon_h),
            found.at(draft, horizon_h),
            found.of(asked.before),
            found.of(draft),
        )
        rows.append(
            {
                "label": label[:1].upper() + label[1:],
                "effect": gap.effect,
                "low": gap.effect if gap.low is None else gap.low,
                "high": gap.effect if gap.high is None else gap.high,
                "words": gap.words,
                "noise": gap.noise,
            }
        )
    return pd.DataFrame(rows, columns=["label", "effect", "low", "high", "words", "noise"])


def headline(found: Answer, horizon_h: float, metric: str) -> tuple[str, str]:
    """The forecast now, and what the changes did to it."""
    asked = found.question
    now, then = found.at(asked.after, horizon_h), found.at(asked.before, horizon_h)
    title = f"About {words.count(now.p50)} {metric} after {words.horizon(now.horizon_h)}"
    if asked.after == asked.before:
        return title, "Nothing changed yet. Move anything on the left."
    gap = parts.difference(then, now, found.of(asked.before), found.of(asked.after))
    if gap.effect == 0.0:
        return title, "The changes make no difference to this forecast."
    said = f"**{gap.words}** against {words.count(then.p50)} before"
    if gap.noise and gap.low is not None:
        return title, f"{said}: within the noise. This change may as well do nothing."
    if gap.noise:
        return title, f"{said}: a small change, and how sure it is is not known."
    return title, f"{said}."


def durations(seconds: float | None) -> list[float]:
    """Lengths to choose from, the present one among them."""
    known = {float(value) for value in DURATIONS_S} | ({float(seconds)} if seconds else set())
    return sorted(known)
