"""A challenger beside the champion, and champions that change under load: nobody's answer waits for it or fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from creatorlens import api
from creatorlens.database import open_database, tables
from creatorlens.errors import InputError
from creatorlens.platforms import Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings
from services.insights import ledger, trials
from services.insights.jobs import Job
from services.insights.predicting import predict_drafts
from services.insights.registry import Challenger, ChampionSource
from services.insights.shadowing import Shadows

YOUTUBE = Platform.YOUTUBE
Predict = Callable[..., list[api.Prediction]]


@pytest.fixture(scope="module")
def database(home: Settings) -> Iterator[Engine]:
    engine = open_database(home)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def versions(home: Settings, promote: Callable[..., str]) -> tuple[str, str]:
    """The champion's, answering twice the floor, and another's, answering three times."""
    champion = promote(YOUTUBE, times=2)
    return champion, promote(YOUTUBE, times=3, alias=None)


@pytest.fixture
def champion_again(home: Settings, database: Engine, versions: tuple[str, str]) -> Iterator[None]:
    _point(home, versions[0])
    yield
    for tag in (trials.SHADOW, trials.SHARE):
        trials.stop(database, home, YOUTUBE, tag)
    _point(home, versions[0])


@pytest.fixture
def predict(home: Settings, database: Engine, champion_again: None) -> Predict:
    from features.feature_store import OnlineStore

    store = OnlineStore(home)

    def do(
        source: ChampionSource, *channels: str, record: bool = True, shadows: Shadows | None = None
    ) -> list[api.Prediction]:
        jobs = [Job(_draft(channel), (24.0, 168.0), record) for channel in channels]
        answers = predict_drafts(database, home, source, store, jobs, shadows=shadows)
        assert all(isinstance(answer, api.Prediction) for answer in answers), answers
        return [answer for answer in answers if isinstance(answer, api.Prediction)]

    return do


def _draft(channel: str) -> Draft:
    planned = datetime.now(UTC) + timedelta(days=2)
    return Draft(channel_id=f"youtube:{channel}", platform=YOUTUBE, planned_at=planned, title="A film")


def _point(home: Settings, version: str) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=home.mlflow_uri, registry_uri=home.mlflow_uri)
    client.set_registered_model_alias("creatorlens-youtube", "champion", version)


def _shadowed(database: Engine, prediction_id: str) -> list[tuple[float, float, str]]:
    s = tables.shadow_forecasts.c
    query = select(s.horizon_h, s.p50, s.model_version).where(s.prediction_id == prediction_id)
    with database.connect() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(s.horizon_h))]


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_challenger_answers_in_the_shadow_what_was_recorded(
    home: Settings, database: Engine, versions: tuple[str, str], predict: Predict
) -> None:
    trials.start_shadow(database, home, YOUTUBE, versions[1])
    source, shadows = ChampionSource(home), Shadows(database, home.workspace, ChampionSource(home))
    (made,) = predict(source, "ann", shadows=shadows)
    (what_if,) = predict(source, "ann", record=False, shadows=shadows)
    assert (made.model_version, made.arm, made.forecasts[1].p50) == (versions[0], "champion", 274)
    _until(lambda: shadows.written == 1)
    assert _shadowed(database, made.prediction_id) == [(24, 411, versions[1]), (168, 411, versions[1])]
    assert trials.stop(database, home, YOUTUBE, trials.SHADOW) is None
    (unseen,) = predict(source, "ann", shadows=shadows)
    _until(lambda: shadows.waiting == 0)
    shadows.close()
    assert _shadowed(database, what_if.prediction_id) == _shadowed(database, unseen.prediction_id) == []


class Stuck:
    """A challenger's model that answers only when let go, and then fails."""

    def __init__(self) -> None:
        self.asked, self.let_go = threading.Event(), threading.Event()

    def forecast(self, rows: pd.DataFrame, **_: object) -> pd.DataFrame:
        self.asked.set()
        assert self.let_go.wait(60)
        raise RuntimeError("a broken challenger")


class OnTrial(ChampionSource):
    """The real source, but for the challenger: this one."""

    on_trial: Challenger | None = None

    def challenger(self, platform: Platform) -> Challenger | None:
        return self.on_trial


def test_a_challenger_that_hangs_and_fails_delays_and_fails_nothing(
    home: Settings, database: Engine, versions: tuple[str, str], predict: Predict
) -> None:
    source, stuck = OnTrial(home), Stuck()
    served = replace(source.current(YOUTUBE), model=stuck, arm="canary", encoder=None)
    source.on_trial = Challenger(served, trials.Trial(versions[1], shadow=True, share=0.0))
    shadows = Shadows(database, home.workspace, source, most=2)
    for _ in range(5):
        # were anything waited for, the first would never come back
        (made,) = predict(source, "ann", shadows=shadows)
        assert made.forecasts[1].p50 == 274
        assert stuck.asked.wait(60)
    assert shadows.dropped == 2
    assert shadows.written == 0
    stuck.let_go.set()
    _until(lambda: shadows.waiting == 0)
    assert shadows.failed == 3
    shadows.close()


def test_a_canary_answers_always_for_the_same_channels(
    home: Settings, database: Engine, versions: tuple[str, str], predict: Predict
) -> None:
    hashes = {name: _threshold(f"youtube:{name}") for name in ("ann", "bob")}
    first, second = sorted(hashes, key=lambda name: hashes[name])
    share = (hashes[first] + hashes[second]) / 2
    trials.start_canary(database, home, YOUTUBE, versions[1], share)
    source = ChampionSource(home)
    for _ in range(2):
        made = {one.channel_id: one for one in predict(source, "ann", "bob", "ann")}
        assert made[f"youtube:{first}"].arm == "canary"
        assert made[f"youtube:{first}"].model_version == versions[1]
        assert made[f"youtube:{second}"].arm == "champion"
        assert made[f"youtube:{second}"].model_version == versions[0]
    kept = ledger.get(database, home.workspace, made[f"youtube:{first}"].prediction_id)
    assert (kept.arm, kept.model_version) == ("canary", versions[1])
    trials.stop(database, home, YOUTUBE, trials.SHARE)
    assert {one.arm for one in predict(source, "ann", "bob")} == {"champion"}


def test_a_canary_that_fails_leaves_its_channels_to_the_champion(
    home: Settings, versions: tuple[str, str], predict: Predict
) -> None:
    source, broken = OnTrial(home), Stuck()
    broken.let_go.set()
    served = replace(source.current(YOUTUBE), model=broken, arm="canary")
    source.on_trial = Challenger(served, trials.Trial(versions[1], shadow=False, share=1.0))
    made = predict(source, "ann", "bob")
    assert broken.asked.is_set()
    assert {(one.arm, one.model_version) for one in made} == {("champion", versions[0])}


def _threshold(channel_id: str) -> float:
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if trials.in_canary(channel_id, middle) else (middle, high)
    return high


def test_a_larger_share_keeps_the_channels_it_had_and_is_about_as_large_as_asked() -> None:
    channels = [f"tiktok:c{i}" for i in range(4_000)]
    tenth = {channel for channel in channels if trials.in_canary(channel, 0.1)}
    third = {channel for channel in channels if trials.in_canary(channel, 0.33)}
    assert tenth < third
    assert len(tenth) / 4_000 == pytest.approx(0.1, abs=0.02)
    assert len(third) / 4_000 == pytest.approx(0.33, abs=0.03)
    assert not any(trials.in_canary(channel, 0.0) for channel in channels)
    assert all(trials.in_canary(channel, 1.0) for channel in channels)


def test_no_request_fails_while_champions_change(
    home: Settings, versions: tuple[str, str], predict: Predict
) -> None:
    source = ChampionSource(home, poll_s=0.01)
    source.watch()
    seen: set[tuple[str, float]] = set()
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            # the model that answered is the one that is named, also in the moment of the change
            for one in predict(source, "ann", record=False):
                seen.add((one.model_version, one.forecasts[1].p50))

    try:
        with ThreadPoolExecutor(3) as pool:
            asking = [pool.submit(ask) for _ in range(3)]
            try:
                for version in (versions[1], versions[0], versions[1]):
                    _point(home, version)
                    _until(lambda v=version: source.current(YOUTUBE).model_version == v)
                    time.sleep(0.3)
            finally:
                done.set()
            for one in asking:
                one.result()
    finally:
        source.close()
    assert seen == {(versions[0], 274.0), (versions[1], 411.0)}


def test_trials_are_written_down_and_read_over_http(
    home: Settings, database: Engine, versions: tuple[str, str], champion_again: None, served: TestClient
) -> None:
    _point(home, versions[0])
    trials.start_shadow(database, home, YOUTUBE, versions[1], actor="ann@desk")
    trials.start_canary(database, home, YOUTUBE, versions[1], 0.2, actor="ann@desk")
    trials.start_canary(database, home, YOUTUBE, versions[1], 0.2, actor="ann@desk")
    left = trials.stop(database, home, YOUTUBE, trials.SHADOW, actor="bob@desk")
    assert left == trials.Trial(versions[1], shadow=False, share=0.2)
    told = served.get("/v1/promotions?platform=youtube&limit=3").json()["promotions"]
    assert [(one["action"], one["actor"], one["version"]) for one in told] == [
        ("retired", "bob@desk", versions[1]),
        ("canary", "ann@desk", versions[1]),
        ("shadowed", "ann@desk", versions[1]),
    ]
    assert told[1]["figures"] == {"share": 0.2}
    assert served.get("/v1/promotions?platform=tiktok").json() == {"promotions": []}
    assert served.get("/v1/promotions?limit=0").status_code == 422


def test_what_cannot_be_on_trial_is_refused_by_name(
    home: Settings, database: Engine, versions: tuple[str, str], champion_again: None
) -> None:
    with pytest.raises(InputError, match=r"--version.*there are"):
        trials.start_shadow(database, home, YOUTUBE, "99")
    with pytest.raises(InputError, match="serves youtube already"):
        trials.start_canary(database, home, YOUTUBE, versions[0], 0.5)
    with pytest.raises(InputError, match="--share"):
        trials.start_canary(database, home, YOUTUBE, versions[1], 1.5)


def test_answers_in_the_shadow_are_compared_where_outcomes_came(
    home: Settings, database: Engine, versions: tuple[str, str], predict: Predict
) -> None:
    from services.insights.shadow_report import shadowed

    trials.start_shadow(database, home, YOUTUBE, versions[1])
    before = shadowed(database, home.workspace, YOUTUBE, versions[1])
    shadows = Shadows(database, home.workspace, ChampionSource(home))
    graded, _waiting = predict(ChampionSource(home), "ann", "bob", shadows=shadows)
    _until(lambda: shadows.written == 2)
    shadows.close()
    with database.begin() as connection:
        row = {
            "prediction_id": graded.prediction_id, "horizon_h": 168.0, "workspace_id": home.workspace,
            "graded_at": datetime.now(UTC), "post_id": "later", "observation_key": "k", "observed_age_h": 168.0,
            "backfilled": False, "outcome": 300.0, "covered80": True, "ae_ln": 0.1, "floor_ae_ln": 0.2,
        }  # fmt: skip
        connection.execute(tables.grades.insert(), row)
    found = shadowed(database, home.workspace, YOUTUBE, versions[1])
    assert found.answers == before.answers + 4
    pair = found.pairs.iloc[-1]
    assert len(found.pairs) == len(before.pairs) + 1
    assert pair["truth"] == pytest.approx(np.log1p(300))
    assert (pair["champion_p50"], pair["challenger_p50"]) == pytest.approx((np.log1p(274), np.log1p(411)))
