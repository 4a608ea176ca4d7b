"""Whether the score of legibility agrees with reading, over sizes, contrasts, grounds and words."""

from __future__ import annotations

from typing import Any

WORDS = ("The secret garden", "Tiny rocket", "90 days later", "Why cameras fail")
SIZES = (14, 20, 28, 36, 46, 58, 74, 96)
"""Of the letters, in a picture 1280 pixels wide."""
INKS = (112, 136, 160, 192, 255)
"""Grey levels on a ground of 96: from hardly seen to plain."""
SIZE = (1280, 720)
GROUND = 96


def legibility_agreement(models: Any) -> dict[str, Any]:
    """`auc`: of the score for success; `spearman`: of the score with the share of letters read."""
    from difflib import SequenceMatcher

    from scipy.stats import spearmanr
    from sklearn.metrics import roc_auc_score

    from features.vision.picture import picture_of
    from features.vision.reading import read_pictures
    from recommend.thumbnails.checking import holds
    from recommend.thumbnails.making import at_phone_size

    scores, read, letters = [], [], []
    for words in WORDS:
        for size in SIZES:
            for ink in INKS:
                picture = picture_of(_set(words, size, ink))
                whole, small = (
                    read_pictures([one], models, ("words",))[0].words
                    for one in (picture, at_phone_size(picture))
                )
                if whole is None or small is None:
                    return {"legibility": "no reader of text here"}
                scores.append(whole.legibility or 0.0)
                read.append(holds(words, small))
                told = "".join(c for c in small.text.casefold() if c.isalnum())
                wanted = "".join(c for c in words.casefold() if c.isalnum())
                letters.append(SequenceMatcher(None, told, wanted, autojunk=False).ratio())
    return {
        "legibility_pictures": len(scores),
        "legibility_read_share": round(sum(read) / len(read), 3),
        "legibility_auc": round(float(roc_auc_score(read, scores)), 3),
        "legibility_spearman": round(float(spearmanr(scores, letters).statistic), 3),
        "legibility_zero_but_read": sum(r and s == 0 for r, s in zip(read, scores, strict=True)),
        "legibility_half_but_not_read": sum(not r and s >= 0.5 for r, s in zip(read, scores, strict=True)),
    }


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
