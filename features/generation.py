"""One generation of a platform's features: a folder of Parquet files, written beside and moved when whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features import catalogue
from features.asof import UTC_US, micros
from features.content import content_features
from features.feature_views import (
    CUES_VIEW,
    EMBEDDING,
    KNOWN_AT,
    MEDIA_VIEW,
    PICTURE,
    POST_VIEWS,
    SIMILAR_VIEW,
    VIEWS,
)
from features.histories import Histories, build_histories
from features.manifest import Manifest
from features.nlp.columns import nlp_features
from features.nlp.novelty import NOVELTY_NAMES, title_novelty
from features.outcomes import labels
from features.post_media import PostMedia, media_hash, read_post_media
from features.posting_time import local_clock
from features.rows import timezones
from features.sequences import SEQUENCE, Sequences
from features.similar_posts import SIMILAR_NAMES, memory_of
from features.terms import term_keys

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from features.encoder import Encoder, Vectors

Progress = Callable[[str], None]
STATES_PER_WRITE = 50_000
SPINE = ["post_id", "channel_id", "platform", "post_key", "published_at"]


def inputs_hash(engine: Engine, settings: Settings, platform: Platform) -> str:
    """Hash over what was imported for the platform, its channels' time zones, what was read from its posts' files
    and the version of the features: equal hashes mean equal features. Rows are added by imports and never changed."""
    from sqlalchemy import func, select

    from creatorlens.database.tables import channel_stats, channels, observations, posts

    with engine.connect() as connection:
        parts: list[Any] = [catalogue.VERSION, settings.default_timezone]
        for table in (posts, observations):
            query = select(table.c.import_id, func.count()).where(
                table.c.workspace_id == settings.workspace, table.c.platform == platform.value
            )
            parts.append(_sorted(connection.execute(query.group_by(table.c.import_id))))
        mine = (channels.c.workspace_id == settings.workspace) & (channels.c.platform == platform.value)
        of_channel = channel_stats.c.channel_id == channels.c.channel_id
        counted = (
            select(channel_stats.c.import_id, func.count())
            .join(channels, of_channel & (channel_stats.c.workspace_id == channels.c.workspace_id))
            .where(mine)
            .group_by(channel_stats.c.import_id)
        )
        parts.append(_sorted(connection.execute(counted)))
        told = select(channels.c.channel_id, channels.c.timezone).where(
            mine, channels.c.timezone.is_not(None)
        )
        parts.append(_sorted(connection.execute(told)))
        parts.append(media_hash(connection, settings.workspace, platform))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _sorted(rows: Any) -> list[list[Any]]:
    return sorted([list(row) for row in rows])


def write_generation(
    engine: Engine,
    settings: Settings,
    platform: Platform,
    inputs: str,
    encoder: Encoder | None,
    progress: Progress,
) -> Manifest | None:
    """Compute and write; then the platform's `current` link points at it. None where there are no posts."""
    from creatorlens.database.frames import read_channel_stats, read_channels, read_observations, read_posts
    from features.featurize import definitions_hash

    progress(f"{platform.value}: reading the database")
    posts = read_posts(engine, settings.workspace, platform)
    if posts.empty:
        return None
    observations = read_observations(engine, settings.workspace, platform)
    stats = read_channel_stats(engine, settings.workspace, platform)
    channels = read_channels(engine, settings.workspace, platform)
    media = read_post_media(engine, settings.workspace, platform)
    definitions = definitions_hash()
    manifest = Manifest(
        platform=platform.value,
        inputs=inputs,
        definitions=definitions,
        generation=_name(platform, inputs, definitions, encoder),
        materialised_at="",
        next_event_at=None,
        encoder=encoder.model_id if encoder is not None else None,
        posts=len(posts),
        observations=len(observations),
        channels=int(posts["channel_id"].nunique()),
        with_media=len(media),
        online_rows=0,
    )
    folder = settings.features_home / "generations" / manifest.generation
    if not folder.is_dir():
        vectors = _embeddings(settings, posts, encoder, progress)
        beside = folder.with_name(f".writing-{manifest.generation}-{os.getpid()}")
        for left in folder.parent.glob(".writing-*"):
            shutil.rmtree(left, ignore_errors=True)
        beside.mkdir(parents=True)
        zones = timezones(channels, settings.default_timezone)
        keyed = _write(beside, posts, observations, stats, zones, platform, progress)
        _write_cues(beside / f"{CUES_VIEW}.parquet", keyed, posts, vectors)
        _write_vectors(beside / f"{EMBEDDING}.parquet", EMBEDDING, keyed, vectors)
        progress(f"{platform.value}: results of similar posts")
        _write_similar(beside, keyed, posts, vectors)
        _write_media(beside, keyed, media)
        (beside / "timezones.json").write_text(json.dumps(_told(channels)))
        beside.rename(folder)
    _point_at(settings, platform, folder)
    return manifest


def _write(
    folder: Path,
    posts: pd.DataFrame,
    observations: pd.DataFrame,
    stats: pd.DataFrame,
    zones: pd.Series,
    platform: Platform,
    progress: Progress,
) -> pd.DataFrame:
    """Everything but vectors and media; returns post_key and known_at of each post."""
    progress(f"{platform.value}: history of {len(posts)} posts")
    histories = build_histories(posts, observations, stats, zones, platform)
    _write_histories(folder, histories)
    _write_sequences(folder / f"{SEQUENCE}.parquet", histories.sequences)
    histories.residuals.to_parquet(folder / "residuals.parquet", index=False)
    local = local_clock(posts["published_at"], posts["channel_id"].map(zones))
    spine = posts[["post_id", "channel_id", "published_at"]].assign(platform=platform.value)
    spine["post_key"] = platform.value + ":" + spine["post_id"]
    spine[SPINE].to_parquet(folder / "spine.parquet", index=False)
    keys = term_keys(posts, local, platform.value)
    keys.frame().to_parquet(folder / "terms.parquet", index=False)
    labels(observations, platform).to_parquet(folder / "labels.parquet", index=False)
    progress(f"{platform.value}: text, calendar and format of {len(posts)} posts")
    keyed = pd.DataFrame({"post_key": spine["post_key"], KNOWN_AT: spine["published_at"]})
    content = content_features(posts, local)
    for view in VIEWS:
        if view.name in POST_VIEWS:
            part = pd.concat([keyed, content[list(view.columns)]], axis=1)
            part.to_parquet(folder / f"{view.name}.parquet", index=False)
    return keyed


def _write_cues(path: Path, keyed: pd.DataFrame, posts: pd.DataFrame, vectors: Vectors | None) -> None:
    cues = nlp_features(posts["title"], posts["text"], posts["hashtags"])
    if vectors is None:
        novelty = pd.DataFrame(np.nan, cues.index, list(NOVELTY_NAMES), dtype="float32")
    else:
        novelty = title_novelty(vectors, posts["channel_id"], posts["published_at"])
    pd.concat([keyed, cues, novelty], axis=1).to_parquet(path, index=False)


def _write_similar(folder: Path, keyed: pd.DataFrame, posts: pd.DataFrame, vectors: Vectors | None) -> None:
    """What each post could know of similar ones when it was published, and the memory that drafts are held against."""
    import pyarrow.parquet as pq

    if vectors is None:
        similar = pd.DataFrame(np.nan, keyed.index[:0], list(SIMILAR_NAMES), dtype="float32")
        keyed = keyed.head(0)
    else:
        memory = memory_of(pd.read_parquet(folder / "residuals.parquet"), posts["post_id"], vectors)
        memory.save(folder)
        similar = memory.similar(posts["channel_id"], micros(posts["published_at"]), vectors)
    pq.write_table(_keyed_table(pd.concat([keyed, similar], axis=1)), folder / f"{SIMILAR_VIEW}.parquet")


def _write_histories(folder: Path, histories: Histories) -> None:
    import pyarrow.parquet as pq

    frames = {
        "channel_history": histories.channels,
        "channel_audience": histories.audience,
        "platform_level": histories.level.assign(platform=histories.platform.value),
        "term_history": histories.terms,
    }
    for view in VIEWS:
        if view.name in frames:
            frame = frames[view.name].rename(columns={"event_timestamp": KNOWN_AT})
            ordered = frame[[view.key, KNOWN_AT, *view.columns]].astype({view.key: str, KNOWN_AT: UTC_US})
            pq.write_table(_keyed_table(ordered, view.key), folder / f"{view.name}.parquet")


def _write_sequences(path: Path, sequences: Sequences) -> None:
    """In parts: of a large platform all at once would be several times as large in memory as in the file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            ("channel_id", pa.string()),
            (KNOWN_AT, pa.timestamp("us", tz="UTC")),
            (SEQUENCE, pa.list_(pa.float32())),
        ]
    )
    with pq.ParquetWriter(path, schema) as out:
        for start in range(0, len(sequences.at), STATES_PER_WRITE):
            part = slice(start, start + STATES_PER_WRITE)
            flat, counts = sequences.packed(part)
            offsets = pa.array(np.r_[0, np.cumsum(counts)], pa.int32())
            lists = pa.ListArray.from_arrays(offsets, pa.array(flat))
            keys = pa.array(sequences.channel_id[part], pa.string())
            times = pa.array(sequences.at[part], pa.int64()).cast(schema.field(KNOWN_AT).type)
            out.write_table(pa.table([keys, times, lists], schema=schema))


def _write_media(folder: Path, keyed: pd.DataFrame, media: PostMedia) -> None:
    """Rows for the posts whose files were read; content is known with the post itself."""
    import pyarrow.parquet as pq

    place = pd.Series(range(len(keyed)), index=keyed["post_key"].str.partition(":")[2])
    own = place[place.index.isin(media.post_ids)]
    numbers = media.numbers.loc[own.index].reset_index(drop=True)
    of_posts = keyed.iloc[own.to_numpy()].reset_index(drop=True)
    pq.write_table(_keyed_table(pd.concat([of_posts, numbers], axis=1)), folder / f"{MEDIA_VIEW}.parquet")
    seen = [i for i, post in enumerate(own.index) if post in media.pictures]
    vectors = media.picture_vectors([own.index[i] for i in seen])
    _write_vectors(folder / f"{PICTURE}.parquet", PICTURE, of_posts.iloc[seen], vectors)


def _write_vectors(path: Path, name: str, keyed: pd.DataFrame, vectors: Vectors | None) -> None:
    """Post keys with a list of float32 each; a file without rows where there are no embeddings."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if vectors is None:
        keyed, flat, width = keyed.head(0), pa.array([], pa.float32()), 0
    else:
        flat, width = pa.array(vectors.reshape(-1)), vectors.shape[1]
    offsets = pa.array(range(0, (len(keyed) + 1) * width, width) if width else [0], pa.int32())
    table = _keyed_table(keyed).append_column(name, pa.ListArray.from_arrays(offsets, flat))
    pq.write_table(table, path)


def _keyed_table(frame: pd.DataFrame, key: str = "post_key") -> Any:
    """Arrow takes a column of words without rows for one of nothing, and Feast could not join with it."""
    import pyarrow as pa

    table = pa.Table.from_pandas(frame, preserve_index=False)
    at = table.schema.get_field_index(key)
    return table.set_column(at, key, table.column(at).cast(pa.string()))


def _embeddings(
    settings: Settings, posts: pd.DataFrame, encoder: Encoder | None, progress: Progress
) -> Vectors | None:
    from features.embedding_cache import embed
    from features.text import headlines

    if encoder is None:
        return None
    return embed(settings, encoder, headlines(posts["title"], posts["text"]), progress)


def _told(channels: pd.DataFrame) -> dict[str, str]:
    told = channels.loc[channels["timezone"].notna()]
    return dict(zip(told["channel_id"], told["timezone"], strict=True))


def _name(platform: Platform, inputs: str, definitions: str, encoder: Encoder | None) -> str:
    words = f"{inputs}|{definitions}|{encoder.model_id if encoder is not None else ''}"
    return f"{platform.value}-{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def _point_at(settings: Settings, platform: Platform, folder: Path) -> None:
    """Swap the link in one step: a reader finds all files of one generation."""
    link = settings.features_home / "current" / platform.value
    link.parent.mkdir(parents=True, exist_ok=True)
    beside = link.with_name(f".{platform.value}-{os.getpid()}")
    beside.unlink(missing_ok=True)
    beside.symlink_to(Path("..") / "generations" / folder.name)
    beside.replace(link)
