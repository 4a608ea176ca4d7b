"""A recording in another coding, louder or cut is found again among many; other recordings are not."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from features.absent import Absent
from features.audio.reading import read_audio
from features.media.limits import USUAL
from features.media.sounds import Sounds
from features.weights.models import Models

FILES = ("speech/jfk.flac", "speech/english.wav", "speech/librispeech_84-121550-0000.flac", "audio/trumpet.ogg", "audio/robin.ogg", "audio/brahms_strings.ogg")  # fmt: skip


def of(path: Path, models: Models) -> str:
    reading = read_audio(path, models, USUAL, learned=False, transcribe=False)
    assert not isinstance(reading, Absent)
    assert reading.fingerprint is not None
    return reading.fingerprint.hex


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Models:
    from creatorlens.settings import Settings

    return Models(Settings(home=tmp_path_factory.mktemp("home"), model_threads=1))


@pytest.fixture(scope="session")
def prints(shared_media: Path, bare: Models) -> dict[str, str]:
    return {name: of(shared_media / name, bare) for name in FILES}


def recoded(source: Path, target: Path, codec: str, rate: int, from_s: float = 0.0) -> Path:
    """Through a lossy codec at a low bit rate, at a third of the level."""
    with av.open(str(source)) as inside, av.open(str(target), "w") as outside:
        stream = outside.add_stream(codec, rate=rate, layout="mono")
        stream.bit_rate = 48_000
        resampler = av.AudioResampler("flt", "mono", rate)
        fifo = av.AudioFifo()
        samples = np.concatenate([part.to_ndarray()[0] for frame in inside.decode(audio=0) for part in resampler.resample(frame)])  # fmt: skip
        samples = np.ascontiguousarray(samples[int(from_s * rate) :][None] * np.float32(0.33))
        frame = av.AudioFrame.from_ndarray(samples, "flt", "mono")
        frame.sample_rate = rate
        fifo.write(frame)
        to_codec = av.AudioResampler(
            stream.codec_context.format, "mono", rate, stream.codec_context.frame_size or 1024
        )
        for part in (*to_codec.resample(fifo.read()), *to_codec.resample(None)):
            for packet in stream.encode(part):
                outside.mux(packet)
        for packet in stream.encode(None):
            outside.mux(packet)
    return target


@pytest.mark.parametrize(
    ("suffix", "codec", "rate"), [("mp3", "libmp3lame", 44_100), ("ogg", "libopus", 48_000)]
)
def test_another_coding_at_another_level_is_the_same(
    suffix: str,
    codec: str,
    rate: int,
    prints: dict[str, str],
    shared_media: Path,
    tmp_path: Path,
    bare: Models,
) -> None:
    known = Sounds.of(list(prints.items()))
    for name in ("speech/jfk.flac", "audio/brahms_strings.ogg"):
        other = recoded(shared_media / name, tmp_path / f"other.{suffix}", codec, rate)
        found = known.near(of(other, bare))
        assert [(one.id, one.same, one.what) for one in found] == [(name, True, "audio")]


def test_a_part_is_found(prints: dict[str, str], shared_media: Path, tmp_path: Path, bare: Models) -> None:
    part = recoded(shared_media / "speech/jfk.flac", tmp_path / "part.mp3", "libmp3lame", 44_100, from_s=4.0)
    assert [one.id for one in Sounds.of(list(prints.items())).near(of(part, bare))] == ["speech/jfk.flac"]


def test_each_is_like_itself_alone_among_thousands(prints: dict[str, str]) -> None:
    numbers = np.random.default_rng(0).integers(0, 2**32, (2000, 300), dtype=np.uint32)
    others = [(f"other {at}", row.astype(">u4").tobytes().hex()) for at, row in enumerate(numbers)]
    known = Sounds.of([*others, *prints.items()])
    for name, text in prints.items():
        found = known.near(text)
        assert [(one.id, one.similarity) for one in found] == [(name, 1.0)]


def test_nothing_is_like_nothing(prints: dict[str, str]) -> None:
    assert Sounds.of([]).near(prints["audio/robin.ogg"]) == ()
    assert Sounds.of(list(prints.items())).near("") == ()
