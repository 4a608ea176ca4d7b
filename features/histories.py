"""Everything that was ever known about a platform's channels, as states over time, built in one pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from creatorlens.platforms import Platform
from features.asof import Floats, Ints, asof_positions, micros, moments, take
from features.audience import AUDIENCE_COLUMNS, audience_states
from features.history import STATE_COLUMNS, channel_states
from features.outcomes import matured_outcomes
from features.platform_level import PLATFORM_COLUMNS, base_ln, level_for, platform_states
from features.posting_time import local_clock
from features.sequences import Sequences, Singles, channel_sequences
from features.terms import TermKeys, term_keys, term_states


@dataclass(frozen=True)
class Known:
    """What was known for a set of posts, one row each: channel state, audience, platform level, and
    the lift of every (post, term) of a long frame of term keys, and the channel's last posts in order."""

    state: pd.DataFrame
    audience: pd.DataFrame
    level: pd.DataFrame
    lift: Floats
    sequence: list[Singles | None]


@dataclass(frozen=True)
class Histories:
    """States with `event_timestamp`; `channel_id` or `term_key` say whose. See each builder for columns.

    `residuals`: per matured outcome post_id, channel_id, published_at, known_at, local hour (0..23), weekday (0 = Monday)
    and month (1..12), and residual: ln(1 + outcome) minus the level expected when it was published (NaN = none known).
    """

    platform: Platform
    channels: pd.DataFrame
    audience: pd.DataFrame
    level: pd.DataFrame
    terms: pd.DataFrame
    sequences: Sequences
    residuals: pd.DataFrame

    def known(self, channel_id: pd.Series, at: Ints, keys: TermKeys) -> Known:
        """What was known at each moment (microseconds); `keys` from `features.terms.term_keys`."""
        asked = at[keys.row]
        found = asof_positions(self.terms["term_key"], micros(self.terms["event_timestamp"]), keys.key, asked)
        return Known(
            state=_asof(self.channels, channel_id, at, STATE_COLUMNS),
            audience=_asof(self.audience, channel_id, at, AUDIENCE_COLUMNS),
            level=_level_asof(self.level, at),
            lift=take(self.terms, found, ["term_lift"])["term_lift"].to_numpy(dtype=float),
            sequence=self.sequences.known(channel_id, at),
        )


def build_histories(
    posts: pd.DataFrame,
    observations: pd.DataFrame,
    stats: pd.DataFrame,
    timezones: pd.Series,
    platform: Platform,
) -> Histories:
    """From frames as `creatorlens.database.frames` returns them; `timezones`: channel_id → IANA name."""
    states = channel_states(posts, observations, platform)
    audience = audience_states(posts, observations, stats, platform)
    outcomes = matured_outcomes(observations, platform)
    published = outcomes["published_us"].to_numpy()
    followers = _asof(audience, outcomes["channel_id"], published, AUDIENCE_COLUMNS)["followers"]
    ln_followers = np.log1p(followers.to_numpy(dtype=float))
    level = platform_states(outcomes, ln_followers)
    expected = expected_ln(
        _asof(states, outcomes["channel_id"], published, STATE_COLUMNS),
        _level_asof(level, published),
        ln_followers,
    )
    place = pd.Series(np.arange(len(posts)), index=posts["post_id"].to_numpy(dtype=object))
    theirs = posts.iloc[place.loc[outcomes["post_id"]].to_numpy()].reset_index(drop=True)
    local = local_clock(theirs["published_at"], theirs["channel_id"].map(timezones))
    keys = term_keys(theirs, local, platform.value)
    residual = outcomes["ln"].to_numpy() - expected
    terms = term_states(keys, outcomes["known_us"].to_numpy(), residual)
    residuals = pd.DataFrame(
        {
            "post_id": outcomes["post_id"],
            "channel_id": outcomes["channel_id"],
            "published_at": moments(published),
            "known_at": moments(outcomes["known_us"].to_numpy()),
            "hour": local["hour"].to_numpy().astype(np.int64),
            "weekday": local["weekday"].to_numpy().astype(np.int64),
            "month": local["date"].dt.month.to_numpy().astype(np.int64),
            "residual": residual,
        }
    )
    return Histories(platform, states, audience, level, terms, channel_sequences(posts, outcomes), residuals)


def expected_ln(state: pd.DataFrame, level: pd.DataFrame, ln_followers: Floats) -> Floats:
    """The level in ln(1 + metric) that a channel's next post is measured against."""
    return base_ln(
        state["ewma_slow"].to_numpy(dtype=float),
        state["ewma_weight"].to_numpy(dtype=float),
        level_for(level, ln_followers),
    )


def _asof(states: pd.DataFrame, channel_id: pd.Series, at: Ints, columns: dict[str, str]) -> pd.DataFrame:
    found = asof_positions(states["channel_id"], micros(states["event_timestamp"]), channel_id, at)
    return take(states, found, list(columns))


def _level_asof(level: pd.DataFrame, at: Ints) -> pd.DataFrame:
    one = np.zeros(len(level), dtype=np.int64)
    found = asof_positions(one, micros(level["event_timestamp"]), np.zeros(len(at), dtype=np.int64), at)
    return take(level, found, list(PLATFORM_COLUMNS))
