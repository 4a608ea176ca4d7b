"""Does what set posts apart hold later? `python -m benchmarks strategy [--platforms ...] [--json]`.

Real posts of ../shared/data, cut where two thirds of the results were out. What strategy tells of each channel's past is
looked at again on its later posts, beside the same with traits dealt to other posts of the channel, which must show
nothing. `ratio`: what came later over what was expected, 1 = as told. Then how long an answer over HTTP takes.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks._strategy_later import Later, Split, findings, flat, pooled, splits, surest

if TYPE_CHECKING:
    import argparse

    from creatorlens.platforms import Platform
    from creatorlens.settings import Settings

DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
SHUFFLES = 5
ASKED = 20
"""Channels of each platform, those with the most results first."""
PLATFORMS = ("instagram", "youtube", "x")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--platforms", nargs="+", default=list(PLATFORMS))
    parser.add_argument("--home", type=Path, help="a home where these were imported and featurized already")


def run(json: bool = False, platforms: list[str] | None = None, home: Path | None = None) -> dict[str, Any]:
    if not DATA.is_dir():
        return {"skipped": "the real tables (../shared/data) are not on this machine"}
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

    def tell(message: str) -> None:
        if not json:
            print(message, file=sys.stderr, flush=True)

    names = platforms or list(PLATFORMS)
    with tempfile.TemporaryDirectory() as scratch:
        settings = _settings(home or Path(scratch))
        if home is None:
            _fill(settings, names, tell)
        found, all_real, all_chance = {}, NOTHING, NOTHING
        for name in names:
            real, chance, about = _of_platform(settings, name)
            found[name] = about | _figures(real, chance)
            tell(f"{name}: {found[name]}")
            all_real, all_chance = all_real + real, all_chance + chance
        http = _http(settings, names)
    every = _figures(all_real, all_chance)
    ok = http["new_channel_p50_ms"] < 1_000 and (every["share_told_by_chance"] or 0) <= 0.1
    return {"ratio": every["ratio"], "all": every, "platforms": found, "http": http, "ok": ok}


def _settings(home: Path) -> Settings:
    from creatorlens.settings import Settings

    return Settings(home=home, text_encoder="none")


def _fill(settings: Settings, names: list[str], tell: Any) -> None:
    from creatorlens.database import open_database
    from creatorlens.platforms import Platform
    from features.featurize import featurize
    from services.content.importing import import_files

    engine = open_database(settings)
    for name in names:
        import_files(engine, settings, sorted(DATA.glob(f"{name}*.parquet")), tell)
        featurize(engine, settings, Platform(name), progress=tell, embeddings=False)
    engine.dispose()


def _of_platform(settings: Settings, name: str) -> tuple[LookedAt, LookedAt, dict[str, Any]]:
    """What came later of what was told, the same with traits dealt to other posts, and what was compared."""
    from creatorlens.database import open_database
    from creatorlens.platforms import Platform
    from features.feature_store import OnlineStore
    from features.stored_residuals import stored_residuals
    from services.advice.desk import Desk
    from services.advice.platform_view import platform_view
    from services.insights.registry import ChampionSource

    platform = Platform(name)
    engine = open_database(settings)
    desk = Desk(engine, settings, ChampionSource(settings), OnlineStore(settings))
    known = stored_residuals(settings, platform)
    cut = known["published_at"].quantile(2 / 3)
    past = platform_view(desk, platform, cut.to_pydatetime())
    full = platform_view(desk, platform, pd.Timestamp.now("UTC").to_pydatetime())
    both = list(splits(past, full, cut))
    engine.dispose()
    rng = np.random.default_rng(0)
    dealt = [one.shuffled(rng) for _ in range(SHUFFLES) for one in both]
    about = {"from": f"{cut:%Y-%m-%d}", "channels": len(both), "trait_sd_ln": round(past.trait_ln, 3)}
    return _looked_at(both, past.trait_ln), _looked_at(dealt, past.trait_ln), about


@dataclass(frozen=True)
class LookedAt:
    """Per channel: was it told anything, and what came of it; what came of its surest trait, told or not."""

    told: list[bool]
    later: list[Later]
    surest: list[Later]

    def __add__(self, other: LookedAt) -> LookedAt:
        return LookedAt(self.told + other.told, self.later + other.later, self.surest + other.surest)


NOTHING = LookedAt([], [], [])


def _looked_at(both: list[Split], trait_ln: float) -> LookedAt:
    made = [findings(one, trait_ln) for one in both]
    return LookedAt(
        [told for told, _ in made],
        flat(later for _, later in made),
        flat(surest(one, trait_ln) for one in both),
    )


def _figures(real: LookedAt, chance: LookedAt) -> dict[str, Any]:
    told = pooled(real.later)
    return {
        "share_told": _share(real.told),
        "share_told_by_chance": _share(chance.told),
        "told": told,
        "told_by_chance": pooled(chance.later),
        "surest": pooled(real.surest),
        "surest_by_chance": pooled(chance.surest),
        "ratio": told.get("ratio"),
    }


def _share(told: list[bool]) -> float | None:
    return round(float(np.mean(told)), 3) if told else None


def _http(settings: Settings, names: list[str]) -> dict[str, Any]:
    """Through the service: the first answer of a process, then each of `ASKED` channels for the first and the second time. Where
    others use the machine, CPU time says more than the clock."""
    from starlette.testclient import TestClient

    channels = {name: _channels(settings, name) for name in names}
    first, new, again = [], [], []
    with _environment(settings.home):
        from serving.service import CreatorLens

        # BentoML's decorator makes a service of the class, which its types do not say.
        service: Any = CreatorLens
        with TestClient(service.to_asgi()) as client:

            def ask(channel: str) -> tuple[float, float]:
                started, used = time.perf_counter(), time.process_time()
                answer = client.get("/v1/recommendations/strategy", params={"channel": channel})
                answer.raise_for_status()
                return 1e3 * (time.perf_counter() - started), 1e3 * (time.process_time() - used)

            for own in channels.values():
                first.append(ask(own[0]))
                new += [ask(channel) for channel in own[1:]]
                again += [ask(channel) for channel in own[1:]]
    return {
        "first_ms": round(max(wall for wall, _ in first)),
        "new_channel_p50_ms": round(float(np.median([wall for wall, _ in new]))),
        "new_channel_p95_ms": round(float(np.quantile([wall for wall, _ in new], 0.95))),
        "new_channel_cpu_p50_ms": round(float(np.median([cpu for _, cpu in new]))),
        "again_p50_ms": round(float(np.median([wall for wall, _ in again])), 1),
        "channels": len(new),
    }


def _channels(settings: Settings, name: str) -> list[str]:
    from creatorlens.platforms import Platform
    from features.stored_residuals import stored_residuals

    platform: Platform = Platform(name)
    return [
        str(one) for one in stored_residuals(settings, platform)["channel_id"].value_counts().index[:ASKED]
    ]


@contextmanager
def _environment(home: Path) -> Iterator[None]:
    told = {
        "CREATORLENS_HOME": str(home),
        "CREATORLENS_TEXT_ENCODER": "none",
        "CREATORLENS_MALWARE_SCANNER": "none",
    }
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
