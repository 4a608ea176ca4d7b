"""What is known of the file itself: what it is, why it was refused, what it is alike, whether it is safe."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from creatorlens.reading.base import Part, Seconds, Share

Kind = Literal["image", "video", "audio", "text", "archive"]
Reason = Literal[
    "empty",  # no bytes, or nothing but padding
    "not_media",  # a known kind of file that is not media: a program, a document, a page
    "unsupported_format",  # media, but of a format that is not read here
    "too_large",  # more bytes than allowed
    "too_many_pixels",
    "too_long",  # more seconds or frames than allowed
    "malware",
    "polyglot",  # media and something else at once: a hidden archive, document, program or script
    "unsafe_content",  # an archive whose names lead outside, links, devices; text with a script in it
    "broken",  # says what it is, but cannot be decoded; also where a decoder died over it
    "over_time",  # more wall-clock seconds than one analysis may take
    "over_memory",
    "archive_expansion",  # too many members, too many bytes or too high a ratio
    "archive_nested",
    "failed",  # our own fault, not the file's
]
Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class FileFacts(Part):
    """`name` as given, without folders and control characters; `kind` and `mime` by content, never by name."""

    name: str
    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    kind: Kind
    mime: str


class Refusal(Part):
    """Why a file was not read. `reason` is for machines, `words` and `hint` for people; `field` names the file."""

    reason: Reason
    words: str
    field: str | None = None
    hint: str | None = None


class FrameHash(Part):
    """The perceptual hash of the frame at `at_s`."""

    at_s: Seconds
    hash: Hex64


class Near(Part):
    """Another piece that looks or sounds alike. `similarity` is 1 for no difference: for hashes the share of
    equal bits, averaged over matching frames; `same` where it is the same work at another size or quality."""

    id: str
    what: Literal["image", "video", "audio"]
    similarity: Share
    same: bool


class Identity(Part):
    """`image_hash`: 64-bit perceptual hash as 16 hex digits, None for a picture without structure (flat).
    `audio_fingerprint` as the audio reader gives it. `near`: alike in the store, most alike first."""

    image_hash: Hex64 | None = None
    video_hashes: tuple[FrameHash, ...] = ()
    audio_fingerprint: str | None = None
    near: tuple[Near, ...] = ()
    absent: dict[str, str] = Field(default_factory=dict)


class Malware(Part):
    """`engine`: what scanned, as it names itself. `finding`: the signature's name where infected.
    `reason`: why it was not scanned."""

    status: Literal["clean", "infected", "not scanned"]
    engine: str | None = None
    finding: str | None = None
    reason: str | None = None


class Flag(Part):
    """One thing that crossed a threshold. `score` and `threshold` 0-1; `at_s` and `field` say where."""

    what: Literal["nsfw", "suggestive", "hate", "offensive", "malware"]
    score: Share
    threshold: Share
    at_s: Seconds | None = None
    field: str | None = None


class Nsfw(Part):
    """Over `pictures` looked at: the highest score of explicit classes, where it was, and the share of pictures
    above the threshold of `nsfw`."""

    pictures: Annotated[int, Field(ge=1)]
    highest: Share
    highest_at_s: Seconds | None = None
    suggestive: Share
    share_above: Share


class Safety(Part):
    """`verdict`: 'block' should not be published as it is, 'review' a person should look, 'pass' nothing found,
    'unknown' where nothing could be judged. What was not judged is in `absent`."""

    verdict: Literal["pass", "review", "block", "unknown"]
    nsfw: Nsfw | None = None
    hate: Share | None = None
    malware: Malware
    flags: tuple[Flag, ...] = ()
    absent: dict[str, str] = Field(default_factory=dict)
