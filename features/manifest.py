"""What of a platform is in the feature store, in a small file written last and whole."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from creatorlens.platforms import Platform
from creatorlens.settings import Settings


@dataclass(frozen=True)
class Manifest:
    """`inputs`: hash of what went in; `generation`: folder of the Parquet files; `next_event_at`: the
    first moment after `materialised_at` at which a known state changes (back-filled outcomes become
    known seven days after publishing), so that online states are refreshed when it has passed; `lineage_id`:
    row of the table `lineages` that names the imported files."""

    platform: str
    inputs: str
    definitions: str
    generation: str
    materialised_at: str
    next_event_at: str | None
    encoder: str | None
    posts: int
    observations: int
    channels: int
    with_media: int
    online_rows: int
    lineage_id: str | None = None


def manifest_path(settings: Settings, platform: Platform) -> Path:
    return settings.features_home / f"manifest-{platform.value}.json"


def read_manifest(settings: Settings, platform: Platform) -> Manifest | None:
    """None where there is none, or one of another version."""
    try:
        return Manifest(**json.loads(manifest_path(settings, platform).read_text()))
    except (FileNotFoundError, TypeError, json.JSONDecodeError):
        return None


def write_manifest(settings: Settings, manifest: Manifest) -> None:
    path = manifest_path(settings, Platform(manifest.platform))
    replace_file(path, json.dumps(asdict(manifest), indent=1).encode())


def replace_file(path: Path, content: bytes) -> None:
    """Write beside and move: readers and kills see the old content or the new, never half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)


@contextmanager
def features_lock(settings: Settings, *, writing: bool) -> Iterator[None]:
    """One writer, or any number of readers of whole tables; a lock goes with its process, also after a kill."""
    settings.features_home.mkdir(parents=True, exist_ok=True)
    with (settings.features_home / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if writing else fcntl.LOCK_SH)
        yield
