"""How well we forecast real posts: `python -m benchmarks forecast`.

The three platforms of ../shared/data through the product's own path (import, featurize through Feast,
rolling backtest from the time two thirds of the posts were out). `ratio` per platform is the model's mae_ln
over the floor's: below 1 beats it. The whole table of figures is in docs/models.md.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PLATFORMS = ("instagram", "youtube", "tiktok")
DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
COVERAGE = (0.77, 0.83)
WITHIN = 0.15
MUST_BEAT_THE_FLOOR = ("instagram", "youtube")
KEPT = (
    "n", "spearman", "mae_ln", "within_creator_spearman", "within_creator_spearman_by_posts", "within_creators",
    "pinball", "coverage80", "width80",
)  # fmt: skip


def run(json: bool = False) -> dict[str, Any]:
    """Figures per platform beside the goals. Progress goes to stderr; takes minutes."""
    if not DATA.is_dir():
        return {"skipped": "the real tables (../shared/data) are not on this machine"}
    # GNU OpenMP spins where cores are shared.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    platforms = {name: _of_platform(name, quiet=json) for name in PLATFORMS}
    return {"platforms": platforms, "ok": all(all(part["goals"].values()) for part in platforms.values())}


def _of_platform(name: str, *, quiet: bool) -> dict[str, Any]:
    from creatorlens.database import open_database
    from creatorlens.platforms import Platform
    from creatorlens.settings import Settings
    from features.featurize import featurize
    from services.content.importing import import_files
    from training.backtest import backtest, two_thirds
    from training.train import known_rows

    def tell(message: str) -> None:
        if not quiet:
            print(message, file=sys.stderr, flush=True)

    started = time.perf_counter()
    platform = Platform(name)
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        engine = open_database(settings)
        kinds = ("posts", "observations", "creators")
        files = [
            DATA / f"{name}.{kind}.parquet" for kind in kinds if (DATA / f"{name}.{kind}.parquet").exists()
        ]
        import_files(engine, settings, files, tell)
        featurize(engine, settings, platform, progress=tell)
        rows = known_rows(settings, platform, None)
        engine.dispose()
    summary = backtest(rows, two_thirds(rows), platform, progress=tell).summary
    return {
        "from": summary["from"],
        "cut_offs": len(summary["cut_offs"]),
        **{key: summary[key] for key in KEPT},
        "floor": {key: summary["floor"][key] for key in KEPT},
        "plain_xgboost": {key: summary["plain_xgboost"][key] for key in KEPT},
        "share_shown": summary["share_shown"],
        "share_posts_shown": summary["share_posts_shown"],
        "without_floor": summary["without_floor"],
        "backfilled": summary["backfilled"]["n"],
        "ratio": round(summary["mae_ln"] / summary["floor"]["mae_ln"], 4),
        "goals": _goals(name, summary),
        "seconds": round(time.perf_counter() - started, 1),
    }


def _goals(name: str, summary: dict[str, Any]) -> dict[str, bool]:
    goals = {
        "within_creator_spearman": (summary["within_creator_spearman"] or 0.0) > WITHIN,
        "coverage80": COVERAGE[0] <= summary["coverage80"] <= COVERAGE[1],
    }
    if name in MUST_BEAT_THE_FLOOR:
        goals["spearman"] = summary["spearman"] > summary["floor"]["spearman"]
        goals["mae_ln"] = summary["mae_ln"] < summary["floor"]["mae_ln"]
    return goals
