"""What was read from the files of posts, on its way from the database through Feast to the rows of models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine, insert, select, update

from creatorlens.database import tables
from creatorlens.platforms import Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings
from features.catalogue import MEDIA_NAMES
from features.feature_store import OnlineStore
from features.feature_views import PICTURE
from features.featurize import featurize
from features.post_media import read_post_media
from features.rows import rows_for_drafts, rows_for_posts, training_rows

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def bring(engine: Engine, post_id: str, role: str, sha: str, **told: Any) -> None:
    """A file of a post that was read, as the analysis stores it."""
    with engine.begin() as connection:
        import_id = connection.execute(select(tables.imports.c.import_id)).scalars().first()
        known = {"workspace_id": "local", "sha256": sha, "kind": "image", "mime": "image/png", "bytes": 1}
        kept = {"blob_key": f"assets/{sha}", "first_seen_at": NOON, "read_at": NOON, **told}
        connection.execute(insert(tables.assets).values(**known, **kept))
        link = {"workspace_id": "local", "platform": "instagram", "post_id": post_id, "role": role}
        connection.execute(insert(tables.post_media).values(**link, sha256=sha, import_id=import_id))


@pytest.fixture
def posts(engine: Engine, made_up: Callable[..., Any], fill: Callable[..., None]) -> pd.DataFrame:
    """Those with a known outcome, already in the database."""
    made = made_up(4, posts=60, platform=Platform.INSTAGRAM)
    fill(engine, "local", made)
    seen = made.observations.loc[made.observations["likes"].notna(), "post_id"]
    return made.posts[made.posts["post_id"].isin(seen)].reset_index(drop=True)


def test_the_thumbnail_is_believed_before_the_video_and_missing_numbers_are_missing(
    engine: Engine, posts: pd.DataFrame
) -> None:
    post = posts["post_id"].iloc[3]
    bring(engine, post, "video", "b" * 64, numbers={"image_brightness": 0.1, "video_motion": 0.7})
    bring(engine, post, "thumbnail", "a" * 64, numbers={"image_brightness": 0.9})
    read = read_post_media(engine, "local", Platform.INSTAGRAM).numbers
    assert list(read.index) == [post]
    assert read.loc[post, "image_brightness"] == pytest.approx(0.9)
    assert read.loc[post, "video_motion"] == pytest.approx(0.7)
    assert np.isnan(read.loc[post, "audio_lufs"])


def test_pictures_of_another_model_than_most_are_left_out(engine: Engine, posts: pd.DataFrame) -> None:
    for i, model in enumerate(["seen@1", "seen@1", "other@2"]):
        vector = np.full(4, 0.5, "<f4").tobytes()
        bring(engine, posts["post_id"].iloc[i], "image", f"{i}" * 64, picture=vector, picture_model=model)
    pictures = read_post_media(engine, "local", Platform.INSTAGRAM).pictures
    assert set(pictures) == set(posts["post_id"].iloc[:2])


def test_what_was_read_reaches_training_rows_through_feast_and_is_the_same_for_forecasts(
    engine: Engine, settings: Settings, posts: pd.DataFrame
) -> None:
    assert not featurize(engine, settings, Platform.INSTAGRAM, embeddings=False).skipped
    assert not set(MEDIA_NAMES) & set(training_rows(settings, Platform.INSTAGRAM).columns)
    post = posts["post_id"].iloc[5]
    vector = np.array([0.6, 0.8], "<f4")
    told = {"numbers": {"image_faces": 2.0}, "picture": vector.tobytes(), "picture_model": "seen@1"}
    bring(engine, post, "image", "c" * 64, **told)
    assert not featurize(engine, settings, Platform.INSTAGRAM, embeddings=False).skipped, "a file came in"
    rows = training_rows(settings, Platform.INSTAGRAM).drop_duplicates("post_id").set_index("post_id")
    assert rows.loc[post, "image_faces"] == 2.0
    assert rows["image_faces"].notna().sum() == 1
    np.testing.assert_array_equal(rows.loc[post, PICTURE], vector)
    asked = rows_for_posts(engine, settings, Platform.INSTAGRAM, posts.iloc[4:6])
    assert asked["image_faces"].isna().tolist() == [True, False]
    assert featurize(engine, settings, Platform.INSTAGRAM, embeddings=False).skipped
    with engine.begin() as connection:
        newer = {"read_at": NOON + timedelta(hours=1), "numbers": {"image_faces": 3.0}}
        connection.execute(update(tables.assets).values(**newer))
    assert not featurize(engine, settings, Platform.INSTAGRAM, embeddings=False).skipped, "it was read anew"
    rows = training_rows(settings, Platform.INSTAGRAM).set_index("post_id")
    assert (rows.loc[[post], "image_faces"] == 3.0).all()


def test_numbers_come_where_no_picture_was_embedded(
    engine: Engine, settings: Settings, posts: pd.DataFrame
) -> None:
    """As on a machine without weights, where the demo runs."""
    post = posts["post_id"].iloc[5]
    bring(engine, post, "image", "c" * 64, numbers={"image_brightness": 0.5})
    featurize(engine, settings, Platform.INSTAGRAM, embeddings=False)
    rows = training_rows(settings, Platform.INSTAGRAM).drop_duplicates("post_id").set_index("post_id")
    assert rows.loc[post, "image_brightness"] == 0.5
    assert rows[PICTURE].isna().all()


def test_a_platform_without_media_beside_one_with_it(
    engine: Engine,
    settings: Settings,
    posts: pd.DataFrame,
    made_up: Callable[..., Any],
    fill: Callable[..., None],
) -> None:
    """Feast reads the files of all platforms as one."""
    fill(engine, "local", made_up(5, posts=40, platform=Platform.FACEBOOK), import_id="import-2")
    featurize(engine, settings, Platform.FACEBOOK, embeddings=False)
    told = {"picture": np.array([0.6, 0.8], "<f4").tobytes(), "picture_model": "seen@1"}
    bring(engine, posts["post_id"].iloc[5], "image", "c" * 64, numbers={"image_brightness": 0.5}, **told)
    featurize(engine, settings, Platform.INSTAGRAM, embeddings=False)
    rows = training_rows(settings, Platform.INSTAGRAM)
    assert rows["image_brightness"].notna().any()
    assert rows[PICTURE].notna().any()


def test_a_draft_brings_what_was_read_from_its_own_files(
    engine: Engine, settings: Settings, posts: pd.DataFrame
) -> None:
    featurize(engine, settings, Platform.INSTAGRAM, embeddings=False)
    channel = str(posts["channel_id"].iloc[0])
    plain = Draft(channel, Platform.INSTAGRAM, NOON, title="A title")
    shown = replace(plain, media=(("image_faces", 2.0), ("image_brightness", 0.25)))
    store = OnlineStore(settings)
    rows = rows_for_drafts(store, [plain, shown], Platform.INSTAGRAM)
    assert rows["image_brightness"].isna().tolist() == [True, False]
    assert rows.loc[1, ["image_faces", "image_brightness"]].tolist() == [2.0, 0.25]
    assert not set(MEDIA_NAMES) & set(rows_for_drafts(store, [plain], Platform.INSTAGRAM).columns)
