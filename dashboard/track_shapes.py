"""From the API's track record to frames and sentences. No Streamlit in here.

Live and retrospective forecasts, and observed and back-filled outcomes, are never mixed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from creatorlens.api import Skill, TrackPoint, TrackRecord, TrackSlice
from creatorlens.platforms import MATURE_AGE_H
from dashboard import words

PROMISED = 0.8
BINS = (("below the band", 0.1), ("lower half", 0.4), ("upper half", 0.4), ("above the band", 0.1))


@dataclass(frozen=True)
class Group:
    """One kind of evidence: how the forecast was made, and how the outcome became known."""

    made: str
    outcomes: str

    @property
    def label(self) -> str:
        made = "Live" if self.made == "live" else "Retrospective"
        return made if self.outcomes == "observed" else f"{made}, back-filled"

    @property
    def meaning(self) -> str:
        made = (
            "Forecasts saved before their outcome could be known"
            if self.made == "live"
            else "Forecasts for posts that were already out, using only what was known when each was published"
        )
        outcomes = (
            "outcomes seen as the posts grew older."
            if self.outcomes == "observed"
            else "outcomes from a channel's first import, whose age nobody watched."
        )
        return f"{made}; {outcomes}"


GROUPS = tuple(
    Group(made, outcomes) for made in ("live", "retrospective") for outcomes in ("observed", "backfilled")
)


def groups(record: TrackRecord) -> list[Group]:
    """The kinds of evidence there are, the strongest first."""
    found = {(s.made, s.outcomes) for s in record.totals if s.skill.n}
    return [group for group in GROUPS if (group.made, group.outcomes) in found]


def of_group(slices: Sequence[TrackSlice], group: Group) -> list[TrackSlice]:
    return [s for s in slices if (s.made, s.outcomes) == (group.made, group.outcomes) and s.skill.n]


@dataclass(frozen=True)
class Headline:
    """The numbers to say first, and the age in hours that they speak of (None: all ages together)."""

    skill: Skill
    horizon_h: float | None


def headline(record: TrackRecord, group: Group) -> Headline:
    """Those at seven days where there are any: the floor speaks of matured posts, so that younger ones
    compared with it would flatter us."""
    at_seven_days = [s for s in of_group(record.by_horizon, group) if s.horizon_h == MATURE_AGE_H]
    if at_seven_days:
        return Headline(at_seven_days[0].skill, float(MATURE_AGE_H))
    return Headline(of_group(record.totals, group)[0].skill, None)


def summary(found: Headline, made: str = "") -> str:
    """Coverage and skill in a sentence or two."""
    skill = found.skill
    age = f" after {words.horizon(found.horizon_h)}" if found.horizon_h else ""
    text = (
        f"**{words.share(skill.coverage80)}** of {skill.n} graded forecasts{f' {made}' if made else ''} "
        f"ended inside their band{age}; {words.share(PROMISED)} is what we promise."
    )
    if skill.skill is not None:
        side = "smaller" if skill.skill >= 0 else "larger"
        text += (
            f" The error was **{words.share(abs(skill.skill))} {side}** than that of the plain guess, "
            "the median of the channel's last five posts."
        )
    if skill.share_abstained >= 0.005:
        text += f" In {words.share(skill.share_abstained)} of them we made no forecast of our own."
    return text


def slices_frame(slices: Sequence[TrackSlice], by: str) -> pd.DataFrame:
    """One row per slice of `by` ('month', 'horizon_h' or 'platform'): key, label, n, coverage with its
    80 % chance range (low, high), skill (NaN where no floor)."""
    rows = []
    for item in slices:
        key = getattr(item, by)
        if key is None:
            continue
        low, high = wilson(item.skill.coverage80, item.skill.n)
        rows.append(
            {
                "key": key,
                "label": _label(by, key),
                "n": item.skill.n,
                "coverage": item.skill.coverage80,
                "low": low,
                "high": high,
                "coverage_words": words.share(item.skill.coverage80),
                "skill": item.skill.skill if item.skill.skill is not None else math.nan,
                "skill_words": "" if item.skill.skill is None else words.change(item.skill.skill),
            }
        )
    columns = ["key", "label", "n", "coverage", "low", "high", "coverage_words", "skill", "skill_words"]
    return pd.DataFrame(rows, columns=columns).sort_values("key", ignore_index=True)


def _label(by: str, key: object) -> str:
    if by == "horizon_h":
        return words.horizon(float(str(key)))
    if by == "month":
        return pd.Timestamp(str(key)).strftime("%b %Y")
    return str(key)


def wilson(part: float, n: int, z: float = 1.2816) -> tuple[float, float]:
    """The range in which the true share lies four times out of five, given `n` cases."""
    if n <= 0:
        return 0.0, 1.0
    centre = (part + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(part * (1 - part) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def points(record: TrackRecord, group: Group, horizon_h: float) -> list[TrackPoint]:
    """The channel's graded forecasts of that kind and age, by planned time."""
    found = [
        p
        for p in record.series
        if (p.made, p.outcomes) == (group.made, group.outcomes) and p.horizon_h == horizon_h
    ]
    return sorted(found, key=lambda p: p.planned_at)


def points_frame(series: Sequence[TrackPoint], shown: int = 40) -> pd.DataFrame:
    """The last forecasts beside what happened: position, p10, p50, p90, outcome, inside, words."""
    last = list(series)[-shown:]
    return pd.DataFrame(
        {
            "position": list(range(1, len(last) + 1)),
            "planned": [words.day(p.planned_at) for p in last],
            "p10": [p.p10 for p in last],
            "p50": [p.p50 for p in last],
            "p90": [p.p90 for p in last],
            "outcome": [p.outcome for p in last],
            "inside": [p.covered80 for p in last],
            "band_words": [f"{words.count(p.p10)} to {words.count(p.p90)}" for p in last],
            "outcome_words": [words.count(p.outcome) for p in last],
            "made_by": ["the channel's last posts" if p.abstained else "the model" for p in last],
        }
    )


def calibration_frame(series: Sequence[TrackPoint]) -> pd.DataFrame:
    """How often outcomes fell below, inside and above: part, share, expected, n."""
    n = len(series)
    hits = [0, 0, 0, 0]
    for p in series:
        place = 0 if p.outcome < p.p10 else 1 if p.outcome < p.p50 else 2 if p.outcome <= p.p90 else 3
        hits[place] += 1
    return pd.DataFrame(
        {
            "part": [name for name, _ in BINS],
            "share": [hit / n if n else 0.0 for hit in hits],
            "share_words": [words.share(hit / n if n else 0.0) for hit in hits],
            "expected": [expected for _, expected in BINS],
            "n": hits,
        }
    )


def horizons(record: TrackRecord, group: Group) -> list[float]:
    return sorted(
        {p.horizon_h for p in record.series if (p.made, p.outcomes) == (group.made, group.outcomes)}
    )
