"""Short titles in twelve languages, and those in none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from features.absent import Absent
from features.nlp.languages import read_language
from features.nlp.source import Source

TITLES = {
    "fr": "Comment faire du pain à la maison",
    "de": "Wie man zu Hause Brot backt",
    "es": "Cómo hacer pan en casa paso a paso",
    "ja": "家でパンを作る方法",
    "zh": "如何在家做面包",
    "ko": "집에서 빵 만드는 법",
    "ar": "كيف تصنع الخبز في المنزل",
    "ru": "Как испечь хлеб дома",
    "pt": "Como fazer pão em casa com a minha avó",
    "en": "How to bake bread at home",
    "hi": "घर पर रोटी कैसे बनाएं",
    "tr": "Evde ekmek nasıl yapılır",
}


@pytest.mark.parametrize(("code", "title"), TITLES.items())
def test_twelve_languages(of: Callable[..., Source], code: str, title: str) -> None:
    found = read_language(of(title), None)
    assert not isinstance(found, Absent)
    assert found.code == code
    assert found.confidence > 0.75
    assert [field.field for field in found.fields] == ["title"]


def test_lol_is_in_no_language_for_sure(of: Callable[..., Source]) -> None:
    found = read_language(of("lol"), None)
    assert not isinstance(found, Absent)
    assert found.confidence < 0.3
    assert found.second is not None
    assert found.second.confidence <= found.confidence


@pytest.mark.parametrize("title", ["", "🎉🎉", "2024!", "…", "\ud800"])
def test_without_letters_there_is_no_language(of: Callable[..., Source], title: str) -> None:
    assert isinstance(read_language(of(title), None), Absent)


def test_each_field_has_a_language_and_the_longest_speaks_for_all(of: Callable[..., Source]) -> None:
    found = read_language(of(TITLES["ja"], "Today we bake bread at home, slowly, with my grandmother"), None)
    assert not isinstance(found, Absent)
    assert found.code == "en"
    assert {field.field: field.code for field in found.fields} == {"title": "ja", "caption": "en"}


def test_links_and_tags_are_in_no_language(of: Callable[..., Source]) -> None:
    found = read_language(
        of(
            "How to bake good bread at home",
            "https://x.example/brot-backen #brotbacken @dasbrot this is the easy way",
        ),
        None,
    )
    assert not isinstance(found, Absent)
    assert {field.code for field in found.fields} == {"en"}


def test_a_hint_decides_between_near_guesses_only(of: Callable[..., Source]) -> None:
    clear = read_language(of(TITLES["de"], language="nl"), None)
    assert not isinstance(clear, Absent)
    assert clear.code == "de"
    unsure = read_language(of("lol"), None)
    assert not isinstance(unsure, Absent)
    assert unsure.second is not None
    hinted = read_language(of("lol", language=unsure.second.code), None)
    assert not isinstance(hinted, Absent)
    assert hinted.code == unsure.second.code
