from __future__ import annotations

from datetime import UTC, datetime

import pytest

from creatorlens.api import ChannelSummary
from creatorlens.platforms import MediaType, Platform
from dashboard import drafting

AT = datetime(2026, 12, 1, 18, tzinfo=UTC)


def channel(platform: Platform) -> ChannelSummary:
    return ChannelSummary(
        channel_id=f"{platform}:me", platform=platform, creator_id="me", posts=3, last_published_at=None
    )


@pytest.mark.parametrize(
    ("typed", "tags"),
    [("#cats, dogs #cats", ("cats", "dogs")), ("#one#two", ("one", "two")), ("  ", ()), ("#", ()),
     ("café;naïve", ("café", "naïve"))],
)  # fmt: skip
def test_hashtags_are_read_however_they_are_typed(typed, tags):
    assert drafting.parse_hashtags(typed) == tags


@pytest.mark.parametrize(("typed", "seconds"), [("8:30", 510), ("45", 45), ("1:02:03", 3723), ("", None)])
def test_lengths_are_minutes_and_seconds(typed, seconds):
    assert drafting.parse_duration(typed) == seconds


@pytest.mark.parametrize("typed", ["abc", "1:2:3:4", "-5", "8.5"])
def test_a_length_that_cannot_be_read_says_how_to_write_it(typed):
    with pytest.raises(ValueError, match="8:30"):
        drafting.parse_duration(typed)


def test_nothing_written_is_no_draft():
    assert drafting.make_draft(channel(Platform.YOUTUBE), AT, title="  ", media_type=MediaType.VIDEO) is None


def test_where_a_platform_has_one_caption_it_is_the_text():
    draft = drafting.make_draft(
        channel(Platform.INSTAGRAM), AT, title="Sunrise", media_type=MediaType.IMAGE, duration_s=12
    )
    assert draft is not None
    assert (draft.title, draft.text) == ("", "Sunrise")
    assert draft.duration_s is None, "a photo has no length"


def test_what_the_channel_posted_last_is_offered_first():
    assert drafting.media_options(Platform.INSTAGRAM, MediaType.ALBUM)[0] is MediaType.ALBUM
    assert drafting.media_options(Platform.YOUTUBE, None) == [MediaType.VIDEO]
    assert drafting.media_options(Platform.YOUTUBE, MediaType.TEXT) == [MediaType.TEXT, MediaType.VIDEO]


def test_any_change_makes_another_draft():
    one = drafting.make_draft(channel(Platform.X), AT, title="a", media_type=MediaType.TEXT)
    two = drafting.make_draft(channel(Platform.X), AT, title="b", media_type=MediaType.TEXT)
    assert one is not None
    assert two is not None
    assert drafting.fingerprint(one) != drafting.fingerprint(two)
