"""The whole way on real posts: import → features → training → promotion → HTTP, with what the trainer registers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

from creatorlens import api
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from serving.app import build_app

# With fewer, the ensemble leaves out the members that read titles.
CHANNELS = 8


@pytest.fixture(scope="module")
def trained(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory, train_quickly: Callable[[Path], None]
) -> Iterator[tuple[Settings, TestClient]]:
    from creatorlens.database import open_database
    from features.featurize import featurize
    from services.content.importing import import_files
    from training.promotion import promote
    from training.train import train_platform

    folder = tmp_path_factory.mktemp("trained")
    settings = Settings(home=folder / "home")
    engine = open_database(settings)
    import_files(engine, settings, _some_channels(shared_data, folder))
    featurize(engine, settings, Platform.INSTAGRAM)
    train_quickly(settings.home)
    version = train_platform(engine, settings, Platform.INSTAGRAM).version
    promote(settings, Platform.INSTAGRAM, version)
    engine.dispose()
    with TestClient(build_app(lambda: settings)) as client:
        yield settings, client


def _some_channels(shared_data: Path, folder: Path) -> list[Path]:
    """Fewer creators than the real table has, so that a test can train on them."""
    posts = pd.read_parquet(shared_data / "instagram.posts.parquet")
    kept = posts["creator_id"].value_counts().index[:CHANNELS]
    posts = posts[posts["creator_id"].isin(kept)]
    observations = pd.read_parquet(shared_data / "instagram.observations.parquet")
    observations = observations[observations["post_id"].isin(posts["post_id"])]
    posts.to_parquet(folder / "posts.parquet")
    observations.to_parquet(folder / "observations.parquet")
    return [folder / "posts.parquet", folder / "observations.parquet"]


def test_a_trained_model_answers_over_http_what_it_answers_in_process(
    trained: tuple[Settings, TestClient],
) -> None:
    from features.feature_store import OnlineStore
    from features.rows import rows_for_drafts
    from services.insights.registry import ChampionSource

    settings, client = trained
    channels = api.ChannelPage.model_validate_json(client.get("/v1/channels").content).channels
    drafts = [
        api.DraftRequest(
            channel=channel.channel_id,
            title="A new collection",
            text="Out now! Link in bio #fashion",
            planned_at=datetime.now(UTC) + timedelta(days=3),
        )
        for channel in channels
    ]
    body = {"drafts": [d.model_dump(mode="json", exclude_none=True) for d in drafts], "horizons": [168]}
    answer = client.post("/v1/predict", json=body)
    assert answer.status_code == 200, answer.text
    predictions = api.PredictResponse.model_validate_json(answer.content).predictions

    served = ChampionSource(settings).current(Platform.INSTAGRAM)
    rows = rows_for_drafts(
        OnlineStore(settings), [d.to_draft() for d in drafts], Platform.INSTAGRAM, encoder=served.encoder
    )
    expected = served.forecast(rows.assign(horizon_h=168.0))
    got = np.array([[p.forecasts[0].p10, p.forecasts[0].p50, p.forecasts[0].p90] for p in predictions])
    np.testing.assert_allclose(got, expected[["p10", "p50", "p90"]].to_numpy(), rtol=1e-6)
    assert {p.serves for p in predictions} == {served.serves}
    assert all(p.forecasts[0].floor and p.typical_band for p in predictions)
    assert [p.forecasts[0].abstained for p in predictions] == expected["abstained"].tolist()
    assert any(p.drivers for p in predictions) or served.serves == "floor"


def test_titles_are_read_while_serving_with_the_encoder_of_training(
    trained: tuple[Settings, TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    from features.encoder import Absent, Encoder, load_encoder
    from services.insights.registry import ChampionSource

    settings, _ = trained
    served = ChampionSource(settings).current(Platform.INSTAGRAM)
    weights = load_encoder(settings)
    if isinstance(weights, Absent):
        pytest.skip(weights.reason)
    assert served.encoder is not None
    assert served.encoder.model_id == served.model.text_encoder
    # another encoder's vectors would mean nothing to the model: then titles are not read at all
    monkeypatch.setattr("features.encoder.load_encoder", lambda _: Absent("taken away"))
    assert ChampionSource(settings).current(Platform.INSTAGRAM).encoder is None
    other = Encoder("another@0:64", None, None, 384)
    monkeypatch.setattr("features.encoder.load_encoder", lambda _: other)
    assert ChampionSource(settings).current(Platform.INSTAGRAM).encoder is None


def test_posts_are_forecast_from_their_words_too(
    trained: tuple[Settings, TestClient], shared_data: Path
) -> None:
    """The same post with other words: what `creatorlens predict` answers moves with the embedding alone."""
    from creatorlens.database import open_database
    from features.rows import rows_for_posts
    from services.insights.predicting import _with_keys, predict_posts
    from services.insights.registry import ChampionSource

    settings, _ = trained
    source = ChampionSource(settings)
    served = source.current(Platform.INSTAGRAM)
    if served.encoder is None:
        pytest.skip("titles are not read by this model")
    engine = open_database(settings)
    posts = pd.read_parquet(shared_data / "instagram.posts.parquet")
    some = posts[posts["creator_id"] == posts["creator_id"].value_counts().index[0]].tail(5)
    answer = predict_posts(engine, settings, some, horizons=[168.0], source=source, record=False)
    asked = _with_keys(some).drop(columns=["position", "ages"])
    rows = rows_for_posts(engine, settings, Platform.INSTAGRAM, asked, encoder=served.encoder)
    engine.dispose()
    rows = rows.assign(horizon_h=168.0)
    np.testing.assert_allclose(answer["p50"].to_numpy(), served.forecast(rows)["p50"].to_numpy(), rtol=1e-6)
    forecaster = served.model.forecaster
    with_words, without = (
        forecaster.forecast(some, gated=False)["p50"].to_numpy()
        for some in (rows, rows.drop(columns="text_embedding"))
    )
    assert (np.abs(with_words / without - 1) > 1e-3).any()


def test_forecasts_grow_with_age_and_a_band_has_its_order(trained: tuple[Settings, TestClient]) -> None:
    _, client = trained
    channel = client.get("/v1/channels?limit=1").json()["channels"][0]["channel_id"]
    draft = {
        "channel": channel,
        "title": "Hello",
        "planned_at": (datetime.now(UTC) + timedelta(1)).isoformat(),
    }
    (prediction,) = api.PredictResponse.model_validate_json(
        client.post("/v1/predict", json=draft).content
    ).predictions
    middles = [forecast.p50 for forecast in prediction.forecasts]
    assert middles == sorted(middles)
    assert all(f.p10 <= f.p50 <= f.p90 for f in prediction.forecasts)


def test_every_prediction_of_a_batch_is_replayed_alone_to_the_last_bit(
    trained: tuple[Settings, TestClient],
) -> None:
    """Through the real trainer's model: quantiles, parts, drivers and other metrics; features made anew agree too."""
    from creatorlens.api_operations import Lineage, Replay

    _, client = trained
    channels = api.ChannelPage.model_validate_json(client.get("/v1/channels").content).channels
    drafts = [
        {
            "channel": channel.channel_id, "title": f"Look number {i}", "text": "New in: link in bio #fashion",
            "planned_at": (datetime.now(UTC) + timedelta(days=i + 1)).isoformat(), "media_type": "image",
        }
        for i, channel in enumerate(channels)
    ]  # fmt: skip
    answer = client.post("/v1/predict", json={"drafts": drafts, "horizons": [24, 168, 720]})
    predictions = api.PredictResponse.model_validate_json(answer.content).predictions
    for prediction in predictions:
        told = client.get(f"/v1/predictions/{prediction.prediction_id}/replay")
        assert told.status_code == 200, told.text
        found = Replay.model_validate_json(told.content)
        assert found.exact, found.differences
        assert found.differences == ()
        assert found.data_hash
        assert found.code_hash
    assert len({prediction.lineage_id for prediction in predictions}) == 1

    told = client.get(f"/v1/lineage/{predictions[0].prediction_id}")
    traced = Lineage.model_validate_json(told.content)
    assert traced.lineage_id == predictions[0].lineage_id
    assert {one.file_name for one in traced.imports} == {"posts.parquet", "observations.parquet"}
    (model,) = traced.models
    assert (model.model_version, model.data_hash) == (predictions[0].model_version, found.data_hash)
    assert traced.predictions >= len(predictions)
    assert client.get("/v1/lineage/nothing").status_code == 404


def test_a_draft_sent_again_is_answered_from_memory_with_the_same_numbers(
    trained: tuple[Settings, TestClient],
) -> None:
    _, client = trained
    channel = client.get("/v1/channels?limit=1").json()["channels"][0]["channel_id"]
    planned = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    body = {
        "drafts": [{"channel": channel, "title": "The same again", "planned_at": planned}],
        "record": False,
    }

    def hits() -> float:
        lines = client.get("/metrics").text.splitlines()
        told = [line for line in lines if line.startswith('creatorlens_similar_drafts_total{result="hit"}')]
        return float(told[0].split()[-1]) if told else 0.0

    first, before = client.post("/v1/predict", json=body).json()["predictions"][0], hits()
    again = client.post("/v1/predict", json=body).json()["predictions"][0]
    assert hits() - before == len(first["forecasts"])
    for name in ("forecasts", "drivers", "parts", "other_metrics", "input_hash"):
        assert again[name] == first[name]
