"""The model of headlines on randomised tests, rolling by week: `python -m benchmarks titles [--folds 3] [--json]`.

At each cut-off week it is trained on earlier tests alone, without those that share a headline with later ones, and orders
the headlines of the weeks up to the next cut-off. Headlines are compared only beside the same picture. References are
trained on the same rows. `reliability`: pairs by predicted lift, with the lift that came; `coverage80`: how often the
80 % interval held it, noise of counting taken into account.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from creatorlens.settings import load_settings

TABLE = Path(__file__).parents[1] / ".." / "shared" / "data" / "upworthy.experiments.parquet"
FIRST_SHARE = 0.55
_BINS = (-np.inf, -0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2, np.inf)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--table", type=Path, default=TABLE, help="experiments, canonical columns")
    parser.add_argument("--folds", type=int, default=3, help="cut-off weeks")
    parser.add_argument("--references", action=argparse.BooleanOptionalAction, default=True)


def run(json: bool = False, table: Path = TABLE, folds: int = 3, references: bool = True) -> dict[str, Any]:
    if not table.exists():
        return {"skipped": "the headline tests (../shared/data) are not on this machine"}
    from training.headline_rows import rows_of, split_at

    rows = rows_of(pd.read_parquet(table))
    cuts = cut_offs(rows, folds)
    told: dict[str, list[Any]] = {}
    held = []
    for week, until in zip(cuts, [*cuts[1:], None], strict=True):
        earlier, later = split_at(rows, week, until)
        print(f"before {week}: {len(earlier):,} variants; {len(later):,} later ones", file=sys.stderr)
        found, lifts, ms, seconds = ours(earlier, later)
        scores = {"ours": found} | (reference_scores(earlier, later) if references else {})
        for name, score in scores.items():
            told.setdefault(name, []).append(score)
        held.append((later, lifts, ms, seconds))
    return report(told, held, cuts, json)


def cut_offs(rows: Any, folds: int) -> list[int]:
    """Weeks from which the later tests of each fold start: equally many pairs in each."""
    weeks = np.sort(rows.week[rows.pairs[:, 0]])
    shares = FIRST_SHARE + (1 - FIRST_SHARE) * np.arange(folds) / folds
    return sorted({int(weeks[int(len(weeks) * share)]) for share in shares})


def ours(earlier: Any, later: Any) -> tuple[Any, Any, float, float]:
    """Scores of the later headlines, lifts of their pairs, processor ms per 16 titles not seen before, and seconds of training."""
    from training.headline_fitting import fit

    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        fitted = fit(earlier, weights(), Path(folder), progress=lambda line: print(line, file=sys.stderr))
        seconds = time.perf_counter() - began
        score = fitted.model.score(later.headlines)
        new = list(dict.fromkeys(later.headlines))
        timed = []
        for at in range(0, min(len(new), 160), 16):
            fitted.model.recent.clear()
            start = time.process_time()
            fitted.model.lifts(new[at], new[at : at + 16])
            timed.append(1000 * (time.process_time() - start))
    from training.headline_calibration import distances

    first, second = later.pairs.T
    apart = distances([later.headlines[i] for i in first], [later.headlines[i] for i in second])
    lifts = fitted.model.calibration.lifts(score[first] - score[second], apart)
    return score, lifts, float(np.median(timed)), seconds


def weights() -> Path | None:
    from features.absent import Absent
    from features.encoder import weights_folder

    found = weights_folder(load_settings())
    return None if isinstance(found, Absent) else found


def reference_scores(earlier: Any, later: Any) -> dict[str, Any]:
    from benchmarks._titles_references import longer, pairwise_logistic
    from features.absent import Absent
    from features.encoder import load_encoder

    texts = later.headlines
    told = {"longer headline": longer(texts), "words and surface": pairwise_logistic(earlier, None)(texts)}
    encoder = load_encoder(load_settings())
    if not isinstance(encoder, Absent):
        told["and a frozen encoder"] = pairwise_logistic(earlier, encoder.encode)(texts)
    return told


def report(told: dict[str, list[Any]], held: list[Any], cuts: list[int], json: bool) -> dict[str, Any]:
    from training.headline_figures import figures
    from training.headline_rows import HeadlineRows

    later = HeadlineRows(pd.concat([rows.frame for rows, *_ in held], ignore_index=True))
    found = {name: figures(later, np.concatenate(scores)) for name, scores in told.items()}
    by_fold = [figures(rows, score) for (rows, *_), score in zip(held, told["ours"], strict=True)]
    table, coverage = reliability(held)
    if not json:
        print(pd.DataFrame(found).T.to_string(), file=sys.stderr)
        print(table.to_string(index=False), file=sys.stderr)
    return {
        "cut_offs": cuts,
        **found["ours"],
        "references": {name: one for name, one in found.items() if name != "ours"},
        "by_fold": by_fold,
        "reliability": table.to_dict("records"),
        "coverage80": coverage,
        "cpu_ms_16_titles": round(float(np.median([ms for *_, ms, _ in held])), 1),
        "seconds_training": [round(seconds, 1) for *_, seconds in held],
    }


def reliability(held: list[Any]) -> tuple[pd.DataFrame, float]:
    """Both directions of every pair. The interval speaks of the lift itself; what was counted lies around it with the noise of
    counting, so that is added to the interval's width before it is asked whether it held."""
    from training.headline_calibration import Z80

    parts = []
    for rows, lifts, _, _ in held:
        first, second = rows.pairs.T
        came = rows.ln_rate[first] - rows.ln_rate[second]
        noise = 1 / (rows.clicks[first] + 0.5) + 1 / (rows.clicks[second] + 0.5)
        sd = np.sqrt(((lifts[:, 2] - lifts[:, 1]) / (2 * Z80)) ** 2 + noise)
        inside = np.abs(came - lifts[:, 0]) <= Z80 * sd
        for sign in (1, -1):
            parts.append(
                pd.DataFrame(
                    {
                        "expected": sign * lifts[:, 0],
                        "came": sign * came,
                        "inside": inside,
                        "weight": 1 / noise,
                    }
                )
            )
    pairs = pd.concat(parts, ignore_index=True)
    pairs["bin"] = np.digitize(pairs["expected"], _BINS)
    found = [
        {
            "expected_percent": round(
                100 * float(np.expm1(np.average(part["expected"], weights=part["weight"]))), 1
            ),
            "came_percent": round(100 * float(np.expm1(np.average(part["came"], weights=part["weight"]))), 1),
            "pairs": len(part),
        }
        for _, part in pairs.groupby("bin")
    ]
    return pd.DataFrame(found), round(float(pairs["inside"].mean()), 3)
