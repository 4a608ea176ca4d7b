"""Topics of the posts in the database, up to a moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from creatorlens.settings import Settings
from features.absent import Absent
from features.nlp.topic_store import load_topics, topic_folder
from features.nlp.topics import TopicModel
from features.nlp.workspace_topics import learn_topics


def test_topics_know_nothing_of_later_posts(
    engine: Engine, settings: Settings, made_up: Callable[..., Any], fill: Callable[..., None]
) -> None:
    settings = settings.model_copy(update={"text_encoder": "none"})
    assert isinstance(learn_topics(engine, settings), Absent)
    tables = made_up(0, posts=80)
    times = tables.posts["published_at"]
    half = times.iloc[39]
    early_half = times <= half
    tables.posts["title"] = [
        f"{'bread' if early else 'phone'} {'red' if i % 3 else 'blue'}" if i % 3 < 2 else "a quiet day"
        for i, early in enumerate(early_half)
    ]
    fill(engine, settings.workspace, tables)
    early = learn_topics(engine, settings, until=half.to_pydatetime())
    assert isinstance(early, TopicModel)
    assert pd.Timestamp(early.known_at) == half
    assert early.vocabulary.posts == early_half.sum()
    assert "bread" in early.vocabulary.terms
    assert "phone" not in early.vocabulary.terms
    late = learn_topics(engine, settings)
    assert isinstance(late, TopicModel)
    assert pd.Timestamp(late.known_at) == times.max()
    assert {"phone", "bread"} <= set(late.vocabulary.terms)
    kept = load_topics(topic_folder(settings, settings.workspace))
    assert isinstance(kept, TopicModel)
    assert kept.model_id == late.model_id


def test_unchanged_posts_are_not_learned_again(
    engine: Engine, settings: Settings, made_up: Callable[..., Any], fill: Callable[..., None]
) -> None:
    settings = settings.model_copy(update={"text_encoder": "none"})
    fill(engine, settings.workspace, made_up(0, posts=60))
    told: list[str] = []
    first = learn_topics(engine, settings, progress=told.append)
    again = learn_topics(engine, settings, progress=told.append)
    assert isinstance(first, TopicModel)
    assert isinstance(again, TopicModel)
    assert again.model_id == first.model_id
    assert len(told) == 1
    assert learn_topics(engine, settings, seed=1, progress=told.append) is not None
    assert len(told) == 2
