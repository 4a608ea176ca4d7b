"""Pictures made for thumbnails: whole, in shape, quick; and whether the score of legibility agrees with reading:
`python -m benchmarks thumbnails [--json]`.

Photographs are those of ../shared/media, detectors those of ../shared/weights. Words are set over
sizes and contrasts; the score is taken of the full picture, success is PP-OCR reading the words in the
picture shrunk to a phone's 168 pixels: the same reader as the score's, which sees size and contrast at full size only.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks._thumbnail_words import legibility_agreement

SHARED = Path(__file__).parents[2] / "shared"
TITLE = "The secret garden"
LIMIT_S = 0.3


def run(json: bool = False) -> dict[str, Any]:
    """`ratio`: the limit of 300 ms over the slowest rendering."""
    if not (SHARED / "media").is_dir() or not (SHARED / "weights").is_dir():
        return {"skipped": "the real media and weights (../shared) are not on this machine"}
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from creatorlens.settings import Settings
    from features.weights.models import Models

    with tempfile.TemporaryDirectory() as home:
        models = Models(Settings(home=Path(home), weights=str(SHARED / "weights"), model_threads=1))
        figures = _variants(models, quiet=json)
        figures |= legibility_agreement(models)
    return {**figures, "ratio": round(LIMIT_S / (figures["render_ms_max"] / 1000), 2)}


def _variants(models: Any, *, quiet: bool) -> dict[str, Any]:
    """Over every photograph and every shape. What a check refused is never handed out and counted apart."""
    from features.media.limits import USUAL
    from features.vision.picture import open_picture
    from recommend.thumbnails.making import Maker, Origin
    from recommend.thumbnails.shapes import PORTRAIT, SQUARE, TALL, WIDE

    maker = Maker(models)
    made, refused, no_reason_to = [], 0, 0
    looking = []
    for path in sorted((SHARED / "media" / "photos").iterdir()):
        started = time.process_time()
        seen = maker.outlined(maker.see(open_picture(path.read_bytes(), USUAL)))
        looking.append(time.process_time() - started)
        found = maker.variants(seen, Origin("0" * 64), (WIDE, TALL, PORTRAIT, SQUARE), (TITLE,))
        made += [(path.name, bool(seen.faces), bool(seen.lines), data, one) for data, one in found.made]
        rejected = sum(
            count for why, count in found.dropped.items() if "after rendering" in why or "phone" in why
        )
        refused += rejected
        no_reason_to += sum(found.dropped.values()) - rejected
        if not quiet:
            print(f"{path.name}: {len(found.made)} made, {found.dropped}", file=sys.stderr, flush=True)
    return {
        "pictures": len(looking),
        "variants": len(made),
        "refused_by_checks": refused,
        "recipes_without_use": no_reason_to,
        **_shares(made),
        "see_ms_p50": _ms(median(looking)),
        **_times([one for *_, one in made]),
    }


def _shares(made: list[Any]) -> dict[str, float | int]:
    """Decoded by Pillow, not by our own reader; faces and texts where the picture had any."""
    import io

    from PIL import Image

    valid = right = 0
    for *_, data, one in made:
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            across, down = map(int, one.aspect.split(":"))
            valid += picture.format == "JPEG"
            right += picture.width * down == picture.height * across
    faces = [one.checks.faces_whole for _, faces, _, _, one in made if faces]
    texts = [one.checks.text_whole for _, _, lines, _, one in made if lines]
    own = [one.checks.own_text_read for *_, one in made if one.text is not None]
    return {
        "valid": valid / len(made),
        "right_aspect": right / len(made),
        "with_faces": len(faces),
        "faces_whole": _share(faces),
        "with_texts": len(texts),
        "texts_whole": _share(texts),
        "with_words_set": len(own),
        "words_set_read": _share(own),
    }


def _times(made: list[Any]) -> dict[str, float]:
    """Processor time: others at work on the machine disturb it less."""
    rendering = [one.seconds for one in made]
    both = [one.seconds + one.checking_seconds for one in made]
    return {
        "render_ms_p50": _ms(median(rendering)),
        "render_ms_max": _ms(max(rendering)),
        "render_and_check_ms_p50": _ms(median(both)),
        "render_and_check_ms_max": _ms(max(both)),
        "render_and_check_under_300_ms": round(sum(one < LIMIT_S for one in both) / len(both), 3),
    }


def _share(checks: list[bool | None]) -> float:
    return round(sum(check is True for check in checks) / max(1, len(checks)), 4)


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)
