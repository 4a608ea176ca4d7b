"""A process that reads videos named on its input, one a line, and says what became of each."""

from __future__ import annotations

import json
import resource
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
        answer["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
