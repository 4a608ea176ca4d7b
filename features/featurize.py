"""Database → feature store, one platform at a time: whole or not at all, and only when something changed."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features import catalogue
from features.asof import UTC_US
from features.feature_views import KNOWN_AT, LAYOUT, VIEWS
from features.lineage import record_lineage
from features.manifest import Manifest, features_lock, read_manifest, write_manifest

if TYPE_CHECKING:
    from sqlalchemy import Engine

Progress = Callable[[str], None]


@dataclass(frozen=True)
class FeaturizeReport:
    """`skipped`: nothing had changed. `encoder`: which one embedded the texts, or why none did."""

    platform: str
    posts: int
    observations: int
    channels: int
    features: int
    online_rows: int
    encoder: str
    skipped: bool
    materialised_at: str | None
    seconds: float


def _silent(_: str) -> None:
    return None


def featurize(
    engine: Engine,
    settings: Settings,
    platform: Platform,
    *,
    embeddings: bool = True,
    progress: Progress = _silent,
) -> FeaturizeReport:
    """Compute every feature of the platform, write it for Feast, put the newest states online.

    Killed at any moment, readers find the old features or the new ones, and the next run completes it.
    """
    from creatorlens.database.faults import telling_faults

    with telling_faults(f"featurizing {platform.value}"), features_lock(settings, writing=True):
        return _featurize(engine, settings, platform, embeddings, progress)


def _featurize(
    engine: Engine, settings: Settings, platform: Platform, embeddings: bool, progress: Progress
) -> FeaturizeReport:
    from features.generation import inputs_hash, write_generation

    started = time.monotonic()
    inputs = inputs_hash(engine, settings, platform)
    encoder, remark = _encoder(settings, embeddings)
    encoder_id = encoder.model_id if encoder is not None else None
    before = read_manifest(settings, platform)
    if before is not None and not embeddings:
        # Not asked for now is no reason to throw away what was embedded before.
        encoder_id = before.encoder if before.inputs == inputs else None
    if before is not None and _same(before, inputs, encoder_id, settings):
        after = _refresh_online(settings, before, progress)
        if after.lineage_id is None:
            after = _with_lineage(engine, settings, after)
            write_manifest(settings, after)
        progress(f"{platform.value}: unchanged, skipped")
        return _report(after, remark, started, skipped=True)
    written = write_generation(engine, settings, platform, inputs, encoder, progress)
    if written is None:
        progress(f"{platform.value}: no posts")
        return FeaturizeReport(
            platform.value,
            0,
            0,
            0,
            len(catalogue.FEATURES),
            0,
            remark,
            False,
            None,
            time.monotonic() - started,
        )
    after = _put_online(settings, _with_lineage(engine, settings, written), progress)
    _forget_old_generations(settings, after)
    return _report(after, remark, started, skipped=False)


def _with_lineage(engine: Engine, settings: Settings, manifest: Manifest) -> Manifest:
    platform = Platform(manifest.platform)
    name = record_lineage(engine, settings.workspace, platform, manifest.generation)
    return replace(manifest, lineage_id=name)


def _same(before: Manifest, inputs: str, encoder_id: str | None, settings: Settings) -> bool:
    from features.feature_store import registry_path

    folder = settings.features_home / "generations" / before.generation
    current = settings.features_home / "current" / before.platform
    return (
        before.inputs == inputs
        and before.definitions == definitions_hash()
        and before.encoder == encoder_id
        and registry_path(settings).exists()
        and folder.is_dir()
        and current.resolve() == folder.resolve()
    )


def definitions_hash() -> str:
    """Changes whenever a view, a column or the meaning of a feature does."""
    words = [catalogue.VERSION, LAYOUT, [(v.name, v.key, sorted(v.columns.items()), v.online) for v in VIEWS]]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:16]


def _encoder(settings: Settings, wanted: bool) -> tuple[Any, str]:
    from features.absent import Absent
    from features.encoder import load_encoder

    if not wanted:
        return None, "not asked for"
    encoder = load_encoder(settings)
    if isinstance(encoder, Absent):
        return None, encoder.reason
    return encoder, encoder.model_id


def _put_online(settings: Settings, written: Manifest, progress: Progress) -> Manifest:
    """Apply the definitions where they are new, write the newest states, then the manifest: the last step."""
    from features.feature_store import apply_definitions, open_store, registry_path

    marker = settings.features_home / "registry.definitions"
    now = pd.Timestamp(datetime.now(UTC)).as_unit("us")
    if registry_path(settings).exists() and marker.exists() and marker.read_text() == definitions_hash():
        store = open_store(settings)
    else:
        marker.unlink(missing_ok=True)
        store = apply_definitions(settings)
        marker.write_text(definitions_hash())
    rows, coming = _write_latest(settings, store, written.platform, None, now, progress)
    after = replace(written, materialised_at=now.isoformat(), next_event_at=coming, online_rows=rows)
    write_manifest(settings, after)
    return after


def _refresh_online(settings: Settings, before: Manifest, progress: Progress) -> Manifest:
    """States that became known since (back-filled outcomes do by themselves) go online too."""
    from features.feature_store import open_store

    now = pd.Timestamp(datetime.now(UTC)).as_unit("us")
    if before.next_event_at is None or pd.Timestamp(before.next_event_at) > now:
        return before
    since = pd.Timestamp(before.materialised_at)
    _, coming = _write_latest(settings, open_store(settings), before.platform, since, now, progress)
    after = replace(before, materialised_at=now.isoformat(), next_event_at=coming)
    write_manifest(settings, after)
    return after


def _write_latest(
    settings: Settings,
    store: Any,
    platform: str,
    since: pd.Timestamp | None,
    now: pd.Timestamp,
    progress: Progress,
) -> tuple[int, str | None]:
    """Newest states known in (since, now] per key, put online: their number, and when the next is known."""
    from features.feature_store import write_online

    rows, coming = 0, []
    for spec in VIEWS:
        if not spec.online:
            continue
        path = settings.features_home / "current" / platform / f"{spec.name}.parquet"
        states = pd.read_parquet(path, columns=[spec.key, KNOWN_AT])
        at = states[KNOWN_AT].astype(UTC_US)
        coming.append(at[at > now].min())
        due = at.index[(at <= now) & (at > since if since is not None else True)]
        # Files are sorted by key and time: the last row of a key is its newest.
        newest = states.loc[due, spec.key].drop_duplicates(keep="last").index
        latest = pd.read_parquet(path).loc[newest].astype({KNOWN_AT: UTC_US})
        if len(latest):
            progress(f"{platform}: {len(latest)} rows of {spec.name} online")
            rows += write_online(store, spec.name, latest)
    known = [moment for moment in coming if not pd.isna(moment)]
    return rows, min(known).isoformat() if known else None


def _forget_old_generations(settings: Settings, after: Manifest) -> None:
    """Readers that opened the last generation keep their files; older ones are of no use to anybody."""
    for folder in (settings.features_home / "generations").glob(f"{after.platform}-*"):
        if folder.name != after.generation:
            shutil.rmtree(folder, ignore_errors=True)


def _report(manifest: Manifest, remark: str, started: float, *, skipped: bool) -> FeaturizeReport:
    return FeaturizeReport(
        platform=manifest.platform,
        posts=manifest.posts,
        observations=manifest.observations,
        channels=manifest.channels,
        features=len(catalogue.FEATURES),
        online_rows=manifest.online_rows,
        encoder=manifest.encoder or remark,
        skipped=skipped,
        materialised_at=manifest.materialised_at,
        seconds=round(time.monotonic() - started, 3),
    )
