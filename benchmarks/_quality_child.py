"""One contender at one cut-off in a process of its own: `python -m benchmarks._quality_child FOLDER`.

FOLDER holds known.pkl, ahead.pkl and task.json {contender, without, families}; answer.parquet and figures.json are left
there. A process of its own because peak memory (VmHWM) is the process's.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def main(folder: Path) -> None:
    # GNU OpenMP spins where cores are shared.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import pandas as pd

    from benchmarks._quality_contenders import CONTENDERS, ours
    from benchmarks._quality_ours import beside, reduced

    task = json.loads((folder / "task.json").read_text())
    known, ahead = (pd.read_pickle(folder / f"{name}.pkl") for name in ("known", "ahead"))
    known, ahead = (reduced(rows, task.get("without")) for rows in (known, ahead))
    started, cpu = time.perf_counter(), time.process_time()
    if task["contender"] == "ours":
        families = tuple(task["families"]) if task.get("families") else None
        forecast = ours(known, families=families, explain=not (families or task.get("without")))
    else:
        forecast = CONTENDERS[task["contender"]](known)
    trained, trained_cpu = time.perf_counter(), time.process_time()
    answer = forecast(ahead)
    done = time.perf_counter()
    figures: dict[str, Any] = {
        "train_seconds": trained - started,
        "train_cpu_seconds": trained_cpu - cpu,
        "predict_seconds": done - trained,
        "peak_memory_mb": peak_mb(),
    }
    model = getattr(forecast, "model", None)
    if model is not None:
        answer, told = beside(model, ahead, answer)
        figures |= told
    answer.to_parquet(folder / "answer.parquet")
    (folder / "figures.json").write_text(json.dumps(figures))


def peak_mb() -> float:
    """Most memory this process ever held, MiB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
