"""What is heard over time: the 521 AudioSet classes of YAMNet, and which of speech, music, silence and other leads."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from creatorlens.reading.audio import Content, LabelTrack
from creatorlens.reading.base import Labelled, Span
from features.absent import Absent
from features.audio.excerpts import Excerpt
from features.audio.sound import SPEECH_RATE, Sound
from features.weights.models import Models

WEIGHTS = "yamnet"
WINDOW = 15_600
BATCH = 16
FINE_S = 120.0  # up to here windows overlap by half
BOTH = 0.3
LABELS, TRACKS = 10, 5
KINDS = ("speech", "music", "silence", "other")
Scores = NDArray[np.float32]


def content(sound: Sound, models: Models) -> Content | Absent:
    session, folder = models.onnx(WEIGHTS, "yamnet.onnx"), models.folder(WEIGHTS)
    if isinstance(session, Absent):
        return session
    if isinstance(folder, Absent):
        return folder
    names = models.once(("yamnet classes", folder), lambda: class_names(folder / "yamnet_class_map.csv"))
    hop = WINDOW // 2 if sound.facts.listening_s <= FINE_S else WINDOW
    times: list[float] = []
    ends: list[float] = []
    scores: list[Scores] = []
    for excerpt in sound.heard_speech:
        for starts, windows in _batches(excerpt, hop):
            scores.append(session.run(["scores"], {"waveform": windows})[0])
            times += [excerpt.start_s + start / SPEECH_RATE for start in starts]
            ends += [
                excerpt.start_s + min(excerpt.seconds, (start + WINDOW) / SPEECH_RATE) for start in starts
            ]
    if not scores:
        return Absent("the sound is too short to be listened to")
    return summarised(np.concatenate(scores), names, times, ends)


def summarised(
    scores: Scores, names: Sequence[str], times: Sequence[float], ends: Sequence[float]
) -> Content:
    """`scores`: (windows, classes)."""
    by_kind = _by_kind(scores, names)
    leads = by_kind.argmax(axis=1)
    shares = [float((leads == kind).mean()) for kind in range(len(KINDS))]
    mean = scores.mean(axis=0, dtype=np.float64)
    order = np.argsort(-mean, kind="stable")[:LABELS]
    both = (by_kind[:, 0] >= BOTH) & (by_kind[:, 1] >= BOTH)
    return Content(
        spans=tuple(_spans(leads, times, ends)),
        speech_share=shares[0],
        music_share=shares[1],
        silence_share=shares[2],
        other_share=shares[3],
        music_under_speech_share=float(both.mean()),
        labels=tuple(Labelled(label=names[i], score=_share(mean[i])) for i in order),
        times_s=tuple(times),
        tracks=tuple(
            LabelTrack(label=names[i], scores=tuple(map(_share, scores[:, i]))) for i in order[:TRACKS]
        ),
    )


def class_names(path: Path) -> list[str]:
    with path.open(newline="") as source:
        return [row["display_name"] for row in csv.DictReader(source)]


def _batches(excerpt: Excerpt, hop: int) -> Iterator[tuple[list[int], Scores]]:
    """Starts and windows (m, 15600). What is shorter than a window is repeated: silence after it would be heard."""
    samples = excerpt.samples
    if not len(samples):
        return
    if len(samples) < WINDOW:
        samples = np.resize(samples, WINDOW)
    starts = list(range(0, len(samples) - WINDOW + 1, hop))
    for at in range(0, len(starts), BATCH):
        some = starts[at : at + BATCH]
        yield some, np.stack([samples[start : start + WINDOW] for start in some])


def _by_kind(scores: Scores, names: Sequence[str]) -> Scores:
    """(windows, 4): the highest score among the classes of each kind. AudioSet lists classes by family: voices are the
    first, singing among them; instruments, genres and moods follow 'Music'."""
    place = {name: index for index, name in reversed(list(enumerate(names)))}
    kind = np.full(len(names), 3)
    kind[place["Speech"] : place["Whispering"] + 1] = 0
    for first, last in (("Singing", "Rapping"), ("Music", "Scary music")):
        kind[place[first] : place[last] + 1] = 1
    kind[place["Silence"]] = 2
    return np.stack([scores[:, kind == k].max(axis=1) for k in range(len(KINDS))], axis=1)


def _spans(leads: NDArray[np.int64], times: Sequence[float], ends: Sequence[float]) -> Iterator[Span]:
    """Neighbouring windows of one kind are one span; each lasts to the next window's start."""
    stops = [
        min(end, after) if after > start else end
        for start, end, after in zip(times, ends, [*times[1:], ends[-1]], strict=True)
    ]
    contiguous = [index > 0 and times[index] <= ends[index - 1] + 1e-6 for index in range(len(times))]
    number, keys = 0, []
    for index, lead in enumerate(leads):
        number += index > 0 and (lead != leads[index - 1] or not contiguous[index])
        keys.append(number)
    for _, group in groupby(range(len(leads)), key=lambda index: keys[index]):
        run = list(group)
        yield Span(start_s=times[run[0]], end_s=stops[run[-1]], label=KINDS[int(leads[run[0]])])


def _share(value: float) -> float:
    return float(min(1.0, max(0.0, value)))
