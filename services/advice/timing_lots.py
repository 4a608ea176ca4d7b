"""What time tests of a channel say: posts whose slot was drawn by lot, so that content and time did not go together."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from creatorlens.advice.timing import Causal, CausalSlot
from creatorlens.platforms import Platform
from recommend.scoring import LiftLn, widening
from services.advice.desk import Desk, told
from services.advice.evidence import residuals

if TYPE_CHECKING:
    from recommend.timing.randomised import Assignment, CausalPosterior
    from services.experiments.kept import Row, Trial

LEVEL = 0.2
"""Of the lot's p-value: the same 80 % that intervals are told with."""
Z80 = 1.2815515655446004


def causal(desk: Desk, platform: Platform, channel_id: str, now: datetime) -> Causal | None:
    """Of the newest time test that says something; None where there is none."""
    from services.experiments.kept import newest, observations

    with desk.engine.connect() as connection:
        workspace = desk.settings.workspace
        trials = [
            one
            for one in newest(connection, workspace, channel_id=channel_id)
            if one.kind == "time" and one.created_at <= now
        ]
        for trial in trials:
            rows = [
                row
                for row in observations(connection, workspace, trial.experiment_id)
                if row.period_start <= now
            ]
            found = _read(desk, platform, trial, rows, now)
            if found is not None:
                return found
    return None


def _read(desk: Desk, platform: Platform, trial: Trial, rows: list[Row], now: datetime) -> Causal | None:
    import numpy as np

    from recommend.timing.randomised import causal_effect

    if not rows:
        return None
    assigned, drawn = _assignments(trial, rows)
    y = np.array(_outcomes(desk, platform, rows, now))
    # A channel grows or shrinks while the test runs; when a post goes out is known before its slot is drawn.
    day = np.array([[row.period_start.timestamp() / 86_400.0] for row in rows])
    found = causal_effect(assigned, y, day)
    return None if found is None else _told(trial, found, drawn)


def _assignments(trial: Trial, rows: list[Row]) -> tuple[list[Assignment], bool]:
    """In order of time. Blocks hold where slots came as they were drawn; else all posts are one block."""
    from recommend.timing.randomised import Assignment

    slot = {one.variant_id: one.slot or one.variant_id for one in trial.variants}
    size, drawn_for = len(trial.variants), len(trial.order)
    seen = [row.variant_id for row in rows]
    if not drawn_for or any(name != trial.order[i % drawn_for] for i, name in enumerate(seen)):
        return [Assignment(i, 0, slot[name]) for i, name in enumerate(seen)], False
    # the order that was drawn starts again when it is used up
    place = [i // drawn_for * drawn_for + i % drawn_for // size for i in range(len(seen))]
    return [Assignment(i, place[i], slot[name]) for i, name in enumerate(seen)], True


def _outcomes(desk: Desk, platform: Platform, rows: list[Row], now: datetime) -> list[float]:
    """ln over the channel's level; NaN where not known yet."""
    import math

    import pandas as pd

    known = residuals(desk, platform)
    known = known[known["known_at"] <= pd.Timestamp(now)]
    by_post = dict(zip(known["post_id"], known["residual"].astype(float), strict=True))

    def of(row: Row) -> float:
        if row.outcome_ln is not None:
            return row.outcome_ln
        return math.nan if row.post_id is None else by_post.get(row.post_id, math.nan)

    return [of(row) for row in rows]


def _told(trial: Trial, found: CausalPosterior, drawn: bool) -> Causal:
    slots = []
    for i, name in enumerate(found.slots):
        half = Z80 * widening(len(found.slots)) * float(found.covariance[i, i]) ** 0.5
        ln = float(found.mean[i])
        lift = told(LiftLn(ln, ln - half, ln + half))
        assert lift is not None
        slots.append(CausalSlot(slot=name, lift=lift, posts=found.posts[i]))
    return Causal(
        experiment_id=trial.experiment_id,
        adjusted=found.adjusted,
        p_value=found.p_value,
        posts=sum(found.posts),
        slots=tuple(sorted(slots, key=lambda one: -one.lift.effect)),
        words=_words(found, slots, drawn),
    )


def _words(found: CausalPosterior, slots: list[CausalSlot], drawn: bool) -> str:
    posts = sum(found.posts)
    lots = (
        "" if drawn else " Slots did not come as they were drawn; this holds if they were chosen by chance."
    )
    best = max(slots, key=lambda one: one.lift.effect)
    if found.p_value > LEVEL or best.lift.noise:
        return f"In a test of {posts} posts whose slot was drawn by lot, no slot stands out (p = {found.p_value:.2f}).{lots}"
    return (
        f"In a test of {posts} posts whose slot was drawn by lot, {best.slot} did {best.lift.words} over the mean of the "
        f"slots (p = {found.p_value:.2f}).{lots}"
    )
