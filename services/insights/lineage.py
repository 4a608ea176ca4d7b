"""From imported file to graded outcome under one id: files, feature generation, model versions, predictions, grades."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, case, func, select

from creatorlens.api_operations import Lineage, LineageImport, LineageModel
from creatorlens.database import tables
from creatorlens.errors import NotFoundError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.insights.registry import model_name
from services.insights.versions import registry_client


def lineage(engine: Engine, settings: Settings, name: str) -> Lineage:
    """Of a lineage id, or of the model that made the prediction with this id. Raises NotFoundError."""
    with engine.connect() as connection:
        row = _row(connection, settings.workspace, name)
        predictions, graded, coverage80, mae_ln, floor_mae_ln = _grades(
            connection, settings.workspace, row.lineage_id
        )
    return Lineage(
        lineage_id=row.lineage_id,
        platform=Platform(row.platform),
        created_at=row.created_at,
        generation=row.generation,
        imports=tuple(LineageImport.model_validate(one) for one in row.imports),
        models=tuple(_models(settings, Platform(row.platform), row.lineage_id)),
        predictions=predictions,
        graded=graded,
        coverage80=coverage80,
        mae_ln=mae_ln,
        floor_mae_ln=floor_mae_ln,
    )


def _row(connection: Connection, workspace: str, name: str) -> Any:
    c, p = tables.lineages.c, tables.predictions.c
    query = select(tables.lineages).where(c.workspace_id == workspace)
    found = connection.execute(query.where(c.lineage_id == name)).first()
    if found is not None:
        return found
    made = connection.execute(
        select(p.lineage_id).where(p.workspace_id == workspace, p.prediction_id == name).limit(1)
    ).first()
    if made is None:
        raise NotFoundError(
            f"no lineage and no prediction {name[:64]!r} here.",
            field="id",
            hint="GET /v1/predictions/{id} tells a prediction's lineage_id.",
        )
    found = connection.execute(query.where(c.lineage_id == made.lineage_id)).first()
    if made.lineage_id is None or found is None:
        raise NotFoundError(
            f"the model that made prediction {name} does not say which files it learned from.",
            field="id",
            hint="Versions trained after the next `creatorlens featurize` do.",
        )
    return found


def _grades(
    connection: Connection, workspace: str, name: str
) -> tuple[int, int, float | None, float | None, float | None]:
    p, g = tables.predictions.c, tables.grades.c
    of_lineage = (p.workspace_id == workspace) & (p.lineage_id == name)
    made = connection.execute(select(func.count(p.prediction_id.distinct())).where(of_lineage)).scalar_one()
    told = connection.execute(
        select(
            func.count(g.prediction_id.distinct()),
            func.avg(case((g.covered80, 1.0), else_=0.0)),
            func.avg(g.ae_ln),
            func.avg(g.floor_ae_ln),
        )
        .select_from(tables.predictions)
        .join(tables.grades, (p.prediction_id == g.prediction_id) & (p.horizon_h == g.horizon_h))
        .where(of_lineage)
    ).one()
    means = [None if value is None else float(value) for value in told[1:]]
    return made, told[0], means[0], means[1], means[2]


def _models(settings: Settings, platform: Platform, name: str) -> list[LineageModel]:
    """Versions trained on it, newest first; none where there is no registry yet."""
    client = registry_client(settings)
    if client is None:
        return []
    of_model = f"name = '{model_name(platform)}'"
    found = [
        version
        for version in client.search_model_versions(of_model)
        if version.tags.get("lineage_id") == name
    ]
    if not found:
        return []
    aliases = client.get_registered_model(model_name(platform)).aliases
    return [
        LineageModel(
            model_name=version.name,
            model_version=str(version.version),
            run_id=version.run_id or "",
            data_hash=version.tags.get("data_hash", ""),
            code_hash=version.tags.get("code_hash", ""),
            git_commit=_commit(client, version.run_id),
            aliases=tuple(sorted(a for a, v in aliases.items() if str(v) == str(version.version))),
        )
        for version in sorted(found, key=lambda version: -int(version.version))
    ]


def _commit(client: Any, run_id: str | None) -> str | None:
    from mlflow.exceptions import MlflowException

    if not run_id:
        return None
    try:
        told: str | None = client.get_run(run_id).data.tags.get("git_commit")
    except MlflowException:
        return None
    return None if told == "none" else told
