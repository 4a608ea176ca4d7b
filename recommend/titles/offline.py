"""The generator that needs no weights: edits of the creator's own words, one after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recommend.titles.brief import Candidate, TextField, TitleBrief
from recommend.titles.captions import caption_edits, description_edits
from recommend.titles.english import ENGLISH, digits, end_in_brackets
from recommend.titles.operators import ANY_LANGUAGE, Operator, Page

EDITS = "edits"
SECOND: tuple[Operator, ...] = (
    Operator("the number in digits", digits),
    Operator("the end put in brackets", end_in_brackets),
)
"""Small edits that go on top of others."""


@dataclass(frozen=True)
class EditOperators:
    """Words only from the draft, its transcript and its text on screen, besides closed-class ones."""

    name: str = EDITS

    def propose(self, brief: TitleBrief, n: int) -> list[Candidate]:
        found: dict[tuple[TextField, str], Candidate] = {}
        for field, words, operator in self._edits(brief):
            found.setdefault((field, words), Candidate(field, words, operator, self.name))
        return list(found.values())[:n]

    def _edits(self, brief: TitleBrief) -> Iterator[tuple[TextField, str, str]]:
        if brief.field == "title":
            yield from (("title", words, operator) for words, operator in title_edits(brief, brief.title))
            yield from (("text", words, operator) for words, operator in description_edits(brief))
        else:
            yield from (("text", words, operator) for words, operator in caption_edits(brief, title_edits))


def title_edits(brief: TitleBrief, title: str) -> Iterator[tuple[str, str]]:
    """Other titles, each with what was done: single edits first, then pairs."""
    operators = (*ENGLISH, *ANY_LANGUAGE) if brief.language == "en" else ANY_LANGUAGE
    once: list[tuple[str, str]] = []
    for operator in operators:
        for words in operator.apply(Page(brief, title)):
            if words and words != title:
                once.append((words, operator.words))
                yield words, operator.words
    for words, said in once:
        for second in SECOND if brief.language == "en" else ():
            if second.words == said:
                continue
            for again in second.apply(Page(brief, words)):
                if again and again not in (title, words):
                    yield again, f"{said}, {second.words}"
