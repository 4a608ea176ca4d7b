"""Which language each field is in: lingua, over all its languages, by its small n-gram models.

The small models tell titles apart as well as the large ones, in a fifth of the time and of the memory.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from creatorlens.reading.text import FieldLanguage, Language, LanguageGuess
from features.absent import Absent
from features.nlp.source import Source
from features.weights.models import Models

# More would not make it surer.
MAX_CHARS = 600
RANKED = 12
# The detector adds in an order that differs between calls: its last digits mean nothing.
DECIMALS = 6
NEAR = 0.2
"""A hinted language is taken when its confidence is within this of the best."""
UNSURE, SURE = 0.8, 0.9
"""A field below the one takes the language of the whole piece, where that is above the other."""
NOT_LANGUAGE = re.compile(r"(?i)\b(?:https?://|www\.)\S+|[@#]\w+")


def read_language(source: Source, _: Models) -> Language | Absent:
    found = []
    for name, text in source.fields.items():
        ranked = guesses(source, text)
        if ranked:
            first, second = ranked[0], ranked[1] if len(ranked) > 1 and ranked[1].confidence > 0 else None
            field = FieldLanguage(field=name, code=first.code, confidence=first.confidence, second=second)
            found.append((sum(letter.isalpha() for letter in text[:MAX_CHARS]), field))
    if not found:
        return Absent("no letters to tell a language by")
    best = max(found, key=lambda pair: pair[0])[1]
    fields = tuple(field for _, field in found)
    return Language(code=best.code, confidence=best.confidence, second=best.second, fields=fields)


def guesses(source: Source, text: str) -> list[LanguageGuess]:
    """Two best guesses; none without letters. A hint decides between near ones, the whole piece where one is unsure."""
    ranked = _ranked(source, text)
    if not ranked:
        return []
    hint = (source.words.language or "").lower().partition("-")[0]
    preferred = [one for one in ranked if one.code == hint and ranked[0].confidence - one.confidence <= NEAR]
    if not preferred and ranked[0].confidence < UNSURE and len(source.fields) > 1:
        whole = _ranked(source, whole_of(source))
        if whole and whole[0].confidence > SURE:
            preferred = [one for one in ranked if one.code == whole[0].code]
    return (preferred + [one for one in ranked if one not in preferred])[:2]


def confidence(text: str) -> dict[str, float]:
    """Of one text, by ISO 639-1 code; empty without letters."""
    beginning = _beginning(text)
    if not any(map(str.isalpha, beginning)):
        return {}
    values = _detector().compute_language_confidence_values(beginning)
    return {code_of(value.language): float(value.value) for value in values[:RANKED]}


def whole_of(source: Source) -> str:
    return "\n".join(text[:MAX_CHARS] for text in source.fields.values())


def confidences(sources: Sequence[Source]) -> dict[str, Any]:
    """For many pieces at once, on all cores: what `guesses` would ask for one by one."""
    texts = [text for source in sources for text in source.fields.values()]
    texts += [whole_of(source) for source in sources if len(source.fields) > 1]
    asked = sorted({beginning for beginning in map(_beginning, texts) if any(map(str.isalpha, beginning))})
    return dict(zip(asked, _detector().compute_language_confidence_values_in_parallel(asked), strict=True))


def english(source: Source, text: str) -> bool:
    return language_of(source, text) == "en"


def language_of(source: Source, text: str) -> str | None:
    found = guesses(source, text)
    return found[0].code if found else None


def _ranked(source: Source, text: str) -> list[LanguageGuess]:
    """Languages with any chance, likeliest first."""
    beginning = _beginning(text)
    if not any(map(str.isalpha, beginning)):
        return []
    values = source.guessed.get(beginning) or source.prepared.confidences.get(beginning)
    if values is None:
        values = _detector().compute_language_confidence_values(beginning)
    source.guessed[beginning] = values
    return [
        LanguageGuess(code=code_of(value.language), confidence=round(min(1.0, value.value), DECIMALS))
        for value in values[:RANKED]
        if value.value > 10**-DECIMALS
    ]


def _beginning(text: str) -> str:
    """What is asked: without links, mentions and tags, which are in no language."""
    return NOT_LANGUAGE.sub(" ", text[: 2 * MAX_CHARS])[:MAX_CHARS].strip() or text[:MAX_CHARS]


@cache
def code_of(language: Any) -> str:
    return language.iso_code_639_1.name.lower()


@cache
def _detector() -> Any:
    from lingua import LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_all_languages().with_low_accuracy_mode().build()
