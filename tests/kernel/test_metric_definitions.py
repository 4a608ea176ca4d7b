from __future__ import annotations

import pandas as pd

from creatorlens.metric_definitions import DEFINITIONS, SPECS, default_definition, definition_ids
from creatorlens.platforms import Platform


def test_shorts_of_before_and_after_the_change_count_differently() -> None:
    published = pd.Series(pd.to_datetime(["2025-03-30", "2025-03-31", "2025-03-31", "2025-04-01"], utc=True))
    seconds = pd.Series([30.0, 30.0, 600.0, None])
    assert definition_ids(Platform.YOUTUBE, published, seconds).tolist() == [
        "youtube-shorts-views-1",
        "youtube-shorts-views-2",
        "youtube-views-1",
        "youtube-views-1",
    ]


def test_every_definition_speaks_of_its_platforms_primary_metric() -> None:
    assert all(d.metric == SPECS[d.platform].primary_metric for d in DEFINITIONS.values())
    assert all(default_definition(platform).platform is platform for platform in Platform)
