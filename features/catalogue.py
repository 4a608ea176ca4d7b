"""Every feature by name: its group, what it means in plain words, whether a creator can change it, and
when it is known. Models, drivers, documentation and the leakage check read this list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from features import media_features, similar_posts

Group = Literal["text", "calendar", "history", "audience", "format", "media", "similar"]

AT_PLANNING = "known with the draft itself"
AT_MATURITY = "from outcomes with known_at at or before the moment of the forecast"
AT_PUBLISHING = "from earlier posts, public one microsecond after they were published"
AT_OBSERVATION = "from audience counts observed at or before the moment of the forecast"

VERSION = "1"
"""Raised whenever a feature's meaning changes: stored features of another version are computed anew."""


@dataclass(frozen=True)
class FeatureSpec:
    name: str
    group: Group
    words: str
    controllable: bool
    known_at: str


def _text(name: str, words: str) -> FeatureSpec:
    return FeatureSpec(name, "text", words, True, AT_PLANNING)


def _time(name: str, words: str) -> FeatureSpec:
    return FeatureSpec(name, "calendar", words, True, AT_PLANNING)


def _past(name: str, words: str, known_at: str = AT_MATURITY, *, controllable: bool = False) -> FeatureSpec:
    return FeatureSpec(name, "history", words, controllable, known_at)


def _format(name: str, words: str) -> FeatureSpec:
    return FeatureSpec(name, "format", words, True, AT_PLANNING)


FEATURES: tuple[FeatureSpec, ...] = (
    _text("headline_chars", "length of the title"),
    _text("headline_words", "number of words in the title"),
    _text("headline_word_chars", "length of the words in the title"),
    _text("headline_upper_share", "share of capital letters in the title"),
    _text("headline_capital_words", "words in capitals in the title"),
    _text("headline_punctuation_share", "punctuation in the title"),
    _text("headline_numbers", "numbers in the title"),
    _text("headline_starts_with_number", "title starts with a number"),
    _text("headline_question", "question in the title"),
    _text("headline_exclamations", "exclamation marks in the title"),
    _text("headline_emoji", "emoji in the title"),
    _text("headline_bracket", "brackets in the title"),
    _text("headline_quote", "quotation marks in the title"),
    _text("headline_colon", "colon, dash or bar in the title"),
    _text("headline_ellipsis", "dots that leave the title open"),
    _text("headline_year", "a year in the title"),
    _text("headline_money", "a currency sign in the title"),
    _text("headline_first_person", "I, my or we in the title"),
    _text("headline_second_person", "you or your in the title"),
    _text("headline_asks_how", "how, why or what in the title"),
    _text("headline_versus", "a comparison (vs) in the title"),
    _text("headline_announces", "new, first, review or the like in the title"),
    _text("text_chars_ln", "length of title and text"),
    _text("text_lines", "line breaks in the text"),
    _text("text_exclamations", "exclamation marks in the text"),
    _text("text_questions", "questions in the text"),
    _text("emoji_count", "number of emoji"),
    _text("url_count", "number of links"),
    _text("mention_count", "number of mentions"),
    _text("hashtag_count", "number of hashtags"),
    _text("text_call_to_action", "a call to action in the text"),
    _text("text_sponsored", "marked as sponsored"),
    _text("english", "title is in English"),
    _text("english_confidence", "how clearly the title is English"),
    _text("sentiment", "mood of the title"),
    _time("hour_sin", "hour of the day"),
    _time("hour_cos", "hour of the day"),
    _time("weekday_sin", "day of the week"),
    _time("weekday_cos", "day of the week"),
    _time("month_sin", "season"),
    _time("month_cos", "season"),
    _time("is_weekend", "published on a weekend"),
    _time("is_holiday", "published on a public holiday"),
    FeatureSpec("gap_ln_h", "calendar", "time since the last post", True, AT_PUBLISHING),
    FeatureSpec("channel_age_ln_d", "calendar", "age of the channel", False, AT_PUBLISHING),
    _past("base_level_ln", "the channel's usual level"),
    _past("base_over_platform", "the channel's usual level against the platform's"),
    _past("n_matured_ln", "number of earlier posts with known results"),
    _past("floor_over_base", "the last five posts against the usual level"),
    _past("fast_over_base", "how the last few posts did"),
    _past("last_over_base", "how the last post did"),
    _past("median_over_base", "the middle of the last twenty posts"),
    _past("p10_over_base", "how low the channel's posts go"),
    _past("p90_over_base", "how high the channel's posts go"),
    _past("max_over_base", "the channel's best post so far"),
    _past("sd_ln", "how much the channel's results vary"),
    _past("trend_ln", "the channel's recent trend"),
    _past("outlier_share", "share of posts that took off"),
    _past("comments_ln", "comments per result"),
    _past("engagement_ln", "likes per result"),
    _past("history_age_ln_d", "age of the newest known result"),
    _past("platform_momentum", "the platform's recent trend"),
    _past("posts_7d", "posts in the last week", AT_PUBLISHING, controllable=True),
    _past("posts_30d", "posts in the last 30 days", AT_PUBLISHING, controllable=True),
    _past("posts_90d", "posts in the last 90 days", AT_PUBLISHING, controllable=True),
    _past("n_posts_ln", "number of earlier posts", AT_PUBLISHING),
    _past("channel_tag_lift", "how these hashtags did on this channel", controllable=True),
    _past("channel_format_lift", "how this format did on this channel", controllable=True),
    _past("channel_category_lift", "how this category did on this channel", controllable=True),
    _past("channel_daypart_lift", "how this time of day did on this channel", controllable=True),
    _past("channel_weekday_lift", "how this weekday did on this channel", controllable=True),
    _past("platform_tag_lift", "how these hashtags did on the platform", controllable=True),
    _past("platform_category_lift", "how this category did on the platform", controllable=True),
    _past("tag_familiar_share", "share of hashtags used here before", controllable=True),
    FeatureSpec("followers_ln", "audience", "size of the audience", False, AT_OBSERVATION),
    FeatureSpec("followers_growth", "audience", "growth of the audience in 30 days", False, AT_OBSERVATION),
    FeatureSpec("followers_over_base", "audience", "audience against the usual level", False, AT_OBSERVATION),
    _format("is_video", "a video"),
    _format("is_image", "an image"),
    _format("is_album", "an album"),
    _format("is_text", "plain text"),
    _format("is_link", "a link"),
    _format("is_audio", "audio"),
    _format("is_short", "up to a minute long"),
    _format("duration_ln_s", "length of the video"),
)

MEDIA: tuple[FeatureSpec, ...] = tuple(
    FeatureSpec(number.name, "media", number.words, True, AT_PLANNING) for number in media_features.NUMBERS
)
"""What is read from a post's files. Rows have these columns only where some post has files that were read."""

SIMILAR: tuple[FeatureSpec, ...] = tuple(
    FeatureSpec(name, "similar", words, True, AT_MATURITY) for name, words in similar_posts.SIMILAR_FEATURES
)
"""Results of earlier posts with similar words. Rows have these columns only where sentences are embedded."""

BY_NAME: dict[str, FeatureSpec] = {spec.name: spec for spec in (*FEATURES, *MEDIA, *SIMILAR)}
NAMES: tuple[str, ...] = tuple(spec.name for spec in FEATURES)
MEDIA_NAMES: tuple[str, ...] = tuple(spec.name for spec in MEDIA)


def names(group: Group) -> list[str]:
    return [spec.name for spec in BY_NAME.values() if spec.group == group]
