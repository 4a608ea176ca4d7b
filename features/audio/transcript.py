"""What is said: openai-whisper, of any size, loaded from a local file; nothing is fetched here."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from creatorlens.reading.audio import Segment, Transcript, Word
from features.absent import Absent
from features.audio.decode import Samples, open_stream
from features.audio.sound import SPEECH_RATE, Sound
from features.extractor import Extractor
from features.weights.models import Models

CHUNK_S = 300
QUIET_S, SEARCH_S = 0.5, 30
SILENCE = 1e-4


@dataclass(frozen=True)
class TranscriptExtractor(Extractor[Sound]):
    """Its weights are the ones a setting names."""

    def key(self, models: Models) -> str:
        path = checkpoint(models)
        digest = "" if isinstance(path, Absent) else models.once(("sha256", path), lambda: _digest(path))
        return ":".join([super().key(models), digest, str(int(models.settings.whisper_words))])


def transcript(sound: Sound, models: Models) -> Transcript | Absent:
    """The same for every extractor that asks for it."""
    known = sound.known.get("transcript")
    if isinstance(known, Transcript):
        return known
    return sound.once("transcript", lambda: _transcribed(sound, models))


def checkpoint(models: Models) -> Path | Absent:
    """The file of weights that the setting `whisper` names: a .pt file, a folder or weights' name, or a size."""
    name = models.settings.whisper.strip()
    if name.lower() in ("", "none"):
        return Absent("switched off: CREATORLENS_WHISPER names no model")
    path = Path(name).expanduser().absolute()
    if name.endswith(".pt"):
        return path if path.is_file() else Absent(f"no file {path.name}, which CREATORLENS_WHISPER names")
    named = [models.folder(f"whisper_{name}"), models.folder(name)] if path.name == name else [path]
    for folder in named:
        if not isinstance(folder, Absent):
            files = sorted(folder.glob("*.pt"))
            return (
                files[0]
                if files
                else Absent(f"no .pt file in {folder.name}, which CREATORLENS_WHISPER names")
            )
    return Absent(f"no weights of whisper_{name} here: creatorlens weights pull whisper_{name}")


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()[:16]


def _transcribed(sound: Sound, models: Models) -> Transcript | Absent:
    path = checkpoint(models)
    if isinstance(path, Absent):
        return path
    if importlib.util.find_spec("whisper") is None:
        return Absent("the package openai-whisper is not installed")
    model = models.once(("whisper", path), lambda: _load(path, models.settings.device))
    if isinstance(model, Absent):
        return model
    segments: list[Segment] = []
    language: str | None = None
    for start, samples in _chunks(sound):
        if float(np.abs(samples).max(initial=0)) < SILENCE:
            continue
        # Temperature 0 alone: the same sound must give the same words; sampled second tries would not.
        found = model.transcribe(
            samples, language=language, temperature=0.0, fp16=model.device.type == "cuda", verbose=None,
            word_timestamps=models.settings.whisper_words,
        )  # fmt: skip
        some = [_segment(each, start, len(samples) / SPEECH_RATE) for each in found["segments"]]
        segments += [segment for segment in some if segment.text]
        if any(segment.text for segment in some):
            language = str(found["language"])
    return Transcript(
        model=path.stem,
        language=language,
        text=_text(segments, language),
        segments=tuple(segments),
        no_speech=sum(segment.no_speech for segment in segments) / len(segments) if segments else 1.0,
    )


def _load(path: Path, device: str) -> Any | Absent:
    import whisper

    try:
        return whisper.load_model(str(path), device=device)
    except Exception as error:  # a broken file must cost its own features, not the analysis
        return Absent(f"{path.parent.name}/{path.name} cannot be loaded: {str(error)[:200]}")


def _segment(found: dict[str, Any], start: float, seconds: float) -> Segment:
    def at(value: float) -> float:
        return start + min(max(float(value), 0.0), seconds)

    words = tuple(
        Word(start_s=at(word["start"]), end_s=at(word["end"]), text=str(word["word"]).strip())
        for word in found.get("words") or ()
    )
    return Segment(
        start_s=at(found["start"]),
        end_s=at(found["end"]),
        text=str(found["text"]).strip(),
        no_speech=float(np.clip(found["no_speech_prob"], 0, 1)),
        log_probability=float(np.nan_to_num(found["avg_logprob"], nan=-100.0, neginf=-100.0)),
        words=words,
    )


def _text(segments: list[Segment], language: str | None) -> str:
    return ("" if language in UNSPACED else " ").join(segment.text for segment in segments)


UNSPACED = {"zh", "ja", "th", "yue", "my", "lo"}


def _chunks(sound: Sound) -> Iterator[tuple[float, Samples]]:
    """Start and samples at 16 kHz. What was kept of a short sound; a long one is decoded again, in chunks that end where
    it is quiet, so that memory does not grow with its length."""
    heard = sound.heard_speech
    if len(heard) == 1 and heard[0].seconds >= sound.facts.duration_s - 0.5:
        yield 0.0, heard[0].samples
        return
    stream = open_stream(sound.path, sound.limits)
    if isinstance(stream, Absent):
        return
    rest: Samples = np.zeros(0, np.float32)
    done = 0
    with stream:
        for block in stream.blocks((SPEECH_RATE,)):
            rest = np.concatenate([rest, block.mono[SPEECH_RATE]])
            while len(rest) >= CHUNK_S * SPEECH_RATE:
                cut = _quietest(rest[: CHUNK_S * SPEECH_RATE])
                yield done / SPEECH_RATE, rest[:cut]
                done, rest = done + cut, rest[cut:]
    if len(rest):
        yield done / SPEECH_RATE, rest


def _quietest(samples: Samples) -> int:
    """Middle of the quietest half second of the last thirty, the latest of equals."""
    step = int(QUIET_S * SPEECH_RATE)
    tail = samples[-SEARCH_S * SPEECH_RATE :]
    energy = np.square(tail.reshape(-1, step)).sum(axis=1)[::-1]
    return len(samples) - int(energy.argmin()) * step - step // 2
