"""A challenger on trial: the registry's alias `challenger`, whether it answers in the shadow, and its canary share.

Kept in the registry beside `champion`, so that every process that serves sees the same, without a restart.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from creatorlens.api_operations import Action, Promotion
from creatorlens.database import promotions as log
from creatorlens.errors import InputError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings

ALIAS = "challenger"
SHADOW = "challenger.shadow"
SHARE = "challenger.share"


@dataclass(frozen=True)
class Trial:
    """`shadow`: every recorded prediction is also answered by `version`; `share`: of the channels it answers for."""

    version: str
    shadow: bool
    share: float


def trial_of(model: Any) -> Trial | None:
    """model: MLflow's registered model, or None."""
    version = model.aliases.get(ALIAS) if model is not None else None
    if version is None:
        return None
    try:
        share = min(max(float(model.tags.get(SHARE, 0.0)), 0.0), 1.0)
    except ValueError:
        share = 0.0
    trial = Trial(str(version), model.tags.get(SHADOW) == "on", share)
    return trial if trial.shadow or trial.share > 0 else None


def in_canary(channel_id: str, share: float) -> bool:
    """Whether the challenger answers for a channel: always the same channels, and with a larger share some more."""
    digest = hashlib.sha256(f"canary:{channel_id}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64 < share


def start_shadow(
    engine: Engine, settings: Settings, platform: Platform, version: str, *, actor: str | None = None
) -> Trial:
    """Raises InputError where there is no such version, or it serves already."""
    return _start(engine, settings, platform, version, "shadowed", {SHADOW: "on"}, actor)


def start_canary(
    engine: Engine,
    settings: Settings,
    platform: Platform,
    version: str,
    share: float,
    *,
    actor: str | None = None,
) -> Trial:
    """Raises InputError for a share outside 0 to 1 too."""
    if not 0 < share <= 1:
        raise InputError(
            f"{share:g} is no share of the channels.",
            field="--share",
            hint="Above 0, up to 1; --off ends it.",
        )
    return _start(engine, settings, platform, version, "canary", {SHARE: f"{share:.6g}"}, actor)


def stop(
    engine: Engine, settings: Settings, platform: Platform, tag: str, *, actor: str | None = None
) -> Trial | None:
    """End the shadow (tag `SHADOW`) or the canary (`SHARE`); gives what is left of the trial. Doing it twice changes
    nothing. Raises NotReadyError without a registry."""
    client = _client(settings)
    name = _name(platform)
    model = _model(client, platform)
    version = model.aliases.get(ALIAS)
    if version is None:
        return None
    what = "shadow" if tag == SHADOW else "canary"
    if tag in model.tags:
        _write(engine, settings, client, platform, str(version), "retired", f"{what} ended", {}, actor)
        client.delete_registered_model_tag(name, tag)
    left = trial_of(client.get_registered_model(name))
    if left is None:
        client.delete_registered_model_alias(name, ALIAS)
    return left


def trial(settings: Settings, platform: Platform) -> Trial | None:
    """What the registry says now."""
    return trial_of(_model(_client(settings), platform))


def _start(
    engine: Engine,
    settings: Settings,
    platform: Platform,
    version: str,
    action: Action,
    tags: dict[str, str],
    actor: str | None,
) -> Trial:
    """The log first, then the registry: repeating completes what a kill left undone."""
    client, name = _client(settings), _name(platform)
    model = _model(client, platform)
    known = {str(one.version) for one in client.search_model_versions(f"name = '{name}'")}
    if version not in known:
        there = ", ".join(sorted(known, key=int)) or "none"
        raise InputError(f"no version {version!r} of {name}; there are: {there}.", field="--version")
    if str(model.aliases.get("champion")) == version:
        raise InputError(f"version {version} serves {platform.value} already.", field="--version")
    before = trial_of(model)
    other = model.aliases.get(ALIAS)
    if other is not None and str(other) != version:
        # First nothing of the old one, or the new one would inherit its share for a moment.
        for tag in (SHADOW, SHARE):
            if tag in model.tags:
                client.delete_registered_model_tag(name, tag)
        before = None
    wanted = Trial(
        version,
        shadow=SHADOW in tags or (before is not None and before.shadow),
        share=float(tags[SHARE]) if SHARE in tags else (before.share if before is not None else 0.0),
    )
    if wanted != before:
        reason = (
            "answers in the shadow" if action == "shadowed" else f"answers {wanted.share:.1%} of channels"
        )
        figures = {"share": wanted.share} if action == "canary" else {}
        _write(engine, settings, client, platform, version, action, reason, figures, actor)
    client.set_registered_model_alias(name, ALIAS, version)
    for tag, value in tags.items():
        client.set_registered_model_tag(name, tag, value)
    return wanted


def _write(
    engine: Engine,
    settings: Settings,
    client: Any,
    platform: Platform,
    version: str,
    action: Action,
    reason: str,
    figures: dict[str, float],
    actor: str | None,
) -> None:
    newest = log.promotions(engine, settings.workspace, limit=1).promotions
    champion = _model(client, platform).aliases.get("champion")
    tags = client.get_model_version(_name(platform), version).tags
    line = Promotion(
        promotion_id=str(uuid.uuid4()),
        decided_at=log.next_moment(newest[0].decided_at if newest else None, datetime.now(UTC)),
        actor=(actor or log.whoami())[:120],
        platform=platform,
        model_name=_name(platform),
        action=action,
        version=version,
        previous_version=str(champion) if champion is not None else None,
        reason=reason,
        figures=figures,
        data_hash=tags.get("data_hash"),
        code_hash=tags.get("code_hash"),
    )
    log.append(engine, settings.workspace, line)


def _name(platform: Platform) -> str:
    return f"creatorlens-{platform.value}"


def _client(settings: Settings) -> Any:
    from services.insights.versions import registry_client

    client = registry_client(settings)
    if client is None:
        raise NotReadyError("no model is registered yet: run `creatorlens train` first.")
    return client


def _model(client: Any, platform: Platform) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        return client.get_registered_model(_name(platform))
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            raise NotReadyError(
                f"no model of {platform.value} is registered: run `creatorlens train --platform {platform.value}` first."
            ) from error
        raise
