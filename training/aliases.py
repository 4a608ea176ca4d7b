"""What a line of the promotion log means in the registry: tags on the version, then the aliases, then the mark that
all of it is done."""

from __future__ import annotations

from typing import Any

from creatorlens.api_operations import Promotion
from training import tracking

MARK = "promotion_id"
"""The tag set last: a line whose version does not carry its id was cut short."""


def completed(client: Any, line: Promotion) -> bool:
    found: str | None = client.get_model_version(line.model_name, line.version).tags.get(MARK)
    return found == line.promotion_id


def complete(client: Any, line: Promotion) -> None:
    """Make the registry what the line says; doing it twice changes nothing."""
    name, version = line.model_name, line.version
    for key, value in _tags(line).items():
        client.set_model_version_tag(name, version, key, value)
    if line.action != "rolled-back":
        client.set_registered_model_alias(name, tracking.FLOOR, version)
    if line.action in ("promoted", "rolled-back"):
        client.set_registered_model_alias(name, tracking.CHAMPION, version)
        _no_longer_challenger(client, name, version)
    if line.action == "rolled-back" and line.previous_version is not None:
        client.set_model_version_tag(name, line.previous_version, "rolled_back", line.reason)
    if line.action == "floor":
        client.delete_registered_model_alias(name, tracking.CHAMPION)
    client.set_model_version_tag(name, version, MARK, line.promotion_id)


def _tags(line: Promotion) -> dict[str, str]:
    serves = "floor" if line.action == "floor" else "refused" if line.action == "refused" else "model"
    tags = {"decision": serves, "decision_reason": line.reason[:5_000], "decision_actor": line.actor}
    wanted = ("mae_ln", "pinball", "floor_mae_ln", "floor_pinball", "champion_pinball", "pinball_difference")
    return tags | {f"backtest_{key}": f"{line.figures[key]:.6f}" for key in wanted if key in line.figures}


def _no_longer_challenger(client: Any, name: str, version: str) -> None:
    """A challenger that won serves everybody: no share and no shadow of it."""
    aliases = client.get_registered_model(name).aliases
    if str(aliases.get(tracking.CHALLENGER)) == version:
        client.delete_registered_model_alias(name, tracking.CHALLENGER)
