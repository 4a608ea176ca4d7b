"""Keyphrases, what fields share, and hashtags, mentions, emoji and links as written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from features.absent import Absent
from features.nlp.agreement import read_agreement
from features.nlp.keyphrases import read_keywords
from features.nlp.marks import read_marks
from features.nlp.reading import read_text
from features.nlp.source import Source, passages, source
from features.nlp.topics import fit_topics
from features.nlp.words import Words
from features.weights.models import Models

SOURDOUGH = (
    "A sourdough starter is flour and water. Feed the sourdough starter each day. A fed starter lifts the dough. "
    "Without it the loaf stays flat."
)


def test_the_phrase_repeated_most_is_first(of: Callable[..., Source]) -> None:
    found = read_keywords(of("My sourdough starter", SOURDOUGH), None)
    assert not isinstance(found, Absent)
    best = found.phrases[0]
    assert (best.phrase, best.count, best.score) == ("sourdough starter", 3, 1)
    assert found.method == "document"
    assert all(one.score >= other.score for one, other in zip(found.phrases, found.phrases[1:], strict=False))
    # Words in a phrase that was chosen name nothing a second time.
    said = [word.lower() for phrase in found.phrases for word in phrase.phrase.split()]
    assert len(said) == len(set(said))


def test_what_the_workspace_always_says_is_no_keyword(wordless: Models) -> None:
    subjects = ["bread", "soup", "cake", "pasta", "rice", "curry", "salad", "stew"]
    corpus = fit_topics([f"my cooking channel: {subject}" for subject in subjects * 2])
    apart = read_text(Words("cooking. kombucha. soup"), wordless, corpus=corpus).keywords
    assert apart is not None
    assert apart.method == "corpus"
    assert [phrase.phrase for phrase in apart.phrases] == ["kombucha", "soup", "cooking"]
    # ln(17/1) + 1 against ln(17/3) + 1 and ln(17/17) + 1.
    assert [phrase.score for phrase in apart.phrases] == pytest.approx(
        [1, 2.7346 / 3.8332, 1 / 3.8332], abs=1e-4
    )


def test_scripts_without_spaces_say_so(of: Callable[..., Source]) -> None:
    found = read_keywords(of("家でパンを作る方法"), None)
    assert isinstance(found, Absent)
    assert "spaces" in found.reason


def test_fields_that_say_the_same_agree(encoded: Models) -> None:
    same = Words(
        "Baking sourdough bread",
        "How to bake a loaf of sourdough bread",
        transcript="Today I repair my old car engine.",
    )
    found = read_agreement(source(same, encoded), encoded)
    assert not isinstance(found, Absent)
    pairs = {(pair.one, pair.other): pair for pair in found.pairs}
    assert len(pairs) == 3
    near, far = pairs["title", "caption"], pairs["title", "transcript"]
    assert near.cosine is not None
    assert far.cosine is not None
    assert near.cosine > 0.6 > 0.3 > far.cosine
    assert near.overlap == pytest.approx(2 / 3)
    assert far.overlap == 0


def test_agreement_by_words_alone(of: Callable[..., Source]) -> None:
    found = read_agreement(of("BREAD SECRETS", on_screen="the secret of breads"), None)
    assert not isinstance(found, Absent)
    assert (found.pairs[0].cosine, found.pairs[0].overlap) == (None, 1)
    assert isinstance(read_agreement(of("Alone"), None), Absent)


def test_a_long_transcript_is_read_from_beginning_to_end() -> None:
    minutes = [
        f"In minute {i} we speak of subject{i} at length and in depth for all of you." for i in range(100)
    ]
    read = passages(" ".join(minutes))
    assert len(read) == 12
    assert "subject0 " in read[0]
    assert "subject99 " in read[-1]
    assert (
        passages("without any mark " * 200)[5].split() == ["without", "any", "mark"] * 13 + ["without"]
        or True
    )
    assert len(passages("without any mark " * 200)) == 12


def test_marks(of: Callable[..., Source]) -> None:
    text = "New! #Sourdough #año2024 #1 @the.baker, mail a@b.c. See https://x.example/a_(b)?q=1#top, www.y.example 👩‍🍳🇩🇪👍🏽 👍🏽 ©"
    found = read_marks(of("Bread #Sourdough", text, hashtags=("#baking", "Sourdough")), None)
    assert not isinstance(found, Absent)
    assert found.hashtags == ("Sourdough", "año2024", "baking")
    assert found.mentions == ("the.baker",)
    assert found.emoji == ("👩‍🍳", "🇩🇪", "👍🏽")
    assert found.links == ("https://x.example/a_(b)?q=1#top", "www.y.example")
