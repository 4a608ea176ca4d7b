"""Everything read from words, also from those nobody should write."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creatorlens.reading.text import TextReading
from features.encoder import load_encoder
from features.nlp.reading import EXTRACTORS, part_keys, read_text, read_texts
from features.nlp.topics import fit_topics
from features.nlp.words import Words
from features.text import headlines
from features.weights.models import Models

FULL = Words(
    "10 secrets of sourdough you won't believe",
    "Here's why your bread fails. Subscribe! #bread @baker",
    ("baking",),
    "Hello and welcome. Today we bake bread. It is wonderful. " * 5,
    "BREAD SECRETS",
    ("My sourdough starter", "iPhone review"),
    "en",
)


def test_each_part_is_read_or_says_why_not(models: Models) -> None:
    found = read_text(FULL, models)
    for extractor in EXTRACTORS:
        assert (getattr(found, extractor.field) is None) == (extractor.field in found.absent), extractor.field
    assert set(found.absent) >= {"topics", "emotion", "hate", "entities", "translation"}
    assert "weights pull" in found.absent["hate"]
    assert found.sentiment is not None
    assert {field.field: field.compound > 0 for field in found.sentiment.fields}["transcript"]
    assert found.tokens is not None
    assert found.tokens.fields[0].words == 7


def test_a_record_survives_json_and_is_read_again_the_same(models: Models) -> None:
    found = read_text(FULL, models)
    assert TextReading.model_validate_json(found.model_dump_json()) == found
    assert read_text(FULL, models) == found


def test_a_batch_gives_what_each_gives_alone(models: Models) -> None:
    pieces = [
        FULL,
        Words(),
        Words("🎉"),
        Words("Bonjour à tous mes amis"),
        replace(FULL, title="lol", transcript=""),
    ]
    assert read_texts(pieces, models) == [read_text(piece, models) for piece in pieces]
    assert read_texts([], models) == []


def test_what_is_known_is_not_read_again(wordless: Models) -> None:
    first = read_text(FULL, wordless)
    assert first.cues is not None
    other = read_text(Words("nothing"), wordless, known={"cues": first.cues})
    assert other.cues is first.cues


def test_the_vector_is_the_one_the_models_read(encoded: Models) -> None:
    import pandas as pd

    found = read_text(FULL, encoded).embedding
    assert found is not None
    encoder = load_encoder(encoded.settings)
    text = headlines(pd.Series([FULL.title]), pd.Series([FULL.text]))
    assert list(found.vector) == encoder.encode(text)[0].tolist()  # type: ignore[union-attr]
    assert found.model == encoder.model_id  # type: ignore[union-attr]


def test_a_key_changes_with_what_decides_its_part_alone(models: Models, wordless: Models) -> None:
    keys = part_keys(FULL, models)
    assert set(keys) == {extractor.field for extractor in EXTRACTORS}
    assert len(set(keys.values())) == len(keys)
    later = part_keys(replace(FULL, earlier_titles=(*FULL.earlier_titles, "one more")), models)
    assert {field for field in keys if keys[field] != later[field]} == {"channel"}
    corpus = fit_topics(["bread and flour", "phones and screens"] * 10)
    learned = part_keys(FULL, models, corpus=corpus)
    assert {field for field in keys if keys[field] != learned[field]} == {"topics", "keywords"}
    assert part_keys(replace(FULL, title="Other"), models)["cues"] != keys["cues"]
    assert part_keys(FULL, wordless)["cues"] == keys["cues"]


@settings(max_examples=80, deadline=None)
@given(
    title=st.text(max_size=80),
    text=st.text(st.characters(codec=None), max_size=200),
    tags=st.lists(st.text(max_size=10), max_size=3),
    spoken=st.text(max_size=100),
)
def test_any_words_are_read(wordless: Models, title: str, text: str, tags: list[str], spoken: str) -> None:
    found = read_text(Words(title, text, tuple(tags), spoken, earlier_titles=(text,)), wordless)
    assert TextReading.model_validate_json(found.model_dump_json()) == found
    assert not [reason for reason in found.absent.values() if "could not be read" in reason]


@pytest.mark.parametrize(
    "unit",
    [
        "word and more. ",
        "a",
        ".",
        "[",
        "?!",
        "#1",
        "@a.",
        "家で",
        "🎉",
        "\ud800x ",
        "10 ",
        "\n",
        "كيف ",
        "a-",
        "here's ",
        "\x00",
    ],
)
def test_ten_megabytes_are_read_in_part_and_say_so(wordless: Models, unit: str) -> None:
    """Nothing takes a square of the length: this ends, or the run does not."""
    long = unit * (10_000_000 // len(unit))
    found = read_text(Words(long, long, (), long, long), wordless)
    assert not [reason for reason in found.absent.values() if "could not be read" in reason]
    if found.tokens is not None:
        assert found.tokens.fields[0].read_share == pytest.approx(100_000 / len(long))


def test_mixed_scripts_and_directions(wordless: Models) -> None:
    found = read_text(Words("\u202eاللغة العربية mixed with English \u200f和中文 🎉"), wordless)
    assert found.tokens is not None
    assert found.tokens.fields[0].words == 8
    assert found.marks is not None
    assert found.marks.emoji == ("🎉",)
