"""Patterns found on a channel's past, looked at again on its later posts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from recommend.strategy.traits import Traits
    from services.advice.platform_view import PlatformView

LEAST_LATER = 10
LEAST_EACH = 2
DRAWS = 2_000


@dataclass(frozen=True)
class Split:
    """A channel's results as known at the cut, those of posts made after it, and the traits of both (past first)."""

    channel_id: str
    past: pd.DataFrame
    later: pd.DataFrame
    traits: Traits

    def shuffled(self, rng: np.random.Generator) -> Split:
        """Traits dealt to other posts of the channel: past among past, later among later."""
        from recommend.strategy.traits import Traits

        n = len(self.past)
        order = np.r_[rng.permutation(n), n + rng.permutation(len(self.later))]
        told = self.traits
        return Split(
            self.channel_id, self.past, self.later, Traits(told.kind, told.name, told.words, told.has[order])
        )


@dataclass(frozen=True)
class Later:
    """What a pattern of the past did later, in ln, with a positive sign where it went the same way. `expected`: as told then."""

    channel_id: str
    expected: float
    effect: float
    se: float


def splits(past: PlatformView, full: PlatformView, cut: pd.Timestamp) -> Iterator[Split]:
    """Channels with enough results on both sides."""
    from recommend.strategy.findings import MIN_RESULTS

    for channel in sorted(past.results["channel_id"].unique()):
        results, traits = full.of([channel])
        own = past.results[past.results["channel_id"] == channel]
        place = pd.Index(results["post_id"]).get_indexer(own["post_id"])
        own, place = own[place >= 0], place[place >= 0]
        new = np.flatnonzero((results["published_at"] > cut).to_numpy())
        if len(own) < MIN_RESULTS or len(new) < LEAST_LATER:
            continue
        yield Split(
            str(channel),
            own.reset_index(drop=True),
            results.iloc[new].reset_index(drop=True),
            _of_past(traits, place, new),
        )


def _of_past(traits: Traits, past: Any, later: Any) -> Traits:
    """Those that could have been looked at then; rows of the past, then of later posts."""
    from recommend.strategy.traits import LEAST, Traits

    told = traits.has[past].sum(axis=0)
    kept = traits.take((told >= LEAST) & (told <= len(past) - LEAST))
    return Traits(kept.kind, kept.name, kept.words, kept.has[np.r_[past, later]])


def findings(one: Split, trait_ln: float) -> tuple[bool, list[Later]]:
    """Was the channel told anything, and what each of it did later (where later posts show it)."""
    from recommend.strategy.findings import own_patterns
    from recommend.strategy.traits import Traits

    all_of = one.traits
    then = Traits(all_of.kind, all_of.name, all_of.words, all_of.has[: len(one.past)])
    told = own_patterns(one.past, then, trait_ln)
    patterns = {(p.kind, p.name): p.lift.ln for p in (*told.sets_apart, *told.underused, *told.overused)}
    place = {key: i for i, key in enumerate(zip(all_of.kind, all_of.name, strict=True))}
    found = (_later(one, place[key], ln) for key, ln in patterns.items())
    return bool(patterns), [each for each in found if each is not None]


def surest(one: Split, trait_ln: float) -> list[Later]:
    """What the trait whose bound is farthest on its side did later, told or not: one of each channel, for more of a view."""
    from recommend.strategy.effects import effects

    if len(one.traits) == 0:
        return []
    found = effects(one.past, one.traits.has[: len(one.past)], trait_ln=trait_ln)
    order = np.argsort(-np.where(found.ln > 0, found.low, -found.high), kind="stable")
    for i in map(int, order):
        later = _later(one, i, float(found.ln[i]))
        if later is not None:
            return [later]
    return []


def _later(one: Split, trait: int, expected: float) -> Later | None:
    has = one.traits.has[len(one.past) :, trait]
    ln, spread = one.later["ln"].to_numpy(float), float(one.later["spread"].iloc[0])
    with_it, without = int(has.sum()), int((~has).sum())
    if min(with_it, without) < LEAST_EACH or expected == 0:
        return None
    sign = np.sign(expected)
    effect = sign * (ln[has].mean() - ln[~has].mean())
    return Later(
        one.channel_id, abs(expected), float(effect), spread * float(np.sqrt(1 / with_it + 1 / without))
    )


def pooled(found: Sequence[Later], seed: int = 0) -> dict[str, float | int | None]:
    """Mean of what was expected and of what came, weighted by how well it is known; 95 % interval from channels drawn anew."""
    if not found:
        return {"patterns": 0}
    channel = pd.factorize(pd.Series([one.channel_id for one in found]))[0]
    weight = np.array([1 / one.se**2 for one in found])
    effect, expected = (np.array([getattr(one, name) for one in found]) for name in ("effect", "expected"))
    rng = np.random.default_rng(seed)
    n = int(channel.max()) + 1
    times = rng.multinomial(n, np.full(n, 1 / n), DRAWS)[:, channel] * weight
    drawn = (times @ effect) / times.sum(axis=1)
    came, told = float(weight @ effect / weight.sum()), float(weight @ expected / weight.sum())
    low, high = np.quantile(drawn, [0.025, 0.975]) if n > 1 else (None, None)
    return {
        "patterns": len(found), "channels": n, "same_sign": round(float((effect > 0).mean()), 3),
        "expected_percent": percent(told), "later_percent": percent(came),
        "low": None if low is None else percent(float(low)), "high": None if high is None else percent(float(high)),
        "ratio": round(came / told, 3),
    }  # fmt: skip


def percent(ln: float) -> float:
    return round(100 * float(np.expm1(ln)), 1)


def flat(parts: Iterable[list[Later]]) -> list[Later]:
    return [one for part in parts for one in part]
