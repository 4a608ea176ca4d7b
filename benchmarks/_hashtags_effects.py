"""What hashtags were expected to do, beside outcomes of later posts; and the same with hashtags dealt out by lot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from features.seasons import Z80
from features.terms import CLIP_LN, tag_terms
from recommend.hashtags.lifts import TagLifts, tag_lifts
from recommend.scoring import widening
from services.advice.hashtag_sources import Sources

CUT = 0.7
SHUFFLES = 5
MIN_LATER = 5


def effects(sources: Sources, residuals: pd.DataFrame, say: Callable[[str], None]) -> dict[str, Any]:
    """Fitted on outcomes known when `CUT` of the posts were out, judged on posts published since."""
    told = residuals[residuals["residual"].notna() & residuals["post_id"].isin(sources.posts["post_id"])]
    cut = told["published_at"].quantile(CUT).as_unit("us")
    similar = sources.similar(told)
    place = pd.Index(sources.posts["post_id"]).get_indexer(pd.Index(told["post_id"]))
    later = (told["published_at"] >= cut).to_numpy()
    posts = sources.posts.iloc[place[later]].reset_index(drop=True)
    y = told["residual"].to_numpy(float)[later].clip(-CLIP_LN, CLIP_LN)
    fitted = tag_lifts(sources.posts, told, similar, cut)
    if fitted is None:
        return {"outcomes_before": 0}
    say(f"effects of {len(fitted.names)} hashtags fitted on {fitted.outcomes} outcomes")
    shuffled = [_by_lot(sources.posts, told, similar, cut, seed) for seed in range(SHUFFLES)]
    return {
        "cut": cut.date().isoformat(),
        "outcomes_before": fitted.outcomes,
        "posts_later": len(y),
        **_judged(fitted, posts, y),
        "by_lot": {
            "times": SHUFFLES,
            **{
                name: [one[name] for one in (_judged(lot, posts, y) for lot in shuffled)]
                for name in ("detectable", "slope", "tag_sd")
            },
        },
    }


def _by_lot(
    posts: pd.DataFrame, residuals: pd.DataFrame, similar: pd.DataFrame | None, cut: pd.Timestamp, seed: int
) -> TagLifts:
    """Lists of hashtags change places among all posts."""
    order = np.random.default_rng(seed).permutation(len(posts))
    dealt = posts.assign(hashtags=posts["hashtags"].to_numpy(dtype=object)[order])
    fitted = tag_lifts(dealt, residuals, similar, cut)
    assert fitted is not None
    return fitted


def _judged(fitted: TagLifts, posts: pd.DataFrame, y: Any) -> dict[str, Any]:
    """`slope` of outcome over level on the sum of expected effects, 1 if they are right, 95 % interval clustered by channel;
    `coverage80`: of what posts with a tag did on the mean, with its own noise; `detectable`: as advice would say it."""
    row, term = tag_terms(posts["hashtags"])
    code = fitted.names.get_indexer(pd.Index(term, dtype=object))
    row, code = row[code >= 0], code[code >= 0]
    expected = np.bincount(row, weights=fitted.mean[code], minlength=len(posts))
    tagged = np.bincount(row, minlength=len(posts)) > 0
    channel = pd.factorize(posts["channel_id"])[0]
    half = Z80 * np.sqrt(fitted.variance) * widening(len(fitted.names))
    found: dict[str, Any] = {
        "tags": len(fitted.names),
        "tag_sd": round(float(np.sqrt(fitted.tag_variance)), 4),
        "detectable": int((np.abs(fitted.mean) > half).sum()),
        "posts_with_known_tags": int(tagged.sum()),
        "slope": None,
    }
    if tagged.sum() < 30 or expected[tagged].std() < 1e-9:
        return found
    found |= _slope(expected[tagged], y[tagged], channel[tagged])
    ranks = pd.DataFrame({"expected": expected[tagged], "y": y[tagged]}).corr("spearman")
    found["spearman"] = round(float(ranks.iloc[0, 1]), 3)
    return found | _per_tag(fitted, row, code, y)


def _slope(x: Any, y: Any, channel: Any) -> dict[str, Any]:
    x, y = x - x.mean(), y - y.mean()
    power = float(x @ x)
    slope = float(x @ y) / power
    error = float(np.sqrt((np.bincount(channel, weights=x * (y - slope * x)) ** 2).sum())) / power
    low, high = slope - 1.96 * error, slope + 1.96 * error
    return {"slope": round(slope, 2), "slope_low": round(low, 2), "slope_high": round(high, 2)}


def _per_tag(fitted: TagLifts, row: Any, code: Any, y: Any) -> dict[str, Any]:
    n = np.bincount(code, minlength=len(fitted.names))
    some = n >= MIN_LATER
    if not some.any():
        return {"tags_later": 0}
    rest = y - y[np.unique(row)].mean()
    mean = np.bincount(code, weights=rest[row], minlength=len(n))[some] / n[some]
    noise = float(np.var(y)) / n[some]
    off = np.abs(mean - fitted.mean[some]) <= Z80 * np.sqrt(fitted.variance[some] + noise)
    return {"tags_later": int(some.sum()), "coverage80": round(float(off.mean()), 2)}
