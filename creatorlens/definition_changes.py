"""When platforms changed what they count: what is publicly known, with its source, and what we do about it.

Sources were read as public pages between 2024 and 2026; `confidence` says how well the date and the words are attested:
`stated` by the platform itself, `reported` by others. Nothing was found for TikTok that is attested well enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from creatorlens.platforms import Platform

Handling = Literal["split", "same-count", "not-a-target", "not-separable", "keep-apart"]
"""split: posts on both sides have definitions of their own, by the day they were published. same-count: what is shown
changed, not what is counted. not-a-target: no model forecasts this metric. not-separable: our tables do not say on which
side a post is. keep-apart: the day of observation decides; do not import counts taken before and after as one table."""


@dataclass(frozen=True)
class DefinitionChange:
    changed_on: date
    platform: Platform
    metric: str
    what: str
    handling: Handling
    definitions: tuple[str, ...]
    source: str
    url: str
    confidence: Literal["stated", "reported"]


CHANGES: tuple[DefinitionChange, ...] = (
    DefinitionChange(
        date(2016, 2, 24), Platform.FACEBOOK, "likes",
        "Reactions were added beside the Like; a post's count is of all of them.",
        "keep-apart", ("facebook-likes-1",),
        "Facebook newsroom: Reactions now available globally",
        "https://about.fb.com/news/2016/02/reactions-now-available-globally/", "reported",
    ),
    DefinitionChange(
        date(2016, 12, 6), Platform.REDDIT, "score",
        "Rules that held scores down were dropped and old votes counted anew: scores of popular posts rose, also of posts "
        "published long before.",
        "keep-apart", ("reddit-score-1",),
        "r/announcements: Scores on posts are about to start going up",
        "https://www.reddit.com/r/announcements/comments/5gvd6b/scores_on_posts_are_about_to_start_going_up/", "stated",
    ),
    DefinitionChange(
        date(2021, 5, 26), Platform.INSTAGRAM, "likes",
        "Creators may hide like counts from others. They are counted as before; collectors may not see them.",
        "same-count", ("instagram-likes-1",),
        "Meta newsroom, reported by many at the time",
        "https://about.fb.com/news/2021/05/giving-people-more-control/", "reported",
    ),
    DefinitionChange(
        date(2022, 12, 22), Platform.X, "views",
        "View counts became public. Older posts and some kinds of posts have none: missing there is not zero.",
        "not-a-target", (),
        "Twitter Support, quoted by Benzinga",
        "https://www.benzinga.com/news/22/12/30182780/"
        "elon-musk-says-new-feature-shows-how-much-more-alive-twitter-is-heres-what-its-all-about", "stated",
    ),
    DefinitionChange(
        date(2024, 6, 11), Platform.X, "likes",
        "Who liked a post became private. The count is of the same; people may like more freely since.",
        "same-count", ("x-likes-1",),
        "X Engineering, quoted by BetaNews",
        "https://betanews.com/2024/06/13/elon-musk-announces-that-likes-are-now-private-for-all-x-users/", "stated",
    ),
    DefinitionChange(
        date(2024, 8, 7), Platform.INSTAGRAM, "views",
        "Views became the first metric of every format: plays of reels were renamed, impressions of the others replaced by "
        "times on a screen, repeats included.",
        "not-a-target", (),
        "Instagram's announcement, reported by Business Standard",
        "https://www.business-standard.com/technology/tech-news/"
        "instagram-to-make-views-as-primary-metric-for-content-across-all-formats-124080800402_1.html", "reported",
    ),
    DefinitionChange(
        date(2024, 10, 15), Platform.YOUTUBE, "views",
        "Square and upright videos of up to three minutes uploaded from this day on are Shorts. Posts tables do not tell the "
        "shape of the picture: of 61 to 180 seconds, Shorts and other videos stand together.",
        "not-separable", ("youtube-views-1",),
        "YouTube Help: Understand three-minute YouTube Shorts",
        "https://support.google.com/youtube/answer/15424877", "stated",
    ),
    DefinitionChange(
        date(2024, 11, 14), Platform.FACEBOOK, "views",
        "Views took the place of plays and impressions; for what is no video, repeats on a screen count too.",
        "not-a-target", (),
        "Meta, reported by Nasdaq",
        "https://www.nasdaq.com/articles/meta-says-views-become-primary-metric-facebook", "reported",
    ),
    DefinitionChange(
        date(2025, 3, 31), Platform.YOUTUBE, "views",
        "A view of a Short is every start or replay, without a minimum time of watching; the old count lives on as engaged "
        "views. A Short published before and observed after may mix both.",
        "split", ("youtube-shorts-views-1", "youtube-shorts-views-2"),
        "YouTube Help Community: A change to how we count views on Shorts",
        "https://support.google.com/youtube/thread/333869549", "stated",
    ),
    DefinitionChange(
        date(2025, 4, 21), Platform.INSTAGRAM, "views",
        "The API stopped giving plays and impressions (for media from 2024-07-02 on) and gives views.",
        "not-a-target", (),
        "Graph API changelog, version 22.0",
        "https://developers.facebook.com/docs/graph-api/changelog/version22.0", "stated",
    ),
    DefinitionChange(
        date(2025, 11, 15), Platform.FACEBOOK, "views",
        "The Page Insights API stopped giving impressions and gives views.",
        "not-a-target", (),
        "Meta for Developers: Page Insights API updates",
        "https://developers.facebook.com/blog/post/2025/08/15/page-insights-api-updates/", "stated",
    ),
)  # fmt: skip
"""In order of their days."""
