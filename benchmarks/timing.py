"""How well effects of the time of publishing are told: `python -m benchmarks timing`.

On posts made with a known effect of time and content that goes with the time (`_timing_made`): how often 80 % intervals hold
the truth, adjusted for content and not; how often "no effect" is said where there is none. Then the tables of
../shared/data through the product's own path: the effect found with and without adjustment. Minutes.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recommend.timing.content import Occasions
    from recommend.timing.effects import TimingModel
    from recommend.timing.hierarchy import Posterior
    from services.advice.desk import Desk
    from services.advice.timing_fits import AgeFit

DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
FILES = {"instagram": "instagram", "youtube": "youtube", "tiktok": "tiktok", "x": "x_*"}
SIZES_LN = (0.1, 0.2)
SMALL_LN = 0.05
CHANNELS = 16
COVERAGE = (0.77, 0.83)
NONE_SAID = 0.9
Z80 = 1.2815515655446004
CALLS = 20
REPEATS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--repeats", type=int, default=REPEATS, help="made platforms per size of effect")
    parser.add_argument("--platforms", nargs="*", choices=list(FILES), default=list(FILES))


def run(json: bool = False, repeats: int = REPEATS, platforms: list[str] | None = None) -> dict[str, Any]:
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    started = time.perf_counter()
    sizes = {size: _made(size, repeats, quiet=json) for size in (*SIZES_LN, SMALL_LN, 0.0)}
    pooled = [sizes[size]["coverage80"] for size in SIZES_LN]
    coverage = sum(pooled) / len(pooled)
    goals = {
        "coverage80": COVERAGE[0] <= coverage <= COVERAGE[1],
        "none_said": sizes[0.0]["no_effect_said"] >= NONE_SAID,
    }
    names = FILES if platforms is None else platforms
    return {
        "made": {f"{100 * size:.0f} %": found for size, found in sizes.items()},
        "coverage80": round(coverage, 4),
        "no_effect_said_where_none": sizes[0.0]["no_effect_said"],
        "real": {name: _real(name, quiet=json) for name in names} if DATA.is_dir() else "skipped",
        "goals": goals,
        "ok": all(goals.values()),
        "seconds": round(time.perf_counter() - started, 1),
    }


def _made(size: float, repeats: int, *, quiet: bool) -> dict[str, Any]:
    import numpy as np

    from benchmarks._timing_made import made
    from recommend.timing.content import occasions
    from recommend.timing.effects import fit_timing

    rows = []
    for seed in range(repeats):
        posts = made(seed, size, CHANNELS)
        channels = occasions(posts.frame)
        model = fit_timing(channels, {one.channel_id: 0 for one in channels})
        assert model is not None
        rows += [_judged(model, one, posts.truth[one.channel_id]) for one in channels]
        if not quiet:
            print(f"made with {size}: {seed + 1} of {repeats}", file=sys.stderr)
    mean = np.mean(np.array(rows, dtype=float), axis=0).round(4).tolist()
    names = (
        "coverage80", "coverage80_raw", "coverage80_all_at_once", "no_effect_said", "no_effect_said_raw",
        "wrong_sign_claimed",
    )  # fmt: skip
    return {"channels": len(rows), **dict(zip(names, mean, strict=True))}


def _judged(model: TimingModel, posts: Occasions, truth: Any) -> tuple[float | bool, ...]:
    """Truth and estimates are over the channel's mean post."""
    import numpy as np

    from recommend.timing.effects import contrasts, every_time

    over = np.r_[truth[:24] - truth[:24][posts.hour].mean(), truth[24:] - truth[24:][posts.weekday].mean()]
    rows = every_time(posts)
    naive = model.raw_posterior(posts.channel_id)
    assert naive is not None
    found, raw = contrasts(model.posterior(posts.channel_id), rows), contrasts(naive, rows)
    wrong = found.detectable & (np.sign(found.ln) != np.sign(over)) & (over != 0)
    return (
        float((np.abs(over - found.ln) <= Z80 * found.sd).mean()),
        float((np.abs(over - raw.ln) <= Z80 * raw.sd).mean()),
        bool(((over >= found.low_ln) & (over <= found.high_ln)).all()),
        not found.detectable.any(),
        not raw.detectable.any(),
        bool(wrong.any()),
    )


def _real(name: str, *, quiet: bool) -> dict[str, Any]:
    from creatorlens.database import open_database
    from creatorlens.platforms import Platform
    from creatorlens.settings import Settings
    from features.feature_store import OnlineStore
    from features.featurize import featurize
    from services.advice.desk import Desk
    from services.advice.timing_fits import timing_fits
    from services.content.importing import import_files
    from services.insights.registry import ChampionSource

    def tell(message: str) -> None:
        if not quiet:
            print(message, file=sys.stderr, flush=True)

    platform = Platform(name)
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        engine = open_database(settings)
        files = [
            file
            for kind in ("posts", "observations", "creators")
            for file in sorted(DATA.glob(f"{FILES[name]}.{kind}.parquet"))
        ]
        import_files(engine, settings, files, tell)
        featurize(engine, settings, platform, embeddings=False, progress=tell)
        desk = Desk(engine, settings, ChampionSource(settings), OnlineStore(settings))
        now = _last_known(desk, platform)
        started = time.perf_counter()
        fits = timing_fits(desk, platform, now)
        found = {
            "fit_seconds": round(time.perf_counter() - started, 1),
            "ages": {age: _found(fit) for age, fit in fits.items()},
            "warm_cpu_ms": _warm_cpu_ms(desk, fits["week"], now),
        }
        engine.dispose()
    return found


def _last_known(desk: Desk, platform: Any) -> Any:
    from services.advice.evidence import residuals

    return residuals(desk, platform)["known_at"].max().to_pydatetime()


def _found(fit: AgeFit) -> dict[str, Any]:
    from services.advice.timing_ages import view_of

    if fit.model is None:
        return {"outcomes": fit.outcomes, "counts": fit.words, "verdict": "too few"}
    names = [one.channel_id for one in fit.model.channels]
    views = [view_of(fit, name) for name in names]
    adjusted = _size(fit.model, raw=False)
    found: dict[str, Any] = {
        "outcomes": fit.outcomes,
        "counts": fit.words,
        "channels": len(names),
        "channels_with_an_effect": sum(view.verdict == "effect" for view in views),
        "adjusted": adjusted,
    }
    if fit.model.raw is not None:
        raw = _size(fit.model, raw=True)
        found |= {
            "raw": raw,
            "channels_with_an_effect_raw": _raw_effects(fit.model),
            "removed": round(1 - adjusted["sd_ln"] / raw["sd_ln"], 3),
        }
    return found


def _size(model: TimingModel, *, raw: bool) -> dict[str, Any]:
    """How much effects differ between a channel's posts (root mean square over all posts, ln), and the farthest slot."""
    import numpy as np

    from recommend.timing.cycles import basis

    squares, farthest = [], 0.0
    for one in model.channels:
        effect = basis(one.hour, one.weekday) @ _posterior(model, one.channel_id, raw=raw).mean
        effect = effect - effect.mean()
        squares.append(effect**2)
        farthest = max(farthest, float(np.abs(effect).max()))
    return {
        "sd_ln": round(float(np.sqrt(np.concatenate(squares).mean())), 4),
        "farthest_ln": round(farthest, 3),
    }


def _raw_effects(model: TimingModel) -> int:
    from recommend.timing.effects import contrasts, every_time

    return sum(
        bool(contrasts(_posterior(model, one.channel_id, raw=True), every_time(one)).detectable.any())
        for one in model.channels
    )


def _posterior(model: TimingModel, channel_id: str, *, raw: bool) -> Posterior:
    naive = model.raw_posterior(channel_id) if raw else None
    return model.posterior(channel_id) if naive is None else naive


def _warm_cpu_ms(desk: Desk, fit: AgeFit, now: Any) -> float | None:
    """Median processor time of advice on a draft of the channel with most posts, fits being kept; no model is registered here."""
    from statistics import median

    from creatorlens.database import tables
    from services.advice.timing import timing
    from services.content.contents import find_content

    if fit.model is None:
        return None
    own = tables.posts.c
    query = tables.posts.select().where(own.channel_id == fit.model.channels[0].channel_id).limit(1)
    with desk.engine.connect() as connection:
        post = connection.execute(query).one()
    content = find_content(desk.engine, desk.settings.workspace, f"{post.platform}:{post.post_id}")
    seconds = []
    for _ in range(CALLS):
        started = time.process_time()
        timing(desk, content, now=now)
        seconds.append(time.process_time() - started)
    return round(1000 * median(seconds), 1)
