"""Everything read from one video, and from its sound beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from creatorlens.errors import InputError
from creatorlens.reading.base import Part
from creatorlens.reading.video import (
    Container,
    Cuts,
    Fit,
    Frames,
    Hook,
    Motion,
    Screen,
    Thumbnails,
    VideoReading,
)
from features.absent import Absent
from features.extractor import Extractor, extract
from features.media.limits import Limits
from features.video.fit import read_fit
from features.video.frames import CLASSICAL, LEARNED
from features.video.hook import read_hook
from features.video.screen import read_screen
from features.video.source import Video
from features.video.thumbnails import read_thumbnails
from features.vision import reading as vision
from features.weights.models import Models

if TYPE_CHECKING:
    from creatorlens.reading.audio import AudioReading


@dataclass(frozen=True)
class VideoExtractor(Extractor[Video]):
    """`pictures`: it rests on what is read from frames, and is read anew where one of those extractors changed."""

    pictures: bool = False

    def key(self, models: Models) -> str:
        used = (
            [one for one in vision.EXTRACTORS if one.field in (*CLASSICAL, *LEARNED)] if self.pictures else []
        )
        return ":".join([super().key(models), *(one.key(models) for one in used)])


def _container(video: Video, models: Models) -> Container:  # noqa: ARG001 - an extractor's signature
    return video.probed.container


def _cuts(video: Video, models: Models) -> Cuts:  # noqa: ARG001
    return video.cuts


def _motion(video: Video, models: Models) -> Motion | Absent:  # noqa: ARG001
    return video.motion


def _frames(video: Video, models: Models) -> Frames:  # noqa: ARG001
    return video.frames


EXTRACTORS: tuple[VideoExtractor, ...] = (
    VideoExtractor("video.container", 1, Container, _container),
    VideoExtractor("video.cuts", 1, Cuts, _cuts),
    VideoExtractor("video.motion", 1, Motion, _motion),
    VideoExtractor("video.frames", 1, Frames, _frames, pictures=True),
    VideoExtractor("video.hook", 1, Hook, read_hook, pictures=True),
    VideoExtractor("video.screen", 1, Screen, read_screen, pictures=True),
    VideoExtractor("video.fit", 1, Fit, read_fit),
    VideoExtractor("video.thumbnails", 1, Thumbnails, read_thumbnails, pictures=True),
)


def read_video(
    path: Path,
    models: Models,
    limits: Limits,
    known: Mapping[str, Part] | None = None,
    *,
    learned: bool = True,
    audio: AudioReading | None = None,
) -> VideoReading:
    """Every part; those in `known` (by field) are taken as they are. Without `audio` what rests on sound is None.

    Raises InputError where there is no picture to read or it exceeds the limits.
    """
    return _read(path, models, limits, known, learned, lambda: audio)


def read_with_sound(
    path: Path,
    models: Models,
    limits: Limits,
    known: Mapping[str, Part] | None = None,
    known_audio: Mapping[str, Part] | None = None,
    *,
    learned: bool = True,
    transcribe: bool = True,
) -> tuple[VideoReading, AudioReading | Absent]:
    """Picture and sound at the same time, each in a thread of its own: decoders and networks run beside each other.

    Sound that is broken is Absent with the reason; InputError as in `read_video`.
    """
    from features.audio.reading import read_audio

    def listen() -> AudioReading | Absent:
        try:
            return read_audio(path, models, limits, known_audio, learned=learned, transcribe=transcribe)
        except InputError as error:
            return Absent(str(error))

    with ThreadPoolExecutor(1, thread_name_prefix="sound") as pool:
        heard = pool.submit(listen)

        def sound() -> AudioReading | None:
            found = heard.result()
            return None if isinstance(found, Absent) else found

        video = _read(path, models, limits, known, learned, sound)
        return video, heard.result()


def _read(
    path: Path,
    models: Models,
    limits: Limits,
    known: Mapping[str, Part] | None,
    learned: bool,
    listen: Callable[[], AudioReading | None],
) -> VideoReading:
    video = Video(path, models, limits, learned, listen, known or {})
    if not {extractor.field for extractor in EXTRACTORS} <= video.known.keys():
        _ = video.probed  # what is no video is the caller's to mend: an error, not parts that are absent
    if not {"cuts", "motion", "frames"} <= video.known.keys():
        _ = video.scanned
    extracted = extract(EXTRACTORS, video, models, known)
    return VideoReading(**extracted.parts, absent=extracted.absent)  # type: ignore[arg-type]
