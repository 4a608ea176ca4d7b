"""Topics of a workspace's own posts, learned twice: from their words (latent Dirichlet allocation) and from their
sentence vectors (k-means, named by class-based TF-IDF as in Grootendorst 2022).

What was learned knows the posts up to `known_at`, the newest one it saw: it may serve a feature of a forecast made
at t only where known_at <= t. Equal posts and seed give equal topics.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creatorlens.errors import NotReadyError
from features.nlp.vocabulary import Vocabulary, terms_of, vocabulary

Floats = NDArray[np.float32]

MIN_POSTS = 10
MAX_POSTS = 20_000
"""The newest that are learned from; older ones count for the vocabulary alone."""
TOP_WORDS = 8


@dataclass(frozen=True)
class TopicModel:
    """`word_topics`: topics x terms, LDA's pseudo-counts. `centres`: unit vectors of the clusters, of vectors made by
    `encoder`; both None without vectors. `inputs`: hash of what it was learned from, where somebody told."""

    vocabulary: Vocabulary
    word_topics: Floats
    lda_words: tuple[tuple[str, ...], ...]
    centres: Floats | None
    cluster_words: tuple[tuple[str, ...], ...]
    encoder: str | None
    known_at: str | None
    seed: int
    inputs: str = ""

    @cached_property
    def model_id(self) -> str:
        """Changes with anything that was learned."""
        digest = hashlib.sha256("\n".join(self.vocabulary.terms).encode("utf-8", errors="replace"))
        for array in (self.vocabulary.in_posts, self.word_topics, self.centres):
            digest.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
        digest.update(f"{self.encoder}|{self.known_at}|{self.vocabulary.posts}".encode())
        return f"topics@{digest.hexdigest()[:16]}"

    @cached_property
    def expected_log_words(self) -> NDArray[np.float64]:
        from features.nlp.lda import expected_log

        return expected_log(self.word_topics.astype(np.float64))


def fit_topics(
    texts: Sequence[str],
    vectors: Any | None = None,
    *,
    seed: int = 0,
    known_at: str | None = None,
    encoder: str | None = None,
    topics: int | None = None,
) -> TopicModel:
    """Learn from posts, oldest first. `vectors`: their unit sentence vectors (n x d) made by `encoder`, or None.

    `topics`: how many, default by the root of the number of posts. NotReadyError with fewer than `MIN_POSTS` posts.
    """
    term_lists = [terms_of(text or "") for text in texts]
    known = vocabulary(term_lists, min_posts=2 if len(texts) < 1000 else 3)
    rows = [i for i, terms in enumerate(term_lists) if any(term in known.telling for term in terms)][
        -MAX_POSTS:
    ]
    if len(rows) < MIN_POSTS:
        raise NotReadyError(f"topics need at least {MIN_POSTS} posts that share words; there are {len(rows)}")
    k = min(topics or default_topics(len(rows)), len(rows) // 2)
    counts = _sparse([term_lists[i] for i in rows], known)
    word_topics = _lda(counts, k, seed)
    centres: Floats | None = None
    cluster_words: tuple[tuple[str, ...], ...] = ()
    if vectors is not None:
        unit = np.asarray(vectors, np.float32)[rows]
        centres, member = _clusters(unit, k, seed)
        cluster_words = _class_words(counts, member, len(centres), known)
    return TopicModel(
        known, word_topics, _top_words(_relevance(word_topics), known), centres, cluster_words,
        encoder if centres is not None else None, known_at, seed,
    )  # fmt: skip


def default_topics(posts: int) -> int:
    return int(min(30, max(4, round(posts**0.5 / 2))))


def _sparse(term_lists: Sequence[Sequence[str]], known: Vocabulary) -> Any:
    from scipy.sparse import csr_matrix

    columns = [known.index[term] for terms in term_lists for term in terms if term in known.telling]
    ends = np.cumsum([0] + [sum(term in known.telling for term in terms) for terms in term_lists])
    found = csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(term_lists), len(known.terms)))
    found.sum_duplicates()
    return found


def _lda(counts: Any, k: int, seed: int) -> Floats:
    from sklearn.decomposition import LatentDirichletAllocation

    rounds = 20 if counts.shape[0] < 5_000 else 8
    method = "batch" if counts.shape[0] < 5_000 else "online"
    lda = LatentDirichletAllocation(
        k, learning_method=method, max_iter=rounds, random_state=seed, doc_topic_prior=1 / k, topic_word_prior=1 / k,
        batch_size=512,
    )  # fmt: skip
    return lda.fit(counts).components_.astype(np.float32)


def _clusters(unit: Floats, k: int, seed: int) -> tuple[Floats, NDArray[np.int64]]:
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    # Several threads add in the order in which they finish: one thread, one result.
    with threadpool_limits(1):
        found = KMeans(k, n_init=3, random_state=seed).fit(unit)
    centres = found.cluster_centers_
    centres = centres / np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    return centres.astype(np.float32), found.labels_.astype(np.int64)


def _class_words(counts: Any, member: Any, k: int, known: Vocabulary) -> tuple[tuple[str, ...], ...]:
    """Class-based TF-IDF: a term's share of a cluster's words x ln(1 + words per cluster / the term's count overall)."""
    by_class = np.zeros((k, len(known.terms)))
    for cluster in range(k):
        by_class[cluster] = np.asarray(counts[member == cluster].sum(axis=0)).ravel()
    per_class = by_class.sum(axis=1, keepdims=True)
    overall = by_class.sum(axis=0)
    weight = by_class / np.maximum(per_class, 1) * np.log1p(per_class.mean() / np.maximum(overall, 1))
    return _top_words(weight, known)


def _relevance(word_topics: Floats, balance: float = 0.6) -> Any:
    """Words that are both common in the topic and commoner there than elsewhere (Sievert and Shirley 2014)."""
    in_topic = word_topics / word_topics.sum(axis=1, keepdims=True)
    overall = word_topics.sum(axis=0) / word_topics.sum()
    relevance = balance * np.log(in_topic) + (1 - balance) * np.log(in_topic / overall)
    return relevance - relevance.min() + 1e-9


def _top_words(weight: Any, known: Vocabulary) -> tuple[tuple[str, ...], ...]:
    best = [np.argsort(-row, kind="stable")[:TOP_WORDS] for row in weight]
    return tuple(
        tuple(known.terms[i] for i in order if row[i] > 0) for order, row in zip(best, weight, strict=True)
    )
