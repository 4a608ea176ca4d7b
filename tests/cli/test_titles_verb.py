"""`creatorlens titles`: from imported tests to ranked headlines, as a script would use it; and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from cli.main import build
from creatorlens.errors import InputError, NotReadyError
from creatorlens.settings import Settings
from services.advice.headlines import champion_headlines
from tests.training.headlines.conftest import planted


def run(*arguments: object) -> Any:
    return CliRunner().invoke(build(), [str(one) for one in arguments])


def done(*arguments: object) -> dict[str, Any]:
    ran = run(*arguments, "--json")
    assert ran.exit_code == 0, ran.exception or ran.output
    told: dict[str, Any] = json.loads(ran.stdout.strip().splitlines()[-1])
    return told


def refused(*arguments: object) -> BaseException:
    ran = run(*arguments)
    assert ran.exit_code != 0
    error: BaseException = ran.exception
    return error


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with imported tests and no encoder; nothing trained."""
    folder = tmp_path_factory.mktemp("titles")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CREATORLENS_HOME", str(folder / "home"))
        patch.setenv("CREATORLENS_TEXT_ENCODER", "none")
        planted(160).to_parquet(folder / "earlier.parquet")
        done("import", folder / "earlier.parquet")
        yield folder


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CREATORLENS_HOME", str(home / "home"))
    monkeypatch.setenv("CREATORLENS_TEXT_ENCODER", "none")
    return home


def test_ranking_trains_where_nothing_serves_and_scores_every_row(here: Path) -> None:
    later = planted(40, seed=9).assign(experiment_id=lambda t: "later-" + t["experiment_id"])
    asked = later.drop(columns=["clicks", "impressions", "week"]).sample(frac=1, random_state=1)
    asked.to_csv(here / "later.csv", index=False)
    told = done(
        "titles", "rank", "--experiments", here / "later.csv", "--out", here / "out" / "scores.parquet"
    )
    assert told["rows"] == len(asked)
    scores = pd.read_parquet(here / "out" / "scores.parquet")
    assert scores.columns.tolist() == ["experiment_id", "variant_id", "score"]
    assert scores["variant_id"].tolist() == asked["variant_id"].tolist()
    both = later.merge(scores, on=["experiment_id", "variant_id"])
    rate = both["clicks"] / both["impressions"]
    best = both.loc[both.groupby("experiment_id")["score"].idxmax()].index
    assert rate[best].mean() > 1.1 * rate.mean()

    model = champion_headlines(Settings(home=here / "home", text_encoder="none"))
    assert model is not None
    assert model.version == told["model_version"]
    assert model.summary["reads"].startswith("words and surface alone")
    asked_it, same = model.lift(
        "A teacher found a boat", ["A teacher found a boat?", "A teacher found a boat"]
    )
    assert asked_it.ln == pytest.approx(np.log(1.4), abs=0.2)
    assert (same.ln, same.noise) == (0.0, True)
    assert model.lift("Anything", []) == []


def test_training_again_on_the_same_tests_changes_nothing(here: Path) -> None:
    first, second = done("titles", "train"), done("titles", "train")
    assert second["skipped"]
    assert first["version"] == second["version"]
    earlier = done("titles", "train", "--until", "202030")
    assert earlier["until_week"] <= 202030
    assert earlier["tests"] < first["tests"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"headline": None}, "row 2: headline is missing"),
        ({"experiment_id": ""}, "row 2: experiment_id is missing"),
    ],
)
def test_a_bad_row_is_named(here: Path, tmp_path: Path, change: dict[str, Any], said: str) -> None:
    table = planted(60).head(4).astype(object)
    for column, value in change.items():
        table.loc[1, column] = value
    table.to_parquet(tmp_path / "bad.parquet")
    error = refused(
        "titles", "rank", "--experiments", tmp_path / "bad.parquet", "--out", tmp_path / "out.csv"
    )
    assert isinstance(error, InputError)
    assert said in str(error)
    assert not (tmp_path / "out.csv").exists()


def test_a_missing_column_or_file_is_named(here: Path, tmp_path: Path) -> None:
    planted(60).rename(columns={"headline": "head_line"}).to_csv(tmp_path / "bad.csv", index=False)
    error = refused("titles", "rank", "--experiments", tmp_path / "bad.csv", "--out", tmp_path / "out.csv")
    assert isinstance(error, InputError)
    assert error.field == "headline"
    assert "head_line" in str(error)
    assert isinstance(
        refused("titles", "rank", "--experiments", tmp_path / "no.csv", "--out", "x.csv"), InputError
    )


def test_without_tests_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREATORLENS_HOME", str(tmp_path / "home"))
    planted(60).to_parquet(tmp_path / "asked.parquet")
    error = refused(
        "titles", "rank", "--experiments", tmp_path / "asked.parquet", "--out", tmp_path / "out.csv"
    )
    assert isinstance(error, NotReadyError)
    assert "creatorlens import" in str(error)


def test_a_week_is_a_year_and_a_week(here: Path) -> None:
    assert isinstance(refused("titles", "train", "--until", "2014"), InputError)
