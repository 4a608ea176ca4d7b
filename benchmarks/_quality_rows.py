"""Feature rows of the real tables by the product's own path (import, featurize, Feast), kept between runs."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from benchmarks._quality_store import cache_folder

DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
TABLES = {
    "instagram": ("instagram",),
    "youtube": ("youtube",),
    "tiktok": ("tiktok",),
    "x": ("x_barackobama", "x_realdonaldtrump"),
    "reddit": ("reddit",),
}
# Reddit holds 410,000 titles; whole communities chosen by the hash of their name, newest titles first.
REDDIT_COMMUNITIES = 24
REDDIT_TITLES = 600
_KINDS = ("posts", "observations", "creators")
_BELONGS_TO_ROWS = ("features", "creatorlens", "services/content")


def rows_of(name: str, folder: Path | None, say: Callable[[str], None]) -> pd.DataFrame:
    """`folder`: rows made earlier, `<name>.rows.pkl`; otherwise they are made once and kept."""
    if folder is not None:
        return pd.DataFrame(pd.read_pickle(folder / f"{name}.rows.pkl"))
    kept = cache_folder() / "rows" / f"{name}-{_key(name)}.pkl"
    if not kept.exists():
        say(f"{name}: import and featurize")
        rows = _made(name, say)
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_name(f"{kept.name}.partial-{os.getpid()}")
        rows.to_pickle(partial)
        partial.rename(kept)
    return pd.DataFrame(pd.read_pickle(kept))


def files_of(name: str) -> list[Path]:
    files = [DATA / f"{table}.{kind}.parquet" for table in TABLES[name] for kind in _KINDS]
    return [file for file in files if file.exists()]


def _key(name: str) -> str:
    from training.hashes import code_hash

    digest = hashlib.sha256(code_hash([DATA.parents[1] / part for part in _BELONGS_TO_ROWS]).encode())
    digest.update(f"{REDDIT_COMMUNITIES} {REDDIT_TITLES}".encode())
    for file in files_of(name):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _made(name: str, say: Callable[[str], None]) -> pd.DataFrame:
    from creatorlens.database import open_database
    from creatorlens.platforms import Platform
    from creatorlens.settings import Settings
    from features.featurize import featurize
    from services.content.importing import import_files
    from training.train import known_rows

    platform = Platform(name)
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(home=Path(scratch) / "home")
        files = _some_of_reddit(Path(scratch)) if name == "reddit" else files_of(name)
        engine = open_database(settings)
        import_files(engine, settings, files, say)
        featurize(engine, settings, platform, progress=say)
        rows = known_rows(settings, platform, None)
        engine.dispose()
    return rows


def _some_of_reddit(folder: Path) -> list[Path]:
    posts = pd.read_parquet(DATA / "reddit.posts.parquet")
    by_hash = sorted(
        posts["creator_id"].unique(), key=lambda name: hashlib.sha256(str(name).encode()).hexdigest()
    )
    posts = posts.loc[posts["creator_id"].isin(by_hash[:REDDIT_COMMUNITIES])]
    newest = posts.sort_values("published_at", kind="stable").groupby("creator_id").tail(REDDIT_TITLES)
    observations = pd.read_parquet(DATA / "reddit.observations.parquet")
    observations = observations.loc[observations["post_id"].isin(set(newest["post_id"]))]
    out = []
    for kind, table in (("posts", newest), ("observations", observations)):
        table.to_parquet(folder / f"reddit.{kind}.parquet", index=False)
        out.append(folder / f"reddit.{kind}.parquet")
    return out
