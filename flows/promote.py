"""The gate: a version becomes champion only where it beats the floor, and the champion before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect import flow, task

from creatorlens.platforms import Platform
from creatorlens.settings import load_settings
from flows.reporting import markdown, narrator, table
from flows.retrying import transient

if TYPE_CHECKING:
    from training.promotion import Decision


@task(
    task_run_name="promote {platform.value} version {version}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=transient,
    timeout_seconds=3600,
)
def promote_version(platform: Platform, version: str, actor: str = "flow promote") -> Decision:
    from training.promotion import promote as judge_and_promote

    return judge_and_promote(load_settings(), platform, version, actor=actor)


@flow(name="promote", flow_run_name="promote {platform} version {version}", timeout_seconds=2 * 3600)
def promote(platform: Platform, version: str, actor: str = "flow promote") -> Decision:
    """Write the decision into the promotion log, move the aliases of the platform's model; says why, or why not."""
    decision = promote_version(platform, version, actor)
    narrator()(f"{platform.value}: {decision.action}: {decision.reason}")
    markdown(
        f"promotion-{platform.value}",
        f"**{platform.value} version {version}** {decision.action} ({decision.kind}): {decision.reason}\n",
    )
    figures = [{"figure": name, "value": value} for name, value in decision.figures.items()]
    table(f"promotion-figures-{platform.value}", figures, "What the decision rests on.")
    return decision
