"""The gate: a version becomes champion only where it beat the floor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect import flow, task

from creatorlens.platforms import Platform
from creatorlens.settings import load_settings
from flows.reporting import markdown, narrator
from flows.retrying import transient

if TYPE_CHECKING:
    from training.promotion import Decision


@task(
    task_run_name="promote {platform.value} version {version}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=transient,
    timeout_seconds=600,
)
def promote_version(platform: Platform, version: str) -> Decision:
    from training.promotion import promote as judge_and_promote

    return judge_and_promote(load_settings(), platform, version)


@flow(name="promote", flow_run_name="promote {platform} version {version}", timeout_seconds=1200)
def promote(platform: Platform, version: str) -> Decision:
    """Move the aliases of the platform's model; says why, or why not."""
    decision = promote_version(platform, version)
    narrator()(f"{platform.value}: {decision.reason}")
    markdown(f"promotion-{platform.value}", f"**{platform.value} version {version}**: {decision.reason}\n")
    return decision
