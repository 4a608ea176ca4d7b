"""The weekly round: features, a new model per platform, and the gate."""

from __future__ import annotations

from datetime import datetime

from prefect import flow

from creatorlens.platforms import Platform
from flows.featurize import featurize
from flows.promote import promote
from flows.train import train


@flow(name="renew", flow_run_name="renew the models", timeout_seconds=24 * 3600)
def renew(platforms: list[Platform] | None = None, until: datetime | None = None) -> None:
    """Bring the features up to date, train on everything known by now, let the gate judge each new version.

    The same recipe on newer data replaces its champion where it is not worse; a changed one has to be better."""
    featurize(platforms)
    for report in train(platforms, until):
        promote(Platform(report.platform), report.version, actor="flow renew")
