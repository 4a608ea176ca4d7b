"""One look at a platform: what its inputs, embeddings and errors do now, and whether to train again."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import structlog
from sqlalchemy import Engine, func, select

from creatorlens.api_operations import DriftReport
from creatorlens.database import tables
from creatorlens.errors import NotReadyError
from creatorlens.platforms import SPECS, Platform
from creatorlens.settings import Settings
from services.insights.registry import ChampionSource, Standing, model_name
from services.insights.versions import registry_client
from services.monitoring.errors import ErrorDrift, error_drift, graded_forecasts
from services.monitoring.harm import InputDrift, input_drift, usual_distances
from services.monitoring.reference import Reference, load_reference
from services.monitoring.reports import record
from services.monitoring.triggers import Triggers, decide

DAY_S = 86_400.0

log = structlog.get_logger(__name__)


def watch(
    engine: Engine,
    settings: Settings,
    platform: Platform,
    *,
    now: datetime | None = None,
    triggers: Triggers | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> DriftReport:
    """Compare the newest weeks with what the serving version was trained on; written to `drift_reports` and told to
    the registry. Raises NotReadyError where no model serves the platform or nothing was featurized."""
    moment, rules = now or datetime.now(UTC), triggers or Triggers()
    standing = ChampionSource(settings).standing(platform)
    if standing is None:
        raise NotReadyError(
            f"no model for {platform.value} yet: run creatorlens train --platform {platform.value}"
        )
    client = registry_client(settings)
    reference = load_reference(client, standing.run_id)
    progress(f"{platform.value}: inputs of the last {rules.window_d} days against version {standing.version}")
    since, until, inputs = _inputs(settings, platform, reference, rules, moment)
    progress(f"{platform.value}: errors of the graded forecasts")
    errors = _errors(engine, settings, platform, standing, reference, rules, since, moment)
    known_until = reference.known_until if reference else None
    age_d = (moment - known_until).total_seconds() / DAY_S if known_until else None
    new = _outcomes_since(engine, settings, platform, known_until, moment) if known_until else 0
    verdict = decide(rules, inputs, errors, age_d, new)
    report = DriftReport(
        report_id=str(uuid.uuid4()),
        created_at=moment,
        platform=platform,
        model_version=standing.version,
        window_from=since,
        window_until=until,
        retrain=verdict.retrain,
        reason=verdict.reason,
        features=inputs.features if inputs else (),
        embedding=inputs.embedding if inputs else None,
        errors=_figures(inputs, errors, age_d, new),
    )
    record(engine, settings.workspace, report)
    _tell_registry(client, platform, standing, report)
    return report


def _inputs(
    settings: Settings,
    platform: Platform,
    reference: Reference | None,
    rules: Triggers,
    moment: datetime,
) -> tuple[datetime, datetime, InputDrift | None]:
    """The window ends with the newest post known by now: a platform whose tables end earlier is judged by its last
    weeks. Where few posts come it is longer, up to `rules.longest_d`, to hold enough of them."""
    from features.recent import recent_rows

    rows = recent_rows(settings, platform, timedelta(days=rules.longest_d), moment)
    published = rows["published_at"]
    until = published.max().to_pydatetime() if len(rows) else moment
    since = until - timedelta(days=rules.window_d)
    if (published > since).sum() < rules.fewest_rows <= len(rows):
        since = published.nlargest(rules.fewest_rows).iloc[-1].to_pydatetime()
    rows = rows.loc[published >= since]
    if reference is None or len(rows) < rules.fewest_rows:
        return since, until, None
    return since, until, input_drift(reference, rows, usual_distances(reference))


def _errors(
    engine: Engine,
    settings: Settings,
    platform: Platform,
    standing: Standing,
    reference: Reference | None,
    rules: Triggers,
    since: datetime,
    moment: datetime,
) -> ErrorDrift:
    known_until = reference.known_until if reference else None
    graded = graded_forecasts(
        engine, settings.workspace, platform, since, moment, standing.version, known_until
    )
    who = "served" if standing.serves == "model" else "floor"
    backtest = reference.backtest[who] if reference else None
    return error_drift(graded, backtest, fewest=rules.fewest_graded, worse_p=rules.worse_p)


def _outcomes_since(
    engine: Engine, settings: Settings, platform: Platform, since: datetime, until: datetime
) -> int:
    o = tables.observations.c
    query = select(func.count(o.post_id.distinct())).where(
        o.workspace_id == settings.workspace,
        o.platform == platform.value,
        o.known_at > since,
        o.known_at <= until,
        o[SPECS[platform].primary_metric].is_not(None),
    )
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def _figures(
    inputs: InputDrift | None, errors: ErrorDrift, age_d: float | None, new: int
) -> dict[str, float]:
    told = dict(errors.figures)
    if inputs is not None:
        told |= {"harm_ln": round(inputs.harm_ln, 6), "input_rows": float(inputs.rows)}
    if age_d is not None:
        told |= {"age_d": round(age_d, 2), "new_outcomes": float(new)}
    return told


def _tell_registry(client: Any, platform: Platform, standing: Standing, report: DriftReport) -> None:
    """Tags on the version say how it stands; metrics on its run make a curve over the days."""
    name = model_name(platform)
    tags = {
        "drift_checked_at": report.created_at.isoformat(),
        "drift_report_id": report.report_id,
        "drift_retrain": str(report.retrain).lower(),
        "drift_reason": report.reason[:5000],
    }
    for key, value in tags.items():
        client.set_model_version_tag(name, standing.version, key, value)
    if standing.run_id is None:
        return
    day = int(report.created_at.timestamp() // DAY_S)
    shown = ("harm_ln", "mae_ln", "pinball", "coverage80")
    from mlflow.entities import Metric

    metrics = [
        Metric(f"drift_{key}", report.errors[key], int(time.time() * 1000), day)
        for key in shown
        if key in report.errors and pd.notna(report.errors[key])
    ]
    client.log_batch(standing.run_id, metrics=metrics)
