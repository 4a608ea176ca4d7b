"""What a test says now, as a record and in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

from creatorlens.advice.experiments import Effect, IntervalAt, VariantCounts, Verdict
from recommend.experiments.judging import Interval, Judged, Rules, Seen, judge
from recommend.scoring import percent
from services.experiments.kept import Row, Trial


def verdict(trial: Trial, rows: Sequence[Row]) -> Verdict:
    """Of what was told so far; the same rows give the same answer."""
    posts = trial.kind == "time"
    seen = [
        Seen(
            _place(trial, row), row.period_start, row.period_end, row.impressions, row.clicks, row.outcome_ln
        )
        for row in rows
    ]
    judged = judge(seen, len(trial.variants), rules(trial), posts=posts)
    effects = tuple(_effect(trial, i, one) for i, one in enumerate(judged.intervals, start=1))
    days = _days(rows)
    return Verdict(
        finding=judged.finding,
        winner=None if judged.winner is None else trial.variants[judged.winner].variant_id,
        effects=effects,
        variants=tuple(_counts(trial, i, rows, judged) for i in range(len(trial.variants))),
        analysis=judged.analysis,
        level=trial.plan.level,
        days=round(days, 2),
        words=_words(trial, judged, effects, days),
        remarks=(*judged.remarks, *_waiting(rows, posts)),
        path=tuple(
            IntervalAt(
                at=at, variant_id=trial.variants[i].variant_id, effect=math.expm1(one.ln),
                low=math.expm1(one.low_ln), high=math.expm1(one.high_ln),
            )
            for at, intervals in judged.path
            for i, one in enumerate(intervals, start=1)
            if one.ln is not None and one.low_ln is not None and one.high_ln is not None
        ),
    )  # fmt: skip


def rules(trial: Trial) -> Rules:
    plan = trial.plan
    return Rules(
        math.log1p(plan.smallest), plan.level, trial.spread_ln, plan.allocation == "thompson", trial.row_ln
    )


def _place(trial: Trial, row: Row) -> int:
    place = trial.position(row.variant_id)
    assert place is not None, "observations of unknown variants are refused"
    return place


def _days(rows: Sequence[Row]) -> float:
    if not rows:
        return 0.0
    return (max(row.period_end for row in rows) - min(row.period_start for row in rows)) / timedelta(days=1)


def _effect(trial: Trial, i: int, one: Interval) -> Effect:
    name, first = trial.variants[i].variant_id, trial.variants[0].variant_id
    if one.ln is None or one.low_ln is None or one.high_ln is None:
        told = f"{name}: nothing can be said yet."
        return Effect(variant_id=name, effect=_change(one.ln), low=None, high=None, noise=True, words=told)
    noise = one.low_ln <= 0.0 <= one.high_ln
    span = f"{percent(one.low_ln)} to {percent(one.high_ln)}"
    words = f"{name} against {first}: no detectable difference so far ({span})."
    if not noise:
        words = f"{name} against {first}: {percent(one.ln)} ({span})."
    return Effect(
        variant_id=name, effect=_change(one.ln), low=_change(one.low_ln), high=_change(one.high_ln),
        noise=noise, words=words,
    )  # fmt: skip


def _change(ln: float | None) -> float | None:
    return None if ln is None else math.expm1(ln)


def _counts(trial: Trial, i: int, rows: Sequence[Row], judged: Judged) -> VariantCounts:
    variant = trial.variants[i]
    own = [row for row in rows if row.variant_id == variant.variant_id]
    impressions, clicks = sum(row.impressions for row in own), sum(row.clicks for row in own)
    outcomes = [row.outcome_ln for row in own if row.outcome_ln is not None]
    rate = clicks / impressions if impressions else None
    if trial.kind == "time":
        rate = sum(outcomes) / len(outcomes) if outcomes else None
    return VariantCounts(
        variant_id=variant.variant_id,
        title=variant.title,
        thumbnail=variant.thumbnail,
        slot=variant.slot,
        impressions=impressions,
        clicks=clicks,
        posts=len(own) if trial.kind == "time" else 0,
        rate=rate,
        best=round(judged.best[i], 4),
        next_share=round(judged.shares[i], 4),
    )


def _words(trial: Trial, judged: Judged, effects: Sequence[Effect], days: float) -> str:
    smallest = f"{100 * trial.plan.smallest:.3g} %"
    if judged.winner is not None:
        return _winner_words(trial, judged.winner, effects)
    if judged.finding == "no-difference":
        return f"No detectable difference: none is better than another by {smallest} or more. Take the one you like."
    if not effects or all(one.low is None for one in effects):
        return "Nothing can be said yet."
    over = (
        f" The {trial.plan.max_days} days planned are over: what is there, is smaller than what was looked for, or too little was seen."
        if days > trial.plan.max_days
        else ""
    )
    return f"Cannot be told yet: no detectable difference so far.{over}"


def _winner_words(trial: Trial, winner: int, effects: Sequence[Effect]) -> str:
    name = trial.variants[winner].variant_id
    what = "results" if trial.kind == "time" else "clicks"
    if winner > 0:
        one = effects[winner - 1]
        if one.effect is None or one.low is None or one.high is None:
            return f"{name} wins."
        span = f"{percent(math.log1p(one.low))} to {percent(math.log1p(one.high))}"
        return f"{name} wins: {percent(math.log1p(one.effect))} {what} against {trial.variants[0].variant_id} ({span})."
    return f"{name}, the one all others are compared with, wins: it gets more {what} than any of them."


def _waiting(rows: Sequence[Row], posts: bool) -> tuple[str, ...]:
    waiting = sum(row.outcome_ln is None for row in rows) if posts else 0
    if not waiting:
        return ()
    many = "1 post waits" if waiting == 1 else f"{waiting} posts wait"
    return (f"{many} for the outcome of a week (`creatorlens import`, then `creatorlens featurize`).",)
