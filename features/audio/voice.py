"""Voice activity: Silero VAD, and the stretches and pauses made of its probabilities."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creatorlens.reading.audio import Voice
from creatorlens.reading.base import Span
from features.absent import Absent
from features.audio.excerpts import Excerpt
from features.audio.sound import SPEECH_RATE, Sound
from features.weights.models import Models

WEIGHTS = "silero_vad"
STEP, CONTEXT = 512, 64
PIECE_S, WARM_UP_S = 20, 2
SPEECH, NO_SPEECH = 0.5, 0.35
SHORTEST_SPEECH_S, SHORTEST_GAP_S, PAD_S = 0.25, 0.1, 0.03
PAUSE_S = 0.25


def voice(sound: Sound, models: Models) -> Voice | Absent:
    """The same for every extractor that asks for it."""
    known = sound.known.get("voice")
    return known if isinstance(known, Voice) else sound.once("voice", lambda: _voice(sound, models))


def _voice(sound: Sound, models: Models) -> Voice | Absent:
    session = models.onnx(WEIGHTS, "silero_vad.onnx")
    if isinstance(session, Absent):
        return session
    stretches = [stretches_of(probabilities(excerpt, session), excerpt) for excerpt in sound.heard_speech]
    spans = [span for each in stretches for span in each]
    # Between two excerpts nobody listened: no pause.
    gaps = [b[0] - a[1] for each in stretches for a, b in pairwise(each)]
    pauses = [gap for gap in gaps if gap >= PAUSE_S]
    speech = sum(end - start for start, end in spans)
    heard = sum(excerpt.seconds for excerpt in sound.heard_speech)
    return Voice(
        spans=tuple(Span(start_s=start, end_s=end, label="speech") for start, end in spans),
        speech_share=min(1.0, speech / heard) if heard else 0.0,
        speech_s=speech,
        pauses=len(pauses),
        longest_pause_s=max(pauses) if pauses else None,
        mean_pause_s=sum(pauses) / len(pauses) if pauses else None,
        first_speech_s=spans[0][0] if spans else None,
    )


def probabilities(excerpt: Excerpt, session: Any) -> NDArray[np.float32]:
    """(n,) that somebody speaks, of each 32 ms. Long excerpts run as pieces side by side, each with 2 s before it to
    bring the recurrent state up."""
    count = -(-len(excerpt.samples) // STEP)
    if not count:
        return np.zeros(0, np.float32)
    per_piece = PIECE_S * SPEECH_RATE // STEP
    warm_up = WARM_UP_S * SPEECH_RATE // STEP if count > per_piece else 0
    pieces = -(-count // per_piece)
    padded = np.zeros(CONTEXT + (warm_up + pieces * per_piece) * STEP, np.float32)
    start = CONTEXT + warm_up * STEP
    padded[start : start + len(excerpt.samples)] = excerpt.samples
    steps = warm_up + min(per_piece, count)
    state = np.zeros((2, pieces, 128), np.float32)
    rate = np.array(SPEECH_RATE, np.int64)
    found = np.zeros((pieces, steps), np.float32)
    offsets = np.arange(pieces) * per_piece * STEP
    window = np.arange(CONTEXT + STEP)
    for step in range(steps):
        batch = padded[offsets[:, None] + step * STEP + window]
        out, state = session.run(None, {"input": batch, "state": state, "sr": rate})
        found[:, step] = out[:, 0]
    return found[:, warm_up:].reshape(-1)[:count]


def stretches_of(found: NDArray[np.float32], excerpt: Excerpt) -> list[tuple[float, float]]:
    """Start and end of each stretch of speech, s. It begins above 0.5 and ends where it stays under 0.35 for 0.1 s."""
    step = STEP / SPEECH_RATE
    raw: list[tuple[int, int]] = []
    start = quiet = None
    for index, probability in enumerate(found):
        if probability >= SPEECH:
            start, quiet = (index if start is None else start), None
        elif start is not None and probability < NO_SPEECH:
            quiet = index if quiet is None else quiet
            if (index - quiet) * step >= SHORTEST_GAP_S:
                raw.append((start, quiet))
                start = quiet = None
    if start is not None:
        raw.append((start, len(found)))
    kept = [(a * step, b * step) for a, b in raw if (b - a) * step >= SHORTEST_SPEECH_S]
    return [
        (excerpt.start_s + max(0.0, a - PAD_S), excerpt.start_s + min(excerpt.seconds, b + PAD_S))
        for a, b in kept
    ]
