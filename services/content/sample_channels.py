"""The synthetic channels: who they are, what they post, what is counted and when.

The counts come from `sample_outcomes`, the words from `sample_words`; this file makes the rows.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from creatorlens.errors import InputError
from creatorlens.platforms import Platform
from services.content import sample_outcomes as outcomes
from services.content import sample_words as words
from services.content.sample_outcomes import Floats

PLATFORMS = (Platform.YOUTUBE, Platform.TIKTOK, Platform.INSTAGRAM)
UTC_US = "datetime64[us, UTC]"
TRAITS = ("topic", "question", "number", "shouting", "emoji", "quality")
"""What the outcomes depend on; not part of the tables."""


@dataclass(frozen=True)
class SampleOptions:
    """`end` (a UTC day) is the corpus's present; the last `later_weeks` before it go to `later/`.

    The default is a fixed day, so that the same command makes the same files on any day.
    """

    seed: int = 7
    end: datetime = datetime(2026, 11, 2, tzinfo=UTC)
    weeks: int = 104
    later_weeks: int = 6
    channels: int = 8
    media: bool = True
    # of each channel's newest posts
    thumbnails: int = 3
    clips: int = 1

    def __post_init__(self) -> None:
        if self.end.tzinfo is None:
            object.__setattr__(self, "end", self.end.replace(tzinfo=UTC))
        for name, low, high in (
            ("weeks", 8, 520),
            ("channels", 1, 200),
            ("later_weeks", 1, self.weeks // 2),
            ("thumbnails", 1, 10_000),
            ("clips", 0, self.thumbnails),
        ):
            if not low <= getattr(self, name) <= high:
                raise InputError(f"must be between {low} and {high}.", field=name)

    @property
    def cut(self) -> pd.Timestamp:
        """What was published or observed from here on is in `later/`."""
        return pd.Timestamp(self.end) - pd.Timedelta(weeks=self.later_weeks)


@dataclass(frozen=True)
class Channel:
    platform: Platform
    creator_id: str
    niche: words.Niche
    followers_ln: float
    growth: float
    per_week: float
    hour: float
    habits: tuple[float, float, float]
    tags: float
    connected_at: pd.Timestamp


def channels(options: SampleOptions) -> list[Channel]:
    """The same person runs one channel on each platform; the audiences differ."""
    start = pd.Timestamp(options.end) - pd.Timedelta(weeks=options.weeks)
    made = []
    for platform in PLATFORMS:
        for i in range(options.channels):
            niche = words.NICHES[i % len(words.NICHES)]
            creator_id = f"sample-{niche.name}-{i // len(words.NICHES) + 1:02d}"
            rng = seeded(options.seed, platform, creator_id)
            connected = start + pd.Timedelta(minutes=int(options.weeks * rng.uniform(0.25, 0.45) * 7 * 1440))
            made.append(
                Channel(
                    platform, creator_id, niche,
                    followers_ln=rng.normal(9.6, 1.2),
                    growth=rng.normal(0.45, 0.3),
                    per_week=rng.uniform(1.3, 2.9),
                    hour=rng.uniform(9, 20),
                    habits=(rng.uniform(0.1, 0.3), rng.uniform(0.15, 0.35), rng.uniform(0.02, 0.12)),
                    tags=rng.uniform(1, 8) if platform is not Platform.YOUTUBE else rng.uniform(0, 4),
                    connected_at=connected,
                )
            )  # fmt: skip
    return made


def seeded(seed: int, *key: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32("/".join(key).encode())])


def posts_and_observations(channel: Channel, options: SampleOptions) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = seeded(options.seed, channel.platform, channel.creator_id, "posts")
    posts = _posts(rng, channel, options)
    traits = outcomes.TRAITS[channel.platform]
    topic_effects = rng.normal(0, 0.26, len(channel.niche.topics))
    level = 0.3 + 0.9 * _followers_ln(channel, posts["published_at"], options)
    chosen = outcomes.effects(posts, topic_effects, channel.niche.month_peak, traits)
    unlucky, _ = outcomes.luck(rng, len(posts), traits)
    share = {Platform.YOUTUBE: 0.25, Platform.TIKTOK: 0.5, Platform.INSTAGRAM: 0.05}[channel.platform]
    final = np.exp(np.log(share) + level + chosen + unlucky)
    video = (posts["media_type"] == "video").to_numpy()
    final_counts = pd.DataFrame(outcomes.counts(rng, final, channel.platform, video), index=posts.index)
    seen = _observations(rng, posts, final_counts, channel, options)
    return posts, seen


def _posts(rng: np.random.Generator, channel: Channel, options: SampleOptions) -> pd.DataFrame:
    """A channel's posts by time: the columns of the canonical table, and the traits that outcomes depend on."""
    times = _times(rng, channel, options)
    rows = [_post(rng, channel, at) for at in times]
    posts = pd.DataFrame(rows)
    posts["published_at"] = pd.to_datetime(posts["published_at"], utc=True).astype(UTC_US)
    known = channel.platform is Platform.INSTAGRAM
    followers = np.exp(_followers_ln(channel, posts["published_at"], options)).round()
    posts["followers"] = np.where(rng.random(len(posts)) < 0.04, np.nan, followers) if known else np.nan
    return posts


def _times(rng: np.random.Generator, channel: Channel, options: SampleOptions) -> list[pd.Timestamp]:
    start = pd.Timestamp(options.end) - pd.Timedelta(weeks=options.weeks)
    days = rng.permutation(7)[: int(rng.integers(3, 7))]
    break_from = int(rng.integers(options.weeks))
    times = set()
    for week in range(options.weeks):
        # a holiday now and then: gaps are part of a real calendar
        quiet = 0.1 if break_from <= week < break_from + 2 else 1.0
        for _ in range(rng.poisson(channel.per_week * quiet)):
            day = int(rng.choice(days)) if rng.random() < 0.8 else int(rng.integers(7))
            hour = rng.normal(channel.hour, 1.5) % 24 if rng.random() < 0.7 else rng.uniform(6, 23)
            times.add(start + pd.Timedelta(weeks=week, days=day, seconds=int(hour * 3600)))
    return sorted(times)


def _post(rng: np.random.Generator, channel: Channel, at: pd.Timestamp) -> dict[str, Any]:
    platform, niche = channel.platform, channel.niche
    written = words.write(rng, niche, month=at.month, habits=channel.habits)
    tags = words.hashtags(rng, niche, written, channel.tags)
    text = words.caption(rng, niche, written, tags)
    media_type, duration = "video", float(rng.lognormal(6.2, 0.5).__round__())
    if platform is Platform.TIKTOK:
        duration = float(np.clip(rng.lognormal(3.3, 0.5), 5, 180).round(1))
    if platform is Platform.INSTAGRAM:
        media_type = str(rng.choice(["image", "album", "video"], p=[0.4, 0.25, 0.35]))
        duration = float(np.clip(rng.lognormal(3.2, 0.5), 5, 90).round(1))
    key = f"{channel.platform}/{channel.creator_id}/{at.isoformat()}"
    titled = platform is Platform.YOUTUBE
    return {
        "post_id": f"sample-{platform[:2]}-{zlib.crc32(key.encode()):08x}{zlib.adler32(key.encode()):08x}",
        "platform": platform.value,
        "creator_id": channel.creator_id,
        "published_at": at,
        "media_type": media_type,
        "title": written.title if titled else "",
        "text": text.split("\n", 1)[-1] if titled and "\n" in text else "" if titled else text,
        "hashtags": list(tags),
        "duration_s": None
        if media_type != "video" or rng.random() < 0.03
        else max(duration, 61.0 if titled else 1),
        "followers": np.nan,
        "category": None if rng.random() < 0.1 else niche.category,
        "topic": written.topic,
        "question": written.question,
        "number": written.number,
        "shouting": written.shouting,
        "emoji": written.emoji,
        "quality": rng.normal(),
    }


def _followers_ln(channel: Channel, at: pd.Series, options: SampleOptions) -> Floats:
    """ln followers: growth by the year, and a slow wander that is the same for every caller."""
    rng = seeded(options.seed, channel.platform, channel.creator_id, "audience")
    start = pd.Timestamp(options.end) - pd.Timedelta(weeks=options.weeks)
    weeks = (at - start).dt.total_seconds().to_numpy() / (7 * 86400)
    wander = np.cumsum(rng.normal(0, 0.02, options.weeks + 1))
    return (
        channel.followers_ln + channel.growth * weeks / 52 + np.interp(weeks, np.arange(len(wander)), wander)
    )


def _observations(
    rng: np.random.Generator,
    posts: pd.DataFrame,
    final: pd.DataFrame,
    channel: Channel,
    options: SampleOptions,
) -> pd.DataFrame:
    """Posts from before the channel was connected have one late count; the others one at 1, 7 and 30 days."""
    traits = outcomes.TRAITS[channel.platform]
    tau = traits.tau_h * np.exp(rng.normal(0, 0.3, len(posts)))
    old = (posts["published_at"] < channel.connected_at).to_numpy()
    looks = []
    for age_h, missing in ((24.0, 0.06), (168.0, 0.04), (720.0, 0.08)):
        at = posts["published_at"] + pd.to_timedelta(
            (age_h + rng.uniform(0.1, 5, len(posts))) * 3600 // 1, unit="s"
        )
        looks.append((at, ~old & (rng.random(len(posts)) >= missing)))
    connected = pd.Series(channel.connected_at + pd.Timedelta(minutes=5), index=posts.index)
    looks.append((connected.astype(UTC_US), old & (rng.random(len(posts)) >= 0.01)))
    frames = []
    for at, taken in looks:
        taken &= (at < pd.Timestamp(options.end)).to_numpy()
        age_h = ((at - posts["published_at"]).dt.total_seconds() / 3600).to_numpy()
        share = outcomes.share_at(np.maximum(age_h, 0.1), tau, traits.evergreen)
        frame = (final.mul(share, axis=0)).round()
        frame.insert(0, "observed_at", at.astype(UTC_US))
        frame.insert(0, "platform", channel.platform.value)
        frame.insert(0, "post_id", posts["post_id"])
        frames.append(frame[taken])
    return pd.concat(frames, ignore_index=True).sort_values(["observed_at", "post_id"], ignore_index=True)


def audience(channel: Channel, options: SampleOptions) -> pd.DataFrame:
    """Weekly channel statistics from the day it was connected."""
    at = pd.Series(pd.date_range(channel.connected_at, options.end, freq="7D", inclusive="left"))
    followers = np.exp(_followers_ln(channel, at, options)).round()
    weeks = np.arange(len(at)) + 30
    return pd.DataFrame(
        {
            "creator_id": channel.creator_id,
            "platform": channel.platform.value,
            "observed_at": at.astype(UTC_US),
            "followers": followers,
            "total_views": (followers * 0.6 * channel.per_week * weeks).round()
            if channel.platform is not Platform.INSTAGRAM
            else np.nan,
            "posts": (channel.per_week * weeks).round(),
        }
    )
