"""Many posts at once → what a model row needs of their words: vectors and every number.

The encoder keeps all cores busy for nearly all of the time; the numbers are counted in its gaps, not after it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pandas as pd

from features.encoder import ReadsText, Vectors
from features.nlp.columns import nlp_features
from features.nlp.novelty import title_novelty
from features.text import headlines, text_features


@dataclass(frozen=True)
class TextRows:
    """`numbers`: float32, index 0..n-1: columns of features.text, features.nlp.columns and features.nlp.novelty.
    `vectors`: n x dimensions, None without an encoder."""

    numbers: pd.DataFrame
    vectors: Vectors | None


def text_rows(
    titles: pd.Series,
    texts: pd.Series,
    hashtags: pd.Series,
    channel_ids: pd.Series,
    published_at: pd.Series,
    encoder: ReadsText | None,
) -> TextRows:
    """Each row by itself and what its channel said before it; rows without an encoder have NaN novelty."""
    with ThreadPoolExecutor(1) as beside:
        read = None if encoder is None else beside.submit(encoder.encode, headlines(titles, texts))
        numbers = [text_features(titles, texts, hashtags), nlp_features(titles, texts, hashtags)]
        vectors = None if read is None else read.result()
    numbers.append(title_novelty(vectors, channel_ids, published_at))
    return TextRows(pd.concat(numbers, axis=1), vectors)
