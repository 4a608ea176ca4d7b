"""What else goes with the time on a channel: where content and time move together, neither can be told from the other by
looking alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.asof import Floats
from recommend.timing.content import Occasions

DAYPART_H = 4
MIN_POSTS = 4
MIN_ASSOCIATION = 0.15
LEVEL = 0.01
MOST = 5
MOST_TAGS = 30
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Association:
    """`name` of `what` is most overrepresented at `when`: `share_at` of the posts then, `share_else` of the others. `strength`:
    Cramér's V of `what` and time, bias-corrected (Bergsma 2013)."""

    what: str
    name: str
    when: str
    share_at: float
    share_else: float
    posts: int
    strength: float


def daypart(hour: int) -> str:
    start = hour // DAYPART_H * DAYPART_H
    return f"{start}–{start + DAYPART_H} h"


def associations(posts: Occasions) -> list[Association]:
    """The strongest first; those that chance explains at `LEVEL` (chi-square, over all looked at) are left out."""
    parts = np.array([daypart(int(hour)) for hour in posts.hour], dtype=object)
    days = np.array([DAYS[int(day)] for day in posts.weekday], dtype=object)
    looked = [(what, value, when) for what, value in _content(posts) for when in (parts, days)]
    looked.append(("weekday", days, parts))
    found = [_association(what, value, when, LEVEL / len(looked)) for what, value, when in looked]
    named = [one for one in found if one is not None and one.strength >= MIN_ASSOCIATION]
    best: dict[tuple[str, str], Association] = {}
    for one in sorted(named, key=lambda one: -one.strength):
        best.setdefault((one.what, one.name), one)
    return list(best.values())[:MOST]


def removed_share(raw: Floats, adjusted: Floats, smallest: float = 0.01) -> float | None:
    """Share of the raw effect's size (standard deviation over the channel's posts) that adjusting took away; None where there
    was no raw effect of `smallest` in ln."""
    before = float(raw.std())
    return None if before < smallest else 1.0 - float(adjusted.std()) / before


def _content(posts: Occasions) -> Iterator[tuple[str, Any]]:
    for what in ("series", "format", "category"):
        yield (
            what,
            np.array(["" if value is None else str(value) for value in posts.terms[what]], dtype=object),
        )
    count = Counter(tag for tags in posts.tags for tag in tags)
    for tag, n in count.most_common(MOST_TAGS):
        if MIN_POSTS <= n <= len(posts) - MIN_POSTS:
            yield "hashtag", np.array([f"#{tag}" if tag in tags else "" for tags in posts.tags], dtype=object)


def _association(what: str, value: Any, when: Any, level: float) -> Association | None:
    from scipy.stats import chi2

    (row, names), (column, times) = (pd.factorize(one, sort=True) for one in (value, when))
    (rows, columns), n = (len(names), len(times)), len(row)
    if min(rows, columns) < 2 or n < 2 * MIN_POSTS:
        return None
    counts = (
        np.bincount(row * columns + column, minlength=rows * columns).reshape(rows, columns).astype(float)
    )
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / n
    square = float(((counts - expected) ** 2 / expected).sum())
    freedom = (rows - 1) * (columns - 1)
    if chi2.sf(square, freedom) > level:
        return None
    corrected = max(0.0, square / n - freedom / (n - 1))
    fewest = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    strength = float(np.sqrt(corrected / fewest)) if fewest > 0 else 0.0
    return _named(what, names, times, counts, min(1.0, strength))


def _named(what: str, names: Any, times: Any, counts: Floats, strength: float) -> Association | None:
    """The cell with the largest difference of shares; that of no name ('') tells nothing."""
    at = counts.sum(axis=0)
    share = counts / at
    elsewhere = (counts.sum(axis=1, keepdims=True) - counts) / np.maximum(at.sum() - at, 1.0)
    gap = np.where((at >= MIN_POSTS) & (counts >= MIN_POSTS), share - elsewhere, -1.0)
    gap[[name == "" for name in names]] = -1.0
    i, j = np.unravel_index(int(gap.argmax()), gap.shape)
    if gap[i, j] <= 0:
        return None
    return Association(
        what, str(names[i]), str(times[j]), float(share[i, j]), float(elsewhere[i, j]),
        int(counts[i].sum()), strength,
    )  # fmt: skip
