"""What each platform takes and shows whole, as generally known. Rules change: each names the page to look it up on."""

from __future__ import annotations

from dataclasses import dataclass

HOUR = 3600.0


@dataclass(frozen=True)
class Rule:
    """Width over height: `ideal` fill the screen, outside `narrowest`-`widest` the placement is refused or lost.
    Seconds: from `shortest` to `full` all is well, up to `longest` it is taken but shown to fewer."""

    platform: str
    placement: str
    ideal: tuple[float, ...]
    narrowest: float
    widest: float
    shape: str
    shortest: float
    full: float
    longest: float
    length: str
    source: str
    as_of: str


TALL, SQUARE, PORTRAIT, WIDE = 9 / 16, 1.0, 4 / 5, 16 / 9

RULES: tuple[Rule, ...] = (
    Rule(
        "youtube", "long", (WIDE,), 0.0, 100.0, "16:9 fills the player; other shapes get bars",
        0.0, 12 * HOUR, 12 * HOUR, "up to 12 hours; over 15 minutes needs a verified account",
        "support.google.com/youtube/answer/6375112 and /answer/71673", "2025",
    ),
    Rule(
        "youtube", "shorts", (TALL,), 0.0, 1.0, "9:16 fills the phone; square or upright, or it is no Short",
        0.0, 180.0, 180.0, "up to 3 minutes, or it is no Short",
        "support.google.com/youtube/answer/15424877", "2025",
    ),
    Rule(
        "tiktok", "feed", (TALL,), 0.0, 100.0, "9:16 fills the phone; other shapes get bars",
        3.0, 600.0, HOUR, "3 seconds to 10 minutes; up to 60 minutes for uploads outside the app",
        "developers.tiktok.com/doc/content-posting-api-media-transfer-guide", "2025",
    ),
    Rule(
        "instagram", "feed", (PORTRAIT, SQUARE), 9 / 16, 1.91,
        "4:5 takes most of the feed, 1:1 suits it; 9:16 to 1.91:1 is taken",
        3.0, 180.0, 900.0, "3 seconds to 15 minutes; all are shared as reels, over 3 minutes not recommended to others",
        "developers.facebook.com/docs/instagram-platform/content-publishing", "2025",
    ),
    Rule(
        "instagram", "reel", (TALL,), 0.01, 10.0, "9:16 fills the phone; 0.01:1 to 10:1 is taken",
        3.0, 180.0, 900.0, "3 seconds to 15 minutes; over 3 minutes it is not recommended to others",
        "developers.facebook.com/docs/instagram-platform/content-publishing", "2025",
    ),
    Rule(
        "x", "post", (WIDE, SQUARE, TALL), 1 / 3, 3.0, "16:9, 1:1 and 9:16 are shown whole; 1:3 to 3:1 is taken",
        0.5, 140.0, 140.0, "half a second to 140 seconds without a paid account",
        "docs.x.com/x-api/media/quickstart/best-practices", "2025",
    ),
    Rule(
        "facebook", "reel", (TALL,), 0.0, 100.0, "9:16 fills the phone; other shapes get bars",
        3.0, 90.0, 4 * HOUR, "3 to 90 seconds through the API, up to 240 minutes in the app",
        "developers.facebook.com/docs/video-api/guides/reels-publishing", "2025",
    ),
    Rule(
        "facebook", "feed", (PORTRAIT, SQUARE), 9 / 16, WIDE,
        "4:5 takes most of the feed, 1:1 suits it; 9:16 to 16:9 is taken",
        1.0, 4 * HOUR, 4 * HOUR, "1 second to 240 minutes",
        "facebook.com/business/help/103816146375741", "2025",
    ),
    Rule(
        "reddit", "post", (WIDE, SQUARE, PORTRAIT, TALL), 0.0, 100.0, "16:9, 1:1, 4:5 and 9:16 are shown whole",
        2.0, 900.0, 900.0, "2 seconds to 15 minutes",
        "support.reddithelp.com (video posts)", "2025",
    ),
)  # fmt: skip
