"""Learn the topics of a workspace from its own posts up to a moment, and keep them for whoever reads words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features.absent import Absent
from features.nlp.topic_store import load_topics, save_topics, topic_folder
from features.nlp.topics import MAX_POSTS, TopicModel, fit_topics

if TYPE_CHECKING:
    from sqlalchemy import Engine

VERSION = 1
"""Raised when equal posts would give other topics."""


def learn_topics(
    engine: Engine,
    settings: Settings,
    *,
    until: datetime | None = None,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> TopicModel | Absent:
    """From the newest posts of every platform, published at `until` or before; unchanged posts are not learned again.

    Sentence vectors come from the cache of embeddings. Absent where there are too few posts.
    """
    posts = _posts(engine, settings, until)
    if posts.empty:
        return Absent("there are no posts to learn topics from")
    from features.encoder import load_encoder

    found = load_encoder(settings)
    encoder = None if isinstance(found, Absent) else found
    encoder_id = None if encoder is None else encoder.model_id
    inputs = _hash(posts, encoder_id, seed)
    folder = topic_folder(settings, settings.workspace)
    kept = load_topics(folder)
    if isinstance(kept, TopicModel) and kept.inputs == inputs:
        return kept
    vectors = None
    if encoder is not None:
        from features.embedding_cache import embed
        from features.text import headlines

        vectors = embed(settings, encoder, headlines(posts["title"], posts["text"]), progress)
    progress(f"topics: learning from {len(posts)} posts")
    known_at = pd.Timestamp(posts["published_at"].iloc[-1]).isoformat()
    texts = (posts["title"] + "\n" + posts["text"]).tolist()
    try:
        model = fit_topics(texts, vectors, seed=seed, known_at=known_at, encoder=encoder_id)
    except NotReadyError as error:
        return Absent(str(error))
    model = replace(model, inputs=inputs)
    save_topics(model, folder)
    return model


def _posts(engine: Engine, settings: Settings, until: datetime | None) -> pd.DataFrame:
    """The newest `MAX_POSTS`, oldest first: title, text, published_at."""
    from creatorlens.database.frames import read_posts

    columns = ["published_at", "post_id", "title", "text"]
    tables = [read_posts(engine, settings.workspace, platform)[columns] for platform in Platform]
    posts = pd.concat([table for table in tables if not table.empty] or tables[:1], ignore_index=True)
    if until is not None:
        posts = posts[posts["published_at"] <= pd.Timestamp(until)]
    posts = posts.sort_values(["published_at", "post_id"], kind="stable", ignore_index=True).tail(MAX_POSTS)
    return posts.reset_index(drop=True).fillna({"title": "", "text": ""})


def _hash(posts: pd.DataFrame, encoder_id: str | None, seed: int) -> str:
    digest = hashlib.sha256(f"{VERSION}|{encoder_id}|{seed}|{len(posts)}".encode())
    digest.update(pd.util.hash_pandas_object(posts, index=False).to_numpy().tobytes())
    return digest.hexdigest()[:16]
