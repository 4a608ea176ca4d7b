"""Advice on one draft: frames and sentences of what is suggested, what it is expected to do, and on whose word. No
Streamlit in here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import pandas as pd

from creatorlens.advice.common import EvidencePost, Lift, Suggestion
from creatorlens.advice.content import Content, ContentVersion
from creatorlens.advice.hashtags import Hashtag
from creatorlens.advice.thumbnails import ThumbnailSuggestion
from creatorlens.advice.timing import Companion, SlotEffect
from creatorlens.advice.titles import TitleSuggestion
from creatorlens.api import Prediction
from creatorlens.platforms import MATURE_AGE_H
from dashboard import decomposition_shapes as parts
from dashboard import words
from dashboard.comparing import chance_words
from dashboard.forecast_shapes import at_horizon
from dashboard.planning import WEEKDAYS

WEEK_H = float(MATURE_AGE_H)
LABEL = 46
CHART_LABEL = 24
"""A label and its range share a line of a phone."""
SLOT_COLUMNS = ["label", "effect", "low", "high", "words", "noise", "posts"]
CHANGE_COLUMNS = ["label", "effect", "low", "high", "words", "noise"]
FIELDS = {
    "title": "title", "text": "text", "hashtags": "hashtags", "planned_at": "time", "thumbnail": "picture",
    "media_type": "format", "duration_s": "length",
}  # fmt: skip


def name(content: Content) -> str:
    """'Ten lenses, one winner · Tue 1 Dec, 18:00'."""
    now = content.now
    return f"{words.short(now.title or now.text, LABEL)} · {words.moment(now.planned_at)}"


def lifts_frame(suggestions: Sequence[Suggestion], labels: Sequence[str]) -> pd.DataFrame:
    """What each is expected to do, for those the forecast speaks of: label, effect, low, high, words, noise."""
    rows = [
        {
            "label": f"{i} · {words.short(label, CHART_LABEL)}",
            **_span(one.lift),
            "words": range_words(one.lift),
        }
        for i, (one, label) in enumerate(zip(suggestions, labels, strict=True), 1)
        if one.lift is not None
    ]
    return pd.DataFrame(rows, columns=CHANGE_COLUMNS)


def range_words(lift: Lift) -> str:
    """'−3 % to +5 %': the colour says whether it is noise."""
    if lift.low is None or lift.high is None:
        return words.change(lift.effect)
    return words.between(lift.low, lift.high)


def _span(lift: Lift) -> dict[str, object]:
    return {
        "effect": lift.effect,
        "low": lift.effect if lift.low is None else lift.low,
        "high": lift.effect if lift.high is None else lift.high,
        "words": lift.words,
        "noise": lift.noise,
    }


def spoken(frame: pd.DataFrame) -> str:
    """The chart for people who hear it."""
    return "; ".join(f"{row['label']}: {row['words']}" for row in frame.to_dict("records"))


def expected(one: Suggestion) -> str:
    """What it is expected to do, in a line."""
    if one.lift is None:
        return "The forecast has no say here."
    said = f"Expected: **{one.lift.words}**"
    if one.prob_beats_floor is not None:
        said += f" · chance to beat your last five: {words.chance(one.prob_beats_floor)}"
    return said


def title_sources(one: TitleSuggestion) -> list[str]:
    """Where the expected change comes from, and how it sounds beside the channel's own words."""
    lines = []
    if one.headline_lift is not None:
        if one.forecast_lift is not None:
            lines.append(f"By the forecast: {one.forecast_lift.words}.")
        lines.append(f"By tested headlines, in clicks: {one.headline_lift.words}.")
    if one.voice is not None:
        lines.append(f"Sounds like you: {words.share(one.voice.score)} of your own titles sound less so.")
    # patterns and what sets it apart stand in `because`
    return lines


def tag_rows(tags: Iterable[Hashtag]) -> list[tuple[str, ...]]:
    """Hashtag, expected effect, whose posts say so, how much it is used, why it is here."""
    return [
        (
            f"#{tag.tag}" + (" ✓" if tag.in_draft else ""),
            tag.lift.words,
            f"{tag.level}, {tag.posts} posts" if tag.posts else tag.level,
            f"{tag.posts_28d} posts of {tag.channels_28d} channels"
            + ("" if tag.rise is None else f", {words.change(tag.rise)}"),
            "; ".join(tag.because),
        )
        for tag in tags
    ]


def picture_lines(one: ThumbnailSuggestion) -> list[str]:
    """How it was made, and what was looked at again afterwards; the steps stand in its words."""
    made = one.made
    source = "" if made.at_s is None else f", from {made.at_s:.1f} s of the video"
    lines = [f"{made.recipe.capitalize()}{source}; {made.width} × {made.height} ({made.aspect})"]
    lines.append(_checked(one))
    if one.click_through is not None:
        lines.append(f"Clicks, by tested pictures: {one.click_through.words}")
    return lines


def _checked(one: ThumbnailSuggestion) -> str:
    checks = one.made.checks
    looks = (
        ("faces whole", checks.faces_whole), ("text whole", checks.text_whole),
        ("its words can be read on a phone", checks.own_text_read),
    )  # fmt: skip
    seen = [label for label, value in looks if value]
    return f"Looked at again: {', '.join(['valid, right shape', *seen])}"


def slots_frame(slots: Sequence[SlotEffect], *, weekdays: bool) -> pd.DataFrame:
    """Hours or weekdays in order, as `season_charts.effects` draws them."""
    rows = [
        {
            "label": WEEKDAYS[one.value] if weekdays else f"{one.value}:00",
            **_span(one.lift),
            "posts": one.posts,
        }
        for one in sorted(slots, key=lambda slot: slot.value)
    ]
    return pd.DataFrame(rows, columns=SLOT_COLUMNS)


def companion_rows(companions: Iterable[Companion]) -> list[tuple[str, ...]]:
    return [
        (
            f"{one.what}: {one.name}",
            one.when,
            words.share(one.share_at),
            words.share(one.share_else),
            str(one.posts),
        )
        for one in companions
    ]


def evidence_rows(posts: Iterable[EvidencePost], metric: str) -> list[tuple[str, ...]]:
    """Post, when, its outcome, that over the channel's usual, likeness to the draft."""
    return [
        (
            words.short(post.title) or post.post_id,
            words.day(post.published_at),
            "not known" if post.outcome is None else f"{words.count(post.outcome)} {metric}",
            "not known" if post.over_usual is None else f"×{post.over_usual:.1f}",
            "" if post.similarity is None else f"{post.similarity:.2f}",
        )
        for post in posts
    ]


def changed_words(before: ContentVersion, after: ContentVersion) -> str:
    """'title and hashtags changed'."""
    what = [label for field, label in FIELDS.items() if getattr(before, field) != getattr(after, field)]
    return f"{' and '.join(what)} changed" if what else "as it was"


def version_words(content: Content, version: ContentVersion) -> str:
    """'Version 2, Mon 30 Nov, 02:10: title changed (a suggestion)'."""
    earlier = [one for one in content.versions if one.version == version.version - 1]
    what = changed_words(earlier[0], version) if earlier else "as you kept it"
    how = " (a suggestion)" if version.receipt_id else ""
    return f"Version {version.version}, {words.moment(version.created_at)}: {what}{how}"


def undoable(content: Content) -> ContentVersion | None:
    """The version before, where the newest is an applied suggestion."""
    if content.now.receipt_id is None or len(content.versions) < 2:
        return None
    return content.versions[-2]


def compared_versions(content: Content) -> tuple[ContentVersion, ...]:
    """First, the one before, and now; each once."""
    chosen = {one.version: one for one in (content.versions[0], *content.versions[-2:])}
    return tuple(chosen[number] for number in sorted(chosen))


def forecast_rows(versions: Sequence[ContentVersion], found: Sequence[Prediction]) -> pd.DataFrame:
    """A row a version, as `interval_charts.rows` draws them."""
    rows = []
    for version, prediction in zip(versions, found, strict=True):
        forecast = at_horizon(prediction, WEEK_H)
        rows.append(
            {
                "label": f"{version.version} · {words.short(version.title or version.text, 34)}",
                "p10": forecast.p10,
                "p50": forecast.p50,
                "p90": forecast.p90,
                "floor": math.nan if forecast.floor is None else forecast.floor,
                "p50_words": words.count(forecast.p50),
                "band_words": f"{words.count(forecast.p10)} to {words.count(forecast.p90)}",
                "chance_words": chance_words(forecast),
                "modelled": not forecast.abstained,
            }
        )
    return pd.DataFrame(rows)


def moved(before: Prediction, after: Prediction, since: int) -> str:
    """How the forecast moved since a version; empty where it has no forecast of its own."""
    first, now = at_horizon(before, WEEK_H), at_horizon(after, WEEK_H)
    if first.abstained or now.abstained:
        return ""
    gap = parts.difference(first, now, before, after)
    against = f"against version {since} ({words.count(first.p50)})"
    if gap.noise:
        return f"{gap.words} {against}: no detectable difference." if gap.effect else f"No change {against}."
    return f"**{gap.words}** {against}."


def left_out(reasons: dict[str, int]) -> str:
    """'Left out: 3 because …; 2 because …'"""
    return (
        ""
        if not reasons
        else "Left out: " + "; ".join(f"{n} because {why}" for why, n in reasons.items()) + "."
    )
