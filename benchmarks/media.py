"""What reading content costs beside the physical limit: `python -m benchmarks media [--json]`.

Pictures beside Pillow's decoding alone, sound beside plain librosa calls for the same features, video beside
decoding every frame and all the sound, words beside the encoder's own forward pass; each pair in the same run.
The figures and their goals are in docs/reading/.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from pathlib import Path
from typing import Any

MEDIA = Path(__file__).parents[1] / ".." / "shared" / "media"
PARTS = ("images", "audio", "video", "text", "files")


def run(json: bool = False) -> dict[str, Any]:
    """Figures by part, and whether each goal was met. Takes minutes; progress goes to stderr."""
    if not MEDIA.is_dir():
        return {"skipped": "the real media (../shared/media) are not on this machine"}
    # GNU OpenMP spins where cores are shared.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    out: dict[str, Any] = {}
    for part in PARTS:
        started = time.perf_counter()
        out[part] = importlib.import_module(f"benchmarks._media_{part}").run()
        if not json:
            print(f"{part}: {time.perf_counter() - started:.0f} s {out[part]}", file=sys.stderr, flush=True)
    return out
