"""Words of a corpus: which there are, and in how many of its posts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from features.nlp.segmentation import unspaced_share, words
from features.nlp.stopwords import STOP_WORDS

MAX_WORDS = 20_000
MAX_CHARS = 5_000


@dataclass(frozen=True)
class Vocabulary:
    """`in_posts[i]`: how many of the corpus' `posts` posts contain `terms[i]`."""

    terms: tuple[str, ...]
    in_posts: NDArray[np.int64]
    posts: int

    @cached_property
    def index(self) -> dict[str, int]:
        return {term: i for i, term in enumerate(self.terms)}

    @cached_property
    def telling(self) -> frozenset[str]:
        """Terms of at most half of the posts: what nearly every post says names no topic."""
        return frozenset(
            term for term, n in zip(self.terms, self.in_posts, strict=True) if 2 * n <= self.posts
        )

    def idf(self, term: str) -> float:
        """ln((1 + posts) / (1 + posts with the term)) + 1: scikit-learn's smooth idf."""
        at = self.index.get(term)
        seen = 0 if at is None else int(self.in_posts[at])
        return float(np.log((1 + self.posts) / (1 + seen)) + 1)

    def counts(self, term_lists: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Posts x terms, dense, of telling terms: for one or a few texts."""
        out = np.zeros((len(term_lists), len(self.terms)))
        for row, found in enumerate(term_lists):
            for term in found:
                if term in self.telling:
                    out[row, self.index[term]] += 1
        return out


def terms_of(text: str) -> list[str]:
    """Content words in lower case, in order; pairs of neighbouring letters where nothing parts the words."""
    beginning = text[:MAX_CHARS].replace("’", "'")
    said = [word.lower() for word in words(beginning)]
    if unspaced_share(beginning) > 0.5:
        return [one + other for one, other in pairwise(said) if len(one) == len(other) == 1]
    return [word for word in said if len(word) > 1 and word not in STOP_WORDS and not word.isdigit()]


def vocabulary(term_lists: Iterable[Sequence[str]], *, min_posts: int) -> Vocabulary:
    """Terms in at least `min_posts` posts, the commonest `MAX_WORDS`, by name."""
    from collections import Counter

    found: Counter[str] = Counter()
    posts = 0
    for terms in term_lists:
        posts += 1
        found.update(set(terms))
    kept = [(term, n) for term, n in found.items() if n >= min_posts]
    kept = sorted(sorted(kept, key=lambda pair: (-pair[1], pair[0]))[:MAX_WORDS])
    return Vocabulary(tuple(term for term, _ in kept), np.array([n for _, n in kept], np.int64), posts)
