"""What readings say of safety → a verdict by thresholds.

The rule: 'block' for malware, explicit pictures at 0.80, hate at 0.90; 'review' for explicit pictures at 0.50,
suggestive ones at 0.80, hate at 0.60, other offence (insult, obscenity) at 0.80. A score is a model's guess: 'block' stops nothing here but says
that a person must decide; thresholds are settings of the caller (`Thresholds`). Violence is judged in words alone (the classes of the hate model):
there is no model of violence in pictures here, and `absent` says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from creatorlens.reading.base import Labelled
from creatorlens.reading.files import Flag, Malware, Nsfw, Safety
from creatorlens.reading.image import ImageReading
from creatorlens.reading.text import TextReading
from creatorlens.reading.video import VideoReading

NO_VIOLENCE = "no model of violence in pictures is here; words are judged by the hate model's classes"
HATE_CLASSES = ("hate", "identity", "threat", "severe", "violen")
OFFENCE_CLASSES = ("toxic", "insult", "obscene", "offens", "sexual")
ORDER = ("pass", "unknown", "review", "block")
NOT_SCANNED = Malware(status="not scanned", reason="nothing to scan")


@dataclass(frozen=True)
class Thresholds:
    """Scores (0-1) from which something is flagged, and from which it blocks."""

    explicit: float = 0.5
    explicit_block: float = 0.8
    suggestive: float = 0.8
    hate: float = 0.6
    hate_block: float = 0.9
    offensive: float = 0.8


USUAL = Thresholds()


@dataclass(frozen=True)
class Seen:
    """One picture's scores, and when it is shown (None for a still)."""

    explicit: float
    suggestive: float
    at_s: float | None = None


def judge(
    image: ImageReading | None = None,
    video: VideoReading | None = None,
    words: TextReading | None = None,
    malware: Malware = NOT_SCANNED,
    thresholds: Thresholds = USUAL,
) -> Safety:
    """The verdict over one file's pictures and its words, whichever there are."""
    absent: dict[str, str] = {}
    seen = _pictures(image, video, absent)
    labels = _hate(words, absent)
    if image is not None or video is not None:
        absent["violence"] = NO_VIOLENCE
    if malware.status == "not scanned":
        absent["malware"] = malware.reason or "not scanned"
    return _verdict(seen, labels, malware, thresholds, absent)


def together(of: Sequence[Safety]) -> Safety | None:
    """The verdict of several files: the gravest of each; None for no file."""
    if not of:
        return None
    nsfw = [one.nsfw for one in of if one.nsfw is not None]
    hate = [one.hate for one in of if one.hate is not None]
    malware = next((one.malware for one in of if one.malware.status == "infected"), None)
    malware = malware or next(
        (one.malware for one in of if one.malware.status == "not scanned"), of[0].malware
    )
    absent: dict[str, str] = {}
    for one in reversed(of):
        absent.update(one.absent)
    return Safety(
        verdict=max((one.verdict for one in of), key=ORDER.index),
        nsfw=_nsfw_together(nsfw),
        hate=max(hate) if hate else None,
        malware=malware,
        flags=tuple(flag for one in of for flag in one.flags),
        absent=absent,
    )


def _pictures(image: ImageReading | None, video: VideoReading | None, absent: dict[str, str]) -> list[Seen]:
    seen: list[Seen] = []
    readings: list[tuple[float | None, ImageReading]] = [] if image is None else [(None, image)]
    if video is not None and video.frames is not None:
        readings += [(frame.time_s, frame.reading) for frame in video.frames.frames]
    elif video is not None:
        absent["nsfw"] = video.absent.get("frames", "no frames were read")
    for at_s, reading in readings:
        if reading.safety is None:
            absent["nsfw"] = reading.absent.get("safety", "not judged")
        else:
            seen.append(Seen(reading.safety.explicit, reading.safety.suggestive, at_s))
    if seen:
        absent.pop("nsfw", None)
    return seen


def _hate(words: TextReading | None, absent: dict[str, str]) -> Sequence[Labelled] | None:
    if words is None:
        return None
    if words.hate is None:
        absent["hate"] = words.absent.get("hate", "not judged")
        return None
    return words.hate.labels


def _verdict(
    seen: Sequence[Seen],
    labels: Sequence[Labelled] | None,
    malware: Malware,
    at: Thresholds,
    absent: Mapping[str, str],
) -> Safety:
    flags: list[Flag] = []
    block = malware.status == "infected"
    if block:
        flags.append(Flag(what="malware", score=1.0, threshold=1.0))
    if seen:
        worst = max(seen, key=lambda one: one.explicit)
        block |= worst.explicit >= at.explicit_block
        if worst.explicit >= at.explicit:
            flags.append(Flag(what="nsfw", score=worst.explicit, threshold=at.explicit, at_s=worst.at_s))
        bare = max(seen, key=lambda one: one.suggestive)
        if bare.suggestive >= at.suggestive:
            flags.append(
                Flag(what="suggestive", score=bare.suggestive, threshold=at.suggestive, at_s=bare.at_s)
            )
    hate = None if labels is None else _highest(labels, HATE_CLASSES)
    offence = None if labels is None else _highest(labels, OFFENCE_CLASSES)
    if hate is not None and hate >= at.hate:
        flags.append(Flag(what="hate", score=hate, threshold=at.hate, field="words"))
        block |= hate >= at.hate_block
    if offence is not None and offence >= at.offensive:
        flags.append(Flag(what="offensive", score=offence, threshold=at.offensive, field="words"))
    judged = bool(seen) or labels is not None or malware.status != "not scanned"
    return Safety(
        verdict="block" if block else "review" if flags else "pass" if judged else "unknown",
        nsfw=_nsfw(seen, at),
        hate=hate,
        malware=malware,
        flags=tuple(flags),
        absent=dict(absent),
    )


def _nsfw(seen: Sequence[Seen], at: Thresholds) -> Nsfw | None:
    if not seen:
        return None
    worst = max(seen, key=lambda one: one.explicit)
    return Nsfw(
        pictures=len(seen),
        highest=worst.explicit,
        highest_at_s=worst.at_s,
        suggestive=max(one.suggestive for one in seen),
        share_above=sum(one.explicit >= at.explicit for one in seen) / len(seen),
    )


def _nsfw_together(of: Sequence[Nsfw]) -> Nsfw | None:
    if not of:
        return None
    worst = max(of, key=lambda one: one.highest)
    pictures = sum(one.pictures for one in of)
    return Nsfw(
        pictures=pictures,
        highest=worst.highest,
        highest_at_s=worst.highest_at_s,
        suggestive=max(one.suggestive for one in of),
        share_above=sum(one.share_above * one.pictures for one in of) / pictures,
    )


def _highest(labels: Sequence[Labelled], classes: Sequence[str]) -> float:
    """Of classes by part of their name, since each model has names of its own. 'not hate' and the like are none;
    a model whose classes have no names ('LABEL_1') says nothing."""
    named = [
        one.score
        for one in labels
        if any(part in one.label.lower() for part in classes)
        and not one.label.lower().startswith(("not", "non", "no ", "no_"))
    ]
    return max(named, default=0.0)
