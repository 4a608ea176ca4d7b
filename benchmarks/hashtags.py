"""Hashtags on later posts: which ones creators chose, and what they did: `python -m benchmarks hashtags [--json]`.

Held out by time: Instagram and TikTok. Ours, most popular, own most used and nearest neighbours are asked for the same
posts. Hashtags that say a post is paid for are left out on all sides: whether it is, no one can guess from its words.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks._quality_rows import DATA, files_of

PLATFORMS = ("instagram", "tiktok")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", type=Path, help="made earlier with these tables; kept for the next time")
    parser.add_argument("--posts", type=int, default=500, help="held-out posts asked for, per platform")


def run(json: bool = False, home: Path | None = None, posts: int = 500) -> dict[str, Any]:
    if not DATA.is_dir():
        return {"skipped": "the real tables (../shared/data) are not on this machine"}
    say = _quiet if json else _say
    if home is not None:
        return {name: _measured(name, home, posts, say) for name in PLATFORMS}
    with tempfile.TemporaryDirectory() as scratch:
        return {name: _measured(name, Path(scratch) / "home", posts, say) for name in PLATFORMS}


def _measured(name: str, home: Path, posts: int, say: Callable[[str], None]) -> dict[str, Any]:
    from benchmarks._hashtags_effects import effects
    from benchmarks._hashtags_ranking import ranking
    from creatorlens.database import open_database
    from creatorlens.platforms import Platform
    from creatorlens.settings import Settings
    from features.feature_store import OnlineStore
    from features.featurize import featurize
    from features.manifest import read_manifest
    from features.stored_residuals import stored_residuals
    from services.advice.desk import Desk
    from services.advice.hashtag_sources import reader, sources
    from services.content.importing import import_files
    from services.insights.registry import ChampionSource

    settings, platform = Settings(home=home), Platform(name)
    engine = open_database(settings)
    if read_manifest(settings, platform) is None:
        import_files(engine, settings, files_of(name), say)
        featurize(engine, settings, platform, progress=say)
    desk = Desk(engine, settings, ChampionSource(settings), OnlineStore(settings))
    told, encoder = sources(desk, platform), reader(desk, platform)
    engine.dispose()
    return {
        "encoder": encoder.model_id if encoder is not None else None,
        "chosen": ranking(told, posts, say),
        "effects": effects(told, stored_residuals(settings, platform), say),
    }


def _say(words: str) -> None:
    print(words, file=sys.stderr)


def _quiet(words: str) -> None:
    pass
