"""Advice on when to publish a draft, and schedules of several; that no time stands out is an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from creatorlens.advice.content import Content
from creatorlens.advice.timing import Causal, Timing
from creatorlens.errors import InputError
from creatorlens.metric_definitions import primary_metric
from services.advice.desk import Desk
from services.advice.timing_ages import AFTER, View, at_age, confounding, known_best, lift_at, view_of
from services.advice.timing_calendar import calendar
from services.advice.timing_clock import channel_zone
from services.advice.timing_fits import timing_fits
from services.advice.timing_lots import causal
from services.advice.timing_schedule import schedule
from services.advice.timing_slots import Looked, Picked, better, look, suggestions, usual

__all__ = ["calendar", "schedule", "timing"]


def timing(desk: Desk, content: Content, *, now: datetime | None = None) -> Timing:
    """As known at `now`. Raises NotReadyError before the platform's features were computed."""
    moment = now or datetime.now(UTC)
    if moment.tzinfo is None:
        raise InputError("the time needs a zone.", field="now", hint="As in 2026-03-01T12:00:00Z.")
    platform, channel_id, planned_at = content.platform, content.channel_id, content.now.planned_at
    zone = channel_zone(desk, platform, channel_id)
    fits = timing_fits(desk, platform, moment)
    views = [view_of(fit, channel_id) for fit in fits.values()]
    counts = known_best(views)
    looked = look(views, planned_at, zone, moment)
    found = better(looked, counts.fit.age) if counts.verdict == "effect" else []
    picked = found or usual(looked, counts)
    by_lot = causal(desk, platform, channel_id, moment)
    return Timing(
        content_id=content.content_id,
        version=content.now.version,
        channel_id=channel_id,
        platform=platform,
        metric=primary_metric(platform),
        as_of=moment,
        model_version=None,
        words=_words(counts, looked, found, by_lot),
        left_out=_left_out(looked, counts, picked),
        timezone=zone.key,
        planned_at=looked.own,
        verdict=counts.verdict,
        ages=tuple(at_age(view) for view in views),
        confounding=next((confounding(view) for view in views if view.fit.age == "week"), None),
        causal=by_lot,
        suggestions=suggestions(desk, content, looked, picked, counts, moment),
    )


def _words(view: View, looked: Looked, found: Sequence[Picked], by_lot: Causal | None) -> str:
    tested = "" if by_lot is None else f" {by_lot.words}"
    after = AFTER[view.fit.age]
    if view.verdict == "too-few-posts":
        return f"Too few outcomes are known to say what the time does; open slots are shown.{tested}"
    if view.verdict == "no-effect":
        return f"No time stands out {after}: publish when it suits you.{tested}"
    if not found:
        return (
            f"Times differ on this channel, but none of {len(looked.slots)} slots around {looked.own:%A %H:%M} is detectably "
            f"better {after}.{tested}"
        )
    best = found[0]
    lift = lift_at(looked.by_age[view.fit.age], best.i)
    return f"{best.slot.words} is expected to do better than your planned time {after}: {lift.words}.{tested}"


def _left_out(looked: Looked, view: View, picked: Sequence[Picked]) -> dict[str, int]:
    contrast = looked.by_age.get(view.fit.age)
    if contrast is None:
        return {"too little is known to compare": len(looked.slots) - len(picked)}
    gain = int((contrast.low_ln > 0).sum())
    return {
        reason: n
        for reason, n in (
            ("not detectably better than the planned time", len(looked.slots) - gain),
            ("near one that is as good, or better in appearance alone", max(0, gain - len(picked))),
        )
        if n
    }
