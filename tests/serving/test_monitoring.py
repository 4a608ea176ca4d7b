"""A look at a platform with its real feature store and registry, read back over HTTP; cards of versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from creatorlens.database import open_database
from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features.catalogue import NAMES
from services.insights.versions import registry_client
from services.monitoring.watching import watch
from tests.services.monitoring.conftest import backtest

YOUTUBE = Platform.YOUTUBE


class ByLength:
    """A model that reads one feature: the length of the title."""

    feature_names = ("headline_chars", "n_matured_ln")

    def forecast(
        self, rows: pd.DataFrame, drivers: bool = False, floor_only: bool = False, gated: bool = True
    ) -> pd.DataFrame:
        return pd.DataFrame({"p50": np.exp(rows["headline_chars"].to_numpy() / 2)}, index=rows.index)


@pytest.fixture(scope="module")
def versions(
    home: Settings,
    served: TestClient,
    promote: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[float], str]:
    """A serving version whose training saw titles longer by so many characters than they are."""
    from features.rows import training_rows
    from training.reference import write_reference

    rows = training_rows(home, YOUTUBE)

    def make(longer: float) -> str:
        version = promote(YOUTUBE, times=2)
        client = registry_client(home)
        assert client is not None
        seen = rows.assign(headline_chars=rows["headline_chars"] + longer)
        path = write_reference(tmp_path_factory.mktemp("made"), ByLength(), seen, backtest())
        client.log_artifact(
            client.get_model_version("creatorlens-youtube", version).run_id, str(path), "reference"
        )
        return version

    return make


def test_a_look_is_kept_told_to_the_registry_and_served(
    home: Settings, served: TestClient, versions: Callable[[float], str]
) -> None:
    engine, version = open_database(home), versions(0.0)
    quiet = watch(engine, home, YOUTUBE)
    assert (quiet.model_version, quiet.retrain) == (version, False)
    assert quiet.reason.startswith("no reason to train again")
    # 28 posts came in four weeks; the window was made longer to hold enough of them
    assert quiet.errors["input_rows"] == 50
    assert (quiet.window_until - quiet.window_from).days > 28

    longer = versions(20.0)
    alarmed = watch(engine, home, YOUTUBE)
    assert (alarmed.model_version, alarmed.retrain) == (longer, True)
    assert "length of the title" in alarmed.reason
    assert alarmed.features[0].feature == "headline_chars"

    told = served.get("/v1/drift", params={"platform": "youtube"}).json()["reports"]
    assert [one["report_id"] for one in told[:2]] == [alarmed.report_id, quiet.report_id]
    assert told[0] == json.loads(alarmed.model_dump_json())
    assert served.get("/v1/drift", params={"platform": "tiktok"}).json() == {"reports": []}
    assert len(served.get("/v1/drift", params={"limit": 1}).json()["reports"]) == 1

    client = registry_client(home)
    assert client is not None
    tagged = client.get_model_version("creatorlens-youtube", longer)
    assert tagged.tags["drift_retrain"] == "true"
    assert tagged.tags["drift_report_id"] == alarmed.report_id
    assert client.get_run(tagged.run_id).data.metrics["drift_harm_ln"] == pytest.approx(
        alarmed.errors["harm_ln"]
    )


def test_recent_rows_are_those_that_training_would_read(home: Settings) -> None:
    from features.historical import historical_rows
    from features.recent import recent_rows

    every, _ = historical_rows(home, YOUTUBE)
    moment = every["published_at"].iloc[60].to_pydatetime()
    recent = recent_rows(home, YOUTUBE, timedelta(days=20), moment)
    known = every.loc[every["published_at"] <= moment]
    wanted = known.loc[known["published_at"] > known["published_at"].max() - timedelta(days=20)]
    numbers = ["post_id", *NAMES]
    pd.testing.assert_frame_equal(recent[numbers], wanted[numbers].reset_index(drop=True))
    assert 10 <= len(recent) < 40
    assert recent_rows(home, YOUTUBE, timedelta(days=20), datetime(2000, 1, 1, tzinfo=UTC)).empty


def test_reports_are_never_changed(home: Settings, versions: Callable[[float], str]) -> None:
    engine = open_database(home)
    watch(engine, home, YOUTUBE)
    with engine.begin() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text("UPDATE drift_reports SET retrain = 0"))


def test_a_version_without_a_reference_is_judged_by_its_errors_alone(
    home: Settings, served: TestClient, promote: Callable[..., str]
) -> None:
    promote(YOUTUBE, times=2)
    report = watch(open_database(home), home, YOUTUBE, now=datetime.now(UTC))
    assert report.features == ()
    assert not report.retrain
    assert "kept no reference" in report.reason


def test_nothing_to_watch_is_said(home: Settings) -> None:
    with pytest.raises(NotReadyError, match="no model for tiktok"):
        watch(open_database(home), home, Platform.TIKTOK)


def test_a_card_is_the_versions_own(
    home: Settings, served: TestClient, promote: Callable[..., str], tmp_path: Path
) -> None:
    version = promote(YOUTUBE, times=2)
    client = registry_client(home)
    assert client is not None
    refused = served.get("/v1/models/youtube/card")
    assert refused.status_code == 404
    assert "has no card" in refused.text
    assert "train again" in refused.json()["errors"][0]["hint"]
    for name, content in (("card.json", '{"numbers": {"data_rows": 80.0}}'), ("card.md", "# A card\n")):
        (tmp_path / name).write_text(content)
        run_id = client.get_model_version("creatorlens-youtube", version).run_id
        client.log_artifact(run_id, str(tmp_path / name), "card")
    card = served.get("/v1/models/youtube/card").json()
    assert (card["model_version"], card["markdown"]) == (version, "# A card\n")
    assert card["facts"]["numbers"]["data_rows"] == 80.0
    assert served.get("/v1/models/youtube/card", params={"version": version}).json() == card
    assert served.get("/v1/models/youtube/card", params={"version": "999"}).status_code == 404
    assert served.get("/v1/models/tiktok/card").status_code == 409
    assert served.get("/v1/models/nonsense/card").status_code == 422
