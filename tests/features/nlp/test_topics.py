"""Topics learned from a workspace's own posts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from creatorlens.errors import NotReadyError
from creatorlens.settings import Settings
from features.absent import Absent
from features.nlp.lda import expected_log, topic_shares
from features.nlp.reading import read_text
from features.nlp.sentence_vectors import SentenceVectors
from features.nlp.topic_store import load_topics, save_topics, topic_folder
from features.nlp.topics import TopicModel, fit_topics
from features.nlp.words import Words
from features.weights.models import Models

BREAD = ["bake", "bread", "sourdough", "flour", "oven", "dough", "crust", "yeast", "loaf", "knead"]
PHONES = [
    "phone",
    "camera",
    "battery",
    "screen",
    "pixel",
    "android",
    "charger",
    "tablet",
    "review",
    "benchmark",
]


def themed(n: int = 60) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(0)
    themes = [BREAD if i % 2 else PHONES for i in range(n)]
    texts = [f"My {' '.join(rng.choice(theme, 4, replace=False))} today" for theme in themes]
    return texts, ["bread" if theme is BREAD else "phones" for theme in themes]


@pytest.fixture(scope="module")
def learned(models: Models) -> TopicModel:
    texts, _ = themed()
    vectors = SentenceVectors(models)
    found = vectors.of(texts)
    made = None if isinstance(found, Absent) else found
    return fit_topics(texts, made, topics=2, known_at="2024-05-01T00:00:00+00:00", encoder=vectors.model_id)


def test_two_themes_are_two_topics(learned: TopicModel) -> None:
    for names in filter(None, (learned.lda_words, learned.cluster_words)):
        assert len(names) == 2
        sides = [{word in BREAD for word in words} for words in names]
        assert sorted(map(tuple, sides)) == [(False,), (True,)], names


def test_a_new_text_is_about_its_theme(learned: TopicModel, models: Models) -> None:
    found = read_text(
        Words("Sourdough without an oven?", "flour, yeast and a loaf"), models, corpus=learned
    ).topics
    assert found is not None
    assert found.lda[0].share > 0.8
    assert set(found.lda[0].words) <= set(BREAD)
    assert (found.posts, found.known_at, found.model) == (60, "2024-05-01T00:00:00+00:00", learned.model_id)
    if learned.centres is not None:
        assert found.embedding[0].share > 0.6
        assert set(found.embedding[0].words) <= set(BREAD)
        assert sum(one.share for one in found.embedding) == pytest.approx(1)


def test_equal_seeds_learn_equal_topics(models: Models) -> None:
    texts, _ = themed()
    unit = np.random.default_rng(1).normal(size=(60, 8)).astype(np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    one, same = (fit_topics(texts, unit, seed=3, encoder="e") for _ in range(2))
    assert one.model_id == same.model_id
    assert one.lda_words == same.lda_words
    assert fit_topics(texts, unit, seed=4, encoder="e").model_id != one.model_id


def test_shares_of_a_new_text_are_those_of_scikit_learn() -> None:
    from sklearn.decomposition import LatentDirichletAllocation

    counts = np.random.default_rng(0).poisson(0.3, (40, 30))
    lda = LatentDirichletAllocation(5, random_state=0, max_iter=5).fit(counts)
    ours = topic_shares(counts.astype(float), expected_log(lda.components_))
    np.testing.assert_allclose(ours, lda.transform(counts), atol=1e-9)


def test_topics_kept_are_topics_read(learned: TopicModel, models: Models, tmp_path: Path) -> None:
    folder = topic_folder(Settings(home=tmp_path), "../a workspace")
    assert tmp_path in folder.resolve().parents
    assert isinstance(load_topics(folder), Absent)
    save_topics(learned, folder)
    kept = load_topics(folder)
    assert isinstance(kept, TopicModel)
    assert kept.model_id == learned.model_id
    words = Words("A loaf of bread", "and a phone")
    assert read_text(words, models, corpus=kept) == read_text(words, models, corpus=learned)
    other = fit_topics(themed()[0], topics=3)
    save_topics(other, folder)
    newest = load_topics(folder)
    assert isinstance(newest, TopicModel)
    assert newest.model_id == other.model_id


def test_damaged_topics_say_what_to_do(learned: TopicModel, tmp_path: Path) -> None:
    save_topics(learned, tmp_path)
    version = (tmp_path / "current").read_text()
    (tmp_path / version / "arrays.safetensors").write_bytes(b"half")
    found = load_topics(tmp_path)
    assert isinstance(found, Absent)
    assert "learn them again" in found.reason


def test_a_handful_of_posts_is_too_little() -> None:
    with pytest.raises(NotReadyError, match="at least 10"):
        fit_topics(["bread and bread", "phones", "", None, "🎉"])  # type: ignore[list-item]


def test_without_a_corpus_topics_are_absent_with_a_reason(wordless: Models) -> None:
    found = read_text(Words("Bread"), wordless)
    assert found.topics is None
    assert "own posts" in found.absent["topics"]


def test_vectors_of_another_encoder_are_not_compared(models: Models) -> None:
    texts, _ = themed()
    unit = np.eye(384, dtype=np.float32)[:60]
    found = read_text(
        Words("A loaf of bread"), models, corpus=fit_topics(texts, unit, encoder="another")
    ).topics
    assert found is not None
    assert found.embedding == ()
    assert found.lda


def test_scripts_without_spaces_have_topics_too() -> None:
    texts = ["家でパンを焼く方法", "新しい携帯電話の紹介"] * 10
    found = fit_topics(texts, topics=2)
    assert any("パン" in "".join(words) for words in found.lda_words)
