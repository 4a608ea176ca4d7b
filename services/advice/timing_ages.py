"""What is known of a channel's hours and weekdays at one age, as a record and in words; and what else goes with the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from creatorlens.advice.common import Lift
from creatorlens.advice.timing import Age, Companion, Confounding, SlotEffect, TimingAtAge, Verdict
from recommend.scoring import LiftLn
from recommend.timing.confounds import DAYS, Association, associations, removed_share
from recommend.timing.effects import (
    MIN_OUTCOMES,
    MIN_OWN,
    Contrasts,
    contrasts,
    every_time,
    spread_over_posts,
)
from services.advice.desk import told
from services.advice.timing_fits import AgeFit

if TYPE_CHECKING:
    import numpy as np

    from recommend.timing.content import Occasions

AFTER: dict[Age, str] = {"day": "after a day", "week": "after a week", "month": "after a month"}
PREFERRED: tuple[Age, ...] = ("week", "month", "day")
"""A week is what forecasts and floors speak of; the others where a week is not known."""


@dataclass(frozen=True)
class View:
    """One channel at one age. `found`: 24 hours and 7 weekdays over its mean post; None where too little is known."""

    fit: AgeFit
    channel_id: str
    posts: Occasions | None
    found: Contrasts | None

    @property
    def verdict(self) -> Verdict:
        if self.found is None:
            return "too-few-posts"
        return "effect" if bool(self.found.detectable.any()) else "no-effect"


def view_of(fit: AgeFit, channel_id: str) -> View:
    posts = fit.occasions(channel_id)
    if fit.model is None:
        return View(fit, channel_id, posts, None)
    return View(fit, channel_id, posts, contrasts(fit.model.posterior(channel_id), every_time(posts)))


def known_best(views: Sequence[View]) -> View:
    """The age that advice goes by: `PREFERRED`, where enough is known at all."""
    by_age = {view.fit.age: view for view in views}
    return next((by_age[age] for age in PREFERRED if by_age[age].found is not None), by_age[PREFERRED[0]])


def lift_at(found: Contrasts, i: int) -> Lift:
    lift = told(LiftLn(float(found.ln[i]), float(found.low_ln[i]), float(found.high_ln[i])))
    assert lift is not None
    return lift


def at_age(view: View) -> TimingAtAge:
    own = 0 if view.posts is None else len(view.posts)
    base = TimingAtAge(
        age=view.fit.age,
        age_words=view.fit.words,
        verdict=view.verdict,
        words=_words(view, own),
        posts=own,
        others=view.fit.outcomes - own,
    )
    if view.found is None:
        return base
    hour, weekday = _codes(view)
    return base.model_copy(
        update={
            "hours": _effects(view.found, hour, 0, 24),
            "weekdays": _effects(view.found, weekday, 24, 7),
            "hour_sd": spread_over_posts(view.found.ln[:24], hour),
            "weekday_sd": spread_over_posts(view.found.ln[24:], weekday),
        }
    )


def _codes(view: View) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    none = np.zeros(0, np.int64)
    return (none, none) if view.posts is None else (view.posts.hour, view.posts.weekday)


def _effects(found: Contrasts, code: np.ndarray, first: int, size: int) -> tuple[SlotEffect, ...]:
    import numpy as np

    posts = np.bincount(code, minlength=size)
    return tuple(
        SlotEffect(value=i, lift=lift_at(found, first + i), posts=int(posts[i])) for i in range(size)
    )


def time_words(i: int) -> str:
    """Of one of `every_time`."""
    return f"{i}–{i + 1} h" if i < 24 else f"{DAYS[i - 24]}s"


def _words(view: View, own: int) -> str:
    after = AFTER[view.fit.age]
    if view.found is None:
        return (
            f"Counts {after} are known of {view.fit.outcomes} posts on this platform; it takes {MIN_OUTCOMES} to say what "
            f"the time does."
        )
    rests = (
        "" if own >= MIN_OWN else f" Of this channel {own} are known: this is what other channels let expect."
    )
    standing = view.found.detectable.nonzero()[0]
    if not len(standing):
        i = int(abs(view.found.ln).argmax())
        return (
            f"No hour and no weekday stands out {after}: even the farthest from the mean, {time_words(i)}, shows "
            f"{lift_at(view.found, i).words}.{rests}"
        )
    order = standing[abs(view.found.ln[standing]).argsort()[::-1]][:3]
    named = "; ".join(f"{time_words(int(i))} {lift_at(view.found, int(i)).words}" for i in order)
    return f"Over the channel's mean post {after}: {named}.{rests}"


def confounding(view: View) -> Confounding | None:
    """None without posts of the channel, or where the raw effect was not fitted."""
    model, posts = view.fit.model, view.posts
    if model is None or posts is None:
        return None
    naive, adjusted = model.raw_posterior(view.channel_id), model.posterior(view.channel_id)
    if naive is None:
        return None
    import numpy as np

    from recommend.timing.cycles import basis

    rows = every_time(posts)
    slots = (rows[:24, None, :] + rows[None, 24:, :]).reshape(24 * 7, -1)
    raw, clean = contrasts(naive, slots), contrasts(adjusted, slots)
    own = basis(posts.hour, posts.weekday)
    removed = removed_share(own @ naive.mean, own @ adjusted.mean)
    best = int(np.argmax(raw.ln))
    companions = tuple(_companion(one) for one in associations(posts))
    return Confounding(
        removed=removed,
        raw=None if removed is None else lift_at(raw, best),
        adjusted=None if removed is None else lift_at(clean, best),
        companions=companions,
        words=_confounded(removed, companions, f"{DAYS[best % 7]} {best // 7} h", raw, clean, best),
    )


def _companion(one: Association) -> Companion:
    name = one.name if one.what != "weekday" else f"{one.name}s"
    return Companion(
        what=one.what,
        name=one.name,
        when=one.when,
        share_at=one.share_at,
        share_else=one.share_else,
        posts=one.posts,
        association=one.strength,
        words=(
            f"{name} ({one.what}): {100 * one.share_at:.0f} % of the posts at {one.when}, {100 * one.share_else:.0f} % of "
            f"the others."
        ),
    )


def _confounded(
    removed: float | None,
    companions: tuple[Companion, ...],
    slot: str,
    raw: Contrasts,
    clean: Contrasts,
    i: int,
) -> str:
    goes = f" With the time goes: {' '.join(one.words for one in companions)}" if companions else ""
    if removed is None:
        return f"Even before content is taken into account, times do not differ to speak of.{goes}"
    change = (
        f"{100 * removed:.0f} % of the difference between times went away when content was taken into account"
        if removed >= 0
        else f"Differences between times grew by {-100 * removed:.0f} % when content was taken into account"
    )
    return f"{change}: {slot}, which looks best, goes from {lift_at(raw, i).words} to {lift_at(clean, i).words}.{goes}"
