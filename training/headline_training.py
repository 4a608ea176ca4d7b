"""Training the model of headlines: tests → members, judged on later weeks → MLflow run → version → gate → alias, last."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from creatorlens.errors import NotReadyError
from creatorlens.settings import Settings
from training import registering
from training.columns import Floats
from training.headline_fitting import Fitted, fit
from training.headline_gate import Judged, judge
from training.headline_graph import readable
from training.headline_learning import Recipe
from training.headline_model import load_headlines
from training.headline_rows import HeadlineRows, known_tests
from training.registering import Registry, Version

NAME = "creatorlens-headlines"
MIN_TESTS = 60
SCORES = "later_scores.parquet"
"""What every version's run keeps: scores of later tests by members that had not seen them."""
Progress = Callable[[str], None]


@dataclass(frozen=True)
class HeadlineReport:
    """`decision`: promoted or refused. `figures`: on later weeks. `skipped`: version was trained of the same data and code."""

    model_name: str
    version: str
    skipped: bool
    decision: str
    reason: str
    tests: int
    variants: int
    until_week: int
    encoder: str
    figures: dict[str, float]


def train_headlines(
    engine: Engine,
    settings: Settings,
    until_week: int | None = None,
    progress: Progress = lambda _: None,
    recipe: Recipe | None = None,
) -> HeadlineReport:
    """Register a version trained on the tests imported, up to a week (a number such as 201431); the gate decides whether it
    serves. The same data and code again change nothing. Raises NotReadyError where there are too few tests."""
    rows = known_tests(engine, settings.workspace, until_week)
    rows = rows.take(rows.telling)
    tests = len(np.unique(rows.test))
    if tests < MIN_TESTS:
        raise NotReadyError(
            f"only {tests} tests with several headlines are known, {MIN_TESTS} are needed: import more with `creatorlens import`."
        )
    encoder, told = _encoder(settings)
    progress(f"headlines: {tests:,} tests, {len(rows):,} variants; {told}")
    with registering.training(settings, NAME) as registry:
        hashes = registry.hashes(rows.frame, told)
        done = registry.same(hashes)
        if done is not None:
            progress(f"headlines: data and code are those of version {done.version}; nothing to do")
            return _report(done, rows, told, skipped=True)
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "headlines"
            fitted = fit(rows, encoder, folder, recipe, progress)
            judged = judge(fitted.later, fitted.score, _champion_score(registry, fitted, Path(scratch)))
            summary = _summary(rows, fitted, judged, told)
            fitted.model.save(folder)
            _set_summary(folder, summary)
            scores = _scores(fitted)
            version = registry.register(
                folder, "headlines", hashes, summary["figures"] | judged.figures, {SCORES: scores},
                pd.DataFrame({"headline": ["One Of Two Headlines", "Another Headline"]}),
                f"headlines until {summary['until_week']}, {len(rows)} variants", summary,
            )  # fmt: skip
        registry.decide(version, judged.won, judged.reason)
        progress(
            f"headlines: version {version.version} {'serves' if judged.won else 'is refused'}: {judged.reason}"
        )
        return _report(registry.fresh(version), rows, told, skipped=False)


def _encoder(settings: Settings) -> tuple[Path | None, str]:
    """Its weights, and in words what reads the headlines."""
    from features.absent import Absent
    from features.encoder import weights_folder

    found = weights_folder(settings)
    if isinstance(found, Absent):
        return None, f"words and surface alone, without a sentence encoder: {found.reason}"
    if not readable(found):
        return None, f"words and surface alone: {settings.text_encoder} is no encoder of BERT's kind"
    return found, f"words, surface and middle layers of {settings.text_encoder}"


def _scores(fitted: Fitted) -> pd.DataFrame:
    keys = fitted.later.frame[["experiment_id", "variant_id"]]
    return keys.assign(score=fitted.score)


def _champion_score(registry: Registry, fitted: Fitted, scratch: Path) -> Floats | None:
    """The champion's scores of the later tests: those its run kept of members that had not seen them; where weeks are newer than all
    it knew, its own; NaN where it may have trained on them. None where there is no champion."""
    champion = registry.champion()
    if champion is None:
        return None
    kept = registry.table(champion, SCORES)
    later = fitted.later.frame
    known = later[["experiment_id", "variant_id"]].merge(kept, how="left", on=["experiment_id", "variant_id"])
    score = known["score"].to_numpy(np.float64)
    newer = later["week"].fillna(-1).to_numpy(np.float64) > float(champion.summary.get("until_week", np.inf))
    if newer.any():
        model = load_headlines(registry.download(champion, "headlines", scratch))
        score[newer] = model.score(later.loc[newer, "headline"].tolist())
    return score


def _summary(rows: HeadlineRows, fitted: Fitted, judged: Judged, told: str) -> dict[str, Any]:
    return {
        "tests": len(np.unique(rows.test)),
        "variants": len(rows),
        "until_week": int(rows.week.max()),
        "reads": told,
        "later_from_week": int(fitted.later.week.min()) if len(fitted.later) else None,
        "figures": fitted.figures,
        "calibration": vars(fitted.model.calibration),
        "gate": judged.reason,
    }


def _set_summary(folder: Path, summary: dict[str, Any]) -> None:
    import json

    path = folder / "headlines.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"summary": summary}, sort_keys=True, indent=1))


def _report(version: Version, rows: HeadlineRows, told: str, *, skipped: bool) -> HeadlineReport:
    return HeadlineReport(
        model_name=NAME,
        version=version.version,
        skipped=skipped,
        decision=version.decision,
        reason=version.reason,
        tests=len(np.unique(rows.test)),
        variants=len(rows),
        until_week=int(rows.week.max()),
        encoder=told,
        figures=dict(version.summary.get("figures", {})),
    )
