"""What the time of publishing does on each channel of a platform: fitted once, asked per channel.

Residuals over the channel's level, content partialled out (`content`, `components`), shrunk towards channels alike and
the platform (`hierarchy`). Beside it the raw effect: the same without content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.asof import Floats, Ints
from recommend.timing.components import Components, Told, fit_components, relative_noise, told_by
from recommend.timing.content import CONTENT, Occasions
from recommend.timing.cycles import SIZE, of_hour, of_weekday
from recommend.timing.hierarchy import Hierarchy, Posterior, fit_hierarchy

ADJUSTED = ("level", *CONTENT, "drift")
RAW = ("level",)
MIN_OUTCOMES = 50
MIN_OWN = 5
LEVEL = 0.8
DRAWS = 4_000
SEED = 20_260_101
SMALLEST_SD = 1e-9


@dataclass(frozen=True)
class Contrasts:
    """Effects in ln with intervals that hold for all of them at once with probability `LEVEL`; `sd`: of each alone."""

    ln: Floats
    low_ln: Floats
    high_ln: Floats
    sd: Floats

    @property
    def detectable(self) -> Any:
        return (self.low_ln > 0) | (self.high_ln < 0)


@dataclass(frozen=True)
class View:
    """One way to look at a platform's outcomes: adjusted or raw."""

    components: Components
    hierarchy: Hierarchy


@dataclass(frozen=True)
class TimingModel:
    """`channels`: outcomes it was fitted to, by channel; `group`: channels alike."""

    channels: Sequence[Occasions]
    group: dict[str, int]
    adjusted: View
    raw: View | None

    def index(self, channel_id: str) -> int | None:
        return next((i for i, c in enumerate(self.channels) if c.channel_id == channel_id), None)

    def posterior(self, channel_id: str) -> Posterior:
        return self._of(self.adjusted.hierarchy, channel_id)

    def raw_posterior(self, channel_id: str) -> Posterior | None:
        return None if self.raw is None else self._of(self.raw.hierarchy, channel_id)

    def _of(self, hierarchy: Hierarchy, channel_id: str) -> Posterior:
        i = self.index(channel_id)
        return hierarchy.newcomer(self.group.get(channel_id)) if i is None else hierarchy.channel(i)


def fit_timing(
    channels: Sequence[Occasions], group: dict[str, int], *, raw: bool = True
) -> TimingModel | None:
    """`channels` from `content.occasions`; `group` from `alike.groups`; `raw`: fit the raw view too. None below
    `MIN_OUTCOMES` outcomes."""
    if sum(len(one) for one in channels) < MIN_OUTCOMES:
        return None
    code = np.array([group.get(one.channel_id, 0) for one in channels], dtype=np.int64)
    relative = relative_noise(channels)

    def view(names: tuple[str, ...]) -> View:
        components = fit_components(channels, names)
        told: list[Told] = [told_by(one, components, relative[one.channel_id]) for one in channels]
        return View(components, fit_hierarchy(told, code))

    return TimingModel(channels, group, view(ADJUSTED), view(RAW) if raw else None)


def times(hour: Ints | None = None, weekday: Ints | None = None) -> Floats:
    """Basis of hours and weekdays together; what is left out is not part of the effect."""
    n = len(hour if hour is not None else weekday if weekday is not None else [])
    h = of_hour(hour) if hour is not None else np.zeros((n, SIZE - 6))
    w = of_weekday(weekday) if weekday is not None else np.zeros((n, 6))
    return np.hstack([h, w])


def every_time(posts: Occasions | None) -> Floats:
    """31 contrasts, 24 hours and then 7 weekdays, each against the channel's mean post (without posts: against the mean
    hour or weekday)."""
    hours, weekdays = times(hour=np.arange(24)), times(weekday=np.arange(7))
    if posts is not None and len(posts):
        usual_hour = times(hour=posts.hour).mean(axis=0)
        usual_weekday = times(weekday=posts.weekday).mean(axis=0)
    else:
        usual_hour, usual_weekday = hours.mean(axis=0), weekdays.mean(axis=0)
    return np.vstack([hours - usual_hour, weekdays - usual_weekday])


def contrasts(posterior: Posterior, rows: Floats, level: float = LEVEL) -> Contrasts:
    """rows: n x `SIZE`. The half-width is that of the largest of all deviations, by simulation with a fixed seed."""
    mean = rows @ posterior.mean
    covariance = rows @ posterior.covariance @ rows.T
    sd = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    half = sd * simultaneous(posterior.covariance, rows, sd, level)
    return Contrasts(mean, mean - half, mean + half, sd)


def simultaneous(covariance: Floats, rows: Floats, sd: Floats, level: float = LEVEL) -> float:
    """How many standard deviations hold all contrasts at once."""
    moving = sd > SMALLEST_SD
    if not moving.any():
        return 0.0
    root = np.linalg.cholesky(covariance + 1e-12 * np.eye(len(covariance)))
    normal = np.random.default_rng(SEED).standard_normal((DRAWS, len(covariance)))
    deviation = np.abs(normal @ (rows[moving] @ root).T) / sd[moving]
    return float(np.quantile(deviation.max(axis=1), level))


def spread_over_posts(found: Floats, code: Ints) -> float:
    """How much effects differ between posts: sd over the channel's posts, in ln."""
    return float(found[code].std()) if len(code) else float(found.std())
