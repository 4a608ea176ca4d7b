"""What posts have in common that can be on the rise: hashtags, topics of their words, and the sound they use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from features.nlp.keyphrases import Phrase, candidates
from features.nlp.topics import TopicModel
from features.nlp.vocabulary import terms_of
from features.terms import tag_terms
from features.trends import Uses

PHRASE_POSTS = 3
"""Fewer posts than these say nothing of a phrase."""
SAME_SHARE = 0.8
TITLE_CHARS = 300
TOPIC_SHARE = 0.4
TOPIC_WORDS = 3
AT_ONCE = 500
_NOT_WORDS = re.compile(r"https?://\S+|[#@][\w.]+")


def hashtag_uses(posts: pd.DataFrame) -> Uses:
    """`posts`: hashtags (lists)."""
    return Uses(*tag_terms(posts["hashtags"]))


def phrase_uses(posts: pd.DataFrame) -> Uses:
    """Runs of one to three content words of titles (of the text's beginning where there is no title), in lower case.

    Of a phrase and a longer one that says the same nearly always, the longer is kept.
    """
    found = [_phrases(words) for words in _written(posts)]
    posts_with = Counter(phrase for phrases in found for phrase in phrases)
    common = {phrase: n for phrase, n in posts_with.items() if n >= PHRASE_POSTS}
    said_by_longer = {
        part
        for phrase, n in common.items()
        for part in _parts(phrase)
        if n >= SAME_SHARE * common.get(part, np.inf)
    }
    pairs = [
        (row, " ".join(phrase))
        for row, phrases in enumerate(found)
        for phrase in sorted(phrases)
        if phrase in common and phrase not in said_by_longer
    ]
    return _uses(pairs)


def topic_uses(posts: pd.DataFrame, model: TopicModel) -> Uses:
    """The topic that a post's title and text are mostly about, named by its words; none where no topic stands out."""
    from features.nlp.lda import topic_shares

    texts = (posts["title"].fillna("") + "\n" + posts["text"].fillna("")).tolist()
    names = [", ".join(words[:TOPIC_WORDS]) for words in model.lda_words]
    pairs: list[tuple[int, str]] = []
    for start in range(0, len(texts), AT_ONCE):
        counts = model.vocabulary.counts([terms_of(text) for text in texts[start : start + AT_ONCE]])
        shares = topic_shares(counts, model.expected_log_words)
        clear = counts.any(axis=1) & (shares.max(axis=1) >= TOPIC_SHARE)
        best = shares.argmax(axis=1)
        pairs += [(start + int(i), names[best[i]]) for i in np.flatnonzero(clear)]
    return _uses(pairs)


def sound_uses(posts: pd.DataFrame, fingerprints: Mapping[str, str]) -> Uses:
    """Posts (post_id, published_at) that use the same sound, named by the first of them; `fingerprints`: of the post's
    recording, in hexadecimal (`features.audio.fingerprint`), by post_id; posts without one have no sound."""
    from features.media.sounds import Sounds

    order = posts.sort_values(["published_at", "post_id"], kind="stable")["post_id"]
    heard = [post for post in order if post in fingerprints]
    sounds = Sounds.of([(post, fingerprints[post]) for post in heard])
    rank = {post: i for i, post in enumerate(heard)}
    first: dict[str, str] = {}
    for post in heard:
        same = [one.id for one in sounds.near(fingerprints[post]) if one.same and rank[one.id] < rank[post]]
        first[post] = first[min(same, key=rank.__getitem__)] if same else post
    shared = Counter(first.values())
    pairs = [
        (row, f"sound of {first[post]}")
        for row, post in enumerate(posts["post_id"])
        if post in first and shared[first[post]] > 1
    ]
    return _uses(pairs)


def _written(posts: pd.DataFrame) -> Iterator[str]:
    for title, text in zip(posts["title"], posts["text"], strict=True):
        yield _NOT_WORDS.sub(" . ", (title or text or "")[:TITLE_CHARS])


def _phrases(words: str) -> set[Phrase]:
    return {phrase for phrase in candidates(words, {}) if any(len(word) > 2 for word in phrase)}


def _parts(phrase: Phrase) -> Iterator[Phrase]:
    for size in range(1, len(phrase)):
        for start in range(len(phrase) - size + 1):
            yield phrase[start : start + size]


def _uses(pairs: list[tuple[int, str]]) -> Uses:
    terms: Any = np.array([term for _, term in pairs], dtype=object)
    return Uses(np.array([row for row, _ in pairs], dtype=np.int64), terms)
