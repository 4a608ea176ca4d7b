"""Which notes sound: Basic Pitch (Bittner et al. 2022)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from creatorlens.reading.audio import PITCH_CLASSES, Notes
from creatorlens.reading.base import Labelled
from features.absent import Absent
from features.audio.decode import Samples
from features.audio.excerpts import Excerpt
from features.audio.sound import Sound
from features.weights.models import Models

WEIGHTS = "basic_pitch"
WINDOW, LOWEST_MIDI = 43_844, 21
MOST_WINDOWS = 8
SOUNDS, MOST_NOTES = 0.3, 12
EDGE = 15  # frames at each end whose context is missing


def notes(sound: Sound, models: Models) -> Notes | Absent:
    session = models.onnx(WEIGHTS, "nmp.onnx")
    if isinstance(session, Absent):
        return session
    windows = _windows(sound.heard)
    seconds = sum(len(window) for window in windows) / sound.heard[0].rate
    found = [
        session.run(["StatefulPartitionedCall:1"], {"serving_default_input_2:0": _filled(window)})[0][0]
        for window in windows
    ]
    active: NDArray[np.float32] = np.concatenate(
        [_inner(each, window) for each, window in zip(found, windows, strict=True)]
    )
    mean = active.mean(axis=0)
    order = np.argsort(-mean, kind="stable")[:MOST_NOTES]
    on = active >= SOUNDS
    begun = np.count_nonzero(on[1:] & ~on[:-1]) + np.count_nonzero(on[:1])
    per_frame = on.sum(axis=1)
    return Notes(
        strongest=tuple(
            Labelled(label=name_of(LOWEST_MIDI + i), score=float(np.clip(mean[i], 0, 1))) for i in order
        ),
        polyphony=float(per_frame[per_frame > 0].mean()) if per_frame.any() else 0.0,
        notes_per_s=begun / seconds,
    )


def name_of(midi: int) -> str:
    """69 is A4."""
    return f"{PITCH_CLASSES[int(midi) % 12]}{int(midi) // 12 - 1}"


def _windows(excerpts: Sequence[Excerpt]) -> list[Samples]:
    """Up to eight of 2 s, spread evenly; the last may be shorter."""
    every = [
        e.samples[at : at + WINDOW]
        for e in excerpts
        for at in range(0, max(1, len(e.samples) - WINDOW // 2), WINDOW)
    ]
    chosen = np.unique(np.linspace(0, len(every) - 1, min(MOST_WINDOWS, len(every))).round().astype(int))
    return [every[index] for index in chosen]


def _filled(window: Samples) -> Samples:
    return np.pad(window, (0, WINDOW - len(window)))[None, :, None]


def _inner(found: NDArray[np.float32], window: Samples) -> NDArray[np.float32]:
    """Without the padding and the window's edges."""
    frames = max(1, round(len(found) * len(window) / WINDOW))
    return found[EDGE : frames - EDGE] if frames > 3 * EDGE else found[:frames]
