"""From API answers to the frames and sentences of the forecast page. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from creatorlens.api import ChannelDetail, ForecastAtHorizon, Prediction, TrackRecord
from creatorlens.platforms import FLOOR_POSTS, MATURE_AGE_H
from creatorlens.records import Draft
from dashboard import track_shapes, words
from dashboard.planning import WEEKDAYS

POSTS_SHOWN = 20
DRIVERS_SHOWN = 8
HARDLY = 0.05
"""Changes below this are called small: they drown in the width of any band."""


@dataclass(frozen=True)
class Verdict:
    """The forecast in words. `modelled` False: the numbers are the channel's own, not a forecast."""

    headline: str
    band: str
    chance: str
    note: str
    modelled: bool


def history_frame(channel: ChannelDetail, shown: int = POSTS_SHOWN) -> pd.DataFrame:
    """The last posts with an outcome, oldest first: position (1..n), outcome, title, published, seen,
    young (counted before day seven, so not yet part of band and floor)."""
    posts = sorted(
        (post for post in channel.recent_posts if post.outcome is not None),
        key=lambda post: post.published_at,
    )[-shown:]
    return pd.DataFrame(
        {
            "position": [float(i) for i in range(1, len(posts) + 1)],
            "outcome": [float(post.outcome or 0.0) for post in posts],
            "outcome_words": [words.count(post.outcome or 0.0) for post in posts],
            "title": [words.short(post.title) or "(no title)" for post in posts],
            "published": [words.day(post.published_at) for post in posts],
            "seen": [_seen(post.observed_age_h, post.backfilled) for post in posts],
            "young": [_young(post.observed_age_h, post.backfilled) for post in posts],
        }
    )


def _young(age_h: float | None, backfilled: bool | None) -> bool:
    return age_h is not None and age_h < MATURE_AGE_H and not backfilled


def _seen(age_h: float | None, backfilled: bool | None) -> str:
    if age_h is None:
        return "when is unknown"
    age = words.horizon(round(age_h / 24) * 24 or 24)
    return f"{age} after publishing" + (" (first import)" if backfilled else "")


def forecast_frame(prediction: Prediction, history_n: int, horizon_h: float) -> pd.DataFrame:
    """One row per horizon, placed to the right of the history."""
    step = max(1.6, history_n * 0.22)
    rows = [
        {
            "position": history_n + 0.9 + step * (i + 0.6),
            "label": words.horizon(f.horizon_h),
            "p10": f.p10,
            "p50": f.p50,
            "p90": f.p90,
            "p10_words": words.count(f.p10),
            "p50_words": words.count(f.p50),
            "p90_words": words.count(f.p90),
            "chosen": f.horizon_h == horizon_h,
            "abstained": f.abstained,
        }
        for i, f in enumerate(prediction.forecasts)
    ]
    return pd.DataFrame(rows)


def no_forecast() -> pd.DataFrame:
    """Nothing to draw at the right yet."""
    return pd.DataFrame({"position": [], "p10": [], "p50": [], "p90": [], "label": []})


def hero_caption(history: pd.DataFrame, metric: str, *, forecasting: bool) -> str:
    """What the dots and bars are."""
    if history.empty:
        return f"Bars: the forecast's four-out-of-five range of {metric} at each age."
    dots = f"Dots: {metric} of the last {len(history)} posts, {history['published'].iloc[0]} to " + str(
        history["published"].iloc[-1]
    )
    if history["young"].any():
        dots += " (hollow: counted before day seven, still growing)"
    return f"{dots}. Bars: four times out of five the draft ends within." if forecasting else f"{dots}."


def at_hours(draft: Draft, hours: Sequence[datetime]) -> tuple[Draft, ...]:
    """The same draft at other times."""
    return tuple(replace(draft, planned_at=at) for at in hours)


def at_horizon(prediction: Prediction, horizon_h: float) -> ForecastAtHorizon:
    """The forecast at that age, or the nearest there is."""
    return min(prediction.forecasts, key=lambda f: abs(f.horizon_h - horizon_h))


def verdict(prediction: Prediction, horizon_h: float) -> Verdict:
    """What the forecast says. Where it abstained, that, why, and the channel's own band instead."""
    forecast = at_horizon(prediction, horizon_h)
    metric = words.metric(prediction.platform, prediction.metric)
    age = words.horizon(forecast.horizon_h)
    low, mid, high = (words.count(v) for v in (forecast.p10, forecast.p50, forecast.p90))
    if forecast.abstained:
        reason = forecast.reason.strip().rstrip(".")
        return Verdict(
            headline="No forecast of our own for this post",
            band=f"Going by the channel's last posts alone: about **{mid}** {metric} after {age}, "
            f"and four times out of five between **{low}** and **{high}**.",
            chance="",
            note=f"Why: {reason}." if reason else "",
            modelled=False,
        )
    return Verdict(
        headline=f"About {mid} {metric} after {age}",
        band=f"Four times out of five such a post ends between **{low}** and **{high}**.",
        chance=_chance(forecast),
        note="",
        modelled=True,
    )


def _chance(forecast: ForecastAtHorizon) -> str:
    if forecast.prob_beats_floor is None or forecast.floor is None:
        return ""
    # the floor speaks of matured posts: passing it while young is more than beating it
    young = forecast.horizon_h < MATURE_AGE_H
    verb, when = ("pass", f" already after {words.horizon(forecast.horizon_h)}") if young else ("beat", "")
    return (
        f"**{words.chance(forecast.prob_beats_floor)}** chance to {verb} the median of your last "
        f"{_number(FLOOR_POSTS)} posts ({words.count(forecast.floor)}){when}."
    )


def _number(n: int) -> str:
    return {5: "five"}.get(n, str(n))


def drivers_frame(prediction: Prediction, shown: int = DRIVERS_SHOWN) -> pd.DataFrame:
    """The strongest drivers, strongest first: words, effect, effect_words, up, label."""
    drivers = sorted(prediction.drivers, key=lambda d: abs(d.effect), reverse=True)
    drivers = [d for d in drivers if round(d.effect * 100) != 0][:shown]
    return pd.DataFrame(
        {
            "feature": [d.feature for d in drivers],
            "words": [d.words for d in drivers],
            "effect": [d.effect for d in drivers],
            "effect_words": [words.change(d.effect) for d in drivers],
            "up": [d.effect > 0 for d in drivers],
        }
    )


def no_drivers(prediction: Prediction) -> str:
    """Why there are no drivers to show."""
    if all(forecast.abstained for forecast in prediction.forecasts):
        return "The band comes from the channel's last posts alone; nothing in the draft moves it."
    return "Nothing in this draft moves the forecast by a whole percent."


def drivers_words(frame: pd.DataFrame) -> str:
    """The chart of drivers, for people who hear it instead."""
    return "; ".join(f"{row['words']}: {row['effect_words']}" for row in frame.to_dict("records"))


def track_sentence(record: TrackRecord) -> str:
    """The channel's track record in a sentence: live forecasts first, replays where there are no others."""
    kinds = track_shapes.groups(record)
    if kinds:
        made = "made before publishing" if kinds[0].made == "live" else "replayed on past posts"
        return track_shapes.summary(track_shapes.headline(record, kinds[0]), made)
    if record.predictions:
        return f"{record.predictions} saved forecasts of this channel wait for their outcome; none is graded yet."
    return "No forecast of this channel has been graded yet. Save this one, and it will be the first."


def timing_frame(
    hours: Sequence[datetime],
    predictions: Sequence[Prediction],
    chosen: datetime,
    base_p50: float,
) -> pd.DataFrame:
    """The week's heat map: weekday, hour, at_words, p50_words, change against the present choice,
    change_words, chosen (the cell in which the present choice lies)."""
    p50 = [prediction.forecasts[0].p50 for prediction in predictions]
    change = [value / base_p50 - 1 if base_p50 > 0 else 0.0 for value in p50]
    return pd.DataFrame(
        {
            "weekday": [WEEKDAYS[at.weekday()] for at in hours],
            "hour": [at.hour for at in hours],
            "at_words": [words.moment(at) for at in hours],
            "p50_words": [words.count(value) for value in p50],
            "change": change,
            "change_words": [words.change(value) for value in change],
            "chosen": [_same_hour(at, chosen) for at in hours],
        }
    )


def _same_hour(cell: datetime, chosen: datetime) -> bool:
    return (cell.date(), cell.hour) == (chosen.date(), chosen.hour)


def timing_sentence(timing: pd.DataFrame) -> str:
    """How much the time matters at all, said plainly, and where the best hour lies."""
    best = timing.loc[timing["change"].idxmax()]
    low, high = float(timing["change"].min()), float(timing["change"].max())
    largest = max(abs(low), abs(high))
    if largest < 0.005:
        return "The time makes no difference to this forecast."
    if largest < HARDLY:
        return (
            f"Choosing the time hardly matters here: no hour of the week moves the forecast by more than "
            f"±{max(1, round(largest * 100))}{words.NBSP}%."
        )
    if high < 0.005:
        return f"You have already picked the best time; others cost up to {words.change(low).lstrip('−')}."
    return (
        f"Moving the post changes the forecast by {words.change(low)} to {words.change(high)}; "
        f"best is {best['at_words']} ({best['change_words']})."
    )
