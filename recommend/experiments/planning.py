"""How long a test takes, or that it cannot be decided: before it starts.

The power is that of the very rule that will stop the test, looked at once a day, not that of a test with one look at the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from recommend.experiments import regression
from recommend.experiments.crossing import Bounds, Crossed, crossed
from recommend.experiments.evidence import SHIFTS, WEIGHTS

Floats = NDArray[np.float64]
LONGEST_DAYS = 730
FAR = 60.0
"""Times 1/smallest², the information after which every test has long been decided."""
SIMPLEST_POWER = 0.8


@dataclass(frozen=True)
class Aim:
    """`smallest`: relative change worth finding; `level`, `power`; number of variants."""

    smallest: float
    level: float
    power: float
    variants: int = 2

    @property
    def ln(self) -> float:
        return math.log1p(self.smallest)

    @property
    def surely(self) -> float:
        return self.variants / self.level

    @property
    def pair_power(self) -> float:
        """Of one comparison, so that the best beats all others with `power`."""
        low, high = self.power, self.power ** (1.0 / (self.variants - 1))
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if joint_power(middle, self.variants) < self.power else (low, middle)
        return high


def joint_power(pair: float, variants: int) -> float:
    """Of beating all others, where each is beaten with `pair`: comparisons share the best variant's own chance, so that their
    correlation is 1/2 (Dunnett, 1955); by Gauss-Hermite."""
    if variants == 2 or not 0.0 < pair < 1.0:
        return pair
    at, weight = np.polynomial.hermite_e.hermegauss(40)
    each = ndtr(math.sqrt(2.0) * NormalDist().inv_cdf(pair) + at)
    return float(weight @ each ** (variants - 1) / weight.sum())


@dataclass(frozen=True)
class Traffic:
    """Side by side: clicks per impression of the usual variant, impressions a day over all variants."""

    baseline: float
    per_day: float

    def looks(self, aim: Aim) -> int:
        per_look = self.per_day / aim.variants * self.baseline / 2
        return int(min(max(math.ceil(FAR / aim.ln**2 / per_look), 1), LONGEST_DAYS))

    def bounds(self, aim: Aim, looks: int) -> Bounds:
        clicks = np.arange(1, looks + 1) * self._clicks(aim, aim.ln)
        shifts = aim.ln * np.array(SHIFTS)

        def against_zero(s: Floats) -> Floats:
            # from l(0) on: u·K_a − K·ln((1 + e^u)/2), K_a = K/2 + s
            rise = shifts * (s + clicks / 2)[:, None] - clicks[:, None] * np.log((1 + np.exp(shifts)) / 2)
            return np.logaddexp.reduce(np.log(WEIGHTS) + rise, axis=1)

        def against_smallest(s: Floats) -> Floats:
            base = -aim.ln * (-s + clicks / 2) - clicks * np.log((1 + math.exp(-aim.ln)) / 2)
            moved = shifts - aim.ln
            rise = moved * (-s + clicks / 2)[:, None] - clicks[:, None] * np.log((1 + np.exp(moved)) / 2)
            return np.logaddexp.reduce(np.log(WEIGHTS) + rise - base[:, None], axis=1)

        bar = math.log(aim.surely)
        far = clicks / 2 + 1.0
        win = _first(lambda s: against_zero(s) >= bar, np.zeros(looks), far)
        none = _first(lambda s: against_smallest(-s) >= bar, -far, far)
        return Bounds(win, -none)

    def run(self, aim: Aim, effect_ln: float, looks: int) -> Crossed:
        n = self.per_day / aim.variants
        high, low = min(self.baseline * math.exp(effect_ln), 1.0), self.baseline
        drift = n * (high - low) / 2
        spread = math.sqrt(n * (high * (1 - high) + low * (1 - low))) / 2
        return crossed(self.bounds(aim, looks), drift, spread)

    def _clicks(self, aim: Aim, effect_ln: float) -> float:
        return self.per_day / aim.variants * self.baseline * (1 + math.exp(effect_ln))

    def fixed(self, aim: Aim) -> int:
        return fixed_impressions(self.baseline, self.baseline * (1 + aim.smallest), aim)


@dataclass(frozen=True)
class Numbers:
    """Rows of one number each, as days with one variant or posts in one slot: spread in ln, rows a day. `nuisance`:
    columns beside the variants."""

    spread: float
    per_day: float
    nuisance: int

    def looks(self, aim: Aim) -> int:
        rows = max(FAR * (self.spread / aim.ln) ** 2 * 2 * aim.variants, 40.0)
        return int(min(max(math.ceil(rows), 1), LONGEST_DAYS * max(self.per_day, 1e-9)) or 1)

    def bounds(self, aim: Aim, looks: int) -> Bounds:
        """By rows that speak of the variants: those that the other columns use up are not among them."""
        phi = (self.spread / aim.ln) ** 2
        n = np.arange(1, looks + 1) / aim.variants * 2
        win, none = np.full(looks, 1e9), np.full(looks, -1.0)
        for i, rows in enumerate(n):
            z2, nu = rows / 4, i + 1 - aim.variants
            if nu < regression.LEAST_NU:
                continue
            # the martingale looks to both sides; either is wrong half as often
            far = regression.t_bound(nu, z2, phi, aim.surely / 2) * self.spread / math.sqrt(z2)
            if math.isfinite(far):
                win[i], none[i] = far * z2, (aim.ln - far) * z2
        reached = np.flatnonzero(win < 1e9)
        top = float(win[reached].max()) if len(reached) else 1.0
        # before anything can be said the sum wanders freely within what it could reach
        free = top + 8 * self.spread * math.sqrt(float(n[-1]) / 4)
        return Bounds(np.where(win < 1e9, win, free), none)

    def run(self, aim: Aim, effect_ln: float, looks: int) -> Crossed:
        used = min(self.nuisance - 1, looks - 1)
        z2 = 2 / aim.variants / 4
        found = crossed(self.bounds(aim, looks - used), effect_ln * z2, self.spread * math.sqrt(z2))
        before = np.zeros(used)
        return Crossed(*(np.concatenate([before, part]) for part in (found.won, found.lost, found.none)))

    def fixed(self, aim: Aim) -> int:
        z = _quantiles(aim)
        return max(2, math.ceil(2 * (self.spread * z / aim.ln) ** 2))


Source = Traffic | Numbers


@dataclass(frozen=True)
class Check:
    """In days. `power_by_day`: (day, power) up to the planned power or the longest."""

    days: float | None
    if_smallest: float | None
    if_double: float | None
    if_none: float | None
    per_variant: int | None
    fixed_per_variant: int
    smallest_in_time: float | None
    power_by_day: tuple[tuple[float, float], ...]


def check(source: Source, aim: Aim, max_days: float) -> Check:
    """How long until a change of the smallest size is found with the planned power."""
    looks = source.looks(aim)
    a_look = 1.0 if isinstance(source, Traffic) else 1.0 / source.per_day
    found = source.run(aim, aim.ln, looks)
    last = _reached(found.power, aim.pair_power)
    if last is not None and last * a_look > LONGEST_DAYS:
        last = None
    per_look = source.per_day / aim.variants if isinstance(source, Traffic) else 1.0 / aim.variants
    none = _reached(np.cumsum(source.run(aim, 0.0, looks).none), SIMPLEST_POWER)
    days = None if last is None else last * a_look
    return Check(
        days=days,
        if_smallest=None if last is None else found.mean_look(last) * a_look,
        if_double=None if last is None else source.run(aim, 2 * aim.ln, looks).mean_look(last) * a_look,
        if_none=None if none is None else none * a_look,
        per_variant=None if last is None else math.ceil(last * per_look),
        fixed_per_variant=source.fixed(aim),
        smallest_in_time=aim.smallest
        if days is not None and days <= max_days
        else smallest_in_time(source, aim, max_days),
        power_by_day=_curve(found.power, a_look, last or looks),
    )


def smallest_in_time(source: Source, aim: Aim, max_days: float) -> float | None:
    """The smallest change that is found with the planned power in `max_days`; None where not even six times as much."""
    low, high = math.log(aim.ln), math.log(math.log(6.0))
    if low >= high or not _in_time(source, _with(aim, math.exp(high)), max_days):
        return None
    for _ in range(7):
        middle = (low + high) / 2
        if _in_time(source, _with(aim, math.exp(middle)), max_days):
            high = middle
        else:
            low = middle
    return math.expm1(math.exp(high))


def _with(aim: Aim, ln: float) -> Aim:
    return Aim(math.expm1(ln), aim.level, aim.power, aim.variants)


def _in_time(source: Source, aim: Aim, max_days: float) -> bool:
    a_day = 1.0 if isinstance(source, Traffic) else source.per_day
    looks = min(source.looks(aim), math.floor(max_days * a_day))
    return looks >= 1 and bool(source.run(aim, aim.ln, looks).power[-1] >= aim.pair_power)


def fixed_impressions(low: float, high: float, aim: Aim) -> int:
    """Per variant, for a test of two proportions that looks once: (z_level + z_power)² (p1 q1 + p2 q2) / (p1 − p2)²."""
    high = min(high, 1.0)
    return math.ceil((_quantiles(aim) / (high - low)) ** 2 * (low * (1 - low) + high * (1 - high)))


def _quantiles(aim: Aim) -> float:
    normal = NormalDist()
    # Bonferroni over comparisons with the first
    return normal.inv_cdf(1 - aim.level / 2 / (aim.variants - 1)) + normal.inv_cdf(aim.power)


def _reached(rising: Floats, wanted: float) -> int | None:
    """The first look (from 1) with at least that."""
    place = int(np.searchsorted(rising, wanted))
    return place + 1 if place < len(rising) else None


def _curve(power: Floats, a_look: float, last: int, points: int = 40) -> tuple[tuple[float, float], ...]:
    until = min(len(power), max(last, 2))
    places = np.unique(np.linspace(0, until - 1, min(points, until)).round().astype(int))
    return tuple((round(float((i + 1) * a_look), 2), round(float(power[i]), 4)) for i in places)


def _first(holds: Callable[[Floats], NDArray[np.bool_]], low: Floats, high: Floats) -> Floats:
    """By bisection, where a rising condition starts to hold."""
    for _ in range(45):
        middle = (low + high) / 2
        yes = holds(middle)
        low, high = np.where(yes, low, middle), np.where(yes, middle, high)
    return high
