"""One file read whole: its modalities composed, and taken apart again into parts that can be kept.

Parts go by the name of their extractor (`image.faces`). What is known already is handed in and not read again; what
is new comes back by itself, so that it can be kept. A modality that a file does not have goes by its own name
(`audio`: the file has no sound).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from creatorlens.errors import InputError
from creatorlens.reading.analysis import FileReading
from creatorlens.reading.audio import AudioReading
from creatorlens.reading.base import Part
from creatorlens.reading.files import FileFacts, Identity, Kind, Refusal
from creatorlens.reading.image import ImageReading
from creatorlens.reading.video import VideoReading
from features.absent import Absent
from features.extractor import Extractor, extract
from features.media.limits import USUAL, Limits
from features.weights.models import Models

Kept = Mapping[str, Part | Absent]
"""By extractor: what was read of the same bytes before."""

AFTER_SPEECH = frozenset({"audio.transcript", "audio.pace"})
"""What is missing where nothing is to be transcribed."""
IDENTITY = "identity"
IDENTITY_VERSION = 1
ALIKE = frozenset(
    {"image.scene", "image.objects", "image.subject", "image.faces", "image.safety", "image.embedding"}
)
"""What is taken over from a picture that is the same work at another size or quality (features.media.identity): what
is shown in it. How well it is made (light, sharpness, quality, legibility of words) is always read of its own bytes."""
MOST_KEY_CHARS = 255
TEXT_BYTES = 400_000
"""More of a file of words is not looked at: `max_text_chars` cuts far earlier."""


@dataclass(frozen=True)
class Options:
    transcribe: bool = True

    @property
    def left_out(self) -> frozenset[str]:
        """Extractors that are not asked for; that they gave nothing says nothing of the file."""
        return frozenset() if self.transcribe else AFTER_SPEECH


@dataclass(frozen=True)
class Found:
    """What was read now: parts and absences by extractor, and wall-clock seconds."""

    parts: dict[str, Part] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, modality: str, reading: Part) -> None:
        """Every part of a modality's record, and why others are not there."""
        for name in type(reading).model_fields:
            value = getattr(reading, name)
            if isinstance(value, Part):
                self.parts[f"{modality}.{name}"] = value
        self.absent.update(
            {f"{modality}.{name}": why for name, why in getattr(reading, "absent", {}).items()}
        )


def extractors(kind: Kind) -> tuple[Extractor[Any], ...]:
    """Those that read a file of this kind."""
    from features.audio import reading as audio
    from features.video import reading as video
    from features.vision import reading as vision

    if kind == "image":
        return vision.EXTRACTORS
    if kind == "audio":
        return audio.EXTRACTORS
    if kind == "video":
        return (*audio.EXTRACTORS, *video.EXTRACTORS)
    return ()


def part_keys(kind: Kind, models: Models) -> dict[str, str]:
    """By extractor, and for `audio` as a whole: equal key and equal bytes give an equal part."""
    keys = {extractor.name: extractor.key(models) for extractor in extractors(kind)}
    sound = sorted(key for name, key in keys.items() if name.startswith("audio."))
    if kind == "video":
        keys["audio"] = "audio:" + hashlib.sha256("\n".join(sound).encode()).hexdigest()[:16]
    # a video's identity is that of its sampled frames and its sound
    seen = "".join(keys.get(name, "") for name in ("video.frames", "audio.fingerprint"))
    if keys:
        keys[IDENTITY] = f"identity:{IDENTITY_VERSION}:{hashlib.sha256(seen.encode()).hexdigest()[:16]}"
    return {name: short(key) for name, key in keys.items()}


def short(key: str) -> str:
    """As keys are kept: settings may name models by long paths."""
    return key if len(key) <= MOST_KEY_CHARS else "sha256:" + hashlib.sha256(key.encode()).hexdigest()


def part_types(kind: Kind) -> dict[str, type[Part]]:
    """By extractor: the record that its part is."""
    return {IDENTITY: Identity} | {extractor.name: extractor.part for extractor in extractors(kind)}


def wanted(kind: Kind, kept: Kept, options: Options) -> set[str]:
    """Extractors whose part is neither kept nor known to be absent."""
    left = {extractor.name for extractor in extractors(kind)} | ({IDENTITY} if extractors(kind) else set())
    left -= set(kept) | options.left_out
    if isinstance(kept.get("audio"), Absent):
        left = {name for name in left if not name.startswith("audio.")}
    return left


def read_file(
    path: Path, file: FileFacts, models: Models, limits: Limits, kept: Kept, options: Options = Options()
) -> Found:
    """Everything not `kept`. Raises InputError where the file is broken or beyond the limits."""
    if file.kind == "image":
        return _read_image(path, models, limits, kept)
    if file.kind == "audio":
        found, reading = _read_sound(path, models, limits, kept, options)
        if reading is not None:
            found.parts.setdefault(IDENTITY, _identity(sound=reading))
        return found
    if file.kind == "video":
        return _read_video(path, models, limits, kept, options)
    return Found()


def read_pictures_together(
    files: Sequence[tuple[Path, FileFacts]], models: Models, limits: Limits
) -> list[Found | Refusal]:
    """Everything of each picture, in their order; learned models see them in batches. A broken one costs no other."""
    from features.media.identity import image_hash
    from features.media.refusing import refusal
    from features.vision.picture import Picture, open_picture
    from features.vision.reading import read_pictures

    started = time.perf_counter()
    opened: list[Picture | Refusal] = []
    for path, file in files:
        try:
            opened.append(open_picture(path.read_bytes(), limits))
        except InputError as error:
            opened.append(refusal(error, file.name))
    pictures = [one for one in opened if isinstance(one, Picture)]
    readings = iter(read_pictures(pictures, models))
    each = (time.perf_counter() - started) / max(1, len(pictures))
    out: list[Found | Refusal] = []
    for one in opened:
        if isinstance(one, Refusal):
            out.append(one)
            continue
        found = Found(seconds={"image": each})
        found.add("image", next(readings))
        found.parts[IDENTITY] = Identity(image_hash=image_hash(one.small))
        out.append(found)
    return out


def glance(path: Path, limits: Limits) -> Identity:
    """What a picture looks like, before anything learned is asked of it. Raises InputError as `read_file`."""
    from features.media.identity import image_hash
    from features.vision.picture import open_picture

    return Identity(image_hash=image_hash(open_picture(path.read_bytes(), limits).small))


def reading_of(file: FileFacts, kept: Kept, **more: Any) -> FileReading:
    """The record of a file from its parts; `more` are other fields of it."""
    absent = dict(more.pop("absent", {}))
    readings: dict[str, Any] = {}
    for modality, record in (("image", ImageReading), ("audio", AudioReading), ("video", VideoReading)):
        parts, missing = _of_modality(modality, kept)
        if parts or missing:
            readings[modality] = record(**parts, absent=missing)
        whole = kept.get(modality)
        if isinstance(whole, Absent):
            readings.pop(modality, None)
            absent[modality] = whole.reason
    identity = kept.get(IDENTITY)
    if isinstance(identity, Identity):
        more.setdefault(IDENTITY, identity)
    return FileReading(file=file, absent=absent, **readings, **more)


def words_of_file(path: Path, limits: Limits = USUAL) -> str:
    """What a text file says; UTF-8 or UTF-16 with its mark, odd bytes as U+FFFD."""
    with path.open("rb") as source:
        data = source.read(min(limits.text_bytes, TEXT_BYTES))
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return data.decode(encoding, errors="replace").replace("\x00", "")


def _read_image(path: Path, models: Models, limits: Limits, kept: Kept) -> Found:
    from features.media.identity import image_hash
    from features.vision.picture import open_picture
    from features.vision.reading import EXTRACTORS

    started = time.perf_counter()
    picture = open_picture(path.read_bytes(), limits)
    decoded = time.perf_counter() - started
    known, absent = _of_modality("image", kept)
    left = [one for one in EXTRACTORS if one.field not in absent]
    read = extract(left, picture, models, known)
    new: dict[str, Part] = {f"image.{name}": part for name, part in read.parts.items() if name not in known}
    if IDENTITY not in kept:
        new[IDENTITY] = Identity(image_hash=image_hash(picture.small))
    return Found(
        new, _prefixed("image", read.absent), {"image.decoding": decoded, **_prefixed("image", read.seconds)}
    )


def _read_sound(
    path: Path, models: Models, limits: Limits, kept: Kept, options: Options
) -> tuple[Found, AudioReading | None]:
    from features.audio.reading import read_audio

    started = time.perf_counter()
    known, _ = _of_modality("audio", kept)
    reading = read_audio(path, models, limits, known, transcribe=options.transcribe)
    found = Found(seconds={"audio": time.perf_counter() - started})
    if isinstance(reading, Absent):
        found.absent["audio"] = reading.reason
        return found, None
    found.add("audio", reading)
    return _new(found, kept), reading


def _read_video(path: Path, models: Models, limits: Limits, kept: Kept, options: Options) -> Found:
    """Picture and sound at the same time where both are to be read."""
    from features.video.reading import read_video, read_with_sound

    known, _ = _of_modality("video", kept)
    known_sound, no_sound = _of_modality("audio", kept)
    started = time.perf_counter()
    found = Found()
    audio: AudioReading | Absent | None
    if any(name.startswith("audio.") for name in wanted("video", kept, options)):
        reading, audio = read_with_sound(
            path, models, limits, known, known_sound, transcribe=options.transcribe
        )
    else:
        audio = AudioReading(**known_sound, absent=no_sound) if known_sound else None
        reading = read_video(path, models, limits, known, audio=audio)
    found.seconds["video"] = time.perf_counter() - started
    if isinstance(audio, Absent):
        # a picture may be worth reading where there is no sound, or it is broken
        found.absent["audio"], audio = audio.reason, None
    elif audio is not None:
        found.add("audio", audio)
    found.add("video", reading)
    found.parts[IDENTITY] = _identity(reading, audio)
    return _new(found, kept)


def _identity(video: VideoReading | None = None, sound: AudioReading | None = None) -> Identity:
    from features.media.identity import video_hashes

    heard = sound.fingerprint if sound is not None else None
    return Identity(
        video_hashes=() if video is None else video_hashes(video),
        audio_fingerprint=heard.hex if heard is not None and heard.hex else None,
    )


def _new(found: Found, kept: Kept) -> Found:
    parts = {name: part for name, part in found.parts.items() if name not in kept}
    return Found(parts, found.absent, found.seconds)


def _of_modality(modality: str, kept: Kept) -> tuple[dict[str, Any], dict[str, str]]:
    """By field of the modality's record: parts, and reasons."""
    own = {name.partition(".")[2]: value for name, value in kept.items() if name.startswith(f"{modality}.")}
    parts = {name: value for name, value in own.items() if not isinstance(value, Absent)}
    return parts, {name: value.reason for name, value in own.items() if isinstance(value, Absent)}


def _prefixed(modality: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{modality}.{name}": value for name, value in values.items()}
