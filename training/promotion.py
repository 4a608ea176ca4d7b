"""Whether a version may serve: only where it beats the floor on its backtest. The reason is kept with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from training import tracking

JUDGED_BY = ("mae_ln", "pinball")


@dataclass(frozen=True)
class Decision:
    """`serves`: "model" where the version became champion, "floor" where the floor serves instead."""

    platform: str
    model_name: str
    version: str
    serves: str
    reason: str
    figures: dict[str, float]


def promote(settings: Settings, platform: Platform, version: str | None = None) -> Decision:
    """Decide on a version (default the newest) and move the aliases; repeating it changes nothing.

    `champion` only where the version beats the floor; `floor` always points to the newest version decided
    on, whose calibrated floor serves where there is no champion. Raises NotReadyError without a version.
    """
    client = tracking.connect(settings)
    chosen = _find(client, platform, version)
    metrics = client.get_run(chosen.run_id).data.metrics
    figures = {
        f"{who}{name}": float(metrics[f"backtest_{who}{name}"])
        for name in JUDGED_BY
        for who in ("", "floor_")
        if f"backtest_{who}{name}" in metrics
    }
    beats, reason = judge(figures)
    name, number = tracking.model_name(platform), str(chosen.version)
    decision = Decision(platform.value, name, number, "model" if beats else "floor", reason, figures)
    # The record first: should we be killed in between, repeating it completes the aliases.
    _record(client, decision)
    client.set_registered_model_alias(name, tracking.FLOOR, number)
    if beats:
        client.set_registered_model_alias(name, tracking.CHAMPION, number)
    else:
        # The same recipe, judged on the newest outcomes, lost: an older champion of it does not serve on.
        client.delete_registered_model_alias(name, tracking.CHAMPION)
    return decision


def judge(figures: dict[str, float]) -> tuple[bool, str]:
    """Whether the figures beat the floor's on every count, and why in words."""
    if any(key not in figures for name in JUDGED_BY for key in (name, f"floor_{name}")):
        return False, "the backtest has no figures to compare, so the floor serves"
    told = ", ".join(
        f"{name} {figures[name]:.3f} against the floor's {figures[f'floor_{name}']:.3f}" for name in JUDGED_BY
    )
    if all(figures[name] < figures[f"floor_{name}"] for name in JUDGED_BY):
        return True, f"beats the floor on the backtest: {told}"
    return False, f"does not beat the floor on the backtest, so the floor serves: {told}"


def _find(client: Any, platform: Platform, version: str | None) -> Any:
    known = tracking.versions(client, platform)
    if not known:
        raise NotReadyError(
            f"no model of {platform.value} is registered: run `creatorlens train --platform {platform.value}` first."
        )
    if version is None:
        return known[0]
    for candidate in known:
        if str(candidate.version) == version:
            return candidate
    numbers = ", ".join(str(candidate.version) for candidate in known[:10])
    raise NotReadyError(f"no version {version!r} of {tracking.model_name(platform)}; there are: {numbers}.")


def _record(client: Any, decision: Decision) -> None:
    tags = {"decision": decision.serves, "decision_reason": decision.reason}
    tags |= {f"backtest_{name}": f"{value:.6f}" for name, value in decision.figures.items()}
    for key, value in tags.items():
        client.set_model_version_tag(decision.model_name, decision.version, key, value)
