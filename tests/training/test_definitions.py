"""Rows that count different things never train together."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from creatorlens.errors import InputError
from training.definitions import one_definition
from training.expert import fit_expert
from training.members import TREES

Make = Callable[..., pd.DataFrame]


def test_training_one_expert_across_definitions_is_refused(make_rows: Make) -> None:
    before = make_rows(posts=250, definition="youtube-shorts-views-1", platform="youtube")
    after = make_rows(posts=250, seed=1, definition="youtube-shorts-views-2", platform="youtube")
    with pytest.raises(InputError, match=r"250 youtube-shorts-views-1 \(.*250 youtube-shorts-views-2 \("):
        fit_expert(pd.concat([before, after], ignore_index=True), ("headline_question",), families=TREES)


def test_rows_of_one_definition_say_which(make_rows: Make) -> None:
    assert one_definition(make_rows(posts=5)) == "instagram-likes-1"
    assert one_definition(make_rows(posts=5).drop(columns="metric_definition")) is None
