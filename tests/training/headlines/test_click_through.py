"""Tests of pictures whose numbers were read: what was planted is learned, registered, loaded and asked by advice."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import Engine, insert

from creatorlens.database import open_database, tables
from creatorlens.errors import NotReadyError
from creatorlens.settings import Settings
from services.advice.champions import champion_of, load
from services.advice.click_through import NAME, ClickThrough
from training.click_through import train_click_through

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def tell_tests(engine: Engine, workspace: str, tests: int, effect: float) -> None:
    """Three pictures a test; a face that fills the picture brings `effect` in ln clicks, contrast nothing."""
    rng = np.random.default_rng(3)
    assets, variants = [], []
    for test in range(tests):
        for at in range(3):
            sha = hashlib.sha256(f"{test}-{at}".encode()).hexdigest()
            face = float(rng.random())
            numbers = {
                "image_face_share": face,
                "image_contrast": float(rng.random()),
                "image_text_legibility": 0.5,
            }
            if at == 2:
                del numbers["image_contrast"]
            assets.append(
                {"workspace_id": workspace, "sha256": sha, "kind": "image", "mime": "image/png", "bytes": 10, "blob_key": sha,
                 "first_seen_at": NOW, "numbers": numbers}
            )  # fmt: skip
            impressions = int(rng.integers(3_000, 6_000))
            variants.append(
                {"workspace_id": workspace, "experiment_id": f"t{test}", "variant_id": str(at), "week": 202501 + test % 50,
                 "headline": f"Headline {test}", "lede": None, "image_id": sha, "impressions": impressions,
                 "clicks": int(rng.binomial(impressions, 0.02 * np.exp(effect * face))), "import_id": "import"}
            )  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(tables.imports).values(_import_row(workspace)))
        connection.execute(insert(tables.assets), assets)
        connection.execute(insert(tables.experiments), variants)


def _import_row(workspace: str) -> dict[str, object]:
    counts = dict.fromkeys(("rows_read", "rows_taken", "rows_unchanged", "rows_quarantined"), 0)
    told = {"import_id": "import", "workspace_id": workspace, "file_name": "tests", "sha256": "0" * 64}
    return {**told, "kind": "experiments", "imported_at": NOW, **counts}


def test_faces_that_get_clicks_are_found(settings: Settings) -> None:
    engine = open_database(settings)
    tell_tests(engine, settings.workspace, 90, effect=0.8)
    report = train_click_through(engine, settings)
    assert report.decision == "promoted"
    assert report.tests == 90
    version = champion_of(settings, NAME)
    assert version == report.version
    model = ClickThrough(load(NAME, version), version, {})
    small, large = {"image_face_share": 0.1}, {"image_face_share": 0.9, "image_contrast": None}
    better, same = model.lift(small, [large, small])
    assert better.ln == pytest.approx(0.64, abs=0.25)
    assert better.low_ln is not None
    assert better.low_ln < better.ln
    assert (same.ln, same.low_ln, same.high_ln) == (0.0, 0.0, 0.0)
    again = train_click_through(engine, settings)
    assert again.skipped
    assert again.version == report.version


def test_without_tested_pictures_nothing_is_trained(settings: Settings) -> None:
    engine = open_database(settings)
    with pytest.raises(NotReadyError, match="0 tests compare pictures"):
        train_click_through(engine, settings)
    assert champion_of(settings, NAME) is None
