"""Title and text → numbers, with compiled regular expressions over whole columns (RE2 in pyarrow).

The headline is the title, or the first line of the text where there is no title.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from features.language import english_and_sentiment

# A title or text can be megabytes long; what readers see, and what we count, is its beginning.
MAX_CHARS = 20_000
HEADLINE_CHARS = 500
# Ranges written out: RE2 needs milliseconds to compile \p{L} and its like, on every call.
EMOJI = r"[\x{1F300}-\x{1FAFF}\x{2600}-\x{27BF}\x{1F1E6}-\x{1F1FF}\x{2B50}\x{2B55}]"
LETTERS = (
    r"A-Za-z\x{AA}\x{B5}\x{BA}\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{1FFF}\x{2C00}-\x{2DFF}\x{3040}-\x{D7FF}"
    r"\x{F900}-\x{FDFF}\x{FE70}-\x{FEFC}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{FF66}-\x{FFDC}\x{20000}-\x{3FFFF}"
)
# Capitals of Latin-1, Greek, Cyrillic and the Vietnamese ones outside Latin-1.
CAPITALS = r"A-Z\x{C0}-\x{D6}\x{D8}-\x{DE}\x{110}\x{1A0}\x{1AF}\x{391}-\x{3A9}\x{400}-\x{42F}"
PUNCTUATION = (
    r"!-#%-*,-/:;?@\[-\]_{}\x{A1}\x{A7}\x{AB}\x{B6}\x{B7}\x{BB}\x{BF}\x{2010}-\x{2027}\x{2030}-\x{205E}"
    r"\x{3001}-\x{3003}\x{3008}-\x{3011}\x{FF01}-\x{FF0F}\x{FF1A}\x{FF1B}\x{FF1F}"
)

HEADLINE_COUNTS = {
    "headline_words": rf"[{LETTERS}0-9][{LETTERS}0-9'’_-]*",
    "headline_capital_words": r"\b[A-Z]{2,}\b",
    "headline_numbers": r"[0-9]+(?:[.,][0-9]+)*",
    "headline_exclamations": r"!",
    "headline_emoji": EMOJI,
}
HEADLINE_FLAGS = {
    "headline_question": r"[?？]",
    "headline_starts_with_number": r"^\W*[0-9]",
    "headline_bracket": r"[\[\(【（].+[\]\)】）]",
    "headline_quote": r"[\"“”«»„]",
    "headline_colon": r"[:|–—]",
    "headline_ellipsis": r"\.\.\.|…",
    "headline_year": r"\b20[0-3]\d\b",
    "headline_money": r"[$€£¥₹]",
    "headline_first_person": r"(?i)\b(?:i|i'm|my|we|our|me|us)\b",
    "headline_second_person": r"(?i)\b(?:you|your|you're|u)\b",
    "headline_asks_how": r"(?i)\b(?:how|why|what|when|which|who)\b",
    "headline_versus": r"(?i)\b(?:vs|versus)\b",
    "headline_announces": r"(?i)\b(?:new|first|official|launch|update|review|unboxing|announc\w*)\b",
}
TEXT_COUNTS = {
    "emoji_count": EMOJI,
    "url_count": r"(?i)\bhttps?://|\bwww\.",
    "mention_count": r"@[\w.]+",
    "text_lines": r"\n",
    "text_exclamations": r"!",
    "text_questions": r"[?？]",
}
TEXT_FLAGS = {
    "text_call_to_action": r"(?i)\b(?:link in bio|subscribe|follow|comment|tag |share|giveaway|buy|shop|order|use code)",
    "text_sponsored": r"(?i)#?\b(?:ad|sponsored|partner(?:ship)?|paid)\b",
}


def text_features(title: pd.Series, text: pd.Series, hashtags: pd.Series) -> pd.DataFrame:
    """One float32 row per post, index 0..n-1; columns are those of the catalogue's text group."""
    import pyarrow as pa
    import pyarrow.compute as pc

    titles, texts = _column(title), _column(text)
    headline = _headline(titles, texts)
    whole = pc.utf8_trim_whitespace(pc.binary_join_element_wise(titles, texts, "\n"))
    chars = pc.utf8_length(headline)
    letters = pc.count_substring_regex(headline, f"[{LETTERS}]")
    upper = pc.count_substring_regex(headline, f"[{CAPITALS}]")
    whole_chars = pc.utf8_length(whole)
    out: dict[str, Any] = {
        "headline_chars": chars,
        "headline_upper_share": _share(upper, letters),
        "headline_punctuation_share": _share(pc.count_substring_regex(headline, f"[{PUNCTUATION}]"), chars),
        "text_chars_ln": np.log1p(_numbers(whole_chars)),
        "hashtag_count": np.maximum(
            _tag_counts(hashtags), _numbers(pc.count_substring_regex(whole, rf"(?:^|\s)#[{LETTERS}0-9_]+"))
        ),
    }
    for source, patterns in ((headline, HEADLINE_COUNTS), (whole, TEXT_COUNTS)):
        out |= {name: pc.count_substring_regex(source, pattern) for name, pattern in patterns.items()}
    for source, patterns in ((headline, HEADLINE_FLAGS), (whole, TEXT_FLAGS)):
        out |= {name: pc.match_substring_regex(source, pattern) for name, pattern in patterns.items()}
    out["headline_word_chars"] = _share(letters, out["headline_words"])
    # In one piece: a frame of forty arrays takes a single draft as long to make as all the counting.
    numbers = np.stack([_numbers(values) for values in out.values()])
    frame = pd.DataFrame(numbers.T, columns=list(out))
    language = english_and_sentiment(
        headline.to_pandas() if isinstance(headline, pa.Array) else pd.Series(headline)
    )
    return pd.concat([frame, language], axis=1).astype("float32")


def headlines(title: pd.Series, text: pd.Series) -> list[str]:
    """What the sentence encoder reads: the headline, or the text's beginning behind a short title."""
    import pyarrow.compute as pc

    titles, texts = _column(title), _column(text)
    joined = pc.binary_join_element_wise(titles, texts, "\n")
    return [
        " ".join(whole.split()) for whole in pc.utf8_slice_codeunits(joined, 0, HEADLINE_CHARS).to_pylist()
    ]


def _column(values: pd.Series) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    clean = [
        "" if gone else str(value)[:MAX_CHARS]
        for value, gone in zip(values.tolist(), values.isna(), strict=True)
    ]
    # A lone surrogate (broken JSON escapes) cannot be encoded; it becomes '?'.
    encoded = [value.encode("utf-8", errors="replace") for value in clean]
    return pc.utf8_trim_whitespace(pa.array(encoded, type=pa.binary()).cast(pa.string()))


def _headline(titles: Any, texts: Any) -> Any:
    import pyarrow.compute as pc

    first_line = pc.struct_field(pc.extract_regex(texts, r"^(?P<line>[^\n]*)"), "line")
    chosen = pc.if_else(pc.equal(titles, ""), first_line, titles)
    return pc.utf8_slice_codeunits(chosen, 0, HEADLINE_CHARS)


def _numbers(values: Any) -> Any:
    if isinstance(values, np.ndarray):
        return values.astype(float)
    return values.cast("float64", safe=False).to_numpy(zero_copy_only=False)


def _share(part: Any, whole: Any) -> Any:
    of, total = _numbers(part), _numbers(whole)
    return np.where(total > 0, of / np.maximum(total, 1), 0.0)


def _tag_counts(hashtags: pd.Series) -> Any:
    return hashtags.map(lambda tags: 0 if tags is None or isinstance(tags, float) else len(tags)).to_numpy(
        dtype=float
    )
