"""The check before a test: how long it takes by its own stopping rule, or that it cannot be decided."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from creatorlens.advice.experiments import Plan, PowerCheck, PowerPoint, PowerRequest, TestKind
from creatorlens.errors import InputError
from creatorlens.settings import Settings
from recommend.experiments import planning
from recommend.experiments.planning import Aim, Check, Numbers, Source, Traffic
from services.experiments import histories
from services.experiments.histories import Known

CALENDAR_COLUMNS = 8
"""Of days with one variant each: an intercept, six weekdays, the course of time."""
BETWEEN_TESTS_LN = 0.33
"""How the effect of one kind of change varies from test to test: that of headlines (docs/advice/experiments.md)."""
THOMPSON = (
    "equal shares: Thompson sampling loses fewer clicks while it runs, and takes longer to be sure "
    "(in simulations about half of such tests were decided in this time)"
)
MOST_POOLED = 200


@dataclass(frozen=True)
class Planned:
    """`spread_ln`, `row_ln`: of `recommend.experiments.judging.Rules`, which the sequential rule is tuned to."""

    check: PowerCheck
    spread_ln: float
    row_ln: float


@dataclass(frozen=True)
class _Known:
    """`source`: what the test lives on."""

    source: Source
    baseline: float | None
    per_day: float
    spread_ln: float
    assumed: tuple[str, ...]


def power_check(engine: Engine, settings: Settings, wanted: PowerRequest) -> PowerCheck:
    """Raises InputError naming what neither the request nor the channel's history tells, NotFoundError for an unknown
    channel."""
    return planned(engine, settings, wanted.kind, wanted, wanted.variants, wanted.channel).check


def planned(
    engine: Engine,
    settings: Settings,
    kind: TestKind,
    plan: Plan,
    variants: int,
    channel_id: str | None,
    where: str = "",
) -> Planned:
    """`where`: goes before the names of fields in errors, as `plan.`."""
    if channel_id is not None:
        histories.platform_of(engine, settings.workspace, channel_id)
    known = (
        _of_posts(engine, settings, plan, channel_id, where)
        if kind == "time"
        else _of_traffic(engine, settings, plan, channel_id, where)
    )
    aim = Aim(plan.smallest, plan.level, plan.power, variants)
    told = _told(kind, plan, aim, known, planning.check(known.source, aim, plan.max_days))
    row_ln = known.source.spread if isinstance(known.source, Numbers) else known.spread_ln
    return Planned(told, known.spread_ln, row_ln)


def _of_traffic(engine: Engine, settings: Settings, plan: Plan, channel_id: str | None, where: str) -> _Known:
    with engine.connect() as connection:
        rate = _either(
            plan.baseline,
            histories.baseline(connection, settings.workspace, channel_id) if plan.baseline is None else None,
            f"{where}baseline",
            "Clicks per impression of what is shown now, as 0.04; the platform's own analytics tell it.",
        )
        a_day = _either(
            plan.impressions_per_day,
            histories.impressions_per_day(connection, settings.workspace, channel_id, rate.value)
            if plan.impressions_per_day is None
            else None,
            f"{where}impressions_per_day",
            "Impressions a day over all variants together; the platform's own analytics tell it.",
        )
    if rate.value * (1 + plan.smallest) >= 1.0:
        raise InputError(
            f"{100 * plan.smallest:.0f} % more than {100 * rate.value:.0f} % clicks would be more clicks than impressions.",
            field=f"{where}smallest",
        )
    assumed = tuple(one.words for one in (rate, a_day) if one.words)
    if plan.allocation == "thompson":
        assumed = (*assumed, THOMPSON)
    if plan.rotation == "side-by-side":
        return _Known(Traffic(rate.value, a_day.value), rate.value, a_day.value, plan.day_spread_ln, assumed)
    spread = math.hypot(plan.day_spread_ln, 1 / math.sqrt(max(rate.value * a_day.value, 0.5)))
    words = f"days differ from each other by {100 * math.expm1(plan.day_spread_ln):.0f} % for reasons of their own"
    return _Known(
        Numbers(spread, 1.0, CALENDAR_COLUMNS), rate.value, a_day.value, plan.day_spread_ln, (*assumed, words)
    )


def _of_posts(engine: Engine, settings: Settings, plan: Plan, channel_id: str | None, where: str) -> _Known:
    often = spread = None
    if channel_id is not None:
        platform = histories.platform_of(engine, settings.workspace, channel_id)
        if plan.posts_per_week is None:
            with engine.connect() as connection:
                often = histories.posts_per_week(connection, settings.workspace, channel_id)
        if plan.spread_ln is None:
            spread = histories.spread_ln(settings, platform, channel_id)
    a_week = _either(
        plan.posts_per_week, often, f"{where}posts_per_week", "Posts that go out in a week, as 3."
    )
    width = _either(
        plan.spread_ln, spread, f"{where}spread_ln",
        "How posts vary around the channel's usual, in ln (0.7: by a factor of 2); `creatorlens featurize` computes it.",
    )  # fmt: skip
    per_day = a_week.value / 7
    assumed = tuple(one.words for one in (a_week, width) if one.words)
    return _Known(Numbers(width.value, per_day, 1), None, per_day, width.value, assumed)


def _either(told: float | None, found: Known | None, field: str, hint: str) -> Known:
    if told is not None:
        return Known(told, "")
    if found is None or found.value <= 0:
        raise InputError("is not known from the channel's history: tell it.", field=field, hint=hint)
    return found


def _told(kind: TestKind, plan: Plan, aim: Aim, known: _Known, found: Check) -> PowerCheck:
    decidable = found.days is not None and found.days <= plan.max_days
    return PowerCheck(
        kind=kind,
        variants=aim.variants,
        decidable=decidable,
        days=_days(found.days),
        days_if_smallest=_days(found.if_smallest),
        days_if_double=_days(found.if_double),
        days_if_none=_days(found.if_none),
        per_variant=found.per_variant,
        fixed_per_variant=found.fixed_per_variant,
        smallest_in_time=None if found.smallest_in_time is None else round(found.smallest_in_time, 4),
        baseline=known.baseline,
        per_day=known.per_day,
        max_days=plan.max_days,
        curve=tuple(PowerPoint(days=days, power=power) for days, power in found.power_by_day),
        words=_words(plan, found, decidable),
        options=() if decidable else _options(kind, plan, aim, known, found),
        assumed=known.assumed,
    )


def _words(plan: Plan, found: Check, decidable: bool) -> str:
    change = f"A change of {_percent(plan.smallest)}"
    if found.days is None:
        return f"{change} cannot be told from chance here, not within two years."
    sure = f"is found with {_percent(plan.power)} certainty within {_span(found.days)}"
    if not decidable:
        return f"{change} {sure}: longer than the {plan.max_days} days it may take."
    sooner = "" if found.if_smallest is None else f"; on average after {_span(found.if_smallest)}"
    none = (
        ""
        if found.if_none is None
        else f" That there is no such difference can be said within {_span(found.if_none)}, four times in five."
    )
    return f"{change} {sure}{sooner}.{none}"


def _options(kind: TestKind, plan: Plan, aim: Aim, known: _Known, found: Check) -> tuple[str, ...]:
    options = []
    if found.smallest_in_time is not None:
        options.append(
            f"Look for more: {_percent(found.smallest_in_time)} or larger can be found in {plan.max_days} days."
        )
    if aim.variants > 2:
        fewer = planning.check(known.source, replace(aim, variants=2), plan.max_days)
        if fewer.days is not None and (found.days is None or fewer.days < found.days):
            options.append(f"Test two variants instead of {aim.variants}: {_span(fewer.days)}.")
    if plan.rotation == "by-day" and kind != "time" and known.baseline is not None:
        beside = planning.check(Traffic(known.baseline, known.per_day), aim, plan.max_days)
        if beside.days is not None and (found.days is None or beside.days < found.days):
            options.append(f"Show the variants side by side instead of one a day: {_span(beside.days)}.")
    tests = _pooled_tests(plan, aim, known)
    if tests is not None:
        options.append(
            f"Test the same kind of change on about {tests} videos, {plan.max_days} days each, and pool them: "
            "what one small test cannot tell, many can together."
        )
    return tuple(options)


def _pooled_tests(plan: Plan, aim: Aim, known: _Known) -> int | None:
    """So many tests of `max_days` each find the smallest change on average over tests (a normal test that looks once, effects
    differing between tests by `BETWEEN_TESTS_LN`)."""
    from statistics import NormalDist

    if isinstance(known.source, Traffic):
        clicks = known.source.baseline * known.source.per_day * plan.max_days / aim.variants
        variance = 2 / max(clicks, 1e-9)
    else:
        rows = known.source.per_day * plan.max_days / aim.variants
        variance = 2 * known.source.spread**2 / max(rows, 1e-9)
    normal = NormalDist()
    z = normal.inv_cdf(1 - aim.level / 2) + normal.inv_cdf(aim.power)
    tests = math.ceil((z / aim.ln) ** 2 * (variance + BETWEEN_TESTS_LN**2))
    return tests if 2 <= tests <= MOST_POOLED else None


def _days(days: float | None) -> float | None:
    return None if days is None else round(days, 1)


def _span(days: float) -> str:
    if days >= 60:
        return f"{days / 30.4:.0f} months"
    whole = max(1, math.ceil(days - 1e-9))
    return "a day" if whole == 1 else f"{whole} days"


def _percent(part: float) -> str:
    return f"{100 * part:.3g} %"
