"""Training the click-through model: randomised tests of pictures whose files were read → effects of what was read of them.

The same likelihood, split, gate and figures as for headlines, with pictures in the place of headlines: compared are
pictures of one test beside one headline.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine, select

from creatorlens.database import tables
from creatorlens.errors import NotReadyError
from creatorlens.settings import Settings
from training import registering
from training.click_through_model import Pictures, values_of
from training.headline_calibration import Calibration, fit_calibration
from training.headline_effects import effects_of
from training.headline_features import fit_scale
from training.headline_figures import figures
from training.headline_fitting import first_later_week
from training.headline_gate import judge
from training.headline_rows import COLUMNS, HeadlineRows, known_tests, rows_of, split_at

NAME = "creatorlens-click-through"
MIN_TESTS = 30
WEIGHT = 0.5
"""Prior standard deviation of what all numbers of a picture do together, in ln clicks."""
Progress = Callable[[str], None]
Read = Mapping[str, Mapping[str, float]]
"""sha256 of a picture → its numbers."""


@dataclass(frozen=True)
class ClickThroughReport:
    """`decision`: promoted or refused. `pictures`: distinct ones that were tested and read."""

    model_name: str
    version: str
    skipped: bool
    decision: str
    reason: str
    tests: int
    pictures: int
    figures: dict[str, float]


def train_click_through(
    engine: Engine, settings: Settings, progress: Progress = lambda _: None
) -> ClickThroughReport:
    """Register a version trained on the tests of pictures that are known; the gate decides whether it serves. Raises
    NotReadyError where too few tests have pictures whose files were read."""
    rows, read = tested_pictures(engine, settings.workspace)
    tests = len(np.unique(rows.test)) if len(rows) else 0
    if tests < MIN_TESTS:
        raise NotReadyError(
            f"only {tests} tests compare pictures whose files were read here, {MIN_TESTS} are needed: run tests of thumbnails "
            "(`creatorlens experiments`), or import experiments whose image_id is the sha256 of a file that was analyzed."
        )
    progress(f"click-through: {tests:,} tests, {len(read):,} pictures")
    with registering.training(settings, NAME) as registry:
        hashes = registry.hashes(
            rows.frame, str(sorted((name, sorted(n.items())) for name, n in read.items()))
        )
        done = registry.same(hashes)
        if done is not None:
            return _report(done, tests, len(read), skipped=True)
        model, later, score = fit(rows, read)
        judged = judge(later, score)
        found = figures(later, score)
        summary: dict[str, Any] = {
            "tests": tests, "pictures": len(read), "figures": found, "gate": judged.reason,
            "calibration": vars(model.calibration),
        }  # fmt: skip
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "click_through"
            replace(model, summary=summary).save(folder)
            version = registry.register(
                folder, "click_through", hashes, found | judged.figures, {},
                pd.DataFrame({name: [0.5, np.nan] for name in model.names}), f"click-through, {tests} tests", summary,
            )  # fmt: skip
        registry.decide(version, judged.won, judged.reason)
        progress(f"click-through: version {version.version}: {judged.reason}")
        return _report(registry.fresh(version), tests, len(read), skipped=False)


def tested_pictures(engine: Engine, workspace: str) -> tuple[HeadlineRows, Read]:
    """Variants whose picture was read, with the picture where a headline would stand, of tests that compare several."""
    try:
        frame = known_tests(engine, workspace).frame
    except NotReadyError:
        return rows_of(pd.DataFrame(columns=list(COLUMNS)).astype({"impressions": float, "week": float})), {}
    c = tables.assets.c
    with engine.connect() as connection:
        found = connection.execute(
            select(c.sha256, c.numbers).where(c.workspace_id == workspace, c.numbers.is_not(None))
        ).fetchall()
    numbers = {sha: told for sha, told in found if told}
    frame = frame.loc[frame["image_id"].isin(list(numbers))]
    swapped = rows_of(frame.assign(headline=frame["image_id"], image_id=frame["headline"]))
    kept = swapped.take(swapped.telling) if len(swapped) else swapped
    return kept, {sha: numbers[sha] for sha in set(kept.headlines)}


def fit(rows: HeadlineRows, read: Read) -> tuple[Pictures, HeadlineRows, Any]:
    """The model fitted on all rows and calibrated on the later ones; those, and the scores of one that had not seen them."""
    earlier, later = split_at(rows, first_later_week(rows))
    score = fit_effects(earlier, read).score([read[sha] for sha in later.headlines])
    model = replace(fit_effects(rows, read), calibration=fit_calibration(later, score))
    return model, later, score


def fit_effects(rows: HeadlineRows, read: Read) -> Pictures:
    from features.media_features import IMAGE

    pictures = [read[sha] for sha in rows.headlines]
    every = values_of(pictures, [number.name for number in IMAGE])
    told = [len(np.unique(column[~np.isnan(column)])) > 1 for column in every.T]
    names = tuple(number.name for number, varies in zip(IMAGE, told, strict=True) if varies)
    values = values_of(pictures, names)
    scale = fit_scale(values)
    effects = effects_of(rows, scale.apply(values) * WEIGHT) * WEIGHT
    return Pictures(names, scale, effects, Calibration(1.0, 0.05, 0.05, 0))


def _report(version: registering.Version, tests: int, pictures: int, *, skipped: bool) -> ClickThroughReport:
    return ClickThroughReport(
        model_name=NAME,
        version=version.version,
        skipped=skipped,
        decision=version.decision,
        reason=version.reason,
        tests=tests,
        pictures=pictures,
        figures=dict(version.summary.get("figures", {})),
    )
