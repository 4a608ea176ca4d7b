"""One record of everything, whatever the file; the same bytes give the same record; memory does not grow."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from creatorlens.errors import InputError
from creatorlens.reading.audio import AudioReading, Transcript
from features.absent import Absent
from features.audio import reading as reading_module
from features.audio.excerpts import MOST_WINDOWS, WINDOW_S, Listener
from features.audio.reading import CLASSICAL, EXTRACTORS, read_audio
from features.media.limits import USUAL
from features.weights.models import Models
from tests.features.audio.conftest import Writer
from tests.features.audio.sounds import noise, tone

REPO = Path(__file__).parents[3]


def read(path: Path, models: Models, **how: bool) -> AudioReading:
    found = read_audio(path, models, USUAL, **how)
    assert not isinstance(found, Absent)
    return found


def test_every_part_of_speech_is_there(shared_media: Path, models: Models) -> None:
    found = read(shared_media / "speech" / "jfk.flac", models)
    assert found.absent == {}
    assert all(getattr(found, extractor.field) is not None for extractor in EXTRACTORS)
    assert AudioReading.model_validate_json(found.model_dump_json()) == found


def test_the_same_bytes_give_the_same_record(shared_media: Path, models: Models) -> None:
    path = shared_media / "composed" / "known_answers.webm"
    assert read(path, models) == read(path, models)


def test_without_weights_the_classical_parts_stand_and_the_others_say_why(
    shared_media: Path, no_models: Models
) -> None:
    found = read(shared_media / "speech" / "english.wav", no_models)
    assert set(found.absent) == {extractor.field for extractor in EXTRACTORS} - CLASSICAL
    assert all("weights pull" in reason for reason in found.absent.values())
    assert all(getattr(found, field) is not None for field in CLASSICAL)


def test_what_is_not_asked_for_is_absent_with_that_reason(shared_media: Path, models: Models) -> None:
    path = shared_media / "speech" / "english.wav"
    silent = read(path, models, transcribe=False)
    assert set(silent.absent) == {"transcript", "pace"}
    assert silent.voice is not None
    classical = read(path, models, learned=False)
    assert set(classical.absent.values()) == {"learned models were not asked for"}


def test_known_parts_are_not_read_again(
    shared_media: Path, models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shared_media / "speech" / "english.wav"
    said = Transcript(model="other", language="en", text="a b c d", segments=(), no_speech=0)
    found = read_audio(path, models, USUAL, {"transcript": said})
    assert not isinstance(found, Absent)
    assert found.transcript is said
    assert found.pace is not None
    assert found.pace.words == 4
    known = {name: part for name, part in found if name != "absent" and part is not None}
    monkeypatch.setattr(
        reading_module, "hear", lambda *_: pytest.fail("decoded although everything is known")
    )
    assert read_audio(path, models, USUAL, known) == found


def test_a_key_changes_with_the_weights_it_depends_on(models: Models, no_models: Models) -> None:
    keys = {extractor.field: (extractor.key(models), extractor.key(no_models)) for extractor in EXTRACTORS}
    assert {field for field, (with_, without) in keys.items() if with_ == without} == CLASSICAL
    words = Models(models.settings.model_copy(update={"whisper_words": True}))
    changed = {e.field for e in EXTRACTORS if e.key(words) != keys[e.field][0]}
    assert changed == {"transcript", "pace"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "odd" in metafunc.fixturenames:
        folders = [
            REPO.parent / "shared" / "media" / name for name in ("odd-audio", "odd-video", "odd-other")
        ]
        names = [str(path) for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())]
        metafunc.parametrize("odd", names or [None], ids=lambda name: Path(name).name if name else "missing")


def test_an_odd_file_gives_a_reading_an_absence_or_a_clear_error(odd: str | None, no_models: Models) -> None:
    if odd is None:
        pytest.skip("the real and broken media (../shared/media) are not on this machine")
    found: AudioReading | Absent | InputError
    try:
        found = read_audio(Path(odd), no_models, USUAL)
    except InputError as error:
        found = error
    if isinstance(found, InputError):
        assert found.message
        assert found.hint
        return
    if isinstance(found, Absent):
        assert found.reason in ("the file has no sound", "the sound is empty: not one sample")
        return
    assert found.facts is not None
    assert found.facts.duration_s > 0
    assert CLASSICAL - {"fingerprint"} <= {name for name, part in found if part is not None}


@pytest.mark.parametrize(
    "name", ["tinytag_cut_off_titles.mp3", "tinytag_silence-22khz-mono-1s.wav", "tinytag_gsm_6_10.wav"]
)
def test_learned_models_too_bear_what_is_short_or_silent(
    shared_media: Path, models: Models, name: str
) -> None:
    found = read(shared_media / "odd-audio" / name, models)
    assert not any("could not be read" in reason for reason in found.absent.values())


def test_one_sample_is_enough(write: Writer, models: Models) -> None:
    found = read(write("a.wav", np.full(1, 0.5, np.float32)), models)
    assert not any("could not be read" in reason for reason in found.absent.values()), found.absent


def test_all_of_a_short_sound_is_heard_and_a_long_one_evenly() -> None:
    short, long = Listener(100), Listener(100)
    ramp = np.arange(590 * 100, dtype=np.float32)
    for at in range(0, len(ramp), 777):
        short.push(ramp[at : at + 777])
    (excerpt,) = short.finish()
    assert np.array_equal(excerpt.samples, ramp)
    hours = np.arange(4 * 3600 * 100, dtype=np.float32)
    for at in range(0, len(hours), 100_000):
        long.push(hours[at : at + 100_000])
    excerpts = long.finish()
    assert MOST_WINDOWS / 2 <= sum(e.seconds for e in excerpts) / WINDOW_S <= MOST_WINDOWS
    assert excerpts[0].start_s == 0
    assert len({b.start_s - a.start_s for a, b in pairwise(excerpts)}) == 1
    assert all(e.samples[0] == e.start_s * 100 for e in excerpts)


MEASURE = """
import json, sys
from pathlib import Path
from creatorlens.settings import Settings
from features.audio.reading import read_audio
from features.media.limits import USUAL
from features.weights.models import Models
home = Path(sys.argv[2])
found = read_audio(Path(sys.argv[1]), Models(Settings(home=home)), USUAL, learned=False)
# ru_maxrss would be that of the process which started this one, where that was larger.
status = Path("/proc/self/status").read_text().splitlines()
peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
print(json.dumps({"mib": peak, "duration_s": found.facts.duration_s, "listening_s": found.facts.listening_s,
                  "bytes": len(found.model_dump_json())}))
"""


def test_an_hour_needs_little_memory(tmp_path: Path) -> None:
    import wave

    minute = tone(220, 60, 8_000, 0.3) * (tone(2, 60, 8_000) > 0) + noise(60 * 8_000, 0.01)
    coded = np.clip(128 + 127 * minute, 0, 255).astype(np.uint8).tobytes()
    path = tmp_path / "hour.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8_000)
        for _ in range(60):
            file.writeframes(coded)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path), str(tmp_path / "home")],
        cwd=REPO, capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    path.unlink()
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["duration_s"] == 3600
    assert 300 <= found["listening_s"] <= 600
    # 345 MiB were seen, of which the libraries take 130; the hour as float32 at three rates would be 670.
    assert found["mib"] < 500
    assert found["bytes"] < 200_000
