"""The real feature store on real tables: what is read equals what was computed, online as offline."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from creatorlens.database import open_database
from creatorlens.errors import NotReadyError
from creatorlens.platforms import MediaType, Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings
from features.catalogue import NAMES
from features.feature_store import OnlineStore, open_store
from features.feature_views import BY_NAME
from features.featurize import FeaturizeReport, featurize
from features.historical import retrieve
from features.rows import BAND, labelled_rows, rows_for_drafts, rows_for_posts, training_rows
from features.sequences import SEQUENCE

REPO = Path(__file__).parents[2]
REAL = (Platform.INSTAGRAM, Platform.YOUTUBE)


@dataclasses.dataclass(frozen=True)
class Stored:
    settings: Settings
    tables: dict[Platform, Any]
    reports: dict[Platform, FeaturizeReport]


@pytest.fixture(scope="module")
def stored(real: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """Two platforms of real tables, featurized once."""
    import fill_database

    settings = Settings(home=tmp_path_factory.mktemp("feast"), text_encoder="none")
    engine = open_database(settings)
    tables, reports = {}, {}
    for platform in REAL:
        tables[platform] = real(platform)
        fill_database.fill(engine, settings.workspace, tables[platform], import_id=f"import-{platform}")
        reports[platform] = featurize(engine, settings, platform)
    return Stored(settings, tables, reports)


@pytest.mark.parametrize("platform", REAL)
def test_rows_read_through_feast_equal_the_computed_ones_to_the_bit(
    stored: Stored, platform: Platform
) -> None:
    t = stored.tables[platform]
    computed = labelled_rows(t.posts, t.observations, t.stats, t.channels, platform)
    read = training_rows(stored.settings, platform)
    pd.testing.assert_frame_equal(read, computed, check_exact=True)


@pytest.mark.parametrize("platform", REAL)
@pytest.mark.parametrize("view", [name for name, spec in BY_NAME.items() if spec.online])
def test_online_equals_historical_at_the_same_now(stored: Stored, platform: Platform, view: str) -> None:
    online = OnlineStore(stored.settings)
    spec = BY_NAME[view]
    states = pd.read_parquet(stored.settings.features_home / "current" / platform.value / f"{view}.parquet")
    keys = [*states[spec.key].unique(), f"{platform.value}:nobody"]
    now = pd.Timestamp(online.materialised_at(platform))
    asked = pd.DataFrame({spec.key: keys, "event_timestamp": pd.Series([now] * len(keys)).dt.as_unit("us")})
    historical = retrieve(open_store(stored.settings), asked, (view,))[list(spec.columns)]
    now_online = online.read(view, keys)
    if "vector" in spec.columns.values():
        assert [as_numbers(one) for one in now_online[view]] == [as_numbers(one) for one in historical[view]]
        assert now_online[view].notna().sum() > 20
        return
    pd.testing.assert_frame_equal(now_online, historical.astype(float), check_exact=True)


def as_numbers(one: Any) -> bytes | None:
    return None if one is None else np.asarray(one, np.float32).tobytes()


@pytest.mark.parametrize("platform", REAL)
def test_a_draft_has_the_features_of_the_same_post_planned_now(stored: Stored, platform: Platform) -> None:
    online = OnlineStore(stored.settings)
    now = pd.Timestamp(online.materialised_at(platform))
    posts = stored.tables[platform].posts.tail(40).reset_index(drop=True)
    planned = now.floor("s") + timedelta(days=2)
    posts = posts.assign(
        post_id=[f"draft-{i}" for i in range(len(posts))], published_at=planned, followers=np.nan
    )
    drafts = [
        Draft(
            channel_id=row.channel_id, platform=platform, planned_at=planned.to_pydatetime(), title=row.title,
            text=row.text, hashtags=tuple(row.hashtags), media_type=MediaType(row.media_type),
            duration_s=None if pd.isna(row.duration_s) else row.duration_s, category=row.category,
            post_id=row.post_id,
        )
        for row in posts.itertuples()
    ]  # fmt: skip
    from_online = rows_for_drafts(online, drafts, platform)
    from_database = rows_for_posts(open_database(stored.settings), stored.settings, platform, posts, now)
    pd.testing.assert_frame_equal(from_online, from_database, check_exact=True)


def test_posts_in_the_database_get_the_rows_they_were_trained_with(stored: Stored) -> None:
    t = stored.tables[Platform.INSTAGRAM]
    some = t.posts.sample(200, random_state=0)
    rows = rows_for_posts(open_database(stored.settings), stored.settings, Platform.INSTAGRAM, some)
    assert rows["post_id"].tolist() == some["post_id"].tolist()
    trained = (
        training_rows(stored.settings, Platform.INSTAGRAM).drop_duplicates("post_id").set_index("post_id")
    )
    columns = [*BAND, *NAMES, SEQUENCE]
    pd.testing.assert_frame_equal(
        rows.set_index("post_id")[columns], trained.loc[some["post_id"], columns], check_exact=True
    )


def test_new_posts_of_a_file_count_as_published_and_never_as_outcomes(stored: Stored) -> None:
    t = stored.tables[Platform.INSTAGRAM]
    last = t.posts.iloc[-1]
    later = last["published_at"] + timedelta(days=30)
    file = pd.DataFrame([last, last]).assign(
        post_id=["new-1", "new-2"],
        published_at=pd.Series([later, later + timedelta(hours=5)], index=[last.name] * 2),
    )
    first, second = (
        rows_for_posts(open_database(stored.settings), stored.settings, Platform.INSTAGRAM, file)
        .to_dict("records")
    )  # fmt: skip
    assert second["gap_ln_h"] == pytest.approx(np.log1p(5), rel=1e-6)
    assert second["n_matured_ln"] == first["n_matured_ln"]
    assert second["floor"] == first["floor"]


def test_nothing_changed_is_skipped_and_nothing_featurized_is_not_ready(stored: Stored) -> None:
    engine = open_database(stored.settings)
    again = featurize(engine, stored.settings, Platform.YOUTUBE)
    assert again.skipped
    assert again.materialised_at == stored.reports[Platform.YOUTUBE].materialised_at
    with pytest.raises(NotReadyError, match="creatorlens featurize"):
        training_rows(stored.settings, Platform.TIKTOK)
    with pytest.raises(NotReadyError, match="creatorlens featurize"):
        rows_for_drafts(OnlineStore(stored.settings), [], Platform.TIKTOK)
    assert featurize(engine, stored.settings, Platform.TIKTOK).posts == 0


def test_an_unknown_channel_gets_the_platforms_level(stored: Stored) -> None:
    planned = pd.Timestamp("2026-12-01T18:00:00+02:00").to_pydatetime()
    draft = Draft("instagram:nobody", Platform.INSTAGRAM, planned, title="Hello?", followers=120_000)
    row = rows_for_drafts(OnlineStore(stored.settings), [draft], Platform.INSTAGRAM).iloc[0]
    assert np.isnan(row["floor"])
    assert row["floor_n"] == 0
    assert np.isfinite(row["base_ln"])
    assert row["followers_ln"] == pytest.approx(np.log1p(120_000), rel=1e-6)
    assert row["hour_cos"] == pytest.approx(np.cos(2 * np.pi * 18 / 24), abs=1e-6), "the draft's own clock"
    assert row["headline_question"] == 1


def test_asof_join_equals_feasts_own(stored: Stored) -> None:
    """Feast's DuckDB store pairs every question with every earlier row; ours asks for the newest at once."""
    from feast import FeatureStore
    from feast.infra.offline_stores.duckdb import DuckDBOfflineStoreConfig

    ours = open_store(stored.settings)
    plain = FeatureStore(config=ours.config.model_copy(deep=True))
    plain.config.offline_config = DuckDBOfflineStoreConfig(type="duckdb").model_dump()
    plain.config._offline_store = None
    spine = training_rows(stored.settings, Platform.YOUTUBE).sample(150, random_state=1)
    asked = pd.DataFrame(
        {
            "channel_id": spine["channel_id"].to_numpy(),
            "platform": "youtube",
            "event_timestamp": spine["published_at"].to_numpy(),
        }
    ).drop_duplicates()
    asked["event_timestamp"] = pd.to_datetime(asked["event_timestamp"], utc=True).astype(
        "datetime64[us, UTC]"
    )
    views = ("channel_history", "channel_audience")
    assert type(plain._get_provider().offline_store).__name__ == "DuckDBOfflineStore"
    pd.testing.assert_frame_equal(
        retrieve(ours, asked, views), retrieve(plain, asked, views), check_exact=True
    )


def test_feasts_own_command_line_sees_the_store(stored: Stored) -> None:
    environment = os.environ | {"CREATORLENS_HOME": str(stored.settings.home)}
    feast = Path(sys.executable).with_name("feast")
    listed = subprocess.run(
        [feast, "-c", "features/store", "feature-views", "list"],
        cwd=REPO,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert listed.returncode == 0, listed.stderr
    assert set(BY_NAME) <= set(listed.stdout.split())


def test_other_users_of_typeguard_keep_their_checks(stored: Stored) -> None:
    """Feast alone is imported without them."""
    import typeguard

    open_store(stored.settings)

    @typeguard.typechecked
    def takes_a_number(number: int) -> int:
        return number

    with pytest.raises(typeguard.TypeCheckError):
        takes_a_number("one")  # type: ignore[arg-type]
