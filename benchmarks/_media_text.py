"""Posts per second with everything read from their words, beside the sentence encoder's own forward pass over them.

`rows`: what a model row needs (tokens, vectors, all numbers of the text). `records`: what a creator sees (every part of
`read_texts`). Real posts of three platforms; best of several rounds that take turns, on the same threads.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
PLATFORMS = ("youtube", "instagram", "tiktok")
POSTS_EACH = 400
ROUNDS = 4
COLUMNS = ("title", "text", "hashtags", "creator_id", "published_at")
FIRST_CALL = """
import sys, time
started = time.perf_counter()
from pathlib import Path
from creatorlens.settings import Settings
from features.nlp.reading import read_text
from features.nlp.words import Words
from features.weights.models import Models
models = Models(Settings(home=Path(sys.argv[1])))
read_text(Words("10 secrets of sourdough bread", "Here is why your bread fails"), models)
print(time.perf_counter() - started)
"""


def run() -> dict[str, float | str]:
    if not DATA.is_dir():
        return {"skipped": "the real tables (../shared/data) are not on this machine"}
    with tempfile.TemporaryDirectory() as home:
        ever, first = _first_call(home), _first_call(home)
        return {"first_ever_s": round(ever, 2), "first_call_s": round(first, 2), **_figures(Path(home))}


def _figures(home: Path) -> dict[str, float | str]:
    from creatorlens.settings import Settings
    from features.absent import Absent
    from features.embedding_cache import RecentTexts
    from features.encoder import Encoder
    from features.nlp.batch import text_rows
    from features.nlp.reading import read_texts
    from features.nlp.sentence_vectors import SentenceVectors
    from features.quantised import vectors
    from features.text import headlines
    from features.weights.models import Models

    models = Models(Settings(home=home))
    found: RecentTexts | Absent = SentenceVectors(models).encoder()
    if isinstance(found, Absent) or not isinstance(found.encoder, Encoder):
        return {"skipped": found.reason if isinstance(found, Absent) else "another encoder"}
    encoder, posts = found.encoder, _posts()
    texts = headlines(posts["title"], posts["text"])
    tokens = encoder.tokenizer(texts, truncation=True, max_length=64)["input_ids"]
    words = _words(posts)

    def forward() -> None:
        vectors(encoder.session, tokens, encoder.dimensions)

    def rows() -> None:
        text_rows(
            posts["title"],
            posts["text"],
            posts["hashtags"],
            posts["creator_id"],
            posts["published_at"],
            encoder,
        )

    def records() -> None:
        read_texts(words, models)

    best = _best_of({"forward": forward, "rows": rows, "records": records})
    n = len(posts)
    return {
        "posts": n,
        "forward_posts_per_s": round(n / best["forward"], 1),
        "rows_posts_per_s": round(n / best["rows"], 1),
        "records_posts_per_s": round(n / best["records"], 1),
        "ratio": round(best["forward"] / best["rows"], 3),
        "ratio_records": round(best["forward"] / best["records"], 3),
        "numbers_us_per_post": round(_numbers_us(posts), 1),
    }


def _numbers_us(posts: Any) -> float:
    """Cost of the columns of features.nlp alone, over the posts repeated to 100,000."""
    import pandas as pd

    from features.nlp.columns import nlp_features

    many = pd.concat([posts] * (100_000 // len(posts) + 1), ignore_index=True).head(100_000)
    best = _best_of(
        {"numbers": lambda: nlp_features(many["title"], many["text"], many["hashtags"])}, rounds=2
    )
    return best["numbers"] / len(many) * 1e6


def _best_of(jobs: dict[str, Callable[[], Any]], rounds: int = ROUNDS) -> dict[str, float]:
    """Seconds of each job at its best; they take turns, so that a busy moment hits all of them."""
    best = dict.fromkeys(jobs, float("inf"))
    for _ in range(rounds):
        for name, job in jobs.items():
            started = time.perf_counter()
            job()
            best[name] = min(best[name], time.perf_counter() - started)
    return best


def _posts() -> Any:
    import pandas as pd

    tables = [pd.read_parquet(DATA / f"{name}.posts.parquet", columns=list(COLUMNS)) for name in PLATFORMS]
    return pd.concat([table.head(POSTS_EACH) for table in tables], ignore_index=True)


def _words(posts: Any) -> list[Any]:
    from features.nlp.words import Words

    filled = posts.fillna({"title": "", "text": ""})
    return [
        Words(title, text, tuple(tags) if tags is not None else ())
        for title, text, tags in zip(filled["title"], filled["text"], filled["hashtags"], strict=True)
    ]


def _first_call(home: str) -> float:
    """Seconds from a fresh process to its first reading, imports included."""
    made = subprocess.run(
        [sys.executable, "-c", FIRST_CALL, home],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    return float(made.stdout.split()[-1])
