"""A process that reads videos named on its input, one a line, and says what became of each."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    from creatorlens.errors import InputError
    from creatorlens.settings import Settings
    from features.media.limits import USUAL
    from features.video.reading import read_video
    from features.weights.models import Models

    models = Models(Settings(home=Path(tempfile.gettempdir()) / "creatorlens-none", model_threads=1))
    for line in sys.stdin:
        started = time.monotonic()
        answer: dict[str, object]
        try:
            reading = read_video(Path(line.strip()), models, USUAL, learned=False)
            answer = {"outcome": "reading", "record": json.loads(reading.model_dump_json())}
        except InputError as error:
            answer = {"outcome": "refused", "why": str(error)}
        answer["seconds"] = time.monotonic() - started
        answer["peak_bytes"] = _peak_bytes()
        print(json.dumps(answer), flush=True)


def _peak_bytes() -> int:
    """Not ru_maxrss: a child inherits that of the process that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main()
