"""How long a person waits before anything happens, beside an interpreter that does nothing.

`import creatorlens` must stay under 0.3 s and `creatorlens --help` under 1 s.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import Any

ROUNDS = 9
COMMANDS = {
    "python": ("-c", "pass"),
    "import_creatorlens": ("-c", "import creatorlens"),
    "help": ("-m", "cli.main", "--help"),
}


def run(*, json: bool) -> dict[str, Any]:
    """Medians in seconds, and each as a multiple of `python -c pass`. The rounds are interleaved,
    so that a busy moment of the machine falls on all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for round_number in range(ROUNDS + 1):
        for name, arguments in COMMANDS.items():
            taken = _timed(arguments)
            # the first round only warms the disk cache
            if round_number:
                seconds[name].append(taken)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    base = medians["python"]
    result: dict[str, Any] = {f"{name}_s": round(value, 4) for name, value in medians.items()}
    result |= {
        "import_ratio": round(medians["import_creatorlens"] / base, 2),
        "help_ratio": round(medians["help"] / base, 2),
        "rounds": ROUNDS,
        "import_ok": medians["import_creatorlens"] < 0.3,
        "help_ok": medians["help"] < 1.0,
    }
    if not json:
        print(
            f"python -c pass {base:.3f} s, import {medians['import_creatorlens']:.3f} s, --help {medians['help']:.3f} s"
        )
    return result


def _timed(arguments: tuple[str, ...]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - started
