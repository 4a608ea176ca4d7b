"""The sample corpus: synthetic channels with two years of posts, written as canonical tables.

Nobody's data, labelled as synthetic everywhere, the same for the same seed. The newest weeks lie apart in
`later/`: what a creator would learn afterwards, so that forecasts can be made first and graded then.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from creatorlens.errors import InputError
from services.content import sample_channels as synthetic
from services.content import sample_words as words
from services.content.sample_channels import PLATFORMS, TRAITS, UTC_US, SampleOptions

VERSION = 2
"""Raised when the corpus of a seed changes."""
MANIFEST = "sample.json"

Say = Callable[[str], None]


@dataclass(frozen=True)
class SampleReport:
    """`made` is False where the folder held this very corpus already."""

    folder: Path
    made: bool
    channels: int
    posts: int
    later_posts: int
    observations: int
    clips: int
    thumbnails: int


def make_sample(folder: Path, options: SampleOptions, say: Say = lambda _: None) -> SampleReport:
    """Write the corpus to `folder`, whole or not at all. The same corpus there already is left as it is.

    Raises InputError where `folder` holds something else.
    """
    found = read_manifest(folder)
    wanted = _identity(options)
    if found is not None and found["options"] == wanted:
        return _report(folder, found, made=False)
    if found is None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("exists and is not a sample corpus.", field=str(folder), hint="Name another folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        manifest = _build(building, options, say)
        if folder.exists():
            shutil.rmtree(folder)
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return _report(folder, manifest, made=True)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """What the folder's sample was made with; None where it holds none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and manifest.get("synthetic") else None


def _identity(options: SampleOptions) -> dict[str, Any]:
    return {**asdict(options), "end": options.end.isoformat(), "version": VERSION}


def _report(folder: Path, manifest: dict[str, Any], *, made: bool) -> SampleReport:
    return SampleReport(folder=folder, made=made, **manifest["counts"])


def _build(folder: Path, options: SampleOptions, say: Say) -> dict[str, Any]:
    (folder / "later").mkdir(parents=True)
    channels = synthetic.channels(options)
    built = [synthetic.posts_and_observations(channel, options) for channel in channels]
    tables = {
        "posts": pd.concat([posts for posts, _ in built], ignore_index=True),
        "observations": pd.concat([seen for _, seen in built], ignore_index=True),
        "creators": pd.concat(
            [synthetic.audience(channel, options) for channel in channels], ignore_index=True
        ),
    }
    _write_tables(folder, tables, options)
    _write(_experiments(options), folder / "experiments.parquet", options)
    say(
        f"{len(tables['posts'])} posts of {len(channels)} channels, {len(tables['observations'])} observations"
    )
    clips = thumbnails = 0
    if options.media:
        from services.content.sample_media import render_media

        # those that are imported first: what is in later/ stays without files
        known = tables["posts"][tables["posts"]["published_at"] < options.cut]
        clips, thumbnails = render_media(folder / "media", known, options, say)
        _write_links(folder, options)
    manifest = {
        "synthetic": True,
        "options": _identity(options),
        "cut": options.cut.isoformat(),
        "counts": {
            "channels": len(channels),
            "posts": int((tables["posts"]["published_at"] < options.cut).sum()),
            "later_posts": int((tables["posts"]["published_at"] >= options.cut).sum()),
            "observations": len(tables["observations"]),
            "clips": clips,
            "thumbnails": thumbnails,
        },
    }
    (folder / "README.md").write_text(_README, "utf-8")
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", "utf-8")
    return manifest


def _write_links(folder: Path, options: SampleOptions) -> None:
    """Which picture and clip belongs to which post."""
    rows = []
    for entry in json.loads((folder / "media" / "index.json").read_text("utf-8")):
        files = {"thumbnail": f"media/thumbnails/{entry['post_id']}.jpg"}
        if entry["sound"] is not None:
            files["video"] = f"media/clips/{entry['post_id']}.mp4"
        rows += [
            {"post_id": entry["post_id"], "platform": entry["platform"], "role": role, "path": path}
            for role, path in files.items()
        ]
    _write(pd.DataFrame(rows), folder / "media.parquet", options)


def _experiments(options: SampleOptions) -> pd.DataFrame:
    """Headline tests in which only the headline differs; clicks are drawn from the titles' effects."""
    rng = synthetic.seeded(options.seed, "experiments")
    rows = []
    for number in range(60):
        niche = words.NICHES[number % len(words.NICHES)]
        week = pd.Timestamp(options.end) - pd.Timedelta(weeks=int(rng.integers(options.weeks)))
        base = np.log(rng.uniform(0.01, 0.03))
        for variant in range(int(rng.integers(3, 6))):
            written = words.write(rng, niche, month=week.month, habits=(0.3, 0.3, 0.1))
            effect = (
                0.25 * written.question + 0.2 * written.number - 0.2 * written.shouting + rng.normal(0, 0.1)
            )
            impressions = int(rng.integers(2000, 6000))
            rows.append(
                {
                    "experiment_id": f"sample-exp-{number:03d}",
                    "variant_id": f"sample-exp-{number:03d}-{variant}",
                    "week": int(week.strftime("%G%V")),
                    "headline": written.title,
                    "lede": niche.doings[number % len(niche.doings)].capitalize() + ".",
                    "image_id": f"sample-image-{number:03d}",
                    "impressions": impressions,
                    "clicks": int(rng.binomial(impressions, float(np.exp(base + effect)))),
                }
            )
    return pd.DataFrame(rows)


def _write_tables(folder: Path, tables: dict[str, pd.DataFrame], options: SampleOptions) -> None:
    moment = {"posts": "published_at", "observations": "observed_at", "creators": "observed_at"}
    for kind, frame in tables.items():
        later = frame[moment[kind]] >= options.cut
        for platform in PLATFORMS:
            mine = frame["platform"] == platform.value
            for where, part in ((folder, ~later), (folder / "later", later)):
                rows = frame[mine & part].sort_values([moment[kind], frame.columns[0]], ignore_index=True)
                if kind == "posts" and where == folder:
                    rows = _with_faults(rows, options)
                if len(rows):
                    _write(
                        rows.drop(columns=[*TRAITS], errors="ignore"),
                        where / f"{platform.value}.{kind}.parquet",
                        options,
                    )


def _with_faults(posts: pd.DataFrame, options: SampleOptions) -> pd.DataFrame:
    """Every real export has a few rows that cannot be: here one post from the future and one without a date."""
    faulty = posts.iloc[:2].copy()
    faulty["post_id"] = [f"sample-faulty-{posts['platform'].iloc[0]}-{i}" for i in (1, 2)]
    faulty["published_at"] = [pd.Timestamp(options.end) + pd.Timedelta(days=36500), pd.NaT]
    faulty["published_at"] = faulty["published_at"].astype(UTC_US)
    return pd.concat([posts, faulty], ignore_index=True)


def _write(frame: pd.DataFrame, path: Path, options: SampleOptions) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False)
    if "hashtags" in frame:
        at = table.schema.get_field_index("hashtags")
        table = table.set_column(at, "hashtags", table.column(at).cast(pa.list_(pa.string())))
    label = {b"synthetic": b"true", b"made_by": b"creatorlens sample", b"seed": str(options.seed).encode()}
    pq.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), **label}), path)


_README = """\
# Sample corpus: synthetic

Made by `creatorlens sample`. No person, channel, post or count in here exists; titles come from small grammars,
counts from a formula with noise, pictures and clips are drawn. Do not draw conclusions about any platform from it.

- `PLATFORM.posts.parquet`, `PLATFORM.observations.parquet`, `PLATFORM.creators.parquet`: canonical tables up to the cut.
- `later/`: the weeks after the cut, posts and the observations made since: what arrives after forecasts were made.
- `experiments.parquet`: headline tests.
- `media.parquet`: which thumbnail and clip belongs to which post up to the cut.
- `media/`: thumbnails and short clips with sound for some posts, named by post_id; `media/index.json` says how each
  was drawn.
- `sample.json`: seed, dates, counts. The same seed and dates give the same tables.

Channels were connected some months after they began: posts from before have one late count each. Each posts table
ends with two faulty rows (a date in the future, no date), so that the import has something to put into quarantine.
Missing on purpose: some durations, categories, follower counts, comments and whole observations.
"""
