"""`benchmarks advice`: how long a draft's forecast, and advice on a kept draft, take over HTTP, on a home with a trained model.

One server process, one client, every draft new, so that no answer is remembered; what is fitted once for all drafts is
fitted before anything is counted, and told as `first_s`. `cpu_ms` is the server's processor time for one request: it stays
what it is when the machine is busy with something else. A forecast of the default ages, with drivers and parts, is to answer
within 100 ms (p50), titles, hashtags and timing within 300 ms; thumbnails and strategy are reported. `ratio` is the slowest of the four
over what it is to take.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.serving import Scene, _bentoml, _make, _server, say
from creatorlens.client import ApiError, Client, UnreachableError
from creatorlens.platforms import Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings

GOAL_MS = 300.0
FORECAST_GOAL_MS = 100.0
FAST = ("titles", "hashtags", "timing")
DRAFTS = 24
PICTURES = 3
STRATEGIES = 5
READY_S = 240


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", type=Path, default=None, help="a home with features and a champion")
    parser.add_argument("--platform", default=None, help="youtube with --home, else instagram")
    parser.add_argument("--drafts", type=int, default=DRAFTS)


def run(
    json: bool = False,  # noqa: ARG001
    *,
    home: Path | None = None,
    platform: str | None = None,
    drafts: int = DRAFTS,
) -> dict[str, Any]:
    """Without `home` one is made from the real tables beside the project (an hour on two cores)."""
    with tempfile.TemporaryDirectory(prefix="creatorlens-advice-") as folder:
        settings = Settings(home=home or Path(folder) / "home")
        chosen = Platform(platform or ("youtube" if home else "instagram"))
        if home is None:
            _make(settings, chosen)
        scene = Scene(settings, chosen, _drafts(settings, chosen, 2 * drafts + 1))
        with _server(scene, Path(folder), _bentoml) as address, Client(address, timeout_s=300) as client:
            _wait(client)
            return _measure(client, scene, drafts)


def _measure(client: Client, scene: Scene, drafts: int) -> dict[str, Any]:
    """Of `scene`'s drafts the first warms up, the next `drafts` get advice, the others are forecast alone."""
    first, *others = scene.drafts
    others, alone = others[:drafts], others[drafts:]
    told: dict[str, Any] = {"platform": scene.platform.value, "drafts": len(others), "goal_p50_ms": GOAL_MS}
    told["forecast"] = _timed(lambda draft: client.predict([draft], record=False), [first], alone)
    say(f"forecast: {told['forecast']}")
    contents = [client.create_content(draft) for draft in others]
    warm = client.create_content(first).content_id
    for kind in FAST:
        ask = getattr(client, kind)
        told[kind] = _timed(ask, [warm], [one.content_id for one in contents])
        say(f"{kind}: {told[kind]}")
    told["apply"] = _applying(client, contents)
    channels = list(dict.fromkeys(one.channel_id for one in contents))[: STRATEGIES + 1]
    told["strategy"] = _timed(client.strategy, channels[:1], channels[1:] or channels)
    told["thumbnails"] = _thumbnails(client, others[:PICTURES])
    slowest = max(
        told["forecast"]["p50_ms"] / FORECAST_GOAL_MS, *(told[kind]["p50_ms"] / GOAL_MS for kind in FAST)
    )
    return {**told, "ratio": round(slowest, 3), "ok": slowest < 1}


def _timed(ask: Callable[[Any], Any], first: Sequence[Any], names: Sequence[Any]) -> dict[str, float]:
    began = time.perf_counter()
    for name in first:
        _patiently(ask, name)
    first_s = time.perf_counter() - began
    taken, cpu = [], _cpu()
    for name in names:
        began = time.perf_counter()
        ask(name)
        taken.append((time.perf_counter() - began) * 1000)
    return {"first_s": round(first_s, 2), **_figures(taken), "cpu_ms": round((_cpu() - cpu) / len(names), 1)}


def _patiently(ask: Callable[[Any], Any], name: Any) -> None:
    """The first answer of all loads the model, which on a busy machine outlasts the client's patience."""
    for _ in range(3):
        with suppress(UnreachableError):
            ask(name)
            return
    ask(name)


def _figures(taken: list[float]) -> dict[str, float]:
    import numpy as np

    p50, p95 = np.percentile(taken, [50, 95])
    return {"n": len(taken), "p50_ms": round(float(p50), 1), "p95_ms": round(float(p95), 1)}


def _applying(client: Client, contents: list[Any]) -> dict[str, float]:
    """Two recorded forecasts, the most similar own posts, a new version and a receipt."""
    taken = []
    for content in contents:
        found = client.titles(content.content_id).suggestions
        if not found:
            continue
        began = time.perf_counter()
        client.apply(content.content_id, found[0], version=content.now.version)
        taken.append((time.perf_counter() - began) * 1000)
    if not taken:
        return {"n": 0}
    return _figures(taken)


def _thumbnails(client: Client, drafts: list[Draft]) -> dict[str, Any]:
    """On drafts with a drawn picture of 1280 x 720."""
    taken, made = [], 0
    began_cpu = _cpu()
    for i, draft in enumerate(drafts):
        read = client.analyze([(f"{i}.png", _picture(i))], title=draft.title, channel=draft.channel_id)
        kept = client.create_content(
            replace(draft, analysis_id=read.analysis_id), thumbnail=read.files[0].file.sha256
        )
        began = time.perf_counter()
        try:
            made += len(client.thumbnails(kept.content_id).suggestions)
        except ApiError as error:
            return {"n": 0, "absent": str(error)}
        taken.append((time.perf_counter() - began) * 1000)
    return {
        **_figures(taken),
        "pictures": made,
        "cpu_ms_with_reading": round((_cpu() - began_cpu) / len(taken), 1),
    }


def _picture(seed: int) -> bytes:
    import numpy as np
    from PIL import Image, ImageDraw

    rng = np.random.default_rng(seed)
    picture = Image.fromarray(rng.integers(0, 255, (9, 16, 3), dtype=np.uint8)).resize(
        (1280, 720), Image.Resampling.BICUBIC
    )
    drawn = ImageDraw.Draw(picture)
    drawn.ellipse((700, 160, 1100, 560), fill=tuple(int(v) for v in rng.integers(0, 255, 3)))
    drawn.text((80, 300), "Ten lenses", fill="white", font_size=110)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _drafts(settings: Settings, platform: Platform, n: int) -> list[Draft]:
    """Words of the channels' newest posts, with a word of their own, planned over the next days."""
    from creatorlens.database import frames, open_database
    from creatorlens.platforms import MediaType

    engine = open_database(settings)
    posts = frames.read_posts(engine, settings.workspace, platform).tail(10 * n)
    engine.dispose()
    posts = posts[posts["title"].str.strip().ne("") | posts["text"].str.strip().ne("")].tail(n)
    now = datetime.now(UTC).replace(microsecond=0)
    return [
        Draft(
            channel_id=post.channel_id,
            platform=platform,
            planned_at=now + timedelta(hours=1 + 5 * i),
            title=f"{post.title} {i}" if post.title else "",
            text=post.text if post.title else f"{post.text} {i}",
            hashtags=tuple(post.hashtags or ())[:3],
            media_type=MediaType(post.media_type),
        )
        for i, post in enumerate(posts.itertuples())
    ]


def _wait(client: Client) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        with suppress(ApiError):
            client.health()
            return
        time.sleep(0.3)
    raise TimeoutError("the service did not become ready")


def _cpu() -> float:
    """Milliseconds of processor time so far of all processes that this one started: the server and its workers."""
    import psutil

    total = 0.0
    for child in psutil.Process().children(recursive=True):
        with suppress(Exception):
            times = child.cpu_times()
            total += times.user + times.system
    return total * 1000
