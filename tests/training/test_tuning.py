"""A study is a search one can stop, resume, share and trust: it never looks at what the gate judges by."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from creatorlens.errors import InputError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from training.parameters import CONFIGS, Parameters
from training.search_space import read_search
from training.tuned import Tuned, accept, accepted_path, candidate_path, parameters_in_use, write_tuned
from training.tuning import TuneReport, tune_platform
from training.tuning_objective import before, loss, rolling
from training.tuning_storage import open_storage

ROOT = Path(__file__).parents[2]
INSTAGRAM = Platform.INSTAGRAM
# One round of boosting knows nearly nothing, so that a study has something to find.
CONFIG = """
parameters:
  boosting: {rounds: 1, spread_rounds: 5, min_child_weight: 2}
  quantiles: {rounds: 1, patience: 1, eta: 0.001}
  network: {epochs: 1, hidden: 4}
  sequence: {epochs: 1, hidden: 4}
search:
  folds: 2
  space:
    boosting.rounds: {range: [1, 80], log: true}
    leave_out: {choice: [[], [calendar]]}
"""


@pytest.fixture(scope="session")
def few(make_rows) -> pd.DataFrame:  # type: ignore[no-untyped-def]
    return make_rows(posts=640, channels=6, effect=2.0)


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    folder = tmp_path / "configs"
    folder.mkdir()
    (folder / "instagram.yaml").write_text(CONFIG)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def _tune(settings: Settings, configs: Path, rows: pd.DataFrame, **options: object) -> TuneReport:
    return tune_platform(settings, INSTAGRAM, configs=configs, rows=rows, **options)  # type: ignore[arg-type]


def test_a_study_recommends_what_did_better_than_todays_parameters(
    settings: Settings, configs: Path, few: pd.DataFrame
) -> None:
    report = _tune(settings, configs, few, trials=4)

    assert (report.completed + report.pruned, report.failed) == (4, 0)
    assert report.value is not None
    assert report.base_value is not None
    assert report.value < report.base_value
    assert report.changed["boosting.rounds"][0] == 1
    assert report.candidate == str(candidate_path(settings, INSTAGRAM))
    # Nothing is used before the gate said so.
    assert parameters_in_use(settings, INSTAGRAM, configs).boosting.rounds == 1


def test_a_killed_study_goes_on_where_it_was_in_several_processes(
    settings: Settings, configs: Path, few: pd.DataFrame, tmp_path: Path
) -> None:
    few.to_pickle(tmp_path / "rows.pkl")
    # The third fit is the first of the second trial: the process is killed in the middle of it.
    script = f"""
import os, signal
import pandas as pd
from pathlib import Path
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from training.forecaster import Forecaster
from training.tuning import tune_platform
fits, fit = [], Forecaster.fit.__func__
def killing(cls, *a, **k):
    fits.append(1)
    if len(fits) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return fit(cls, *a, **k)
Forecaster.fit = classmethod(killing)
tune_platform(Settings(home=Path({str(settings.home)!r})), Platform.INSTAGRAM, trials=3,
              configs=Path({str(configs)!r}), rows=pd.read_pickle({str(tmp_path / "rows.pkl")!r}))
"""
    killed = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert killed.returncode == -signal.SIGKILL

    report = _tune(settings, configs, few, trials=3, resume=True, jobs=2)

    assert report.requeued == 1
    assert report.completed + report.pruned == 3
    study = _study(settings, report.study)
    lost = next(trial for trial in study.trials if trial.state.name == "FAIL")
    again = next(trial for trial in study.trials if trial.user_attrs.get("retry_of") == lost.number)
    assert again.params == lost.params
    assert again.state.is_finished()
    assert os.getpid() not in {trial.user_attrs["pid"] for trial in study.trials}
    # What was finished before the kill is the comparison still, and was not run twice.
    assert [trial.number for trial in study.trials if trial.user_attrs.get("base")] == [0]


def test_resuming_needs_a_study_of_the_same_rows(
    settings: Settings, configs: Path, few: pd.DataFrame
) -> None:
    with pytest.raises(InputError, match="no study of these rows") as error:
        _tune(settings, configs, few, trials=1, resume=True)
    assert error.value.field == "--resume"


@pytest.mark.parametrize(
    ("option", "field"), [({"trials": 0}, "--trials"), ({"hours": 0.0}, "--hours"), ({"jobs": 0}, "--jobs")]
)
def test_options_that_cannot_be_are_named(
    settings: Settings, configs: Path, few: pd.DataFrame, option: dict[str, object], field: str
) -> None:
    with pytest.raises(InputError) as error:
        _tune(settings, configs, few, **option)
    assert error.value.field == field


def test_no_cut_off_sees_the_slice_of_the_gate(few: pd.DataFrame) -> None:
    from training.train import gate_start

    until = gate_start(few)
    folds = rolling(before(few, until), 3)

    assert len(folds) == 3
    for fold in folds:
        assert fold.known["outcome_known_at"].max() <= fold.cut < fold.ahead["published_at"].min()
        assert fold.ahead["outcome_known_at"].max() <= until
    later = few["published_at"] > until
    changed = few.assign(outcome=few["outcome"].where(~later, 1e9))
    pd.testing.assert_frame_equal(before(changed, until), before(few, until))


def test_too_few_posts_are_said_to_be_too_few(make_rows) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotReadyError, match="too few to tune on"):
        rolling(make_rows(posts=40), 3)


def test_coverage_outside_the_goal_costs() -> None:
    truth = np.linspace(-1, 1, 200)
    right = np.tile(np.quantile(truth, [0.1, 0.5, 0.9]), (200, 1))
    narrow = right * [0.5, 1, 0.5]

    assert loss(truth, right).value == pytest.approx(loss(truth, right).pinball)
    assert loss(truth, narrow).value > loss(truth, narrow).pinball


@pytest.mark.parametrize("file", sorted(CONFIGS.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_packaged_spaces_hold_what_is_used_today(file: Path) -> None:
    space = read_search(Platform(file.stem))

    assert len(space.dimensions) >= 5
    assert space.of_trial(space.base_values()) == space.base


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ("boosting.deepness: {range: [1, 2]}", "boosting.deepness names no parameter"),
        ("boosting: {range: [1, 2]}", "names a group of parameters"),
        ("boosting.eta: [0.1, 0.2]", "Write {range"),
        ("boosting.eta: {range: [0.2, 0.1]}", "the smaller first"),
        ("boosting.eta: {range: [0.0, 0.1], log: true}", "logarithm"),
        ("boosting.eta: {range: [0.01, 2.0]}", "offers 2.0, which is not allowed"),
        ("boosting.eta: {range: [0.5, 0.9]}", "leaves out 0.03"),
        ("boosting.max_depth: {range: [2.5, 6]}", "whole numbers"),
        ("boosting.max_depth: {range: [2, 6], by: 2}", "keys that are not known"),
        ("leave_out: {range: [1, 2]}", "is not a number"),
        ("leave_out: {choice: [[]]}", "two options or more"),
        ("leave_out: {choice: [[calendar], [text]]}", "leaves out ()"),
    ],
)
def test_a_space_that_cannot_be_searched_says_what_to_mend(tmp_path: Path, space: str, words: str) -> None:
    (tmp_path / "tiktok.yaml").write_text(f"search:\n  space:\n    {space}\n")

    with pytest.raises(InputError) as error:
        read_search(Platform.TIKTOK, folder=tmp_path)

    assert words in str(error.value)
    assert error.value.field == "tiktok.yaml"


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("search: {folds: 1, space: {fade: {range: [0.1, 1]}}}", "search.folds is 1"),
        ("search: {pruner: none, space: {fade: {range: [0.1, 1]}}}", "search.pruner is 'none'"),
        ("search: {trials: 9, space: {fade: {range: [0.1, 1]}}}", "search.trials is not known"),
        ("parameters: {}", "nothing to search"),
    ],
)
def test_a_section_with_mistakes_is_named(tmp_path: Path, section: str, words: str) -> None:
    (tmp_path / "tiktok.yaml").write_text(section)

    with pytest.raises(InputError, match="tiktok") as error:
        read_search(Platform.TIKTOK, folder=tmp_path)

    assert words in str(error.value)


def test_parameters_are_used_once_the_gate_accepted_them(settings: Settings) -> None:
    better = Parameters(fade=0.5)
    assert parameters_in_use(settings, INSTAGRAM) != better
    write_tuned(candidate_path(settings, INSTAGRAM), _tuned(better))
    assert parameters_in_use(settings, INSTAGRAM) != better

    accept(settings, INSTAGRAM, "7")

    assert parameters_in_use(settings, INSTAGRAM) == better
    assert not candidate_path(settings, INSTAGRAM).exists()
    assert accept(settings, INSTAGRAM, "7").version == "7"
    with pytest.raises(NotReadyError, match="wait to be accepted"):
        accept(settings, INSTAGRAM, "8")


def test_a_broken_file_of_parameters_is_named(settings: Settings) -> None:
    path = accepted_path(settings, INSTAGRAM)
    path.parent.mkdir(parents=True)
    path.write_text("parameters: {boosting: {eta: 7}}")

    with pytest.raises(InputError, match="go back to the packaged parameters") as error:
        parameters_in_use(settings, INSTAGRAM)
    assert error.value.field == str(path)


def test_studies_may_live_in_a_database(tmp_path: Path, configs: Path, few: pd.DataFrame) -> None:
    url = f"sqlite:///{tmp_path / 'studies.db'}"
    settings = Settings(home=tmp_path / "home", tuning_storage=url)  # type: ignore[arg-type]
    report = _tune(settings, configs, few, trials=1)

    assert len(_study(settings, report.study).trials) == 1
    assert not (settings.home / "tuning" / "studies.journal").exists()


def test_a_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, tuning_storage="sqlite:////nowhere/at/all/studies.db")  # type: ignore[arg-type]
    with pytest.raises(InputError) as error:
        open_storage(settings)
    assert error.value.field == "CREATORLENS_TUNING_STORAGE"


def _study(settings: Settings, name: str):  # type: ignore[no-untyped-def]
    import optuna

    return optuna.load_study(storage=open_storage(settings), study_name=name)


def _tuned(parameters: Parameters) -> Tuned:
    return Tuned(
        parameters=parameters,
        study="instagram-1",
        value=0.1,
        base_value=0.2,
        trials=3,
        data_hash="x",
        until="2026-01-01",
    )
