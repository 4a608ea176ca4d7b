"""The real headline tests replayed: what each way of testing loses against always knowing the best.

A test's variants, its rates and its traffic are those of ../shared/data. Rates are drawn towards each other as far as their
differences are chance (empirical Bayes within the test), since the observed best is in part lucky; each test is replayed
`DRAWS` times with rates drawn from what is then known. A title goes on after its test: `LIFE` times the real traffic.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DATA = Path(__file__).parents[1] / ".." / "shared" / "data" / "upworthy.experiments.parquet"
DRAWS = 3
LIFE = 5
LOOKS_PER_TRAFFIC = 5
SMALLEST = 0.2
LEVEL = 0.05
SEED = 407
SPREADS = np.linspace(0.02, 0.8, 40)


@dataclass(frozen=True)
class Batch:
    """Tests with the same number of variants. `rates`: tests x variants; `per_look`: impressions over all variants."""

    rates: Floats
    per_look: Floats
    looks: int

    @property
    def variants(self) -> int:
        return self.rates.shape[1]

    @property
    def best_clicks(self) -> Floats:
        found: Floats = self.rates.max(axis=1) * self.per_look * self.looks
        return found


@dataclass(frozen=True)
class Came:
    """By test: clicks expected over its life; whether it claimed a winner, and whether another was better."""

    clicks: Floats
    claimed: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    looks: Floats


def run(say: Callable[[str], None]) -> dict[str, Any]:
    if not DATA.is_file():
        return {"skipped": "the real tables (../shared/data) are not on this machine"}
    import pandas as pd

    frame = pd.read_parquet(DATA)
    frame = frame[frame["impressions"] > 0].sort_values(["experiment_id", "variant_id"], ignore_index=True)
    random = np.random.default_rng(SEED)
    batches = _batches(frame, random)
    tests = sum(len(batch.rates) for batch in batches)
    ways: dict[str, Callable[[Batch], Came]] = {
        "ours": lambda batch: ours(batch, random),
        "ours_thompson": lambda batch: ours(batch, random, thompson=True),
        "fixed_horizon": lambda batch: fixed(batch, random),
        "p_below_05": lambda batch: peeking(batch, random),
        "never_testing": lambda batch: untested(batch),
    }
    told: dict[str, Any] = {
        "tests": int(frame["experiment_id"].nunique()), "replays": tests, "life": LIFE, "smallest": SMALLEST,
    }  # fmt: skip
    for name, way in ways.items():
        say(f"real tests: {name}")
        told[name] = _figures(batches, [way(batch) for batch in batches])
    told["kinds_of_change"] = _kinds(frame, say)
    return told


def _figures(batches: list[Batch], came: list[Came]) -> dict[str, float]:
    best = np.concatenate([batch.best_clicks for batch in batches])
    clicks = np.concatenate([one.clicks for one in came])
    claimed = np.concatenate([one.claimed for one in came])
    wrong = np.concatenate([one.wrong for one in came])
    looks = np.concatenate([one.looks / batch.looks for one, batch in zip(came, batches, strict=True)])
    return {
        "clicks_lost": round(float(1 - clicks.sum() / best.sum()), 4),
        "claims_a_winner": round(float(claimed.mean()), 4),
        "of_these_wrong": round(float(wrong.sum() / max(claimed.sum(), 1)), 4),
        "wrong_of_all": round(float(wrong.mean()), 4),
        "life_spent_testing": round(float(looks.mean()), 4),
    }


def _batches(frame: Any, random: np.random.Generator) -> list[Batch]:
    by_count: dict[int, list[tuple[Floats, float]]] = {}
    for _, test in frame.groupby("experiment_id", sort=True):
        clicks, shown = test["clicks"].to_numpy(float), test["impressions"].to_numpy(float)
        if len(test) < 2 or clicks.sum() < 10:
            continue
        for _ in range(DRAWS):
            by_count.setdefault(len(test), []).append((_rates(clicks, shown, random), float(shown.sum())))
    looks = LIFE * LOOKS_PER_TRAFFIC
    return [
        Batch(
            np.stack([rates for rates, _ in tests]),
            np.maximum(np.round(np.array([total for _, total in tests]) / LOOKS_PER_TRAFFIC), variants),
            looks,
        )
        for variants, tests in sorted(by_count.items())
    ]


def _rates(clicks: Floats, shown: Floats, random: np.random.Generator) -> Floats:
    """ln rates are N(mean, spread²); the spread is drawn from its posterior on a grid, then the rates."""
    y = np.log((clicks + 0.5) / (shown + 0.5))
    v = 1.0 / (clicks + 0.5)
    total = v + SPREADS[:, None] ** 2
    mean = (y / total).sum(axis=1) / (1 / total).sum(axis=1)
    fit = -0.5 * (np.log(total) + (y - mean[:, None]) ** 2 / total).sum(axis=1)
    fit -= 0.5 * np.log((1 / total).sum(axis=1)) + 0.5 * (SPREADS / 0.3) ** 2
    weight = np.exp(fit - fit.max())
    k = int(random.choice(len(SPREADS), p=weight / weight.sum()))
    keep = SPREADS[k] ** 2 / total[k]
    drawn = mean[k] + keep * (y - mean[k]) + np.sqrt(keep * v) * random.standard_normal(len(y))
    return np.minimum(np.exp(drawn), 0.5)


def ours(batch: Batch, random: np.random.Generator, *, thompson: bool = False) -> Came:
    """Our rule, a look at a time; after its end all traffic to the winner, or to the likeliest best."""
    from benchmarks._experiments_simulated import Scene, Tally
    from recommend.experiments import allocation

    scene = Scene("", 0.0, 0.0, SMALLEST, (0.0,) * batch.variants, level=LEVEL)
    n = len(batch.rates)
    tally = Tally.empty(n, scene)
    alive, share = np.arange(n), np.full(batch.rates.shape, 1 / batch.variants)
    shown_all, got_all = (np.zeros((n, batch.looks, batch.variants)) for _ in range(2))
    state = _State.of(batch)
    for look in range(batch.looks):
        shown = np.round(batch.per_look[alive, None] * share[alive])
        got = random.binomial(shown.astype(np.int64), batch.rates[alive]).astype(float)
        shown_all[alive, look], got_all[alive, look] = shown, got
        state.show(alive, shown)
        tally.add(alive, shown, got)
        won, alike = tally.decided(alive, scene)
        over = (won >= 0) | alike
        if look == batch.looks - 1:
            over[:] = True
        asked = np.ones(len(alive), dtype=bool) if thompson else over
        if asked.any():
            of = alive[asked]
            mean, covariance = allocation.posterior(shown_all[of, : look + 1], got_all[of, : look + 1])
            ended, winner = over[asked], won[asked]
            chosen = np.where(winner >= 0, winner, mean.argmax(axis=1))
            state.end(of[ended], chosen[ended], look + 1, winner[ended] >= 0)
            if thompson:
                share[of] = allocation.shares(allocation.chances_of(mean, covariance, random, 200))
        alive = alive[~over]
        if not len(alive):
            break
    return state.came()


def fixed(batch: Batch, random: np.random.Generator) -> Came:
    """One look, when the planned size is reached (or at the end of the title's life): Bonferroni over comparisons of the
    leader, then all traffic to the leader."""
    from recommend.experiments.planning import Aim, fixed_impressions

    aim = Aim(SMALLEST, LEVEL, 0.8, batch.variants)
    base = batch.rates.mean(axis=1)
    needed = np.array([fixed_impressions(p, p * (1 + SMALLEST), aim) for p in base]) * batch.variants
    last = np.minimum(np.ceil(needed / batch.per_look), batch.looks).astype(np.int64)
    return _counted(
        batch, random, last, math.sqrt(2) * _erfinv(1 - LEVEL / (batch.variants - 1)), every=False
    )


def peeking(batch: Batch, random: np.random.Generator) -> Came:
    """A look after each step, stopping as soon as the leader against the second has p < 0.05."""
    last = np.full(len(batch.rates), batch.looks, dtype=np.int64)
    return _counted(batch, random, last, 1.959964, every=True)


def _erfinv(value: float) -> float:
    from scipy.special import erfinv

    return float(erfinv(value))


def untested(batch: Batch) -> Came:
    """The first title for good."""
    state = _State.of(batch)
    everything = np.arange(len(batch.rates))
    state.end(everything, np.zeros(len(everything), dtype=np.int64), 0, np.zeros(len(everything), dtype=bool))
    return state.came()


def _counted(
    batch: Batch, random: np.random.Generator, last: NDArray[np.int64], bar: float, *, every: bool
) -> Came:
    """Equal shares; z of the leader against the second, at each look or at the last alone."""
    n = len(batch.rates)
    alive = np.arange(n)
    shown, got = np.zeros(batch.rates.shape), np.zeros(batch.rates.shape)
    state = _State.of(batch)
    for look in range(batch.looks):
        step = np.round(batch.per_look[alive, None] / batch.variants) * np.ones(batch.variants)
        got[alive] += random.binomial(step.astype(np.int64), batch.rates[alive])
        shown[alive] += step
        state.show(alive, step)
        rate = got[alive] / np.maximum(shown[alive], 1)
        order = np.argsort(rate, axis=1)
        first, second = order[:, -1], order[:, -2]
        here = np.arange(len(alive))
        one, two = got[alive][here, first], got[alive][here, second]
        size = shown[alive][:, 0]
        p = (one + two) / (2 * size)
        z = (one - two) / np.sqrt(np.maximum(2 * size * p * (1 - p), 1e-9))
        due = last[alive] == look + 1
        claimed = (z >= bar) & (due | every)
        over = claimed | due
        state.end(alive[over], first[over], look + 1, claimed[over])
        alive = alive[~over]
        if not len(alive):
            break
    return state.came()


@dataclass(frozen=True)
class _State:
    batch: Batch
    clicks: Floats
    used: Floats
    claimed: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    looks: Floats

    @classmethod
    def of(cls, batch: Batch) -> _State:
        n = len(batch.rates)
        zeros = [np.zeros(n) for _ in range(3)]
        return cls(batch, zeros[0], zeros[1], np.zeros(n, bool), np.zeros(n, bool), zeros[2] + batch.looks)

    def show(self, tests: NDArray[np.int64], shown: Floats) -> None:
        self.clicks[tests] += (shown * self.batch.rates[tests]).sum(axis=1)
        self.used[tests] += shown.sum(axis=1)

    def end(
        self, tests: NDArray[np.int64], chosen: NDArray[np.int64], look: int, claimed: NDArray[np.bool_]
    ) -> None:
        rate = self.batch.rates[tests, chosen]
        left = np.maximum(self.batch.per_look[tests] * self.batch.looks - self.used[tests], 0.0)
        self.clicks[tests] += left * rate
        self.claimed[tests] = claimed
        self.wrong[tests] = claimed & (rate < self.batch.rates[tests].max(axis=1) - 1e-12)
        self.looks[tests] = look

    def came(self) -> Came:
        return Came(self.clicks, self.claimed, self.wrong, self.looks)


def _kinds(frame: Any, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """What kinds of change are worth in all tests; and, learnt from the earlier half, whether the later half agrees."""
    from recommend.experiments.pooling import pool
    from recommend.experiments.traits import TRAITS, Shown, effect

    say("real tests: kinds of change")
    groups = [
        (int(test["week"].iloc[0]), [Shown(r.headline, r.impressions, r.clicks) for r in test.itertuples()])
        for _, test in frame.groupby(["experiment_id", "image_id"], sort=True)
        if len(test) > 1
    ]
    groups.sort(key=lambda one: one[0])
    middle = len(groups) // 2
    told = []
    for trait in TRAITS:
        early, late = (
            [one for _, test in part if (one := effect(trait, test)) is not None]
            for part in (groups[:middle], groups[middle:])
        )
        if min(len(early), len(late)) < 3:
            continue
        all_of_it, before, after = pool([*early, *late], among=len(TRAITS)), pool(early), pool(late)
        inside = [before.next_low_ln <= one.ln <= before.next_high_ln for one in late if one.error < 0.1]
        told.append(
            {
                "change": trait.name,
                "tests": all_of_it.tests,
                "ln": [round(v, 4) for v in (all_of_it.mean_ln, all_of_it.low_ln, all_of_it.high_ln)],
                "spread_ln": round(all_of_it.spread_ln, 3),
                "earlier_half": [round(v, 4) for v in (before.mean_ln, before.low_ln, before.high_ln)],
                "later_half_mean": round(after.mean_ln, 4),
                "later_within_80": round(float(np.mean(inside)), 3) if inside else None,
            }
        )
    return told
