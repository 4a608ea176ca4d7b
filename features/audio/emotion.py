"""Voice emotion: a small convolutional network over the opening's cepstrum. Weak; see the record."""

from __future__ import annotations

import numpy as np

from creatorlens.reading.audio import Emotion
from creatorlens.reading.base import Labelled
from features.absent import Absent
from features.audio.decode import resampled
from features.audio.filters import mel_bands
from features.audio.sound import Sound
from features.audio.spectra import LENGTH, power_spectra
from features.audio.timbre import RANGE_DB, mfcc
from features.weights.models import Models

WEIGHTS = "speech_emotion_conv1d"
RATE, FROM_S, TO_S = 44_100, 0.5, 3.0
FRAMES, COEFFICIENTS = 216, 13
FEELINGS = ("angry", "calm", "fearful", "happy", "sad")
LABELS = tuple(f"{voice}_{feeling}" for voice in ("female", "male") for feeling in FEELINGS)


def emotion(sound: Sound, models: Models) -> Emotion | Absent:
    session = models.onnx(WEIGHTS, "model.onnx")
    if isinstance(session, Absent):
        return session
    samples = resampled(sound.opening, sound.facts.sample_rate, RATE)[int(FROM_S * RATE) : int(TO_S * RATE)]
    if len(samples) < LENGTH:
        return Absent("the sound is shorter than the half second that is skipped")
    mel = np.concatenate(list(power_spectra(samples))) @ mel_bands(RATE, LENGTH)
    mel_db = 10 * np.log10(np.maximum(mel, 1e-10))
    mean = mfcc(np.maximum(mel_db, mel_db.max() - RANGE_DB), COEFFICIENTS).mean(axis=1)[:FRAMES]
    seen = np.zeros((1, FRAMES, 1), np.float32)
    seen[0, : len(mean), 0] = mean
    scores = session.run(None, {"mfcc_mean": seen})[0][0]
    order = np.argsort(-scores, kind="stable")
    return Emotion(
        labels=tuple(Labelled(label=LABELS[i], score=float(np.clip(scores[i], 0, 1))) for i in order)
    )
