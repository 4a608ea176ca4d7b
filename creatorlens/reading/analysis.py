"""Everything read from one piece of content: its files, its words, and what could not be read.

What HTTP, the command line and the dashboard show, and what is stored: the same JSON.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from creatorlens.platforms import Platform
from creatorlens.reading.audio import AudioReading
from creatorlens.reading.base import Part
from creatorlens.reading.files import FileFacts, Identity, Refusal, Safety
from creatorlens.reading.image import ImageReading
from creatorlens.reading.text import TextReading
from creatorlens.reading.video import VideoReading

Signed = Annotated[float, Field(ge=-1, le=1)]


class ChannelLook(Part):
    """How the picture sits beside the channel's earlier ones: the cosine between its embedding and their mean."""

    consistency: Signed
    earlier: Annotated[int, Field(ge=1)]
    model: str


class FileReading(Part):
    """One file. A picture has `image`, a recording `audio`, a video `video` and, where it has sound, `audio`;
    a file of words has `words` alone.

    `seconds`: wall clock of what was read now, by extractor (`image.faces`) or, where parts are read together, by
    modality (`audio`). `from_cache`: parts kept from an earlier reading of the same bytes. `from_alike`: part -> sha256
    of the near-identical file it was taken from. `absent`: a modality, or another field of this record -> why not.
    """

    file: FileFacts
    image: ImageReading | None = None
    audio: AudioReading | None = None
    video: VideoReading | None = None
    words: str | None = Field(default=None, description="What a text or subtitle file says.")
    safety: Safety | None = None
    identity: Identity | None = None
    channel_look: ChannelLook | None = None
    seconds: dict[str, float] = Field(default_factory=dict)
    from_cache: tuple[str, ...] = ()
    from_alike: dict[str, str] = Field(default_factory=dict)
    absent: dict[str, str] = Field(default_factory=dict)


class RefusedFile(Part):
    """A file that was not read. `sha256` is None where it could not even be taken in."""

    name: str
    bytes: Annotated[int, Field(ge=0)]
    sha256: str | None = None
    refusal: Refusal


class Note(Part):
    """Something absent: `what` (as `image.faces`), on which files, `why`, and what it `costs`."""

    what: str
    files: tuple[str, ...] = ()
    why: str
    costs: str | None = None


class Analysis(Part):
    """`words`: what was read from title, text, transcript and text on screen together; None where there are none.
    `features`: every number that the models read of media, None where it is missing."""

    analysis_id: str
    created_at: AwareDatetime
    platform: Platform | None = None
    channel_id: str | None = None
    title: str = ""
    text: str = ""
    words: TextReading | None = None
    files: tuple[FileReading, ...] = ()
    refused: tuple[RefusedFile, ...] = ()
    safety: Safety | None = Field(default=None, description="Of all files and the words together.")
    features: dict[str, float | None] = Field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    seconds: Annotated[float, Field(ge=0)] = 0.0
