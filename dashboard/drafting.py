"""What the creator typed, as a draft."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from creatorlens.api import ChannelSummary
from creatorlens.platforms import MediaType, Platform
from creatorlens.records import Draft

USUAL_MEDIA = {
    Platform.YOUTUBE: MediaType.VIDEO,
    Platform.TIKTOK: MediaType.VIDEO,
    Platform.INSTAGRAM: MediaType.IMAGE,
    Platform.X: MediaType.TEXT,
    Platform.REDDIT: MediaType.LINK,
    Platform.FACEBOOK: MediaType.IMAGE,
}

MEDIA = {
    Platform.YOUTUBE: (MediaType.VIDEO,),
    Platform.TIKTOK: (MediaType.VIDEO, MediaType.IMAGE),
    Platform.INSTAGRAM: (MediaType.IMAGE, MediaType.ALBUM, MediaType.VIDEO),
    Platform.X: (MediaType.TEXT, MediaType.IMAGE, MediaType.VIDEO, MediaType.LINK),
    Platform.REDDIT: (MediaType.LINK, MediaType.TEXT, MediaType.IMAGE, MediaType.VIDEO),
    Platform.FACEBOOK: (MediaType.IMAGE, MediaType.ALBUM, MediaType.VIDEO, MediaType.TEXT, MediaType.LINK),
}

MEDIA_WORDS = {
    MediaType.VIDEO: "Video",
    MediaType.IMAGE: "Photo",
    MediaType.ALBUM: "Album",
    MediaType.TEXT: "Text",
    MediaType.LINK: "Link",
    MediaType.AUDIO: "Audio",
}

TITLE_WORDS = {
    Platform.YOUTUBE: "Title",
    Platform.TIKTOK: "Caption",
    Platform.INSTAGRAM: "Caption",
    Platform.X: "Text",
    Platform.REDDIT: "Title",
    Platform.FACEBOOK: "Text",
}
"""What the platform calls the words that everybody sees first."""


def media_options(platform: Platform, seen: MediaType | None) -> list[MediaType]:
    """What can be posted there, led by what the channel posted last (else by what is usual)."""
    first = seen or USUAL_MEDIA[platform]
    return [first, *[media for media in MEDIA[platform] if media is not first]]


def has_duration(media: MediaType) -> bool:
    return media in (MediaType.VIDEO, MediaType.AUDIO)


def has_description(platform: Platform) -> bool:
    """Whether a post has a text besides its title (where it has not, the caption is all there is)."""
    return platform in (Platform.YOUTUBE, Platform.REDDIT)


def parse_hashtags(typed: str) -> tuple[str, ...]:
    """'#cats, dogs #cats' → ('cats', 'dogs'): order kept, repetitions dropped."""
    words = (word.strip("#＃") for word in re.split(r"[\s,;]+|(?<=\S)#", typed))
    return tuple(dict.fromkeys(word for word in words if word))


def parse_duration(typed: str) -> float | None:
    """'8:30' → 510.0, '45' → 45.0, '1:02:03' → 3723.0; '' → None. Raises ValueError otherwise."""
    text = typed.strip()
    if not text:
        return None
    parts = text.split(":")
    if len(parts) > 3 or not all(re.fullmatch(r"\d{1,5}", part) for part in parts):
        raise ValueError("write minutes:seconds, like 8:30")
    seconds = 0.0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return seconds


def duration_words(duration_s: float | None) -> str:
    """510.0 → '8:30'; 3723.0 → '1:02:03'; None → ''."""
    if duration_s is None:
        return ""
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def make_draft(
    channel: ChannelSummary,
    planned_at: datetime,
    *,
    title: str,
    text: str = "",
    hashtags: str = "",
    media_type: MediaType,
    duration_s: float | None = None,
    analysis_id: str | None = None,
) -> Draft | None:
    """The draft, or None while nothing is written yet. On platforms with one caption, that is `text`. With
    `analysis_id` the forecast knows what was read from the draft's files."""
    if not title.strip() and not text.strip():
        return None
    caption = has_description(channel.platform)
    return Draft(
        channel_id=channel.channel_id,
        platform=channel.platform,
        planned_at=planned_at,
        title=title.strip() if caption else "",
        text=text.strip() if caption else title.strip(),
        hashtags=parse_hashtags(hashtags),
        media_type=media_type,
        duration_s=duration_s if has_duration(media_type) else None,
        analysis_id=analysis_id,
    )


def fingerprint(draft: Draft) -> str:
    """Two drafts that differ in anything have different fingerprints."""
    return hashlib.sha256(repr(draft).encode()).hexdigest()
