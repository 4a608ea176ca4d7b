"""The shapes in which platforms show the picture of a post."""

from __future__ import annotations

from dataclasses import dataclass

from creatorlens.platforms import MediaType, Platform

SHORT_S = 180.0
"""YouTube shows an upright video up to this long as a Short (support.google.com/youtube/answer/15424877, 2025)."""


@dataclass(frozen=True)
class Shape:
    """`across` x `down` units; `most` pixels to the unit. `badge`: what the platform lays over the picture, as left, top,
    right, bottom shares: nothing that matters may lie there."""

    across: int
    down: int
    most: int
    badge: tuple[tuple[float, float, float, float], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.across}:{self.down}"

    @property
    def ratio(self) -> float:
        return self.across / self.down


LENGTH_BADGE = ((0.80, 0.84, 1.0, 1.0),)
"""The video's length at the bottom right."""
PHONE_BUTTONS = ((0.0, 0.80, 1.0, 1.0), (0.86, 0.45, 1.0, 1.0))
"""Title and buttons of an upright video in the feed."""

WIDE = Shape(16, 9, 80, LENGTH_BADGE)
PLAIN_WIDE = Shape(16, 9, 80)
TALL = Shape(9, 16, 80, PHONE_BUTTONS)
PORTRAIT = Shape(4, 5, 256)
SQUARE = Shape(1, 1, 1080)
NAMES = ("16:9", "9:16", "4:5", "1:1")


def shapes_of(
    platform: Platform, media_type: MediaType, duration_s: float | None, aspect: float | None
) -> tuple[Shape, ...]:
    """Best first. `aspect`: width over height of the video, where it is known. 16:9 of at least 1280 x 720 for a YouTube
    thumbnail: support.google.com/youtube/answer/72431; the others as in features.video.platform_rules."""
    upright = aspect is not None and aspect < 1
    moving = media_type == MediaType.VIDEO
    if platform == Platform.YOUTUBE:
        short = upright and duration_s is not None and duration_s <= SHORT_S
        return (TALL,) if short else (WIDE,)
    if platform == Platform.TIKTOK:
        return (TALL,)
    if platform == Platform.INSTAGRAM:
        return (TALL, PORTRAIT) if moving else (PORTRAIT, SQUARE)
    if platform == Platform.FACEBOOK:
        return (TALL, PORTRAIT) if moving and upright else (PORTRAIT, SQUARE)
    if platform == Platform.X:
        return (PLAIN_WIDE, SQUARE)
    return (PLAIN_WIDE, PORTRAIT)
