"""Thumbnails per second, beside what Pillow needs merely to decode them: `run()`.

Thumbnails are the photographs of ../shared/media as JPEG of 1280 x 720, or pictures drawn here where it is missing.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

SHARED = Path(__file__).parents[2] / "shared"
COUNT = 16
ROUNDS = 5
SIZE = (1280, 720)


def run() -> dict[str, float | str]:
    """`ratio*`: thumbnails per second over Pillow's decodes per second, the best of several rounds of both, taken in
    turns; `*_cpu` the same by seconds of processor, which other work on the machine disturbs less.
    `first_call_s`: what the first picture costs beyond a later one: models and libraries loaded. `ms_*`: processor
    milliseconds of a part per thumbnail."""
    from creatorlens.settings import Settings
    from features.media.limits import USUAL
    from features.vision.picture import open_picture
    from features.vision.reading import CLASSICAL, read_image, read_pictures
    from features.weights.models import Models

    thumbnails = _thumbnails()
    with tempfile.TemporaryDirectory() as home:
        models = Models(Settings(home=Path(home), weights=str(SHARED / "weights")))
        started = time.perf_counter()
        first = read_image(open_picture(thumbnails[0], USUAL), models)
        first_call = time.perf_counter() - started

        def decode() -> None:
            _each(thumbnails, _decode)

        def classical() -> None:
            _each(thumbnails, lambda data: read_pictures([open_picture(data, USUAL)], models, only=CLASSICAL))

        def learned() -> None:
            read_pictures([open_picture(data, USUAL) for data in thumbnails], models)

        fast, (whole_s, whole_cpu) = _best(ROUNDS, decode, classical), _best(2, learned)[0]
        (decode_s, decode_cpu), (plain_s, plain_cpu) = fast
        decoded, plain, whole = COUNT / decode_s, COUNT / plain_s, COUNT / whole_s
        out: dict[str, float | str] = {
            "thumbnails_per_s": plain,
            "pillow_decode_per_s": decoded,
            "ratio": plain / decoded,
            "ratio_cpu": decode_cpu / plain_cpu,
            "thumbnails_per_s_learned": whole,
            "ratio_learned": whole / decoded,
            "ratio_learned_cpu": decode_cpu / whole_cpu,
            "first_call_s": max(0.0, first_call - 1 / whole),
            "parts_learned": float(
                sum(getattr(first, part) is not None for part in type(first).model_fields) - 1
            ),
        }
        out |= {f"ms_{part}": ms for part, ms in _by_part(thumbnails, models).items()}
    return out


def _thumbnails() -> list[bytes]:
    from PIL import Image, ImageDraw

    folder = SHARED / "media" / "photos"
    out = []
    for i in range(COUNT):
        paths = sorted(folder.glob("*.jpg"))
        if paths:
            image = Image.open(paths[i % len(paths)]).convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
        else:
            image = Image.effect_mandelbrot(SIZE, (-2, -1.2, 1, 1.2), 40 + i).convert("RGB")
        ImageDraw.Draw(image).text((60, 60), f"{i} TIPS YOU NEED", fill="white", font_size=110)
        file = io.BytesIO()
        image.save(file, "JPEG", quality=85)
        out.append(file.getvalue())
    return out


def _decode(data: bytes) -> None:
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        image.load()


def _each(items: Iterable[bytes], what: Callable[[bytes], Any]) -> None:
    for item in items:
        what(item)


def _best(rounds: int, *runs: Callable[[], None]) -> list[tuple[float, float]]:
    """Least seconds of each by the clock and of processor."""
    best = [(float("inf"), float("inf"))] * len(runs)
    for _ in range(rounds):
        for i, one in enumerate(runs):
            clock, processor = time.perf_counter(), time.process_time()
            one()
            took = time.perf_counter() - clock, time.process_time() - processor
            best[i] = min(best[i][0], took[0]), min(best[i][1], took[1])
    return best


def _by_part(thumbnails: list[bytes], models: Any) -> dict[str, float]:
    from features.media.limits import USUAL
    from features.vision.picture import open_picture
    from features.vision.reading import EXTRACTORS, read_pictures

    pictures = [open_picture(data, USUAL) for data in thumbnails]
    out = {}
    for extractor in EXTRACTORS:
        started = time.process_time()
        for picture in pictures:
            read_pictures([picture], models, only={extractor.field})
        out[extractor.field] = 1000 * (time.process_time() - started) / len(pictures)
    return out
