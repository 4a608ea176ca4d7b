"""A million stored forecasts of 300,000 posts graded on SQLite, beside reading and inserting the same rows bare.

The bare figure is SQLite through Python's own driver: every column that grading needs read once, and as many grades
inserted. Whatever grading takes beyond it is matching and errors.
"""

from __future__ import annotations

import json as jsonlib
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

FORECASTS = 1_000_000
HORIZONS = (24.0, 168.0, 720.0)
CHANNELS = 3_000
OBSERVED_AGES_H = (25.0, 170.0, 725.0)
INPUT_BYTES = 1_500
SHARE_DRAFTS = 0.1
START = datetime(2025, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=500)
BATCH = 50_000
CODE = "import sys, json; from benchmarks.grading import _graded; print(json.dumps(_graded(sys.argv[1])))"


def run(*, json: bool) -> dict[str, Any]:
    """seconds, cpu_s (of a busy machine the better figure), forecasts_per_s, ratio (to bare SQL), peak_mb of the grading process, again_s (nothing left to do)."""
    with tempfile.TemporaryDirectory(prefix="creatorlens-grading-") as folder:
        filled = time.perf_counter()
        rows = _fill(Path(folder))
        filled = time.perf_counter() - filled
        bare = _bare(Path(folder))
        done = subprocess.run(
            [sys.executable, "-c", CODE, folder], check=True, capture_output=True, text=True
        )
        told: dict[str, Any] = jsonlib.loads(done.stdout.splitlines()[-1])
    result = {
        "forecasts": rows,
        **told,
        "forecasts_per_s": round(told["graded"] / told["seconds"]),
        "bare_s": round(bare, 2),
        "ratio": round(told["seconds"] / bare, 2),
        "fill_s": round(filled, 1),
        "within_a_minute": told["seconds"] < 60,
    }
    if not json:
        print(
            f"{told['graded']:,} of {rows:,} graded in {told['seconds']:.1f} s ({result['ratio']} times bare SQL), "
            f"peak {told['peak_mb']:.0f} MB; again {told['again_s']:.1f} s"
        )
    return result


def _graded(folder: str) -> dict[str, Any]:
    """In a process of its own, so that its peak memory is that of grading."""
    from creatorlens.database import open_database
    from services.insights.grading import grade

    settings = _settings(Path(folder))
    engine = open_database(settings)
    started, worked = time.perf_counter(), time.process_time()
    report = grade(engine, settings, now=NOW)
    seconds, worked = time.perf_counter() - started, time.process_time() - worked
    started = time.perf_counter()
    again = grade(engine, settings, now=NOW)
    return {
        "graded": report.graded,
        "waiting": report.waiting,
        "seconds": round(seconds, 2),
        "cpu_s": round(worked, 2),
        "again_graded": again.graded,
        "again_s": round(time.perf_counter() - started, 2),
        "peak_mb": round(_peak_kb() / 1024, 1),
    }


def _peak_kb() -> int:
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _settings(folder: Path) -> Any:
    from creatorlens.settings import Settings

    return Settings(home=folder / "home")


def _fill(folder: Path) -> int:
    from creatorlens.database import open_database

    settings = _settings(folder)
    open_database(settings).dispose()
    posts = FORECASTS // len(HORIZONS)
    connection = sqlite3.connect(settings.home / "creatorlens.db", isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    _insert(connection, "imports", iter([_import()]))
    _insert(connection, "channels", _channels())
    for name, rows in (("posts", _posts), ("observations", _observations), ("predictions", _predictions)):
        _insert(connection, name, rows(posts, np.random.default_rng(0)))
    count: int = connection.execute("SELECT count(*) FROM predictions").fetchone()[0]
    connection.execute("ANALYZE")
    connection.close()
    return count


def _insert(connection: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    waiting: list[tuple[Any, ...]] = []
    sql = ""
    connection.execute("BEGIN")
    for row in rows:
        sql = sql or f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
        waiting.append(tuple(row.values()))
        if len(waiting) == BATCH:
            connection.executemany(sql, waiting)
            waiting.clear()
    connection.executemany(sql, waiting)
    connection.execute("COMMIT")


def _import() -> dict[str, Any]:
    told = {"import_id": "i", "workspace_id": "local", "file_name": "f", "sha256": "0", "kind": "posts"}
    return told | {"imported_at": _text(NOW), **dict.fromkeys(("rows_read", "rows_taken", "rows_unchanged", "rows_quarantined"), 0)}  # fmt: skip


def _channels() -> Iterator[dict[str, Any]]:
    for i in range(CHANNELS):
        yield {
            "workspace_id": "local", "channel_id": f"youtube:c{i:05d}", "platform": "youtube", "creator_id": f"c{i:05d}",
            "first_imported_at": _text(START),
        }  # fmt: skip


def _posts(posts: int, _: np.random.Generator) -> Iterator[dict[str, Any]]:
    for i in range(posts):
        yield {
            "workspace_id": "local", "platform": "youtube", "post_id": f"p{i:07d}", "channel_id": f"youtube:c{i % CHANNELS:05d}",
            "published_at": _text(_published(i)), "media_type": "video", "title": f"A film about number {i}", "text": "",
            "hashtags": "[]", "content_hash": "0", "import_id": "i",
        }  # fmt: skip


def _observations(posts: int, _: np.random.Generator) -> Iterator[dict[str, Any]]:
    for i in range(posts):
        for age in OBSERVED_AGES_H:
            at = _published(i) + timedelta(hours=age)
            yield {
                "workspace_id": "local", "platform": "youtube", "post_id": f"p{i:07d}", "observation_key": at.isoformat(),
                "observed_at": _text(at), "known_at": _text(at), "backfilled": 0, "metric_definition": "youtube-views-1",
                "views": float(100 + i % 977), "import_id": "i",
            }  # fmt: skip


def _predictions(posts: int, random: np.random.Generator) -> Iterator[dict[str, Any]]:
    from services.insights.ids import draft_hash

    draft = random.random(posts) < SHARE_DRAFTS
    ids = random.bytes(16 * posts).hex()
    inputs = jsonlib.dumps({"draft": {}, "numbers": "A" * INPUT_BYTES})
    for i in range(posts):
        planned = _published(i)
        shared = {
            "prediction_id": ids[32 * i : 32 * i + 32] + "-000", "workspace_id": "local",
            "created_at": _text(planned - timedelta(hours=1)), "as_of": _text(planned - timedelta(hours=1)),
            "retrospective": 0, "source": "api", "platform": "youtube", "channel_id": f"youtube:c{i % CHANNELS:05d}",
            "post_id": None if draft[i] else f"p{i:07d}", "draft_hash": draft_hash(f"A film about number {i}", ""),
            "planned_at": _text(planned), "p10": 60.0, "p50": 150.0, "p90": 700.0, "prob_beats_floor": 0.5, "floor": 140.0,
            "abstained": 0, "reason": "", "model_name": "creatorlens-youtube", "model_version": "1", "input_hash": "0" * 64,
            "drivers": "[]",
        }  # fmt: skip
        for k, horizon in enumerate(HORIZONS):
            yield shared | {"horizon_h": horizon, "inputs": "{}" if k else inputs}


def _published(i: int) -> datetime:
    return START + timedelta(minutes=i)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def _bare(folder: Path) -> float:
    """Read what grading reads and insert as many grades into a table of the same shape, without looking at them."""
    connection = sqlite3.connect(_settings(folder).home / "creatorlens.db", isolation_level=None)
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(
        "CREATE TABLE bare (prediction_id VARCHAR(36), horizon_h FLOAT, workspace_id VARCHAR(64), graded_at DATETIME, "
        "post_id VARCHAR(200), observation_key VARCHAR(64), observed_age_h FLOAT, backfilled BOOLEAN, outcome FLOAT, "
        "covered80 BOOLEAN, ae_ln FLOAT, floor_ae_ln FLOAT, PRIMARY KEY (prediction_id, horizon_h))"
    )
    connection.execute("CREATE INDEX bare_at ON bare (workspace_id, graded_at)")
    started = time.perf_counter()
    made = connection.execute(
        "SELECT prediction_id, horizon_h, created_at, retrospective, channel_id, post_id, draft_hash, planned_at, "
        "p10, p50, p90, floor FROM predictions ORDER BY prediction_id, horizon_h"
    ).fetchall()
    seen = connection.execute(
        "SELECT o.post_id, o.observation_key, o.observed_at, o.backfilled, o.views, p.published_at FROM observations o "
        "JOIN posts p USING (workspace_id, platform, post_id)"
    ).fetchall()
    key = seen[0][1]
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO bare VALUES (?, ?, 'local', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((row[0], row[1], key, row[5], key, 25.0, 0, 100.0, 1, 0.1, 0.2) for row in made),
    )
    connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.execute("DROP TABLE bare")
    connection.close()
    return seconds
