"""From imported tables to a registered, promoted model, with real Feast and MLflow: killed, repeated, loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from creatorlens.database import open_database
from creatorlens.errors import InputError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features.rows import training_rows
from training import tracking
from training.exporting import export_champion
from training.promotion import Decision, promote
from training.train import TrainReport, train_platform

REPO = Path(__file__).parents[2]
PLATFORM = Platform.INSTAGRAM
POSTS = 420


@dataclass(frozen=True)
class House:
    settings: Settings
    engine: Engine


@dataclass(frozen=True)
class Trained:
    house: House
    report: TrainReport
    decision: Decision


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, train_quickly: Callable[[Path], None]) -> House:
    """A home with 420 imported, featurized posts in which a question in the caption helps."""
    from features.featurize import featurize
    from services.content.importing import import_files

    folder = tmp_path_factory.mktemp("registration")
    settings = Settings(home=folder / "home")
    engine = open_database(settings)
    import_files(engine, settings, _tables(folder), lambda _: None)
    train_quickly(settings.home)
    featurize(engine, settings, PLATFORM, embeddings=False, progress=lambda _: None)
    return House(settings, engine)


@pytest.fixture(scope="module")
def killed(house: House) -> House:
    """A training killed (-9) while it logs the model."""
    program = (
        "from pathlib import Path; import sys; from creatorlens.settings import Settings\n"
        "from creatorlens.database import open_database; from creatorlens.platforms import Platform\n"
        "from training.train import train_platform\n"
        f"settings = Settings(home=Path({str(house.settings.home)!r}))\n"
        "train_platform(open_database(settings), settings, Platform.INSTAGRAM,\n"
        "               progress=lambda told: print(told, flush=True))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=REPO, env=_environment()
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if "log the model" in line:
                child.kill()
                break
        assert child.wait(timeout=120) == -9
    return house


@pytest.fixture(scope="module")
def trained(killed: House) -> Trained:
    report = train_platform(killed.engine, killed.settings, PLATFORM)
    return Trained(killed, report, promote(killed.settings, PLATFORM))


def test_a_killed_training_registers_nothing(killed: House) -> None:
    client = tracking.connect(killed.settings)
    assert tracking.versions(client, PLATFORM) == []
    with pytest.raises(NotReadyError, match="creatorlens train --platform instagram"):
        promote(killed.settings, PLATFORM)


def test_the_next_training_is_as_if_it_were_the_first(trained: Trained) -> None:
    client = tracking.connect(trained.house.settings)
    assert trained.report.version == "1"
    experiment = client.get_experiment_by_name("creatorlens-instagram")
    runs = client.search_runs([experiment.experiment_id])
    assert sorted(run.info.status for run in runs) == ["FINISHED", "KILLED"]


def test_the_run_tells_what_it_was_made_of(trained: Trained) -> None:
    client = tracking.connect(trained.house.settings)
    run = client.get_run(trained.report.run_id)
    assert {"data_hash", "code_hash", "git_commit"} <= run.data.tags.keys()
    assert run.data.metrics["backtest_mae_ln"] < run.data.metrics["backtest_floor_mae_ln"]
    assert run.data.params["rows"] == str(POSTS)
    plots = {file.path for file in client.list_artifacts(trained.report.run_id, "plots")}
    assert "predictions.parquet" in {file.path for file in client.list_artifacts(trained.report.run_id)}
    assert plots == {"plots/calibration.png", "plots/importance.png", "plots/residuals_by_horizon.png"}


def test_a_version_comes_with_its_card_and_with_what_it_was_trained_on(trained: Trained) -> None:
    from services.monitoring.cards import model_card
    from services.monitoring.reference import load_reference

    client = tracking.connect(trained.house.settings)
    card = model_card(trained.house.settings, PLATFORM, trained.report.version)
    run = client.get_run(trained.report.run_id)
    assert card.facts["numbers"].items() <= run.data.metrics.items()
    assert card.facts["numbers"]["data_rows"] == float(run.data.params["rows"])
    version = client.get_model_version("creatorlens-instagram", trained.report.version)
    assert card.facts["tags"].items() <= run.data.tags.items()
    for name in ("data_hash", "code_hash", "lineage_id", "known_until"):
        assert card.facts["tags"][name] == version.tags[name]
    assert card.markdown.startswith(version.description[:1000])
    reference = load_reference(client, trained.report.run_id)
    assert reference is not None
    assert reference.trained_rows == POSTS
    asks = reference.moves["headline_question"]["effect_ln"] + reference.moves["text_questions"]["effect_ln"]
    assert asks > 5 * reference.moves["is_holiday"]["effect_ln"]


def test_a_version_that_beats_the_floor_is_champion_and_keeps_the_reason(trained: Trained) -> None:
    client = tracking.connect(trained.house.settings)
    assert trained.decision.serves == "model"
    for alias in ("champion", "floor"):
        assert str(client.get_model_version_by_alias("creatorlens-instagram", alias).version) == "1"
    tags = client.get_model_version("creatorlens-instagram", "1").tags
    assert tags["decision"] == "model"
    assert tags["decision_reason"].startswith("beats the floor on the backtest: mae_ln 0.")
    assert promote(trained.house.settings, PLATFORM, "1") == trained.decision


@pytest.mark.parametrize("call", ["set_model_version_tag", "set_registered_model_alias"])
def test_a_killed_promotion_is_completed_by_the_next(trained: Trained, call: str) -> None:
    """Killed (-9) after the record of the decision has begun, or between its two aliases."""
    settings = trained.house.settings
    client = tracking.connect(settings)
    for alias in ("champion", "floor"):
        client.delete_registered_model_alias("creatorlens-instagram", alias)
    program = (
        "import os, signal; from pathlib import Path; from mlflow import MlflowClient\n"
        "from creatorlens.settings import Settings; from creatorlens.platforms import Platform\n"
        "from training.promotion import promote\n"
        f"whole = MlflowClient.{call}\n"
        "def one_only(*a, **k):\n"
        "    whole(*a, **k)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        f"MlflowClient.{call} = one_only\n"
        f"promote(Settings(home=Path({str(settings.home)!r})), Platform.INSTAGRAM)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=REPO, env=_environment(), timeout=120)
    assert done.returncode == -9
    aliases = client.get_registered_model("creatorlens-instagram").aliases
    assert "champion" not in aliases
    assert promote(settings, PLATFORM) == trained.decision
    aliases = client.get_registered_model("creatorlens-instagram").aliases
    assert {name: str(version) for name, version in aliases.items()} == {"champion": "1", "floor": "1"}


def test_the_champion_is_exported_and_other_folders_are_left_alone(trained: Trained, tmp_path: Path) -> None:
    out = tmp_path / "edge"
    command = [
        sys.executable,
        "-m",
        "cli.main",
        "export",
        "--platform",
        "instagram",
        "--int8",
        "--json",
        "--out",
    ]
    environment = {**_environment(), "CREATORLENS_HOME": str(trained.house.settings.home)}
    done = subprocess.run(
        [*command, str(out)], cwd=REPO, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["version"], told["int8"], told["rows"], told["rows_unseen"]) == ("1", True, POSTS, 0)
    assert told["size_bytes"] == sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    assert told["difference_max"] < 0.1
    assert {"model.json", "runner.py", "expert_0"} == {path.name for path in out.iterdir()}
    (tmp_path / "mine.txt").write_text("not an export")
    with pytest.raises(InputError, match="no export"):
        export_champion(trained.house.settings, PLATFORM, tmp_path)
    assert (tmp_path / "mine.txt").exists()


def test_the_same_data_and_code_train_nothing_new(trained: Trained) -> None:
    told: list[str] = []
    again = train_platform(trained.house.engine, trained.house.settings, PLATFORM, progress=told.append)
    assert again.skipped
    assert again.version == "1"
    assert again.metrics == trained.report.metrics
    assert "nothing to do" in told[-1]


def test_a_date_trains_only_on_what_was_known(trained: Trained) -> None:
    with pytest.raises(NotReadyError, match="known outcome"):
        train_platform(
            trained.house.engine, trained.house.settings, PLATFORM, datetime(2020, 1, 1, tzinfo=UTC)
        )


def test_an_unknown_version_is_refused_with_those_there_are(trained: Trained) -> None:
    with pytest.raises(NotReadyError, match="there are: 1"):
        promote(trained.house.settings, PLATFORM, "77")


def test_a_version_that_loses_takes_the_champion_away(trained: Trained, tmp_path: Path) -> None:
    settings = _copy(trained.house.settings, tmp_path)
    client = tracking.connect(settings)
    client.log_metric(trained.report.run_id, "backtest_mae_ln", 9.0)
    assert promote(settings, PLATFORM).serves == "floor"
    assert "champion" not in client.get_registered_model("creatorlens-instagram").aliases
    assert str(client.get_model_version_by_alias("creatorlens-instagram", "floor").version) == "1"


def test_it_loads_where_the_training_room_is_not_installed(trained: Trained, tmp_path: Path) -> None:
    rows = training_rows(trained.house.settings, PLATFORM).tail(5).assign(horizon_h=168.0)
    rows.to_pickle(tmp_path / "rows.pkl")
    program = f"""
import json, sys
sys.path = [p for p in sys.path if p not in ("", {str(REPO)!r})]
sys.meta_path = [f for f in sys.meta_path if "editable" not in repr(f).lower()]
for name in ("training", "features", "creatorlens"):
    try:
        __import__(name)
        raise SystemExit(name + " can be imported without the model")
    except ModuleNotFoundError:
        pass
import mlflow, pandas as pd
mlflow.set_tracking_uri({trained.house.settings.mlflow_uri!r})
loaded = mlflow.pyfunc.load_model("models:/creatorlens-instagram@champion")
model = loaded.unwrap_python_model()
rows = pd.read_pickle({str(tmp_path / "rows.pkl")!r})
answer = model.forecast(rows, drivers=True)
print(json.dumps({{
    "p50": answer["p50"].tolist(), "drivers": answer["drivers"].tolist(), "platform": model.platform,
    "features": len(model.feature_names), "served": loaded.predict(loaded.input_example)["p50"].tolist(),
    "lightning": "lightning" in sys.modules,
}}))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path,
        env=_environment(),
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert told["platform"] == "instagram"
    assert told["features"] > 50
    assert len(told["served"]) == 3
    assert not told["lightning"]
    assert np.isfinite(told["p50"]).all()


def _tables(folder: Path) -> list[Path]:
    random = np.random.default_rng(4)
    published = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(
        np.sort(random.uniform(0, 500, POSTS)), "D"
    )
    channel, asks = random.integers(0, 7, POSTS), random.integers(0, 2, POSTS)
    likes = np.expm1(6.0 + channel % 4 + 0.9 * asks + 0.4 * random.normal(size=POSTS)).round()
    posts = pd.DataFrame(
        {
            "post_id": [f"p{i}" for i in range(POSTS)],
            "platform": "instagram",
            "creator_id": [f"c{c}" for c in channel],
            "published_at": published,
            "media_type": "image",
            "title": "",
            "text": [f"A day number {i}{' - what would you do?' if a else ''}" for i, a in enumerate(asks)],
            "hashtags": [["daily"]] * POSTS,
            "duration_s": np.nan,
            "followers": np.expm1(9.0 + channel % 4),
            "category": None,
        }
    )
    observations = pd.DataFrame(
        {
            "post_id": posts["post_id"],
            "platform": "instagram",
            "observed_at": published + pd.to_timedelta(random.uniform(8, 40, POSTS), "D"),
            "views": np.nan,
            "likes": likes,
            "comments": (likes / 50).round(),
            "shares": np.nan,
            "saves": np.nan,
        }
    )
    paths = [folder / "instagram.posts.parquet", folder / "instagram.observations.parquet"]
    posts.to_parquet(paths[0])
    observations.to_parquet(paths[1])
    return paths


def _copy(settings: Settings, folder: Path) -> Settings:
    """The registry's database under another home, so that other tests keep theirs."""
    source = Path(settings.mlflow_uri.removeprefix("sqlite:///"))
    copied = folder / "mlflow.db"
    copied.write_bytes(source.read_bytes())
    return Settings(home=folder / "home", tracking_uri=f"sqlite:///{copied}")


def _environment() -> dict[str, str]:
    """Ours alone: mlflow puts the store it was last pointed to into the environment."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("CREATORLENS_", "MLFLOW_"))
    }
