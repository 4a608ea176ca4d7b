"""What a first observation is worth: `python -m benchmarks revision`.

TikTok's posts of ../shared/data that were observed twice, 8 to 22 days apart, through the product's own path. Beside our
revision of the forecast: the first value carried forward unchanged, and carried forward with the average growth for its
age (in ln, from training pairs only; once by eighths of the ages, once by a parabola in ln age).

Rolling by the time of the first observation, no creator on both sides. All second observations of that table are of
one day, so that what grew until then is known for the pairs trained on, and not only for those tested: no
cut-off can be stricter. `by_creator`: every creator once on the test side, whatever the time.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from training.growth_pairs import GrowthPairs
    from training.revision import Revision

DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
CUTS = (0.3, 0.44, 0.58, 0.72, 0.86, 1.0)
FOLDS = 5
YOUNG_H = 168.0
BINS = 8
DRAWS = 2_000
SYNTHETIC_POSTS = 600
BASELINES = ("unchanged", "average_growth", "average_growth_smooth")
CONTENDERS = (*BASELINES, "unrevised")

Say = Callable[[str], None]


def run(json: bool = False) -> dict[str, Any]:
    """Figures and whether both baselines are beaten. Progress goes to stderr; takes minutes."""
    if not DATA.is_dir():
        return {"skipped": "the real tables (../shared/data) are not on this machine"}
    # GNU OpenMP spins where cores are shared.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

    def say(message: str) -> None:
        if not json:
            print(message, file=sys.stderr, flush=True)

    started = time.perf_counter()
    rows = _rows(say)
    rolling = _rolling(rows, say)
    by_creator = _by_creator(rows)
    beaten = {
        f"{name}_{where}": _ahead(part[where])
        for name, part in (("rolling", rolling), ("by_creator", by_creator))
        for where in ("all", "younger_than_a_week")
    }
    return {
        "rolling": rolling,
        "by_creator": by_creator,
        "early_sequence_synthetic": _sequence(),
        "goals": beaten,
        "ok": all(beaten.values()),
        "seconds": round(time.perf_counter() - started, 1),
    }


def _rows(say: Say) -> pd.DataFrame:
    from creatorlens.database import open_database
    from creatorlens.platforms import Platform
    from creatorlens.settings import Settings
    from features.featurize import featurize
    from services.content.importing import import_files
    from training.train import known_rows

    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        engine = open_database(settings)
        import_files(
            engine, settings, [DATA / f"tiktok.{kind}.parquet" for kind in ("posts", "observations")], say
        )
        featurize(engine, settings, Platform.TIKTOK, embeddings=False, progress=say)
        rows = known_rows(settings, Platform.TIKTOK, None)
        engine.dispose()
    return rows


def _rolling(rows: pd.DataFrame, say: Say) -> dict[str, Any]:
    """At each cut-off a forecaster of what was known then; what it says of the posts ahead is what the next cut-off's
    revision may compare with what was seen: never in sample."""
    import numpy as np

    from training.growth_pairs import growth_pairs
    from training.revision import fit_revision

    pairs = growth_pairs(rows)
    cuts = np.quantile(pairs.seen_us, CUTS)
    forecasts = np.full((len(rows), 3), np.nan)
    parts = []
    for number, (cut, until) in enumerate(pairwise(cuts), start=1):
        ahead = pairs.take((pairs.seen_us > cut) & (pairs.seen_us <= until))
        tested = set(ahead.channel_id.tolist())
        before = set(pairs.post_id[pairs.seen_us <= cut].tolist())
        learned = rows["post_id"].isin(before) & ~rows["channel_id"].isin(tested)
        say(
            f"cut-off {number} of {len(cuts) - 1}: {int(learned.sum()) // 2} pairs to learn, {len(ahead)} ahead"
        )
        revision = fit_revision(rows.loc[learned], forecasts[learned.to_numpy()])
        at_seen, at_later = _unrevised(rows, ahead, cut)
        forecasts[_places(rows, ahead)] = at_seen
        known = pairs.take((pairs.seen_us <= cut) & ~np.isin(pairs.channel_id, list(tested)))
        parts.append(_compared(revision, known, ahead, at_seen, at_later))
    return _figures(parts)


def _unrevised(rows: pd.DataFrame, ahead: GrowthPairs, cut: float) -> tuple[np.ndarray, np.ndarray]:
    """n x 3 in ln at the age seen and at the later one, by a model of the outcomes known at `cut`."""
    import numpy as np
    import pandas as pd

    from creatorlens.platforms import Platform
    from training.forecaster import Forecaster
    from training.members import TREES

    known = rows.loc[rows["outcome_known_at"] <= pd.Timestamp(int(cut), unit="us", tz="UTC")]
    known = known.loc[~known["channel_id"].isin(ahead.channel_id)]
    model = Forecaster.fit(known, Platform.TIKTOK, families=TREES, explain=False)
    asked = rows.iloc[_places(rows, ahead)]
    found = [
        np.log1p(
            model.forecast(asked.assign(horizon_h=hours), gated=False)[["p10", "p50", "p90"]].to_numpy(float)
        )
        for hours in (ahead.age_h, ahead.later_h)
    ]
    return found[0], found[1]


def _places(rows: pd.DataFrame, pairs: GrowthPairs) -> np.ndarray:
    """Row of each pair's first observation."""
    import numpy as np

    place = {(post, age): i for i, (post, age) in enumerate(zip(rows["post_id"], rows["age_h"], strict=True))}
    return np.array(
        [place[key] for key in zip(pairs.post_id.tolist(), pairs.age_h.tolist(), strict=True)], int
    )


def _by_creator(rows: pd.DataFrame) -> dict[str, Any]:
    import numpy as np

    from training.growth_pairs import growth_pairs
    from training.revision import fit_from_pairs

    pairs = growth_pairs(rows)
    fold = np.array([zlib.crc32(str(name).encode()) % FOLDS for name in pairs.channel_id])
    parts = []
    for number in range(FOLDS):
        known, ahead = pairs.take(fold != number), pairs.take(fold == number)
        # No forecast: growth alone. Any level will do.
        nothing = np.full((len(ahead), 3), np.nan)
        parts.append(_compared(fit_from_pairs(known), known, ahead, nothing, nothing))
    return _figures(parts)


def _compared(
    revision: Revision, known: GrowthPairs, ahead: GrowthPairs, at_seen: np.ndarray, at_later: np.ndarray
) -> dict[str, Any]:
    """Growth in ln as it came and as each contender had it."""
    import numpy as np

    level = np.array([track[-1][1] for track in ahead.tracks])
    unrevised = at_later[:, 1] - level
    at_later = np.where(np.isnan(at_later), level[:, None], at_later)
    ours = revision.apply(at_seen, at_later, ahead.age_h, np.expm1(level), ahead.later_h) - level[:, None]
    return {
        "truth": ahead.growth,
        "age_h": ahead.age_h,
        "channel": ahead.channel_id,
        "ours": ours,
        "unchanged": np.zeros(len(ahead)),
        "average_growth": _by_bins(known, ahead),
        "average_growth_smooth": _by_parabola(known, ahead),
        "unrevised": unrevised,
        "surprise_kept": revision.figures.get("surprise_kept", 0.0),
    }


def _by_bins(known: GrowthPairs, ahead: GrowthPairs) -> np.ndarray:
    import numpy as np

    edges = np.quantile(known.age_h, np.linspace(0, 1, BINS + 1)[1:-1])
    place = np.digitize(known.age_h, edges)
    means = np.array([known.growth[place == i].mean() for i in range(BINS)])
    out: np.ndarray = means[np.digitize(ahead.age_h, edges)]
    return out


def _by_parabola(known: GrowthPairs, ahead: GrowthPairs) -> np.ndarray:
    import numpy as np

    fitted = np.polynomial.Polynomial.fit(np.log(known.age_h), known.growth, 2)
    out: np.ndarray = fitted(np.log(ahead.age_h))
    return out


def _figures(parts: list[dict[str, Any]]) -> dict[str, Any]:
    import numpy as np

    names = ("truth", "age_h", "channel", "ours", *CONTENDERS)
    whole = {name: np.concatenate([part[name] for part in parts]) for name in names}
    young = whole["age_h"] < YOUNG_H
    return {
        "surprise_kept_in": sum(part["surprise_kept"] > 0 for part in parts),
        "all": _slice(whole),
        "younger_than_a_week": _slice({name: values[young] for name, values in whole.items()}),
        "older": _slice({name: values[~young] for name, values in whole.items()}),
    }


def _slice(part: dict[str, np.ndarray]) -> dict[str, Any]:
    import numpy as np

    from training.metrics import pinball

    truth, ours = part["truth"], part["ours"]
    inside = (truth >= ours[:, 0] - 1e-9) & (truth <= ours[:, 2] + 1e-9)
    error = {name: np.abs(truth - part[name]) for name in CONTENDERS if not np.isnan(part[name]).any()}
    error["ours"] = np.abs(truth - ours[:, 1])
    return {
        "n": len(truth),
        "creators": len(set(part["channel"].tolist())),
        "mae_ln": {name: round(float(values.mean()), 4) for name, values in error.items()},
        "pinball": round(pinball(truth, ours), 4),
        "coverage80": round(float(inside.mean()), 4),
        "width80": round(float(np.median(ours[:, 2] - ours[:, 0])), 4),
        "share_without_growth": round(float((truth == 0).mean()), 4),
        "ours_minus_average_growth_95": _interval(
            error["ours"] - error[_best(error, "average_growth", "average_growth_smooth")], part["channel"]
        ),
    }


def _best(error: dict[str, np.ndarray], *names: str) -> str:
    return min(names, key=lambda name: float(error[name].mean()))


def _interval(difference: np.ndarray, channel: np.ndarray) -> list[float]:
    """95 % of the mean difference, drawing creators with replacement."""
    import numpy as np
    import pandas as pd

    blocks = pd.DataFrame({"channel": channel, "difference": difference}).groupby("channel")["difference"]
    sums, counts = blocks.sum().to_numpy(), blocks.size().to_numpy()
    drawn = np.random.default_rng(0).integers(0, len(sums), (DRAWS, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return [round(float(value), 4) for value in np.quantile(means, [0.025, 0.975])]


def _ahead(part: dict[str, Any]) -> bool:
    mae = part["mae_ln"]
    return all(mae["ours"] < mae[name] for name in BASELINES)


def _sequence() -> dict[str, Any]:
    """No real table here has posts seen three times: made-up posts, each with a speed of its own."""
    from training.growth_pairs import growth_pairs
    from training.revision import fit_from_pairs

    figures = fit_from_pairs(growth_pairs(_made_up())).figures
    return {
        "posts": SYNTHETIC_POSTS,
        "pinball_without": round(figures["sequence_loss_without"], 4),
        "pinball_lstm": round(figures["sequence_loss"], 4),
    }


def _made_up() -> pd.DataFrame:
    """Counts that saturate as exp(-speed * still to come), seen four times in two weeks."""
    import pandas as pd

    return pd.DataFrame(list(_observations()))


def _observations() -> Iterator[dict[str, Any]]:
    import numpy as np
    import pandas as pd

    from training.growth_curve import WEEK_H, K

    random = np.random.default_rng(3)
    first = pd.Timestamp("2026-01-01", tz="UTC")
    for post in range(SYNTHETIC_POSTS):
        speed, final = float(np.exp(random.normal(-1.0, 0.8))), float(random.normal(10, 1))
        for hours in np.sort(np.exp(random.uniform(np.log(6), np.log(336), 4))).tolist():
            y = final - speed * (WEEK_H / hours) ** K + float(random.normal(0, 0.01))
            yield {
                "post_id": f"p{post}",
                "channel_id": f"tiktok:c{post}",
                "published_at": first + pd.Timedelta(hours=post),
                "age_h": hours,
                "outcome": float(np.expm1(max(y, 0.0))),
            }
