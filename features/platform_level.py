"""What a post on the platform usually gets, and how that grows with the audience, as known over time.

It is the level that a channel with little history of its own is shrunk towards.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.asof import Floats, last_of_each, moments

HALF_LIFE_OUTCOMES = 300.0
# Prior weight, in recent outcomes, of "the audience says nothing".
SLOPE_PRIOR = 0.05
SHRINK = 0.4
PLATFORM_COLUMNS = {
    "level_ln": "float64",
    "level_slope": "float64",
    "level_audience": "float64",
    "level_recent": "float64",
}


def platform_states(outcomes: pd.DataFrame, ln_followers: Floats) -> pd.DataFrame:
    """event_timestamp and `PLATFORM_COLUMNS` after each moment at which any outcome became known.

    `ln_followers` aligned to `outcomes`: the audience known when each of those posts was published (NaN
    unknown). Level of a channel = level_ln + level_slope * (ln_followers - level_audience).
    """
    order = np.lexsort(
        (
            outcomes["post_id"].to_numpy(dtype=str),
            outcomes["published_us"].to_numpy(),
            outcomes["known_us"].to_numpy(),
        )
    )
    known = outcomes["known_us"].to_numpy()[order]
    y, x = outcomes["ln"].to_numpy()[order], ln_followers[order]
    has = ~np.isnan(x)
    x = np.where(has, x, 0.0)
    sums = pd.DataFrame({"y": y, "w": has * 1.0, "x": x, "xx": x * x, "xy": x * y, "yx": has * y})
    mean = sums.ewm(halflife=HALF_LIFE_OUTCOMES).mean()
    recent = sums["y"].ewm(halflife=HALF_LIFE_OUTCOMES / 10).mean()
    weight = mean["w"].where(mean["w"] > 0)
    audience, level_x = mean["x"] / weight, mean["yx"] / weight
    spread = mean["xx"] / weight - audience**2
    slope = (mean["xy"] / weight - audience * level_x) / (spread + SLOPE_PRIOR / weight)
    frame = pd.DataFrame(
        {
            "event_timestamp": moments(known),
            "level_ln": mean["y"],
            "level_slope": slope.clip(0.0, 1.5).fillna(0.0),
            "level_audience": audience.fillna(0.0),
            "level_recent": recent,
        }
    )
    return frame.loc[last_of_each(known)].reset_index(drop=True)


def level_for(states: pd.DataFrame, ln_followers: Floats) -> Floats:
    """ln level of the platform for channels of this audience (the mean where it is unknown)."""
    beyond = np.where(
        np.isnan(ln_followers), 0.0, ln_followers - states["level_audience"].to_numpy(dtype=float)
    )
    return states["level_ln"].to_numpy(dtype=float) + states["level_slope"].to_numpy(dtype=float) * beyond


def base_ln(ewma: Floats, weight: Floats, level: Floats) -> Floats:
    """The channel's exponentially weighted level, shrunk towards the platform's where it rests on little."""
    own = ~np.isnan(ewma)
    w = np.where(own, weight, 0.0)
    known = ~np.isnan(level)
    prior = np.where(known, SHRINK, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (w * np.where(own, ewma, 0.0) + prior * np.where(known, level, 0.0)) / (w + prior)
