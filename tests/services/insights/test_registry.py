"""Which model serves, against a real MLflow registry."""

from __future__ import annotations

import time

import pandas as pd
import pytest

from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.insights.registry import ChampionSource, ModelBrokenError
from services.insights.standing import models
from tests.services.insights.conftest import Register

ROWS = pd.DataFrame({"floor": [100.0], "horizon_h": [24.0]})
YOUTUBE = Platform.YOUTUBE


def middle(source: ChampionSource) -> float:
    return float(source.current(YOUTUBE).forecast(ROWS)["p50"].iloc[0])


def test_without_a_registry_one_is_told_what_to_run_and_none_is_made(settings: Settings) -> None:
    with pytest.raises(NotReadyError, match="creatorlens train --platform youtube"):
        ChampionSource(settings).current(YOUTUBE)
    assert not (settings.home / "mlflow").exists()


def test_a_model_without_an_alias_does_not_serve(settings: Settings, register: Register) -> None:
    register(YOUTUBE, alias=None)
    with pytest.raises(NotReadyError):
        ChampionSource(settings).current(YOUTUBE)


def test_the_champion_serves_before_the_floor(settings: Settings, register: Register) -> None:
    register(YOUTUBE, times=3, alias="champion")
    register(YOUTUBE, times=5, alias="floor")
    served = ChampionSource(settings).current(YOUTUBE)
    assert (served.model_version, served.serves) == ("1", "model")


def test_where_no_model_was_promoted_the_calibrated_floor_serves(
    settings: Settings, register: Register
) -> None:
    register(YOUTUBE, times=5, alias="floor")
    source = ChampionSource(settings)
    assert source.current(YOUTUBE).serves == "floor"
    assert middle(source) == 100


def test_a_new_champion_is_picked_up_while_watching(settings: Settings, register: Register) -> None:
    register(YOUTUBE, times=2)
    source = ChampionSource(settings, poll_s=0.05)
    source.watch()
    try:
        assert middle(source) == 200
        register(YOUTUBE, times=4)
        deadline = time.monotonic() + 20
        while middle(source) != 400:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert source.current(YOUTUBE).model_version == "2"
    finally:
        source.close()


def test_a_champion_that_does_not_load_leaves_the_old_one_serving(
    settings: Settings, register: Register
) -> None:
    register(YOUTUBE, times=2)
    source = ChampionSource(settings)
    assert middle(source) == 200
    register(YOUTUBE, times=-1)
    assert middle(source) == 200
    assert source.current(YOUTUBE).model_version == "1"


def test_a_broken_first_champion_is_an_error_that_says_so(settings: Settings, register: Register) -> None:
    register(YOUTUBE, times=-1)
    with pytest.raises(ModelBrokenError, match="version 1 of creatorlens-youtube cannot be loaded"):
        ChampionSource(settings).current(YOUTUBE)


def test_every_platform_is_listed_with_what_serves_it(settings: Settings, register: Register) -> None:
    register(YOUTUBE, alias="floor")
    listed = {model.platform: model for model in models(ChampionSource(settings)).models}
    assert listed[YOUTUBE].serves == "floor"
    assert listed[YOUTUBE].metrics == {"mae_ln": 0.4}
    assert "floor serves" in (listed[YOUTUBE].reason or "")
    assert "creatorlens train --platform tiktok" in (listed[Platform.TIKTOK].reason or "")
