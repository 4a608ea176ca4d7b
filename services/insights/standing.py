"""What serves now, and whether the service has what it needs."""

from __future__ import annotations

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from creatorlens import __version__, api
from creatorlens.database import tables
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.insights.registry import ChampionSource, model_name


def models(source: ChampionSource) -> api.Models:
    """Every platform in turn, whether it has a model or not."""
    return api.Models(models=tuple(_model(source, platform) for platform in Platform))


def _model(source: ChampionSource, platform: Platform) -> api.ModelInfo:
    served = source.versions().get(platform)
    standing = served.standing if served else source.standing(platform)
    if standing is None:
        return api.ModelInfo(
            platform=platform,
            model_name=model_name(platform),
            model_version=None,
            serves=None,
            registered_at=None,
            metrics={},
            reason=f"no model yet: run creatorlens train --platform {platform.value}",
        )
    return api.ModelInfo(
        platform=platform,
        model_name=model_name(platform),
        model_version=standing.version,
        serves=standing.serves,
        registered_at=standing.registered_at,
        metrics=source.metrics(standing),
        reason=None
        if standing.serves == "model"
        else "no model beat the floor on the backtest, so the calibrated floor serves",
    )


def health(engine: Engine, settings: Settings, source: ChampionSource) -> api.Health:
    """Cheap: one row from the database, and what is loaded."""
    served = source.versions()
    problems = []
    try:
        with engine.connect() as connection:
            connection.execute(select(tables.workspaces.c.workspace_id).limit(1)).first()
    except SQLAlchemyError:
        problems.append("the database does not answer")
    if not served:
        problems.append("no model is loaded: run creatorlens train, or wait while it loads")
    return api.Health(
        status="degraded" if problems else "ok",
        version=__version__,
        workspace=settings.workspace,
        models={
            platform.value: f"{one.model_name}/{one.model_version} ({one.serves})"
            for platform, one in served.items()
        },
        problems=tuple(problems),
    )
