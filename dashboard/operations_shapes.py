"""Promotions, drift and lineage as frames, rows and sentences for the engineers' page. No Streamlit in here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from creatorlens.api_operations import DriftedFeature, DriftReport, Lineage, Promotion
from creatorlens.platforms import Platform
from dashboard import words

ACTIONS = {
    "promoted": "promoted",
    "refused": "refused",
    "floor": "fell back to the floor",
    "rolled-back": "rolled back",
    "shadowed": "put in shadow",
    "canary": "given a share (canary)",
    "retired": "retired",
}
FEATURES_SHOWN = 12


@dataclass(frozen=True)
class Standing:
    """Which version does what on a platform now, by the promotion log."""

    platform: Platform
    champion: str | None = None
    floor: bool = False
    shadow: str | None = None
    canary: str | None = None
    canary_share: float | None = None

    @property
    def words(self) -> str:
        """'YouTube: version 4 serves; version 5 in shadow'."""
        serves = "the floor serves" if self.floor else f"version {self.champion} serves"
        said = [serves if self.champion or self.floor else "nothing was promoted yet"]
        if self.shadow:
            said.append(f"version {self.shadow} in shadow: asked too, never shown")
        if self.canary:
            part = f" for {words.share(self.canary_share)} of the forecasts" if self.canary_share else ""
            said.append(f"version {self.canary} as canary{part}")
        return f"{words.platform(self.platform)}: {'; '.join(said)}."


def standings(promotions: Sequence[Promotion]) -> list[Standing]:
    """The log read from its oldest line to its newest, platform by platform."""
    found: dict[Platform, Standing] = {}
    for line in sorted(promotions, key=lambda p: p.decided_at):
        before = found.get(line.platform, Standing(line.platform))
        found[line.platform] = _after(before, line)
    return [found[platform] for platform in sorted(found)]


def _after(before: Standing, line: Promotion) -> Standing:
    now = {**vars(before)}
    if line.action in ("promoted", "rolled-back", "floor"):
        now |= {"champion": line.version, "floor": line.action == "floor"}
        now |= {role: None for role in ("shadow", "canary") if now[role] == line.version}
        return Standing(**now)
    if line.action == "refused":
        return before
    now |= {role: None for role in ("shadow", "canary") if now[role] == line.version}
    if line.action == "shadowed":
        now["shadow"] = line.version
    elif line.action == "canary":
        now |= {"canary": line.version, "canary_share": _share(line)}
    return Standing(**now)


def _share(line: Promotion) -> float | None:
    for name in ("share", "canary_share"):
        if name in line.figures:
            return float(line.figures[name])
    return None


def promotion_rows(promotions: Iterable[Promotion]) -> list[tuple[str, ...]]:
    """When, what happened, why, on which figures, by whom; newest first."""
    ordered = sorted(promotions, key=lambda p: p.decided_at, reverse=True)
    return [
        (
            stamp(p.decided_at),
            words.platform(p.platform),
            f"{p.version}"
            + (f" after {p.previous_version}" if p.previous_version else "")
            + f" {ACTIONS[p.action]}",
            p.reason,
            figures_words(p.figures),
            p.actor,
            (p.data_hash or "")[:12],
        )
        for p in ordered
    ]


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def figures_words(figures: dict[str, float], shown: int = 6) -> str:
    """'mae_ln 0.481, pinball 0.201'."""
    found = list(figures.items())
    said = ", ".join(f"{name} {value:.4g}" for name, value in found[:shown])
    return f"{said}, …" if len(found) > shown else said


def drift_frame(report: DriftReport, shown: int = FEATURES_SHOWN) -> pd.DataFrame:
    """What drifted, most harmful first: label, harm, distance, method, drifted, words."""
    everything = [*report.features, *([report.embedding] if report.embedding else [])]
    worst = sorted(everything, key=lambda f: (f.harm, f.distance), reverse=True)[:shown]
    return pd.DataFrame(
        [
            {
                "label": f.words or f.feature,
                "feature": f.feature,
                "harm": f.harm,
                "distance": f.distance,
                "method": f.method,
                "drifted": f.drifted,
                "words": _drifted(f),
            }
            for f in worst
        ],
        columns=["label", "feature", "harm", "distance", "method", "drifted", "words"],
    )


def _drifted(feature: DriftedFeature) -> str:
    effect = math.expm1(feature.harm)
    moved = words.change(effect).lstrip("+") if effect >= 0.005 else f"under 1{words.NBSP}%"
    return f"{feature.distance:.3f} {feature.method} · {moved} of a forecast"


def drift_sentence(report: DriftReport) -> str:
    """What one look at a platform came to."""
    moved = sum(f.drifted for f in report.features)
    said = f"{moved} of {len(report.features)} inputs drifted"
    if report.embedding is not None:
        said += (
            ", and so did the meaning of titles"
            if report.embedding.drifted
            else "; the meaning of titles did not"
        )
    verdict = "**Retraining is asked for**" if report.retrain else "No retraining is asked for"
    reason = f": {report.reason.rstrip('.')}" if report.reason else ""
    return f"{said}. {verdict}{reason}."


def latest(reports: Iterable[DriftReport]) -> list[DriftReport]:
    """The newest report of each platform."""
    found: dict[Platform, DriftReport] = {}
    for report in sorted(reports, key=lambda r: r.created_at):
        found[report.platform] = report
    return [found[platform] for platform in sorted(found)]


def history_rows(reports: Iterable[DriftReport], platform: Platform) -> list[tuple[str, ...]]:
    """The looks at a platform, newest first."""
    ordered = sorted((r for r in reports if r.platform == platform), key=lambda r: r.created_at, reverse=True)
    return [
        (
            stamp(r.created_at),
            f"{r.window_from:%Y-%m-%d} to {r.window_until:%Y-%m-%d}",
            r.model_version or "",
            str(sum(f.drifted for f in r.features)),
            "yes" if r.retrain else "no",
            r.reason,
        )
        for r in ordered
    ]


def error_rows(report: DriftReport) -> list[tuple[str, str]]:
    return [(name, f"{value:.4g}") for name, value in sorted(report.errors.items())]


def lineage_sentence(found: Lineage) -> str:
    """What became of one state of a platform's data."""
    files = "1 file" if len(found.imports) == 1 else f"{len(found.imports)} files"
    versions = "1 model version" if len(found.models) == 1 else f"{len(found.models)} model versions"
    said = (
        f"{words.platform(found.platform)}, {stamp(found.created_at)}: {files} → features `{found.generation}` → "
        f"{versions} → {found.predictions:,} forecasts → {found.graded:,} graded"
    )
    if found.coverage80 is not None and found.mae_ln is not None:
        said += f", {words.share(found.coverage80)} inside their band, error {found.mae_ln:.3f}"
        if found.floor_mae_ln is not None:
            said += f" against the floor's {found.floor_mae_ln:.3f}"
    return f"{said}."


def import_rows(found: Lineage) -> list[tuple[str, ...]]:
    return [(i.file_name, i.kind, i.sha256[:16], i.import_id) for i in found.imports]


def model_rows(found: Lineage) -> list[tuple[str, ...]]:
    return [
        (
            f"{m.model_name} {m.model_version}",
            ", ".join(m.aliases) or "none",
            m.run_id,
            m.data_hash[:12],
            m.code_hash[:12],
            (m.git_commit or "")[:12],
        )
        for m in found.models
    ]
