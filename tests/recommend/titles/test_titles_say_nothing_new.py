"""Whatever the draft says: what passes the filter says nothing the draft does not, fits the platform and has no banned word."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creatorlens.platforms import Platform
from features.nlp.segmentation import words
from recommend.titles.brief import Candidate, TitleBrief
from recommend.titles.filtering import (
    BANNED,
    CLICKBAIT,
    CREDIT,
    LANGUAGE,
    PROMISE,
    TOO_LONG,
    UNSUPPORTED,
    Filter,
)
from recommend.titles.lexicon import CLOSED_ENGLISH, NUMBER_WORDS
from recommend.titles.offline import EditOperators

NOUNS = (
    "garden",
    "tomatoes",
    "potatoes",
    "raised beds",
    "compost",
    "seeds",
    "a cedar box",
    "two square metres of beans",
)
VERBS = ("plan", "store", "grow", "save", "build", "water")
FRAMES = (
    "How to {v} {n} without {m}", "How I {v} {n}", "{n} vs {m}", "{n}: what nobody told me", "7 ways to {v} {n}",
    "I tried {n} for 30 days", "Why do my {n} fail?", "The truth about {n} | my honest review", "{n} ({m})",
    "What I learned about {n}", "NEVER {v} {n} AGAIN!!!", "{n} – {m} 🔥 #garden", "Is it worth it to {v} {n}?",
    "I really {v} {n}, and what went wrong", "How to {v} {n} in 20 minutes",
)  # fmt: skip


@st.composite
def briefs(draw: st.DrawFn) -> TitleBrief:
    """Drafts put together from frames people use, with some transcript."""

    def filled(frame: str) -> str:
        chosen = {
            "n": draw(st.sampled_from(NOUNS)),
            "m": draw(st.sampled_from(NOUNS)),
            "v": draw(st.sampled_from(VERBS)),
        }
        text = frame.format(**chosen)
        return text[0].upper() + text[1:]

    said = [filled(draw(st.sampled_from(FRAMES))) for _ in range(draw(st.integers(0, 5)))]
    return TitleBrief(
        platform=draw(st.sampled_from(list(Platform))),
        title=filled(draw(st.sampled_from(FRAMES))),
        text=". ".join(said[:2]),
        transcript=". ".join(said[2:]),
        keyphrases=tuple(draw(st.lists(st.sampled_from(NOUNS), max_size=2))),
        language="en",
        banned=tuple(draw(st.lists(st.sampled_from(("garden", "raised beds", "honest")), max_size=2))),
        earlier=tuple(said),
    )


def shown(brief: TitleBrief) -> list[Candidate]:
    return Filter(brief).passing(EditOperators().propose(brief, 80))[0]


@given(briefs())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_word_and_no_number_is_new(brief: TitleBrief) -> None:
    said = {word.casefold() for word in words(brief.said)}
    numbers = {str(NUMBER_WORDS[word]) for word in said if word in NUMBER_WORDS}
    for one in shown(brief):
        new = (
            {word.casefold().replace("’", "'") for word in words(one.words)} - said - numbers - CLOSED_ENGLISH
        )
        assert new == set(), one


@given(briefs())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_each_fits_the_platform_and_has_no_banned_word(brief: TitleBrief) -> None:
    for one in shown(brief):
        assert len(one.words) <= brief.limit(one.field)
        assert not any(re.search(rf"(?i)\b{re.escape(word)}\b", one.words) for word in brief.banned)
        assert one.words.strip() != (brief.title if one.field == "title" else brief.text).strip()


@given(briefs())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_filtering_twice_is_filtering_once_and_the_same_each_time(brief: TitleBrief) -> None:
    once = shown(brief)
    assert Filter(brief).passing(once) == (once, {})
    assert shown(brief) == once


@given(st.text(max_size=300), st.text(max_size=300), st.sampled_from(["en", "fr", "ja", None]))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_at_all_is_borne(title: str, text: str, language: str | None) -> None:
    brief = TitleBrief(platform=Platform.INSTAGRAM, title=title, text=text, language=language)
    for one in shown(brief):
        assert one.words.strip()


DRAFT = TitleBrief(
    platform=Platform.YOUTUBE,
    title="How I store 12 kilos of potatoes in a cellar",
    text="With @sam. #ad My cellar has 8 degrees. It cost $40.",
    transcript="I buy potatoes from three farms. Never wash them. In 2024 I lost half of them.",
    language="en",
    banned=("spud", "cellar door"),
)


@pytest.mark.parametrize(
    ("field", "said", "why"),
    [
        ("title", "How I store 20 kilos of potatoes", UNSUPPORTED), ("title", "How I store carrots", UNSUPPORTED),
        ("title", "I store 12 farms of potatoes", UNSUPPORTED), ("title", "Potatoes in a cellar that cost $12", UNSUPPORTED),
        ("title", "The best cellar potatoes", PROMISE), ("title", "The secret of my potatoes", PROMISE),
        ("title", "You won't believe how I store potatoes", CLICKBAIT), ("title", "How I store a spud", BANNED),
        ("title", "Potatoes behind a cellar door", BANNED), ("title", "Potatoes " * 20, TOO_LONG),
        ("text", "My cellar has 8 degrees. It cost $40. With @sam", CREDIT),
        ("text", "#ad My cellar has 8 degrees. It cost $40", CREDIT),
        ("title", "Never wash potatoes from a cellar", None), ("title", "I buy potatoes from 3 farms", None),
        ("title", "My cellar cost $40", None),
    ],
)  # fmt: skip
def test_what_may_not_be_said_is_told_apart(field: str, said: str, why: str | None) -> None:
    assert Filter(DRAFT).reason(Candidate(field, said, "by hand", "a test")) == why  # type: ignore[arg-type]


def test_another_language_than_the_drafts_is_refused_unless_the_draft_has_those_words() -> None:
    brief = TitleBrief(
        platform=Platform.YOUTUBE, title="Test : unboxing and review", text="Le téléphone est là", language="fr"
    )  # fmt: skip

    def told(text: str) -> dict[str, float]:
        return {"en": 0.95, "fr": 0.05} if "review" in text else {"fr": 0.9}

    judge = Filter(brief, told)
    assert judge.reason(Candidate("title", "Unboxing and review", "by hand", "a test")) is None
    other = Filter(replace(brief, title="Le téléphone est là", text="Unboxing and review"), told)
    assert other.reason(Candidate("title", "Unboxing and review", "by hand", "a test")) == LANGUAGE


def test_an_earlier_title_is_not_proposed_again_but_a_series_may_go_on() -> None:
    brief = TitleBrief(
        platform=Platform.YOUTUBE, title="Garden diary | week 3", language="en",
        earlier=("Garden diary | week 2", "Week 3: garden diary"),
    )  # fmt: skip
    assert {one.words for one in shown(brief)} == {"Garden diary: week 3"}
