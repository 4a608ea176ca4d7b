"""What a channel's history, channels alike and the platform say about what to make next. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from creatorlens.advice.strategy import AlikeChannel, Finding, Interest, Outlier, Strategy
from dashboard import words
from dashboard.advice_shapes import range_words
from dashboard.findings import listed

SHOWN = 10
CHART_LABEL = 24
"""A label and its range share a line of a phone; the table below has both whole."""
COLUMNS = ["label", "effect", "low", "high", "words", "noise"]
SECTIONS = {
    "sets_apart": ("What sets your outliers apart", "Traits that go with better results on this channel."),
    "underused": ("Used too little", "They went with better results, on few of your posts."),
    "overused": ("Used too much", "They went with weaker results, on many of your posts."),
    "gaps": ("Gaps", "What works on channels alike and that you hardly do."),
}
INTERESTS = {"keywords": "What people look for", "trends": "On the rise"}


def outlier_rows(
    outliers: Iterable[Outlier], metric: str, *, channels: bool = False
) -> list[tuple[str, ...]]:
    """Post, when, outcome, times the usual; and whose where several channels stand together."""
    rows = []
    for one in list(outliers)[:SHOWN]:
        post = one.post
        outcome = "not known" if post.outcome is None else f"{words.count(post.outcome)} {metric}"
        whose = (post.channel_id.partition(":")[2],) if channels else ()
        rows.append(
            (
                words.short(post.title) or post.post_id,
                *whose,
                words.day(post.published_at),
                outcome,
                f"×{one.times_usual:.1f}",
            )
        )
    return rows


def findings_frame(findings: Sequence[Finding]) -> pd.DataFrame:
    """As `interval_charts.changes` draws them; those with a range first as they come."""
    rows = []
    for one in findings[:SHOWN]:
        low, high = one.lift.low, one.lift.high
        rows.append(
            {
                "label": words.short(one.words, CHART_LABEL),
                "effect": one.lift.effect,
                "low": one.lift.effect if low is None else low,
                "high": one.lift.effect if high is None else high,
                "words": range_words(one.lift),
                "noise": one.lift.noise,
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def spoken(frame: pd.DataFrame) -> str:
    return "; ".join(f"{row['label']}: {row['words']}" for row in frame.to_dict("records"))


def finding_rows(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    """Trait, what it did, on how many posts, what goes with it, a post that shows it."""
    return [
        (one.words, one.lift.words, _seen(one), ", ".join(one.also), _example(one))
        for one in findings[:SHOWN]
    ]


def _seen(one: Finding) -> str:
    channels = "" if one.channels <= 1 else f" of {one.channels} channels"
    said = f"{one.posts} posts{channels}, {words.share(one.share)} of yours"
    if one.share_of_outliers is not None:
        said += f", {words.share(one.share_of_outliers)} of those that stood out"
    return said


def _example(one: Finding) -> str:
    if not one.evidence:
        return ""
    post = one.evidence[0]
    times = "" if post.over_usual is None else f" (×{post.over_usual:.1f})"
    return f"{words.short(post.title)}{times}"


def empty(found: Strategy) -> str:
    """'Nothing beyond chance: used too much and gaps.'"""
    titles = [
        title[:1].lower() + title[1:] for name, (title, _) in SECTIONS.items() if not getattr(found, name)
    ]
    return f"Nothing beyond chance: {listed(titles)}." if titles else ""


def alike_rows(channels: Iterable[AlikeChannel]) -> list[tuple[str, ...]]:
    return [
        (
            one.channel_id.partition(":")[2],
            f"{one.similarity:.2f}",
            "not known" if one.size is None else f"×{one.size:.1f}",
            words.count(one.posts),
        )
        for one in list(channels)[:SHOWN]
    ]


def interest_rows(interests: Iterable[Interest]) -> list[tuple[str, ...]]:
    """Those that fit the channel first: what, how much more it is used, what posts with it did, where, whether it fits."""
    ordered = sorted(interests, key=lambda one: (not one.fits, -one.rise))[:SHOWN]
    return [
        (
            f"#{one.name}" if one.kind == "hashtag" else one.name,
            f"×{one.rise:.1f}",
            "not known" if one.lift is None else one.lift.words,
            f"{one.posts} posts of {one.channels} channels, {one.own_posts} yours",
            "fits your channel"
            if one.fits
            else "far from what you post"
            if one.fit is not None
            else "not known",
        )
        for one in ordered
    ]


def basis(found: Strategy) -> str:
    """What all this rests on."""
    said = f"From {words.count(found.results)} results of this channel, as known on {words.day(found.as_of)}"
    if found.spread is not None:
        said += f"; results usually lie between 1/{found.spread:.1f} and {found.spread:.1f} times the usual"
    return f"{said}. {found.looked_at} traits were compared; ranges hold for all of them together."
