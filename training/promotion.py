"""Whether a version may serve: it beats the floor, and the champion. Decided, written down, and only then done."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from creatorlens.api_operations import Action, Promotion
from creatorlens.database import promotions as log
from creatorlens.errors import InputError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from training import tracking
from training.aliases import complete, completed
from training.judging import FIRST, Judgement, Kind, judge_version

DECISIONS = ("promoted", "refused", "floor", "rolled-back")


@dataclass(frozen=True)
class Decision:
    """`action`: what was done with `version`. `serves`: "model" where a champion serves now (`champion`, its version),
    "floor" where the floor does. `kind` of challenge: see `training.judging`."""

    platform: str
    model_name: str
    version: str
    serves: str
    reason: str
    figures: dict[str, float] = field(default_factory=dict)
    action: Action = "promoted"
    champion: str | None = None
    kind: Kind = FIRST


def promote(
    settings: Settings,
    platform: Platform,
    version: str | None = None,
    *,
    actor: str | None = None,
    again: bool = False,
) -> Decision:
    """Decide on a version (default the newest) and move the aliases; repeating it changes nothing.

    `champion` goes to a version that beats the floor and the champion before it; `floor` always to the newest version
    decided on, whose calibrated floor serves where there is no champion. `actor`: who decides, default user@host.
    `again`: a version that was rolled back may compete again. Raises NotReadyError without a version.
    """
    desk = _Desk.open(settings, platform, actor)
    chosen = _find(desk.client, platform, version)
    with tracking.promotion_lock(settings, platform):
        lines = desk.lines()
        last = lines[0] if lines else None
        barred = _rolled_back(lines, str(chosen.version))
        if last is not None and last.version == str(chosen.version) and not (again and barred):
            complete(desk.client, last)
            return _told(last)
        if last is not None and not completed(desk.client, last):
            complete(desk.client, last)
        champion = tracking.by_alias(desk.client, platform, tracking.CHAMPION)
        if barred is not None and not again:
            return desk.write(chosen, champion, _barred(barred, champion is not None, platform))
        return desk.write(chosen, champion, judge_version(settings, desk.client, platform, chosen, champion))


def rollback(
    settings: Settings,
    platform: Platform,
    to: str | None = None,
    *,
    reason: str = "",
    actor: str | None = None,
) -> Decision:
    """Give the title back to the champion before this one, or to version `to`; "floor" lets the floor serve, as where
    there was no champion before. One that was cut short is completed, not repeated.

    Raises NotReadyError where no champion serves, InputError for a version that is not there or serves already.
    """
    desk = _Desk.open(settings, platform, actor)
    with tracking.promotion_lock(settings, platform):
        lines = desk.lines()
        last = lines[0] if lines else None
        if last is not None and not completed(desk.client, last):
            complete(desk.client, last)
            if last.action in ("rolled-back", "floor"):
                return _told(last)
        champion = tracking.by_alias(desk.client, platform, tracking.CHAMPION)
        if champion is None:
            raise NotReadyError(f"no champion serves {platform.value}: there is nothing to roll back.")
        current = str(champion.version)
        target = to or _champion_before(lines, current) or tracking.FLOOR
        if target == current:
            raise InputError(f"version {current} serves {platform.value} already.", field="--to")
        words = reason or f"rolled back from version {current}"
        if target == tracking.FLOOR:
            floor = tracking.by_alias(desk.client, platform, tracking.FLOOR) or champion
            return desk.write(floor, champion, Judgement("floor", FIRST, words))
        try:
            chosen = _find(desk.client, platform, target)
        except NotReadyError as error:
            raise InputError(str(error), field="--to") from error
        return desk.write(chosen, champion, Judgement("rolled-back", FIRST, words))


@dataclass(frozen=True)
class _Desk:
    """Where decisions on a platform are written."""

    engine: Engine
    workspace: str
    platform: Platform
    client: Any
    actor: str

    @classmethod
    def open(cls, settings: Settings, platform: Platform, actor: str | None) -> _Desk:
        from creatorlens.database import open_database

        client = tracking.connect(settings)
        return cls(open_database(settings), settings.workspace, platform, client, actor or log.whoami())

    def lines(self) -> list[Promotion]:
        """Decisions on versions that this registry has, newest first; shadows and canaries decide nothing."""
        found = log.promotions(self.engine, self.workspace, self.platform).promotions
        tags = {str(one.version): one.tags for one in tracking.versions(self.client, self.platform)}
        return [
            line
            for line in found
            if line.action in DECISIONS
            and line.version in tags
            and line.data_hash == tags[line.version].get("data_hash")
            and line.code_hash == tags[line.version].get("code_hash")
        ]

    def write(self, version: Any, champion: Any, judgement: Judgement) -> Decision:
        """The line first: should we be killed in between, repeating it completes the rest."""
        newest = log.promotions(self.engine, self.workspace, limit=1).promotions
        line = Promotion(
            promotion_id=str(uuid.uuid4()),
            decided_at=log.next_moment(newest[0].decided_at if newest else None, datetime.now(UTC)),
            actor=self.actor[:120],
            platform=self.platform,
            model_name=tracking.model_name(self.platform),
            action=judgement.action,
            version=str(version.version),
            previous_version=str(champion.version) if champion is not None else None,
            reason=judgement.reason,
            figures=judgement.figures | {f"kind: {judgement.kind}": 1.0},
            data_hash=version.tags.get("data_hash"),
            code_hash=version.tags.get("code_hash"),
        )
        log.append(self.engine, self.workspace, line)
        complete(self.client, line)
        return _told(line)


def _told(line: Promotion) -> Decision:
    champion = {"promoted": line.version, "rolled-back": line.version, "refused": line.previous_version}
    kinds = [name.removeprefix("kind: ") for name in line.figures if name.startswith("kind: ")]
    return Decision(
        platform=line.platform.value,
        model_name=line.model_name,
        version=line.version,
        serves="floor" if line.action == "floor" else "model",
        reason=line.reason,
        figures={name: value for name, value in line.figures.items() if not name.startswith("kind: ")},
        action=line.action,
        champion=champion.get(line.action),
        kind=kinds[0] if kinds else FIRST,  # type: ignore[arg-type]
    )


def _rolled_back(lines: list[Promotion], version: str) -> Promotion | None:
    """The line by which a version lost its title to an earlier one, unless it has won it again since."""
    for line in lines:
        if line.action == "promoted" and line.version == version:
            return None
        if line.action == "rolled-back" and line.previous_version == version:
            return line
    return None


def _barred(line: Promotion, served: bool, platform: Platform) -> Judgement:
    reason = (
        f"version {line.previous_version} was rolled back by {line.actor} on {line.decided_at:%Y-%m-%d}: {line.reason}; "
        f"`creatorlens promote --platform {platform.value} --version {line.previous_version}` lets it compete again"
    )
    return Judgement("refused" if served else "floor", FIRST, reason)


def _champion_before(lines: list[Promotion], version: str) -> str | None:
    """Whom the version took the title from when it won it; None for the floor, or where nobody knows."""
    for line in lines:
        if line.action == "promoted" and line.version == version:
            return line.previous_version if line.previous_version != version else None
    return None


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
