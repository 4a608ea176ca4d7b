"""1,000 thumbnails and 100 short clips through the workers: `python -m benchmarks bulk [--json]`.

A fifth of them is read by one worker, the rest by two, who are killed (-9) a third of the way and go on. Thumbnails
are cuts of real photographs, clips the sample corpus's, each with bytes of its own. With the weights beside the
project every learned part is read too.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SHARED = Path(__file__).parents[1] / ".." / "shared"
THUMBNAILS, CLIPS = 1_000, 100
WARM = 20
DRAWN = 10  # clips that are drawn; the others are copies with a box of padding behind


def run(json: bool = False) -> dict[str, Any]:
    """Files a second with one and two workers, and that a killed run does nothing twice. Takes some minutes."""
    if not (SHARED / "media" / "photos").is_dir():
        return {"skipped": "the real media (../shared/media) are not on this machine"}
    with tempfile.TemporaryDirectory(prefix="creatorlens-bulk-") as temporary:
        root = Path(temporary)
        _corpus(root)
        _say(json, "corpus made")
        one = _timed(root / "home", root / "fifth", 1)
        _say(json, f"one worker: {one['files_per_s']:.2f} files/s")
        killed = _timed(root / "home", root / "rest", 2, kill_after=(THUMBNAILS + CLIPS) * 3 // 10)
        _say(json, f"two workers, then killed: {killed['files_per_s']:.2f} files/s, {killed['files']} done")
        resumed = _timed(root / "home", root / "rest", 2)
        _say(json, f"two workers, resumed: {resumed['files_per_s']:.2f} files/s")
        total = (THUMBNAILS + CLIPS) * 4 // 5
        two = (killed["warm"] + resumed["warm"]) / (killed["reading_s"] + resumed["reading_s"])
        return {
            "files": THUMBNAILS + CLIPS,
            "one_worker_files_per_s": round(one["files_per_s"], 3),
            "two_workers_files_per_s": round(two, 3),
            "speedup": round(two / one["files_per_s"], 3),
            "done_before_kill": killed["files"],
            "left_after_kill": resumed["left"],
            "done_twice": killed["files"] + resumed["left"] - total,
            "learned_models": bool(_environment().get("CREATORLENS_WEIGHTS")),
        }


def _timed(home: Path, folder: Path, workers: int, kill_after: int | None = None) -> dict[str, Any]:
    """Seconds count from the 20th file done: starting processes and loading models is paid once."""
    command = [sys.executable, "-m", "benchmarks._bulk_run", str(home), str(folder), str(workers)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment())
    assert running.stdout is not None
    left = done = 0
    first = last = time.perf_counter()
    for line in running.stdout:
        words = line.split()
        if words[:1] == ["left"]:
            left = int(words[1])
        if words[:1] != ["done"]:
            continue
        done, last = int(words[1]), time.perf_counter()
        if done == WARM:
            first = last
        if done == kill_after:
            running.send_signal(signal.SIGKILL)
            break
    running.wait()
    if kill_after is None and running.returncode:
        raise RuntimeError(f"the run ended with {running.returncode}")
    seconds = max(last - first, 1e-9)
    return {
        "left": left,
        "files": done,
        "reading_s": seconds,
        "warm": max(done - WARM, 1),
        "files_per_s": max(done - WARM, 1) / seconds,
    }


def _environment() -> dict[str, str]:
    weights = SHARED / "weights"
    known = {"CREATORLENS_WEIGHTS": str(weights.resolve())} if weights.is_dir() else {}
    return (
        os.environ
        | known
        | {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "CREATORLENS_MODEL_THREADS": "1"}
    )


def _corpus(root: Path) -> None:
    """Every fifth thumbnail and clip in `fifth`, the others in `rest`."""
    import numpy as np
    from PIL import Image

    photos = [
        Image.open(path).convert("RGB")
        for path in sorted((SHARED / "media" / "photos").glob("*"))
        if path.suffix.lower() in (".jpg", ".jpeg", ".png")
    ]
    for name in ("fifth", "rest"):
        (root / name).mkdir()
    rng = np.random.default_rng(7)
    for i in range(THUMBNAILS):
        photo = photos[i % len(photos)]
        share = rng.uniform(0.4, 0.9)
        width, height = int(photo.width * share), int(photo.height * share)
        x, y = int(rng.integers(photo.width - width + 1)), int(rng.integers(photo.height - height + 1))
        cut = photo.crop((x, y, x + width, y + height)).resize((640, 360))
        cut.save(_place(root, i) / f"{i}.jpg", quality=int(rng.integers(60, 93)))
    drawn = _clips(root / "drawn")
    for i in range(CLIPS):
        padded = drawn[i % DRAWN].read_bytes() + (12).to_bytes(4, "big") + b"free" + i.to_bytes(4, "big")
        (_place(root, i) / f"{i}.mp4").write_bytes(padded)
    shutil.rmtree(root / "drawn")


def _place(root: Path, i: int) -> Path:
    return root / ("fifth" if i % 5 == 0 else "rest")


def _clips(folder: Path) -> list[Path]:
    import numpy as np

    from services.content.sample_media import Look, Sound, write_clip

    folder.mkdir()
    paths = []
    for i in range(DRAWN):
        rng = np.random.default_rng(i)
        colours = [tuple(int(v) for v in rng.integers(20, 240, 3)) for _ in range(3)]
        look = Look(640, 360, f"Clip {i}", 40, 0.8, 0.0, 8, *colours)  # type: ignore[arg-type]
        paths.append(folder / f"{i}.mp4")
        write_clip(paths[-1], look, Sound(3.0, 100.0, 130.8, 0.5, 0.02), rng)
    return paths


def _say(json: bool, words: str) -> None:
    if not json:
        print(words, file=sys.stderr, flush=True)
