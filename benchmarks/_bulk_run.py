"""One bulk run as a process of its own, so that it can be killed: `python -m benchmarks._bulk_run HOME FOLDER WORKERS`."""

from __future__ import annotations

import sys
from pathlib import Path

from creatorlens.settings import load_settings


def main(home: Path, folder: Path, workers: int) -> None:
    """Prints how many files are done, one line for each."""
    from creatorlens.database import open_database
    from features.analysis import Options
    from services.analysis.bulk import read_assets, take_folder, waiting
    from services.analysis.desk import Desk

    settings = load_settings().model_copy(update={"home": home.absolute(), "malware_scanner": "none"})
    engine = open_database(settings)
    with Desk.for_many(settings, workers) as desk:
        taken, refused = take_folder(engine, settings, folder, "flow", print)
        left = waiting(engine, settings, desk, Options(), taken)
        print("left", len(left), "refused", len(refused), flush=True)
        read_assets(
            engine, settings, desk, left, source="flow", progress=lambda n: print("done", n, flush=True)
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
