"""Speech quality as a panel would judge it: DNSMOS P.835 (Reddy, Gopal, Cutler, 2022)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from creatorlens.reading.audio import Clarity
from features.absent import Absent
from features.audio.decode import Samples
from features.audio.excerpts import Excerpt
from features.audio.sound import Sound
from features.audio.voice import WEIGHTS as VOICE_WEIGHTS
from features.audio.voice import voice as voice_of
from features.extractor import Extractor
from features.weights.models import Models

WEIGHTS = "dnsmos"
WINDOW = 144_160
MOST_WINDOWS = 3
LEAST_SPEECH = 0.05
# From the network's answers to the scale of a panel: the quadratics its authors publish with the weights.
CALIBRATION = {
    "signal": (-0.08397278, 1.22083953, 0.0052439),
    "background": (-0.13166888, 1.60915514, -0.39604546),
    "overall": (-0.06766283, 1.11546468, 0.04602535),
}


class ClarityExtractor(Extractor[Sound]):
    """Where the weights of voice activity are at hand, sound without speech is not judged."""

    def key(self, models: Models) -> str:
        return f"{super().key(models)}:{models.fingerprint(VOICE_WEIGHTS)}"


def clarity(sound: Sound, models: Models) -> Clarity | Absent:
    session = models.onnx(WEIGHTS, "dnsmos_sig_bak_ovr.onnx")
    if isinstance(session, Absent):
        return session
    heard = voice_of(sound, models)
    if not isinstance(heard, Absent) and heard.speech_share < LEAST_SPEECH:
        return Absent("nobody speaks, and the model judges speech alone")
    windows = windows_of(sound.heard_speech)
    if not windows or max(float(np.abs(window).max()) for window in windows) < 1e-4:
        return Absent("there is nothing but silence to judge")
    # One at a time: the answer must not depend on what else is in the batch.
    raw = np.concatenate([session.run(None, {"input_1": window[None]})[0] for window in windows]).astype(
        np.float64
    )
    scores = {
        name: float(np.clip(np.polyval(curve, raw[:, column]).mean(), 1, 5))
        for column, (name, curve) in enumerate(CALIBRATION.items())
    }
    return Clarity(windows=len(windows), **scores)


def windows_of(excerpts: Sequence[Excerpt]) -> list[Samples]:
    """Up to three windows of 9.01 s, spread evenly; shorter sound is repeated to fill one."""
    excerpts = [excerpt for excerpt in excerpts if len(excerpt.samples)]
    fitting = [
        excerpt.samples[start : start + WINDOW]
        for excerpt in excerpts
        for start in range(0, len(excerpt.samples) - WINDOW + 1, 16_000)
    ]
    if not fitting:
        return (
            [np.resize(max((excerpt.samples for excerpt in excerpts), key=len), WINDOW)] if excerpts else []
        )
    chosen = np.unique(np.linspace(0, len(fitting) - 1, min(MOST_WINDOWS, len(fitting))).round().astype(int))
    return [fitting[index] for index in chosen]
