"""What was fitted of a platform's times of posting: one model per age, kept until features are computed anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from creatorlens.platforms import Platform

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from recommend.timing.ages import Age, Counted
    from recommend.timing.content import Occasions
    from recommend.timing.effects import TimingModel
    from services.advice.desk import Desk

YEARS = 3


@dataclass(frozen=True)
class AgeFit:
    """`model`: None where too few outcomes at this age are known. `posts_at`: outcomes of the platform by local hour."""

    age: Age
    words: str
    outcomes: int
    posts_at: np.ndarray[tuple[int], np.dtype[np.int64]]
    model: TimingModel | None

    def occasions(self, channel_id: str) -> Occasions | None:
        if self.model is None:
            return None
        i = self.model.index(channel_id)
        return None if i is None else self.model.channels[i]


def timing_fits(desk: Desk, platform: Platform, now: datetime) -> dict[Age, AgeFit]:
    """By age. Raises NotReadyError before features were computed.

    The key is the generation of features and how many outcomes were known `now`: a later outcome is another fit.
    """
    from recommend.timing.ages import AGES

    generation = desk.generation(platform)
    tables = desk.kept.get(("timing", "tables", platform, generation), lambda: _Tables.read(desk, platform))
    known = tables.known(now)
    return {
        age: desk.kept.get(
            ("timing", age, platform, generation, known), partial(tables.fit, desk, platform, age, now)
        )
        for age in AGES
    }


@dataclass(frozen=True)
class _Tables:
    residuals: pd.DataFrame
    labels: pd.DataFrame
    known_us: Any

    @classmethod
    def read(cls, desk: Desk, platform: Platform) -> _Tables:
        import numpy as np
        import pandas as pd

        from features.asof import UTC_US, micros
        from features.manifest import features_lock
        from features.stored_residuals import stored_residuals

        residuals = stored_residuals(desk.settings, platform)
        path = desk.settings.features_home / "current" / platform.value / "labels.parquet"
        with features_lock(desk.settings, writing=False):
            columns = ["post_id", "outcome", "outcome_known_at", "age_h", "backfilled"]
            labels = pd.read_parquet(path, columns=columns).astype({"outcome_known_at": UTC_US})
        return cls(residuals, labels, np.sort(micros(labels["outcome_known_at"])))

    def known(self, now: datetime) -> int:
        import numpy as np

        return int(np.searchsorted(self.known_us, int(now.timestamp() * 1e6), side="right"))

    def fit(self, desk: Desk, platform: Platform, age: Age, now: datetime) -> AgeFit:
        import numpy as np
        import pandas as pd

        from features.seasons import known_residuals
        from recommend.timing.ages import counted
        from recommend.timing.alike import groups
        from recommend.timing.content import occasions
        from recommend.timing.effects import fit_timing

        moment = pd.Timestamp(now).tz_convert("UTC").as_unit("us")
        recent = known_residuals(self.residuals, moment, days=YEARS * 365.25)
        found: Counted = counted(recent, self.labels, moment, age)
        rows = _with_content(desk, platform, found.rows, now)
        channels = occasions(rows, _vectors(desk, platform, rows)) if len(rows) else []
        alike = groups(_described(desk, platform, rows)) if len(rows) else {}
        model = fit_timing(channels, alike, raw=age == "week")
        posts_at = np.bincount(rows["hour"].to_numpy(np.int64), minlength=24)
        return AgeFit(age, found.words, len(rows), posts_at, model)


def _with_content(desk: Desk, platform: Platform, rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
    posts = desk.posts(platform, until=now).drop(columns=["channel_id", "published_at"])
    return rows.merge(posts, on="post_id", how="inner", validate="one_to_one")


def _vectors(desk: Desk, platform: Platform, rows: pd.DataFrame) -> Any:
    """Of each post's words; zeros where the memory has none, None where sentences are not embedded."""
    import numpy as np
    import pandas as pd

    memory = desk.store.memory(platform)
    if memory is None:
        return None
    place = pd.Index(memory.post_id).get_indexer(pd.Index(rows["post_id"]))
    found = np.asarray(memory.vectors)[np.maximum(place, 0)]
    found[place < 0] = 0
    return found


def _described(desk: Desk, platform: Platform, rows: pd.DataFrame) -> pd.DataFrame:
    """Per channel its size, how much it posts, usual format and category, and time zone."""
    zones = desk.store.timezones(platform)
    by = rows.assign(level=rows["matured_ln"] - rows["residual"]).groupby("channel_id", sort=True)

    def usual(name: str) -> pd.Series:
        return by[name].agg(lambda values: next(iter(values.mode()), None))

    found = by.agg(level=("level", "mean"), posts=("post_id", "size")).assign(
        media_type=usual("media_type"), category=usual("category")
    )
    found["timezone"] = found.index.map(zones.to_dict())
    return found.reset_index()
