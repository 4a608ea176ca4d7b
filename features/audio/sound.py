"""One file's sound, decoded once: what the extractors look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from creatorlens.reading.audio import AudioFacts, Waveform
from features.absent import Absent
from features.audio.bandwidth import BandwidthMeter
from features.audio.decode import Samples, Stream, open_stream
from features.audio.excerpts import Excerpt, Listener
from features.audio.loudness import Energies, LoudnessMeter
from features.audio.peaks import PeakMeter
from features.audio.waveform import WaveformMeter
from features.media.limits import USUAL, Limits
from features.one_thread import one_thread

T = TypeVar("T")
SPECTRA_RATE = 22_050
SPEECH_RATE = 16_000
OPENING_S = 3


@dataclass
class Sound:
    """`heard`: mono excerpts at 22,050 Hz, `heard_speech` at 16,000 Hz (for learned models), `opening` the first 3 s mono at
    the file's rate. The rest is of the whole. `known` holds parts that need not be read again."""

    path: Path
    limits: Limits
    facts: AudioFacts
    energies: Energies
    peaks: PeakMeter
    bandwidth_hz: float
    waveform: Waveform
    heard: tuple[Excerpt, ...]
    heard_speech: tuple[Excerpt, ...]
    opening: Samples
    known: dict[str, Any] = field(default_factory=dict)
    _kept: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What several extractors need is made by the first that asks."""
        if name not in self._kept:
            self._kept[name] = make()
        kept: T = self._kept[name]
        return kept


def hear(path: Path, limits: Limits = USUAL) -> Sound | Absent:
    """Decode in one pass. Absent without sound; InputError where it is broken or over a limit."""
    stream = open_stream(path, limits)
    if isinstance(stream, Absent):
        return stream
    with stream, one_thread():
        return _heard(stream, path, limits)


def _heard(stream: Stream, path: Path, limits: Limits) -> Sound | Absent:
    loudness = LoudnessMeter(stream.rate, stream.speakers)
    peaks = PeakMeter(stream.rate, len(stream.speakers))
    bandwidth = BandwidthMeter(stream.rate)
    waveform = WaveformMeter(SPECTRA_RATE)
    spectra, speech = Listener(SPECTRA_RATE), Listener(SPEECH_RATE)
    opening: Samples = np.zeros(0, np.float32)
    for block in stream.blocks((SPECTRA_RATE, SPEECH_RATE)):
        loudness.push(block.samples)
        peaks.push(block.samples)
        bandwidth.push(block.samples)
        waveform.push(block.mono[SPECTRA_RATE])
        spectra.push(block.mono[SPECTRA_RATE])
        speech.push(block.mono[SPEECH_RATE])
        if len(opening) < OPENING_S * stream.rate:
            opening = np.concatenate([opening, block.samples.mean(axis=0)])[: OPENING_S * stream.rate]
    peaks.finish()
    heard = spectra.finish()
    if not heard:
        return Absent("the sound is empty: not one sample")
    return Sound(
        path=path,
        limits=limits,
        facts=_facts(stream, heard),
        energies=loudness.finish(),
        peaks=peaks,
        bandwidth_hz=bandwidth.finish(),
        waveform=waveform.finish(),
        heard=heard,
        heard_speech=speech.finish(),
        opening=opening,
    )


def _facts(stream: Stream, heard: tuple[Excerpt, ...]) -> AudioFacts:
    return AudioFacts(
        container=stream.container_name,
        codec=stream.codec,
        sample_rate=stream.rate,
        channels=len(stream.speakers),
        duration_s=stream.decoded / stream.rate,
        bit_rate=stream.bit_rate,
        start_s=stream.start_s,
        listening_s=sum(excerpt.seconds for excerpt in heard),
        complete=stream.complete,
        notes=tuple(stream.notes),
    )
