"""How many hashtags to use: what numbers of them are worth on the platform, beside the channel's own habit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from creatorlens.platforms import SPECS, Platform
from recommend.hashtags.lifts import COUNTS, TagLifts, count_range
from recommend.scoring import Z80, LiftLn, widening, words_of

LIMITS: dict[Platform, int | None] = {
    Platform.INSTAGRAM: 5,
    Platform.TIKTOK: 5,
    Platform.YOUTUBE: 60,
    Platform.X: None,
    Platform.REDDIT: None,
    Platform.FACEBOOK: None,
}
"""What a post may carry: Instagram since December 2025, TikTok since August 2025; YouTube ignores all of them beyond 60."""
MIN_POSTS = 20
UNTOLD = 3


@dataclass(frozen=True)
class Number:
    """`low` to `high` hashtags; `lift` of that over the usual number, None where they are the same. `target`: how many the
    best set has."""

    low: int
    high: int
    target: int
    lift: LiftLn | None
    words: str


def how_many(lifts: TagLifts | None, platform: Platform, usual: int | None, typical: int | None) -> Number:
    """`usual`: the channel's median number over its last posts; `typical`: the platform's among posts with any."""
    limit = LIMITS[platform]
    habit = usual if usual is not None else typical
    better = None if lifts is None or habit is None else _better(lifts, habit, limit)
    if better is not None:
        place, lift = better
        low, high = _range(place, limit)
        words = f"{_span(low, high)} hashtags did better here than {_span(*_range(int(count_range(habit)), None))}: {words_of(lift)}"
        return Number(
            low, high, max(1, (low + high) // 2), lift, words + _limit_words(platform, limit, usual)
        )
    target = _within(max(1, habit or typical or UNTOLD), limit)
    low = 0 if habit == 0 else target
    high = _within(max(target, typical or target), limit) if habit == 0 else target
    why = (
        "too few results to compare numbers of hashtags"
        if lifts is None or (lifts.count_posts >= MIN_POSTS).sum() < 2
        else "no detectable difference between numbers of hashtags here"
    )
    return Number(
        low,
        high,
        high if habit == 0 else target,
        None,
        why + _habit_words(usual, typical) + _limit_words(platform, limit, usual),
    )


def _better(lifts: TagLifts, habit: int, limit: int | None) -> tuple[int, LiftLn] | None:
    """The range that beats the habit's beyond doubt, if any; the interval is widened by how many were compared."""
    mine = int(count_range(habit))
    others = [
        i
        for i, first in enumerate(COUNTS)
        if i != mine and lifts.count_posts[i] >= MIN_POSTS and (limit is None or first <= limit)
    ]
    if lifts.count_posts[mine] < MIN_POSTS or not others:
        return None
    cov = lifts.count_covariance
    found = []
    for i in others:
        ln = float(lifts.count_mean[i] - lifts.count_mean[mine])
        sd = float(np.sqrt(max(cov[i, i] + cov[mine, mine] - 2 * cov[i, mine], 0.0)))
        half = Z80 * sd * widening(len(others))
        found.append((ln - half, i, LiftLn(ln, ln - half, ln + half)))
    low, i, lift = max(found)
    return (i, lift) if low > 0 else None


def _range(place: int, limit: int | None) -> tuple[int, int]:
    low = COUNTS[place]
    high = COUNTS[place + 1] - 1 if place + 1 < len(COUNTS) else low
    return low, max(low, _within(high, limit))


def _within(number: int, limit: int | None) -> int:
    return number if limit is None else min(number, limit)


def _span(low: int, high: int) -> str:
    if low == high:
        return "no" if low == 0 else str(low)
    return f"{low} to {high}"


def _habit_words(usual: int | None, typical: int | None) -> str:
    if usual:
        return f": you usually use {usual}"
    if usual == 0:
        return f": you usually use none{'' if typical is None else f', posts with any carry {typical}'}"
    return "" if typical is None else f": posts with any usually carry {typical}"


def _limit_words(platform: Platform, limit: int | None, usual: int | None) -> str:
    if limit is None:
        return ""
    over = ", fewer than you usually use" if usual is not None and usual > limit else ""
    return f"; {SPECS[platform].label} takes {limit} at most{over}"
