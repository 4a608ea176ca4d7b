"""Whether the score of legibility agrees with reading, over sizes, contrasts, grounds and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

WORDS = ("The secret garden", "Tiny rocket", "90 days later", "Why cameras fail")
SIZES = (14, 20, 28, 36, 46, 58, 74, 96)
"""Of the letters, in a picture 1280 pixels wide."""
INKS = (112, 136, 160, 192, 255)
"""Grey levels on a ground of 96: from hardly seen to plain."""
SIZE = (1280, 720)
GROUND = 96
WIDTHS = (168, 120)
"""Beside a video, and in the narrowest lists."""


@dataclass(frozen=True)
class _Seen:
    score: float
    read: bool
    letters: float


def legibility_agreement(models: Any, words: Sequence[str] = WORDS) -> dict[str, Any]:
    """For each width at which the picture is then shown, `auc_*`: of the score for success; `spearman_*`: of the score with
    the share of letters read; how many have a score of 0 and are read, and one of half or more and are not."""
    out: dict[str, Any] = {"legibility_pictures": len(words) * len(SIZES) * len(INKS)}
    found: dict[int, list[_Seen]] = {width: [] for width in WIDTHS}
    for own, size, ink in product(words, SIZES, INKS):
        seen = _looked_at(models, own, _set(own, size, ink))
        if seen is None:
            return {"legibility": "no reader of text here"}
        for width, one in seen.items():
            found[width].append(one)
    for width, some in found.items():
        out |= {f"{name}_{width}": value for name, value in _agreement(some).items()}
    return out


def _looked_at(models: Any, words: str, rgb: Any) -> dict[int, _Seen] | None:
    from difflib import SequenceMatcher

    from features.vision.picture import picture_of
    from features.vision.reading import read_pictures
    from recommend.thumbnails.checking import holds
    from recommend.thumbnails.making import at_phone_size

    picture = picture_of(rgb)
    shown = [picture, *(at_phone_size(picture, width) for width in WIDTHS)]
    whole, *small = (read_pictures([one], models, ("words",))[0].words for one in shown)
    if whole is None:
        return None
    out = {}
    for width, one in zip(WIDTHS, small, strict=True):
        told, wanted = (_plain(text) for text in (one.text if one else "", words))
        letters = SequenceMatcher(None, told, wanted, autojunk=False).ratio()
        out[width] = _Seen(whole.legibility or 0.0, one is not None and holds(words, one), letters)
    return out


def _agreement(seen: Sequence[_Seen]) -> dict[str, float]:
    from scipy.stats import spearmanr
    from sklearn.metrics import roc_auc_score

    scores, read = [one.score for one in seen], [one.read for one in seen]
    return {
        "read_share": round(sum(read) / len(read), 3),
        "auc": round(float(roc_auc_score(read, scores)), 3),
        "spearman": round(float(spearmanr(scores, [one.letters for one in seen]).statistic), 3),
        "zero_but_read": sum(one.read and one.score == 0 for one in seen),
        "half_but_not_read": sum(not one.read and one.score >= 0.5 for one in seen),
    }


def _plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _set(words: str, size: int, ink: int) -> Any:
    """Grey words on a grey ground with a little grain, so that nothing is told from exact equality."""
    import numpy as np
    from PIL import Image, ImageDraw

    from recommend.thumbnails.fonts import typeface

    face = typeface(words)
    assert not isinstance(face, str)
    grain = np.random.default_rng(size * 1000 + ink).normal(0, 4, (SIZE[1], SIZE[0], 1))
    ground = np.clip(GROUND + grain, 0, 255).astype(np.uint8).repeat(3, axis=2)
    image = Image.fromarray(ground)
    ImageDraw.Draw(image).text((90, 300), words, fill=(ink,) * 3, font=face.sized(size))
    return np.asarray(image)
