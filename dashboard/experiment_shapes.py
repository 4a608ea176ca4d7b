"""Tests of titles, thumbnails and times as rows, frames and requests. No Streamlit in here."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pandas as pd
from pydantic import BaseModel, ValidationError

from creatorlens.advice.experiments import (
    Experiment,
    ExperimentRequest,
    ObservationOfVariant,
    PowerCheck,
    PowerRequest,
    VariantCounts,
    VariantIn,
    Verdict,
)
from creatorlens.errors import InputError
from dashboard import words

KINDS = {"title": "Titles", "thumbnail": "Thumbnails", "time": "Times of posting"}
STATES = {"running": "running", "decided": "decided", "stopped": "stopped"}
NEXT_SHOWN = 7


def variants(kind: str, shown: Sequence[str]) -> tuple[VariantIn, ...]:
    """Named A, B, C... in the order given. Raises InputError where one is not possible."""
    part = "slot" if kind == "time" else kind
    return tuple(
        checked(VariantIn, {"variant_id": chr(ord("A") + i), part: one}) for i, one in enumerate(shown)
    )


def lines(text: str) -> list[str]:
    return [one.strip() for one in text.splitlines() if one.strip()]


def plan(kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a plan; what was left empty is taken from the channel's history."""
    kept = {name: value for name, value in told.items() if value is not None}
    return {name: value for name, value in kept.items() if kind != "time" or name not in TRAFFIC}


TRAFFIC = ("baseline", "impressions_per_day", "rotation", "allocation")


def power_request(kind: str, channel: str, count: int, told: Mapping[str, Any]) -> PowerRequest:
    found: PowerRequest = checked(
        PowerRequest, {"kind": kind, "channel": channel, "variants": count, **plan(kind, told)}
    )
    return found


def request(
    kind: str,
    channel: str,
    shown: Sequence[str],
    told: Mapping[str, Any],
    *,
    headline: str | None = None,
    force: bool = False,
) -> ExperimentRequest:
    body = {
        "kind": kind, "channel": channel, "variants": variants(kind, shown), "plan": plan(kind, told),
        "headline": headline or None, "force": force,
    }  # fmt: skip
    found: ExperimentRequest = checked(ExperimentRequest, body)
    return found


def checked(kind: type[BaseModel], told: Mapping[str, Any]) -> Any:
    """Raises InputError in place of pydantic's."""
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        context = first.get("ctx") or {}
        parts = [*first["loc"], *([context["field"]] if "field" in context else [])]
        raise InputError(first["msg"], field=".".join(str(part) for part in parts)) from None


def name(test: Experiment) -> str:
    first = label(test.variants[0])
    return (
        f"{KINDS[test.kind]}: {words.short(first, 40)} · {words.day(test.created_at)} · {STATES[test.status]}"
    )


def label(variant: VariantIn | VariantCounts) -> str:
    shown = variant.title or variant.slot or (variant.thumbnail or "")[:8]
    return f"{variant.variant_id} · {shown}"


def curve(check: PowerCheck) -> pd.DataFrame:
    """One row per point: days, power."""
    return pd.DataFrame(
        [{"days": point.days, "power": point.power} for point in check.curve], columns=["days", "power"]
    )


def curve_words(check: PowerCheck) -> str:
    if not check.curve:
        return "No curve: nothing can be found."
    last = check.curve[-1]
    return f"The chance that the change has been found rises to {words.chance(last.power)} after {last.days:.0f} days."


def counts_rows(test: Experiment, verdict: Verdict) -> list[tuple[str, ...]]:
    """What, shown and clicked (posts), rate, against the first, chance to be the best."""
    effects = {one.variant_id: one for one in verdict.effects}
    rows: list[tuple[str, ...]] = []
    for one in verdict.variants:
        effect = effects.get(one.variant_id)
        against = "what the others are compared with"
        if effect is not None:
            against = effect.words.partition(": ")[2] or effect.words
        seen = f"{one.posts} posts"
        rate = "" if one.rate is None else f"{words.change(math.expm1(one.rate))} over usual"
        if test.kind != "time":
            seen = f"{words.count(one.clicks)} of {words.count(one.impressions)}"
            rate = "" if one.rate is None else f"{100 * one.rate:.2f}{words.NBSP}%"
        rows.append((label(one), seen, rate, against, words.chance(one.best)))
    return rows


def path(verdict: Verdict) -> pd.DataFrame:
    """One row per moment and variant: at, variant, effect, low, high."""
    return pd.DataFrame(
        [
            {"at": one.at, "variant": one.variant_id, "effect": one.effect, "low": one.low, "high": one.high}
            for one in verdict.path
        ],
        columns=["at", "variant", "effect", "low", "high"],
    )


def shares(test: Experiment, verdict: Verdict) -> str:
    """What is to be shown next, in one sentence; empty once it has ended."""
    if test.status != "running":
        return ""
    if test.order:
        done = sum(one.posts for one in verdict.variants) or round(verdict.days)
        coming = test.order[done : done + NEXT_SHOWN]
        what = "Slots of the next posts" if test.kind == "time" else "Shown on the next days"
        return f"{what}, drawn by lot: {', '.join(coming)}." if coming else ""
    told = ", ".join(f"{one.variant_id} {words.share(one.next_share)}" for one in verdict.variants)
    return f"Shares of impressions next: {told}."


def day_of(
    test: Experiment, day: date, counts: Sequence[tuple[int | None, int | None]]
) -> list[ObservationOfVariant]:
    """Impressions and clicks of each variant on one day (UTC); those without impressions are left out. Raises InputError."""
    start = datetime.combine(day, time(), UTC)
    return [
        checked(
            ObservationOfVariant,
            {
                "variant_id": variant.variant_id, "period_start": start, "period_end": start + timedelta(days=1),
                "impressions": shown, "clicks": clicked or 0,
            },
        )
        for variant, (shown, clicked) in zip(test.variants, counts, strict=True)
        if shown
    ]  # fmt: skip


def posted(variant_id: str, post_id: str, at: datetime) -> list[ObservationOfVariant]:
    """One post that went out in a slot."""
    told = {
        "variant_id": variant_id, "post_id": post_id.strip(), "period_start": at, "period_end": at + timedelta(hours=1),
    }  # fmt: skip
    return [checked(ObservationOfVariant, told)]


def from_csv(content: bytes) -> list[ObservationOfVariant]:
    """Raises InputError naming the line."""
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot be read as CSV: {error}", field="file") from None
    found = []
    for number, row in enumerate(rows, start=2):
        try:
            found.append(checked(ObservationOfVariant, {k: v for k, v in row.items() if k and v}))
        except InputError as error:
            raise InputError(error.message, field=f"line {number}, {error.field}") from None
    return found
