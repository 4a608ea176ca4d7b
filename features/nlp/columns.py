"""Title and caption → numbers for the models that features.text does not have: cues and readability, over whole columns.

A few microseconds a post: RE2 in pyarrow, no Python per row. NaN only where there are no words.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from features.nlp.cue_patterns import CUES
from features.nlp.readability import LONG_WORD
from features.text import LETTERS, _column, _headline, _numbers

CUE_COLUMNS: dict[str, tuple[Any, str]] = {
    "cue_list": ("list", "the title promises a list"),
    "cue_superlative": ("superlative", "best, worst, most or ever in the title"),
    "cue_urgency": ("urgency", "now, today or last chance in the title"),
    "cue_curiosity": ("curiosity", "the title holds something back"),
    "cue_negation": ("negation", "no, never or don't in the title"),
    "cue_emphasis": ("emphasis", "strong words, capitals or exclamation marks in the title"),
}
FORWARD = r"(?i)\b(?:this|these|those|he|she|they|it|here)\b"
WORDS = rf"[{LETTERS}0-9][{LETTERS}0-9'’-]*"
LONG = rf"[{LETTERS}0-9][{LETTERS}0-9'’-]{{{LONG_WORD},}}"
SENTENCES = r"[.!?…]+[\"'”’)\]]*\s|[。！？]+|\n+"
CONTENT = 5_000

NLP_FEATURES: tuple[tuple[str, str], ...] = (
    *((name, words) for name, (_, words) in CUE_COLUMNS.items()),
    ("cue_forward", "the title points at something it does not name (this, she, here)"),
    ("cue_kinds", "how many kinds of clickbait cues the title has"),
    ("read_title_long_share", "share of long words in the title"),
    ("read_words_per_sentence", "length of the sentences"),
    ("read_long_share", "share of long words in title and text"),
    ("read_lix", "how hard the words are to read (LIX)"),
)
"""(column, words for people), in the order of the frame."""
NLP_NAMES: tuple[str, ...] = tuple(name for name, _ in NLP_FEATURES)


def nlp_features(titles: pd.Series, texts: pd.Series, hashtags: pd.Series | None = None) -> pd.DataFrame:  # noqa: ARG001 - as its sibling in features.text
    """One float32 row per post, index 0..n-1, columns `NLP_NAMES`. `hashtags` is read by nothing yet."""
    import pyarrow.compute as pc

    title, text = _column(titles), _column(texts)
    headline = pc.replace_substring_regex(_headline(title, text), "[’‘]", "'")
    flags = {
        name: _numbers(pc.match_substring_regex(headline, CUES[kind]))
        for name, (kind, _) in CUE_COLUMNS.items()
    }
    whole = pc.utf8_slice_codeunits(pc.binary_join_element_wise(title, text, "\n"), 0, CONTENT)
    whole = pc.utf8_trim_whitespace(whole)
    said, long = _count(whole, WORDS), _count(whole, LONG)
    marks = _count(whole, SENTENCES) + _ends_open(whole)
    per_sentence = np.where(said > 0, said / np.maximum(1, marks), np.nan)
    long_share = _over(long, said)
    return pd.DataFrame(
        flags
        | {
            "cue_forward": _numbers(pc.match_substring_regex(headline, FORWARD)),
            "cue_kinds": sum(flags.values()),
            "read_title_long_share": _over(_count(headline, LONG), _count(headline, WORDS)),
            "read_words_per_sentence": per_sentence,
            "read_long_share": long_share,
            "read_lix": per_sentence + 100 * long_share,
        },
        columns=list(NLP_NAMES),
    ).astype("float32")


def _count(column: Any, pattern: str) -> Any:
    import pyarrow.compute as pc

    return _numbers(pc.count_substring_regex(column, pattern))


def _ends_open(column: Any) -> Any:
    """1 where the last sentence has no mark that `SENTENCES` counts (it needs space after a full stop)."""
    import pyarrow.compute as pc

    return 1 - _numbers(pc.match_substring_regex(column, r"[。！？]$"))


def _over(part: Any, whole: Any) -> Any:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
