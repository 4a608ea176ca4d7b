"""Who becomes champion, what is written down, and how one goes back: on a real registry and a real database."""

from __future__ import annotations

import itertools
import pkgutil
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from creatorlens.api_operations import Promotion
from creatorlens.database import open_database
from creatorlens.database.promotions import promotions
from creatorlens.errors import InputError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from training import tracking
from training.backtest_log import log_backtest
from training.contest import answers_apart
from training.promotion import promote, rollback

PLATFORM = Platform.TIKTOK
NAME = "creatorlens-tiktok"
APPEND = "creatorlens.database.promotions.append"
START = pd.Timestamp("2025-01-01", tz="UTC")
KNOWN_UNTIL = START + pd.Timedelta(days=130)
Q = ("p10", "p50", "p90")
Register = Callable[..., str]


def backtest(edge: float, *, who: int = 0, floor_edge: float = 0.0, posts: int = 600) -> pd.DataFrame:
    """What a run logs: of the luck of each post a forecaster sees `edge`, and its interval is narrower by as much.
    `who`: another one makes other small mistakes. The posts and the floor are always the same."""
    random = np.random.default_rng(7)
    creator = random.integers(0, 40, posts)
    level, luck = random.normal(6, 1, 40)[creator], 0.7 * random.standard_t(5, posts)
    frame = pd.DataFrame(
        {
            "post_id": [f"p{i}" for i in range(posts)],
            "channel_id": [f"tiktok:c{c}" for c in creator],
            "published_at": START + pd.to_timedelta(np.linspace(0, 120, posts), "D"),
            "age_h": 500.0, "metric_definition": "tiktok-views-1", "truth": level + luck, "base_ln": level,
            "floor_ln": level, "cut_off": START, "is_video": 1.0, "outcome_known_at": KNOWN_UNTIL,
        }
    )  # fmt: skip
    own = np.random.default_rng(100 + who).normal(0, 0.03, posts)
    for name, seen, wrong in (("served", edge, own), ("floor", floor_edge, np.zeros(posts))):
        for q, z in zip(Q, (-1.05, 0.0, 1.05), strict=True):
            frame[f"{name}_{q}"] = level + seen * luck + wrong + z * (1 - seen)
    return frame


def measured(predictions: pd.DataFrame) -> dict[str, float]:
    from training.metrics import measures

    found = {}
    for name, prefix in (("served", "backtest_"), ("floor", "backtest_floor_")):
        quantiles = predictions[[f"{name}_{q}" for q in Q]].to_numpy()
        told = measures(predictions["channel_id"], predictions["truth"].to_numpy(), quantiles)
        found |= {f"{prefix}{key}": told[key] for key in ("mae_ln", "pinball")}
    return found


@pytest.fixture(scope="session")
def bare_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Making a registry's database takes seconds, copying it none."""
    settings = Settings(home=tmp_path_factory.mktemp("bare") / "home")
    tracking.experiment(tracking.connect(settings), settings, PLATFORM)
    return settings.home / "mlflow" / "mlflow.db"


@pytest.fixture
def register(settings: Settings, bare_registry: Path) -> Register:
    import mlflow

    database = settings.home / "mlflow" / "mlflow.db"
    database.parent.mkdir(parents=True)
    shutil.copy(bare_registry, database)
    client = tracking.connect(settings)
    client.create_registered_model(NAME)
    numbers = itertools.count(1)

    def do(
        predictions: pd.DataFrame, *, recipe: str = "a", known_until: pd.Timestamp = KNOWN_UNTIL
    ) -> str:  # fmt: skip
        n = next(numbers)
        tags = {"code_hash": recipe, "parameters_hash": "p", "data_hash": f"data {n}"}
        experiment = client.create_experiment(f"runs {n}", (settings.home / "artifacts").as_uri())
        with mlflow.start_run(
            experiment_id=experiment, tags=tags | {"known_until": known_until.isoformat()}
        ) as run:
            mlflow.log_metrics(measured(predictions))
            log_backtest(predictions, predictions)
        made = client.create_model_version(NAME, run.info.artifact_uri, run.info.run_id, tags=tags)
        return str(made.version)

    return do


def lines(settings: Settings) -> list[Promotion]:
    """Oldest first."""
    engine = open_database(settings)
    found = promotions(engine, settings.workspace, PLATFORM).promotions
    engine.dispose()
    return list(reversed(found))


def aliases(settings: Settings) -> dict[str, str]:
    found = tracking.connect(settings).get_registered_model(NAME).aliases
    return {name: str(version) for name, version in found.items()}


def test_the_first_has_to_beat_the_floor_and_is_written_down(settings: Settings, register: Register) -> None:
    version = register(backtest(0.3))
    decision = promote(settings, PLATFORM, actor="ann@desk")
    assert (decision.action, decision.serves, decision.champion, decision.kind) == (
        "promoted", "model", version, "first",
    )  # fmt: skip
    assert aliases(settings) == {"champion": "1", "floor": "1"}
    (line,) = lines(settings)
    assert (line.actor, line.action, line.version, line.previous_version) == (
        "ann@desk",
        "promoted",
        "1",
        None,
    )
    assert line.data_hash is not None
    assert line.code_hash == "a"
    assert line.figures["pinball"] < line.figures["floor_pinball"]
    assert line.figures["pinball_difference_high"] < 0
    assert promote(settings, PLATFORM) == decision
    assert len(lines(settings)) == 1


def test_ahead_of_the_floor_by_luck_is_not_enough(settings: Settings, register: Register) -> None:
    predictions = backtest(0.0)
    predictions[[f"served_{q}" for q in Q]] = predictions[[f"floor_{q}" for q in Q]]
    # one post of a hundred creators' luck: ahead on both figures, and nothing behind it
    truth = predictions["truth"]
    best = (truth - predictions["floor_p50"]).abs().idxmax()
    predictions.loc[best, "served_p50"] = truth[best]
    register(predictions)
    decision = promote(settings, PLATFORM)
    assert (decision.action, decision.serves, decision.champion) == ("floor", "floor", None)
    assert "not beyond chance" in decision.reason
    assert aliases(settings) == {"floor": "1"}


@pytest.fixture
def champion(settings: Settings, register: Register) -> str:
    version = register(backtest(0.3))
    promote(settings, PLATFORM)
    return version


def test_a_new_recipe_that_is_only_as_good_is_refused(
    settings: Settings, register: Register, champion: str
) -> None:
    register(backtest(0.3, who=1), recipe="b")
    decision = promote(settings, PLATFORM)
    assert (decision.action, decision.serves, decision.champion) == ("refused", "model", champion)
    assert decision.kind == "new recipe"
    assert "not shown to be better" in decision.reason
    assert aliases(settings) == {"champion": "1", "floor": "2"}


def test_a_new_recipe_that_is_better_takes_the_title(
    settings: Settings, register: Register, champion: str
) -> None:
    version = register(backtest(0.45, who=1), recipe="b")
    decision = promote(settings, PLATFORM)
    assert (decision.action, decision.champion) == ("promoted", version)
    assert "champion is version 1" in decision.reason
    assert lines(settings)[-1].previous_version == champion


def test_the_same_recipe_on_newer_data_need_not_be_better(
    settings: Settings, register: Register, champion: str
) -> None:
    version = register(backtest(0.3, who=1))
    decision = promote(settings, PLATFORM)
    assert (decision.action, decision.champion, decision.kind) == ("promoted", version, "refresh")


def test_the_same_recipe_may_not_be_much_worse(settings: Settings, register: Register, champion: str) -> None:
    register(backtest(0.2, who=1))
    decision = promote(settings, PLATFORM)
    assert (decision.action, decision.champion) == ("refused", champion)
    assert "not shown to be not worse" in decision.reason


def test_a_stale_champion_gives_way_to_a_recipe_that_is_not_worse(
    settings: Settings, register: Register, champion: str
) -> None:
    later = KNOWN_UNTIL + pd.Timedelta(days=40)
    version = register(backtest(0.3, who=1), recipe="b", known_until=later)
    decision = promote(settings, PLATFORM)
    assert (decision.action, decision.champion, decision.kind) == ("promoted", version, "stale champion")


def test_a_broken_challenger_does_not_dethrone_a_champion_that_still_beats_the_floor(
    settings: Settings, register: Register, champion: str
) -> None:
    register(backtest(-0.2, who=1), recipe="b")
    decision = promote(settings, PLATFORM)
    assert (decision.action, decision.serves, decision.champion) == ("refused", "model", champion)
    assert "the champion beats the floor" in decision.reason
    assert aliases(settings)["champion"] == champion


def test_where_neither_beats_the_floor_any_more_the_floor_serves(
    settings: Settings, register: Register, champion: str
) -> None:
    """The floor has become better than the champion on the newest posts."""
    register(backtest(0.2, who=1, floor_edge=0.5), recipe="b")
    decision = promote(settings, PLATFORM)
    assert (decision.action, decision.serves, decision.champion) == ("floor", "floor", None)
    assert aliases(settings) == {"floor": "2"}


@pytest.mark.parametrize(
    "killed_after",
    [APPEND, "mlflow.MlflowClient.set_registered_model_alias"],
)
def test_killed_in_between_repeating_completes_it_and_writes_nothing_twice(
    settings: Settings, register: Register, champion: str, killed_after: str
) -> None:
    register(backtest(0.45, who=1), recipe="b")
    _killed_after(killed_after, lambda: promote(settings, PLATFORM))
    assert [line.version for line in lines(settings)] == ["1", "2"]
    assert aliases(settings)["champion"] == champion
    assert promote(settings, PLATFORM).champion == "2"
    assert aliases(settings) == {"champion": "2", "floor": "2"}
    assert len(lines(settings)) == 2


def test_what_a_kill_left_is_completed_before_another_version_is_judged(
    settings: Settings, register: Register, champion: str
) -> None:
    register(backtest(0.45, who=1), recipe="b")
    _killed_after(APPEND, lambda: promote(settings, PLATFORM))
    register(backtest(0.6, who=2), recipe="c")
    decision = promote(settings, PLATFORM)
    assert "champion is version 2" in decision.reason
    assert [line.previous_version for line in lines(settings)] == [None, "1", "2"]


def test_rolling_back_gives_the_title_to_the_one_before(
    settings: Settings, register: Register, champion: str
) -> None:
    register(backtest(0.45, who=1), recipe="b")
    promote(settings, PLATFORM)
    decision = rollback(settings, PLATFORM, reason="creators complain", actor="ann@desk")
    assert (decision.action, decision.champion, decision.reason) == ("rolled-back", "1", "creators complain")
    assert aliases(settings) == {"champion": "1", "floor": "2"}
    line = lines(settings)[-1]
    assert (line.actor, line.version, line.previous_version) == ("ann@desk", "1", "2")
    # a weekly round that trains nothing new offers the same version again: a person's word stands
    again = promote(settings, PLATFORM, "2", actor="flow renew")
    assert (again.action, again.champion) == ("refused", "1")
    assert "creators complain" in again.reason
    # by name it may compete again
    assert promote(settings, PLATFORM, "2", again=True).champion == "2"
    assert rollback(settings, PLATFORM).champion == "1"
    # before the first champion the floor served
    assert rollback(settings, PLATFORM).serves == "floor"
    assert aliases(settings) == {"floor": "2"}
    with pytest.raises(NotReadyError, match="nothing to roll back"):
        rollback(settings, PLATFORM)


def test_a_rollback_cut_short_is_completed_not_repeated(
    settings: Settings, register: Register, champion: str
) -> None:
    register(backtest(0.45, who=1), recipe="b")
    promote(settings, PLATFORM)
    _killed_after(APPEND, lambda: rollback(settings, PLATFORM))
    assert aliases(settings)["champion"] == "2"
    assert rollback(settings, PLATFORM).champion == "1"
    assert aliases(settings)["champion"] == "1"
    assert len(lines(settings)) == 3


def test_a_rollback_to_what_is_not_there_is_refused_by_name(settings: Settings, champion: str) -> None:
    with pytest.raises(InputError, match=r"--to.*there are: 1"):
        rollback(settings, PLATFORM, "7")
    with pytest.raises(InputError, match="serves tiktok already"):
        rollback(settings, PLATFORM, "1")
    assert len(lines(settings)) == 1


def test_a_challenger_that_wins_is_no_longer_on_trial(
    settings: Settings, register: Register, champion: str
) -> None:
    version = register(backtest(0.45, who=1), recipe="b")
    tracking.connect(settings).set_registered_model_alias(NAME, tracking.CHALLENGER, version)
    promote(settings, PLATFORM)
    assert aliases(settings) == {"champion": "2", "floor": "2"}


def test_a_version_answers_as_it_stands_in_a_process_of_its_own(settings: Settings, tmp_path: Path) -> None:
    from tests.services.insights.conftest import MEDIAN_MODEL, register_median

    source = tmp_path / "median_model.py"
    source.write_text(MEDIAN_MODEL)
    register_median(settings, source, PLATFORM, times=3)
    rows = pd.DataFrame({"floor": [10.0, 20.0], "embedding": [np.ones(3, np.float32), None]}, index=[5, 9])
    answer = answers_apart(settings, f"models:/{NAME}/1", rows)
    assert answer["p50"].tolist() == [30.0, 60.0]


class Killed(BaseException):
    """Nobody catches it: what a kill -9 leaves (with a real one in test_registration)."""


def _killed_after(function: str, call: Callable[[], object]) -> None:
    """The call, cut short once `function` has returned."""
    owner, _, name = function.rpartition(".")
    with pytest.MonkeyPatch.context() as patch:
        holder = pkgutil.resolve_name(owner)
        whole = getattr(holder, name)

        def once(*given: object, **named: object) -> None:
            whole(*given, **named)
            raise Killed

        patch.setattr(holder, name, once)
        with pytest.raises(Killed):
            call()
