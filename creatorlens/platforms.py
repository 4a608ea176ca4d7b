"""The platforms we speak of, and what each one counts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from creatorlens.errors import InputError, nearest

HORIZONS_H = (24, 168, 720)
"""Hours after publishing that forecasts speak of by default: a day, a week, a month."""

MATURE_AGE_H = 168
"""Age in hours from which a post's outcome counts as matured, and the delay after which a
back-filled outcome counts as known."""

FLOOR_POSTS = 5
"""The floor is the median of this many of the channel's last matured posts."""


class Platform(StrEnum):
    YOUTUBE = "youtube"
    TIKTOK = "tiktok"
    INSTAGRAM = "instagram"
    X = "x"
    REDDIT = "reddit"
    FACEBOOK = "facebook"


class MediaType(StrEnum):
    VIDEO = "video"
    IMAGE = "image"
    ALBUM = "album"
    TEXT = "text"
    LINK = "link"
    AUDIO = "audio"


@dataclass(frozen=True)
class PlatformSpec:
    """What a platform counts and allows.

    `followers_at_posting` says whether a follower count in a posts table may be believed to be the
    one at posting. Where it may not (collected with the metrics, later), it becomes known only when
    the post was first observed.
    """

    platform: Platform
    primary_metric: str
    label: str
    title_limit: int
    followers_at_posting: bool


SPECS: dict[Platform, PlatformSpec] = {
    spec.platform: spec
    for spec in (
        PlatformSpec(Platform.YOUTUBE, "views", "YouTube", 100, followers_at_posting=False),
        PlatformSpec(Platform.TIKTOK, "views", "TikTok", 2200, followers_at_posting=False),
        PlatformSpec(Platform.INSTAGRAM, "likes", "Instagram", 2200, followers_at_posting=True),
        PlatformSpec(Platform.X, "likes", "X", 280, followers_at_posting=False),
        PlatformSpec(Platform.REDDIT, "likes", "Reddit", 300, followers_at_posting=False),
        PlatformSpec(Platform.FACEBOOK, "likes", "Facebook", 5000, followers_at_posting=True),
    )
}


def parse_platform(name: str) -> Platform:
    """Raises InputError naming the nearest platform."""
    try:
        return Platform(name.strip().lower())
    except ValueError:
        near = nearest(name, [p.value for p in Platform])
        hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(Platform)}."
        raise InputError(f"unknown platform {name!r}.", field="platform", hint=hint) from None


def channel_id(platform: str, creator_id: str) -> str:
    """A channel is a creator's account on one platform: `youtube:UC123`."""
    return f"{platform}:{creator_id}"
