"""Which of the workspace's topics a text is about, and to what share."""

from __future__ import annotations

from typing import Any

import numpy as np

from creatorlens.reading.text import Topics, TopicShare
from features.absent import Absent
from features.nlp.source import Source
from features.nlp.topics import TopicModel
from features.nlp.vocabulary import terms_of
from features.weights.models import Models

TOP_TOPICS = 3
SHARPNESS = 20.0
"""Share of a cluster: softmax over cosines times this."""


def read_topics(source: Source, _: Models) -> Topics | Absent:
    model = source.corpus
    if model is None:
        return Absent("topics are learned from the workspace's own posts, and none were learned yet")
    text = "\n".join(source.fields.values())
    terms = terms_of(text)
    clusters: tuple[TopicShare, ...] = ()
    if model.centres is not None:
        clusters = _cluster_shares(source, model)
    counts = model.vocabulary.counts([terms])
    if not counts.any() and not clusters:
        return Absent("no word here occurs in the workspace's own posts")
    return Topics(
        lda=_lda_shares(counts, model) if counts.any() else (),
        embedding=clusters,
        posts=model.vocabulary.posts,
        known_at=model.known_at,
        model=model.model_id,
    )


def _lda_shares(counts: Any, model: TopicModel) -> tuple[TopicShare, ...]:
    from features.nlp.lda import topic_shares

    return _top(topic_shares(counts, model.expected_log_words)[0], model.lda_words)


def _cluster_shares(source: Source, model: TopicModel) -> tuple[TopicShare, ...]:
    found = source.vectors.of([source.headline]) if source.headline else Absent("no title or caption")
    centres = model.centres
    if isinstance(found, Absent) or centres is None or source.vectors.model_id != model.encoder:
        return ()
    logits = SHARPNESS * (centres @ found[0]).astype(np.float64)
    shares = np.exp(logits - logits.max())
    return _top(shares / shares.sum(), model.cluster_words)


def _top(shares: Any, names: tuple[tuple[str, ...], ...]) -> tuple[TopicShare, ...]:
    order = np.argsort(-shares, kind="stable")[:TOP_TOPICS]
    return tuple(TopicShare(topic=int(i), words=names[i], share=min(1.0, float(shares[i]))) for i in order)
