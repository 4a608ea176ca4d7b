"""What kinds of change are worth over all tests of titles that are known here: each too small alone, many together."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Engine, select

from creatorlens.advice.experiments import PooledChange, PooledChanges
from creatorlens.database import tables
from creatorlens.settings import Settings
from recommend.experiments.pooling import Effect, Pooled, pool
from recommend.experiments.traits import TRAITS, Shown, Trait, effect
from recommend.scoring import percent

LEAST_TESTS = 3
"""With fewer, how tests differ among themselves is a guess."""
AT_ONCE = len(TRAITS)


def pooled_changes(engine: Engine, settings: Settings, *, channel_id: str | None = None) -> PooledChanges:
    """Of imported tests and those decided or stopped here; of one channel's own tests where it is named. Within a test only
    variants with the same picture are compared."""
    tests = _tests(engine, settings.workspace, channel_id)
    changes = [found for trait in TRAITS if (found := _change(trait, tests)) is not None]
    changes.sort(key=lambda one: (one.noise, -abs(one.effect)))
    loud = sum(not one.noise for one in changes)
    words = (
        f"Of {len(tests)} tests, {loud} of {len(changes)} kinds of change make a difference on average."
        if changes
        else f"Too few tests of titles yet: {len(tests)}. {LEAST_TESTS} that differ in one kind of change are needed."
    )
    return PooledChanges(tests=len(tests), changes=tuple(changes), words=words)


def _tests(engine: Engine, workspace: str, channel_id: str | None) -> list[list[Shown]]:
    e, t = tables.experiments.c, tables.trials.c
    columns = (e.experiment_id, e.image_id, e.headline, e.impressions, e.clicks)
    query = select(*columns).where(e.workspace_id == workspace)
    with engine.connect() as connection:
        if channel_id is not None:
            own = select(t.experiment_id).where(t.workspace_id == workspace, t.channel_id == channel_id)
            names = [f"test:{one}" for one in connection.execute(own).scalars()]
            query = query.where(e.experiment_id.in_(names))
        rows = connection.execute(query).all()
    found: dict[tuple[str, str | None], list[Shown]] = defaultdict(list)
    for row in rows:
        found[(row.experiment_id, row.image_id)].append(Shown(row.headline, row.impressions, row.clicks))
    return [test for _, test in sorted(found.items(), key=lambda one: str(one[0])) if len(test) > 1]


def effects(trait: Trait, tests: Iterable[list[Shown]]) -> list[Effect]:
    return [one for test in tests if (one := effect(trait, test)) is not None]


def _change(trait: Trait, tests: list[list[Shown]]) -> PooledChange | None:
    own = effects(trait, tests)
    if len(own) < LEAST_TESTS:
        return None
    # several kinds are looked at: each interval is wider, so that all hold together
    found = pool(own, among=AT_ONCE)
    return _told(trait, found)


def _told(trait: Trait, found: Pooled) -> PooledChange:
    noise = found.low_ln <= 0.0 <= found.high_ln
    span = f"{percent(found.low_ln)} to {percent(found.high_ln)}"
    told = "no detectable difference on average" if noise else f"{percent(found.mean_ln)} clicks on average"
    nxt = f"{percent(found.next_low_ln)} to {percent(found.next_high_ln)}"
    return PooledChange(
        change=trait.name,
        words=f"{trait.words}: {told} ({span}) over {found.tests} tests; a single test four times in five {nxt}.",
        tests=found.tests,
        effect=math.expm1(found.mean_ln),
        low=math.expm1(found.low_ln),
        high=math.expm1(found.high_ln),
        prob_better=found.prob_better,
        next_low=math.expm1(found.next_low_ln),
        next_high=math.expm1(found.next_high_ln),
        spread_ln=found.spread_ln,
        noise=noise,
    )
