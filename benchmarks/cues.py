"""How each cue of a headline relates to clicks in randomised tests: `python -m benchmarks cues [--json]`.

Upworthy's archive: variants of one test with one picture differ in their headline alone. For each cue: the difference
in ln(clicks per impression) between variants with and without it, inside tests, weighted by how well each rate is
known; interval from errors clustered by test. An association with what else these headlines changed, not the effect of
the word alone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

TABLE = Path(__file__).parents[1] / ".." / "shared" / "data" / "upworthy.experiments.parquet"
# Of ln rates, between headlines of one test, beyond the noise of counting.
SPREAD = 0.25


def run(json: bool = False) -> dict[str, Any]:
    if not TABLE.exists():
        return {"skipped": "the headline tests (../shared/data) are not on this machine"}
    tests = variants(pd.read_parquet(TABLE))
    found = {}
    for name, values in measured(tests["headline"]).items():
        found[name] = effect(values, tests)
        if not json:
            print(f"{name:24} {found[name]}", file=sys.stderr)
    return {"variants": len(tests), "tests": int(tests["test"].nunique()), "cues": found}


def variants(table: pd.DataFrame) -> pd.DataFrame:
    """Variants of tests in which at least two headlines stand beside one picture; `test` numbers these."""
    table = table[(table["clicks"] > 0) & (table["impressions"] > 0)].copy()
    table["test"] = table.groupby(["experiment_id", "image_id"], dropna=False).ngroup()
    several = table.groupby("test")["headline"].transform("nunique") > 1
    table = table[several].reset_index(drop=True)
    table["ln_rate"] = np.log(table["clicks"] / table["impressions"])
    table["weight"] = 1 / (1 / table["clicks"] + SPREAD**2)
    return table


def measured(headlines: pd.Series) -> dict[str, Any]:
    """Each cue as 0 or 1, and a few measures in standard deviations."""
    from features.nlp.columns import nlp_features
    from features.nlp.cue_patterns import CUES
    from features.text import text_features

    empty, tags = pd.Series([""] * len(headlines)), pd.Series([[]] * len(headlines))
    columns = nlp_features(headlines, empty, tags)
    text = text_features(headlines, empty, tags)
    straight = headlines.str.replace("[’‘]", "'", regex=True)
    flags: dict[str, Any] = {
        kind: straight.str.contains(pattern).to_numpy(float) for kind, pattern in CUES.items()
    }
    flags["forward"] = columns["cue_forward"].to_numpy(float)
    flags["asks_how"] = text["headline_asks_how"].to_numpy(float)
    flags["quote"] = text["headline_quote"].to_numpy(float)
    scaled = {
        "kinds of cues (sd)": columns["cue_kinds"], "mood (sd)": text["sentiment"].fillna(0),
        "characters (sd)": text["headline_chars"], "long words (sd)": columns["read_title_long_share"],
        "words per sentence (sd)": columns["read_words_per_sentence"],
    }  # fmt: skip
    return flags | {name: ((v - v.mean()) / v.std()).to_numpy(float) for name, v in scaled.items()}


def effect(values: Any, tests: pd.DataFrame) -> dict[str, float | int]:
    """Percent more clicks with the cue (per standard deviation for measures), its 95 % interval, and the tests that tell."""
    weight, test = tests["weight"].to_numpy(), tests["test"].to_numpy()
    x, y = _within(values, weight, test), _within(tests["ln_rate"].to_numpy(), weight, test)
    power = float((weight * x * x).sum())
    slope = float((weight * x * y).sum()) / power
    by_test = np.bincount(test, weight * x * (y - slope * x))
    error = float(np.sqrt((by_test**2).sum())) / power
    telling = int((np.bincount(test, np.abs(x) > 1e-9) > 0).sum())
    low, high = slope - 1.96 * error, slope + 1.96 * error
    return {
        "share": round(float((values > 0).mean()), 3), "tests": telling, "percent": percent(slope),
        "low": percent(low), "high": percent(high), "z": round(slope / error, 1),
    }  # fmt: skip


def percent(ln: float) -> float:
    return round(100 * float(np.expm1(ln)), 1)


def _within(values: Any, weight: Any, test: Any) -> Any:
    total = np.bincount(test, weight)
    mean = np.bincount(test, weight * values) / np.maximum(total, 1e-12)
    return values - mean[test]
