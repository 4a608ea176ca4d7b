"""Runs in AutoGluon's own environment: `python _quality_autogluon_child.py FOLDER`. Knows nothing of this project.

FOLDER holds known.parquet (column `target` beside the features), ahead.parquet and task.json {seconds, threads}; it leaves
answer.parquet (p10, p50, p90) and figures.json there.
"""

import json
import os
import sys
import time
from pathlib import Path


def main(folder: Path) -> None:
    task = json.loads((folder / "task.json").read_text())
    os.environ["OMP_NUM_THREADS"] = str(task["threads"])
    import pandas as pd
    from autogluon.tabular import TabularPredictor  # type: ignore[import-not-found]

    known, ahead = pd.read_parquet(folder / "known.parquet"), pd.read_parquet(folder / "ahead.parquet")
    started = time.perf_counter()
    predictor = TabularPredictor(
        label="target", problem_type="quantile", quantile_levels=[0.1, 0.5, 0.9], eval_metric="pinball_loss",
        path=str(folder / "models"), verbosity=1,
    )  # fmt: skip
    # Its trial of stacking (a fit of its own before the fit) leaves no time for models where there is little.
    predictor.fit(
        known,
        presets="best_quality",
        time_limit=task["seconds"],
        dynamic_stacking=False,
        num_cpus=task["threads"],
        num_gpus=0,
    )
    trained = time.perf_counter()
    found = predictor.predict(ahead)
    done = time.perf_counter()
    found.columns = ["p10", "p50", "p90"]
    found.to_parquet(folder / "answer.parquet")
    board = predictor.leaderboard(silent=True)
    figures = {
        "train_seconds": trained - started,
        "predict_seconds": done - trained,
        "models": board["model"].tolist(),
        "best": str(predictor.model_best),
        "peak_memory_mb": _peak_mb(),
    }
    (folder / "figures.json").write_text(json.dumps(figures))


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
