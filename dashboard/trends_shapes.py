"""What is on the rise on a platform, and what its hours, weekdays and months are worth. No Streamlit in here."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from creatorlens.api_operations import Season, Trend, Trends
from dashboard import words
from dashboard.planning import WEEKDAYS

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SHOWN = 12
KINDS = {"hashtag": "Hashtags", "topic": "Topics", "sound": "Sounds"}
SEASONS = {"hour": "By hour of the day", "weekday": "By weekday", "month": "By month"}


def kinds(found: Trends) -> list[str]:
    """The kinds of trend there are, in a fixed order."""
    return [kind for kind in KINDS if any(trend.kind == kind for trend in found.trends)]


def trend_rows(trends: Sequence[Trend], kind: str, shown: int = SHOWN) -> list[tuple[str, ...]]:
    """What, how much more it is used, what posts with it got, on how many posts of how many channels; risers first."""
    rising = sorted((t for t in trends if t.kind == kind), key=lambda t: t.rise_ln, reverse=True)[:shown]
    return [
        (_name(t), words.change(math.expm1(t.rise_ln)), _lift(t), f"{t.posts} posts, {_channels(t.channels)}")
        for t in rising
    ]


def _channels(n: int) -> str:
    return "1 channel" if n == 1 else f"{n} channels"


def _name(trend: Trend) -> str:
    return f"#{trend.name.lstrip('#')}" if trend.kind == "hashtag" else trend.name


def _lift(trend: Trend) -> str:
    """Results of posts with it against their channels' usual level, with the range where it is known."""
    if trend.lift_ln is None:
        return "not known yet"
    said = words.change(math.expm1(trend.lift_ln))
    if trend.lift_low_ln is None or trend.lift_high_ln is None:
        return said
    quiet = trend.lift_low_ln <= 0 <= trend.lift_high_ln
    span = words.between(math.expm1(trend.lift_low_ln), math.expm1(trend.lift_high_ln))
    return f"{said} ({span}){', within the noise' if quiet else ''}"


def season_frame(seasons: Sequence[Season], kind: str) -> pd.DataFrame:
    """One row per hour, weekday or month, in order: label, effect, low, high (changes), words, noise, posts."""
    found = sorted((s for s in seasons if s.kind == kind), key=lambda s: s.value)
    return pd.DataFrame(
        [
            {
                "label": _label(s),
                "effect": math.expm1(s.effect_ln),
                "low": math.expm1(s.low_ln),
                "high": math.expm1(s.high_ln),
                "words": f"{words.change(math.expm1(s.effect_ln))} "
                f"({words.between(math.expm1(s.low_ln), math.expm1(s.high_ln))})",
                "noise": s.low_ln <= 0 <= s.high_ln,
                "posts": s.posts,
            }
            for s in found
        ],
        columns=["label", "effect", "low", "high", "words", "noise", "posts"],
    )


def _label(season: Season) -> str:
    if season.kind == "weekday":
        return WEEKDAYS[season.value]
    # months count from one, as calendars do
    return f"{season.value}:00" if season.kind == "hour" else MONTHS[season.value - 1]


def season_sentence(frame: pd.DataFrame) -> str:
    """Which stand out by more than noise, said plainly."""
    loud = frame[~frame["noise"]]
    if loud.empty:
        return "None stands out by more than noise."
    best, worst = loud.loc[loud["effect"].idxmax()], loud.loc[loud["effect"].idxmin()]
    said = []
    if best["effect"] > 0:
        said.append(f"best {best['label']}, {best['words']}")
    if worst["effect"] < 0:
        said.append(f"worst {worst['label']}, {worst['words']}")
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}."
