"""What strategy looks at on one platform at one moment: comparable results, their posts, what those are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from creatorlens.platforms import Platform
from services.advice.desk import Desk
from services.advice.evidence import residuals

if TYPE_CHECKING:
    import pandas as pd

    from features.trends import Uses
    from recommend.strategy.alike import Contents
    from recommend.strategy.traits import Traits

CONTENT_POSTS = 200
"""Of a channel, the newest say what it posts about."""
MOST_CONTENTS = 20_000
SPREAD_CHANNELS = 12
"""The channels with the most results say what traits usually do."""


@dataclass(frozen=True)
class PlatformView:
    """`posts`: the newest known at the moment, oldest first; `results`: as `recommend.strategy.results.comparable`, of these posts;
    `size_ln`: usual ln outcome by channel."""

    desk: Desk
    platform: Platform
    moment: datetime
    posts: pd.DataFrame
    results: pd.DataFrame
    size_ln: pd.Series

    @cached_property
    def contents(self) -> Contents:
        """From the sentence vectors kept with the features, as far as outcomes were known; without any, from words."""
        import pandas as pd

        from features.asof import micros
        from recommend.strategy.alike import contents_of, written_alike

        memory = self.desk.store.memory(self.platform)
        if memory is not None:
            until = int(memory.known_us.searchsorted(micros(pd.Series([self.moment]))[0], side="right"))
            some = slice(max(0, until - MOST_CONTENTS), until)
            return contents_of(memory.post_id[some], memory.vectors[some])
        newest = self.posts.tail(MOST_CONTENTS)
        texts = (newest["title"].fillna("") + "\n" + newest["text"].fillna("")).tolist()
        return written_alike(newest["post_id"], texts)

    @cached_property
    def trait_ln(self) -> float:
        """What a trait usually does on this platform."""
        from recommend.strategy.findings import platform_trait_spread

        largest = self.results["channel_id"].value_counts().index[:SPREAD_CHANNELS]
        return platform_trait_spread(self.of([str(channel)]) for channel in largest)

    @cached_property
    def recent(self) -> pd.DataFrame:
        """The newest `CONTENT_POSTS` of each channel."""
        return self.posts.groupby("channel_id").tail(CONTENT_POSTS)

    def of(self, channel_ids: Sequence[str], newest: int | None = None) -> tuple[pd.DataFrame, Traits]:
        """Their results (of each the `newest`) and what the posts behind them have in common, in the same order."""
        from recommend.strategy.traits import traits

        theirs = self.results[self.results["channel_id"].isin(channel_ids)]
        if newest is not None:
            theirs = theirs.groupby("channel_id").tail(newest)
        theirs = theirs.reset_index(drop=True)
        place = self._place.get_indexer(theirs["post_id"])
        posts = self.posts.iloc[place].reset_index(drop=True)
        posts = posts.assign(hour=theirs["hour"], weekday=theirs["weekday"])
        return theirs, traits(posts, self._topics(posts))

    @cached_property
    def _place(self) -> pd.Index:
        import pandas as pd

        return pd.Index(self.posts["post_id"])

    def _topics(self, posts: pd.DataFrame) -> Uses | None:
        """None where topics were learned of later posts, or not at all: words are told then."""
        import pandas as pd

        from features.nlp.topic_store import load_topics, topic_folder
        from features.nlp.topics import TopicModel
        from features.trend_terms import topic_uses

        folder = topic_folder(self.desk.settings, self.desk.settings.workspace)
        model = self.desk.kept.get(
            ("topics", self.platform, self.desk.generation(self.platform)), lambda: load_topics(folder)
        )
        if not isinstance(model, TopicModel) or model.known_at is None:
            return None
        if pd.Timestamp(model.known_at) > pd.Timestamp(self.moment):
            return None
        return topic_uses(posts, model)


def platform_view(desk: Desk, platform: Platform, moment: datetime) -> PlatformView:
    """Raises NotReadyError where the platform has no features yet."""
    import numpy as np
    import pandas as pd

    from features.stored_residuals import stored_outcomes
    from recommend.strategy.results import comparable

    told = residuals(desk, platform)
    behind = stored_outcomes(desk.settings, platform, told)
    at = pd.Timestamp(moment)
    found = comparable(told, pd.Series(behind["age_h"].to_numpy(), told.index), at)
    posts = desk.posts(platform, until=moment)
    found = found[found["post_id"].isin(posts["post_id"])].reset_index(drop=True)
    known = (told["known_at"] <= at).to_numpy()
    ln = pd.Series(np.log1p(behind["outcome"].clip(lower=0).to_numpy())[known])
    size = ln.groupby(told["channel_id"].to_numpy()[known]).median()
    return PlatformView(desk, platform, moment, posts, found, size)
