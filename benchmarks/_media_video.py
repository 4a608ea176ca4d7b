"""Video analysis without Whisper of a 60 s 720p clip, beside PyAV decoding every frame and all the sound of it.

Both in the same run, the least of several rounds each. `plain` is without learned models, `learned` with the small ones on
the CPU; goals: at most 1.0 and 3.0 times the decoding. An hour of 720p with sound is read in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks._media_clip import make_clip, make_hour

SHARED = Path(__file__).parents[1] / ".." / "shared"
ROUNDS = 4
SEEKS = 12
PRESET = {"preset": "veryfast", "crf": "23"}
CHILD = """
import json, sys, time
from pathlib import Path
from benchmarks._media_video import models_in
from features.media.limits import USUAL
from features.video.reading import read_with_sound
started = time.perf_counter()
video, sound = read_with_sound(Path(sys.argv[1]), models_in(Path(sys.argv[2])), USUAL, transcribe=False)
# not ru_maxrss, which a child inherits from the process that started it
peak = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024**2
print(json.dumps({"s": time.perf_counter() - started, "gib": peak, "examined": video.cuts.examined_share}))
"""


def run() -> dict[str, float | str]:
    """Seconds, ratios, and the memory of reading an hour in GiB."""
    from features.media.limits import USUAL
    from features.video.reading import read_with_sound

    with tempfile.TemporaryDirectory(prefix="creatorlens-benchmark-") as folder:
        clip = Path(folder) / "clip.mp4"
        cuts = make_clip(SHARED / "media", clip, options=PRESET)
        models = models_in(Path(folder))

        def read(learned: bool) -> Callable[[], Any]:
            return lambda: read_with_sound(clip, models, USUAL, learned=learned, transcribe=False)

        out: dict[str, float | str] = {"first_call_s": _seconds(read(True))[0]}
        todo = {
            "decoding": lambda: _decode(clip),
            "seeks": lambda: _seek(clip),
            "plain": read(False),
            "learned": read(True),
        }
        walls: dict[str, list[float]] = {name: [] for name in todo}
        cpus: dict[str, list[float]] = {name: [] for name in todo}
        for _ in range(ROUNDS):
            for name, work in todo.items():
                wall, cpu = _seconds(work)
                walls[name].append(wall)
                cpus[name].append(cpu)
        for name in todo:
            out[f"{name}_s"], out[f"{name}_cpu_s"] = min(walls[name]), min(cpus[name])
        for name in ("plain", "learned"):
            out[f"{name}_ratio"] = min(walls[name]) / min(walls["decoding"])
            out[f"{name}_cpu_ratio"] = min(cpus[name]) / min(cpus["decoding"])
        out["cuts_found_share"] = _found(cuts, read(False)()[0].cuts.times_s)
        out |= _hour(Path(folder), clip)
    return out


def models_in(home: Path) -> Any:
    from creatorlens.settings import Settings
    from features.weights.models import Models

    return Models(Settings(home=home, weights=str(SHARED / "weights")))


def _seconds(work: Callable[[], Any]) -> tuple[float, float]:
    """Wall clock and processor time of all threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _decode(clip: Path) -> None:
    import av

    with av.open(str(clip)) as container:
        for _ in container.decode():
            pass


def _seek(clip: Path) -> None:
    import av

    with av.open(str(clip)) as container:
        for index in range(SEEKS):
            container.seek(round((index + 0.5) / SEEKS * container.duration))
            next(container.decode(video=0))


def _found(known: list[float], found: tuple[float, ...]) -> float:
    """Share of the known cuts that were found to half a frame."""
    return sum(any(abs(one - other) < 0.017 for other in found) for one in known) / len(known)


def _hour(folder: Path, clip: Path) -> dict[str, float | str]:
    target = folder / "hour.mp4"
    make_hour(clip, target)
    command = [sys.executable, "-c", CHILD, str(target), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    told = json.loads(done.stdout.splitlines()[-1])
    return {"hour_s": told["s"], "hour_peak_gib": told["gib"], "hour_examined_share": told["examined"]}
