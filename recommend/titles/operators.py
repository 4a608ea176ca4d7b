"""Edits of a title for any language: its own parts cut, turned round, bracketed, calmed, and the creator's own sentences.

Each takes a `Page` and gives other titles; what they may say is checked afterwards, by the same filter as everybody's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from features.nlp.segmentation import words
from recommend.titles.brief import TitleBrief
from recommend.titles.lexicon import CALLS, CLOSED_ENGLISH, NUMBER_WORDS, OPENERS, UNITS
from recommend.titles.phrasing import (
    BRACKETED,
    Line,
    is_titled,
    line_of,
    lower_first,
    n_words,
    segments,
)
from recommend.titles.support import content_stems

ANAPHORA = re.compile(
    r"(?i)^(?:it|this|that|these|those|they|he|she|we|him|her|and|but|so|or|because|then|there|here|also|anyway|which|"
    r"et|mais|donc|il|elle|ça|c'est|pero|y|und|aber|das|es|er|sie)\b"
)
FEWEST, MOST = 3, 16
"""Words of a sentence that can be a title."""


@dataclass(frozen=True)
class Page:
    """One title and the brief it belongs to. `english`: whether English operators and stems apply."""

    brief: TitleBrief
    title: str

    @property
    def english(self) -> bool:
        return self.brief.language == "en"

    @cached_property
    def line(self) -> Line:
        return line_of(self.title)

    @cached_property
    def titled(self) -> bool:
        return is_titled(self.line.body)

    @cached_property
    def shown(self) -> str:
        """Where words may be seen in lower case."""
        return "\n".join((*self.brief.earlier, self.brief.said))

    def low(self, text: str) -> str | None:
        return lower_first(text, self.shown, titled=self.titled)

    @cached_property
    def content(self) -> frozenset[str]:
        return frozenset(content_stems(self.title, english=self.english))

    def stems(self, text: str) -> frozenset[str]:
        return frozenset(content_stems(text, english=self.english))


@dataclass(frozen=True)
class Operator:
    """`words`: what was done, as the creator reads it."""

    words: str
    apply: Callable[[Page], Iterator[str]]


def cut(page: Page) -> Iterator[str]:
    """The first part alone, or the second where it says enough by itself."""
    bracketed = BRACKETED.match(f"{page.line.body}{page.line.mark}")
    if bracketed and n_words(bracketed["a"]) >= FEWEST:
        yield page.line.put(bracketed["a"], bracketed["mark"])
    parts = segments(page.line.body)
    if parts is None:
        return
    first, second = parts
    if n_words(first) >= FEWEST:
        yield page.line.put(first, "" if first[-1] not in "?!" else None)
    alone = not re.search(r"(?i)\b(?:they|them|it|this|these)\b", second)
    if (
        n_words(second) >= FEWEST + 1
        and alone
        and not ANAPHORA.match(second)
        and len(page.stems(second)) >= 2
    ):
        yield page.line.put(second)


def turn_round(page: Page) -> Iterator[str]:
    """B: A of 'A: B'."""
    parts = segments(page.line.body)
    bracketed = BRACKETED.match(page.line.body)
    if parts is None and bracketed:
        parts = bracketed["a"].strip(), bracketed["b"].strip()
    if (
        parts is None
        or not (2 <= n_words(parts[1]) <= 8)
        or re.match(r"(?i)^(?:part|teil|partie|ep)\b", parts[1])
    ):
        return
    first, second = (part.rstrip("?!. ") for part in parts)
    asks = parts[0].endswith("?") or page.line.mark == "?"
    low = page.low(first)
    if low is None or (asks and not parts[0].endswith("?")):
        return
    yield page.line.put(f"{second}: {low}", "?" if asks else page.line.mark)


def bracket(page: Page) -> Iterator[str]:
    """A (B) of 'A | B', where B is short."""
    parts = segments(page.line.body)
    if parts is None or n_words(parts[1]) > 5 or n_words(parts[0]) < 2 or page.line.mark == "?":
        return
    second = parts[1].rstrip("?!. ")
    yield page.line.put(f"{parts[0]} ({page.low(second) or second})", "")


def colon(page: Page) -> Iterator[str]:
    """A: B of 'A | B' or 'A (B)'."""
    bracketed = BRACKETED.match(page.line.body)
    if bracketed and n_words(bracketed["b"]) >= 2:
        yield page.line.put(f"{bracketed['a'].strip()}: {bracketed['b']}", "")
    found = re.match(r"^(.+?)\s+[|–—-]\s+(.+)$", page.line.body)
    if found and ":" not in page.line.body:
        yield page.line.put(f"{found[1]}: {found[2]}")


def calm(page: Page) -> Iterator[str]:
    """Words in capitals written small, marks once, no emoji. Short words and those with digits may be abbreviations."""
    shown = page.shown

    def small(found: re.Match[str]) -> str:
        word = found.group()
        low = word.lower()
        known = re.search(rf"(?<!\w){re.escape(low)}(?!\w)", shown) or low in CLOSED_ENGLISH
        return low if known else word.capitalize() if len(word) >= 5 else word

    body = page.line.body
    if any(word.isupper() for word in re.findall(r"\b[^\W\d_]{4,}\b", body)):
        body = re.sub(
            r"(?<![\w-])[^\W\d_]{2,}(?![\w-])", lambda m: small(m) if m.group().isupper() else m.group(), body
        )
    if body != page.line.body or page.line.emoji:
        yield Line(body, page.line.mark, "").put(re.sub(r"([!?])[!?]+", r"\1", body))


def without_opener(page: Page) -> Iterator[str]:
    shorter = OPENERS.sub("", page.line.body)
    if shorter != page.line.body and n_words(shorter) >= FEWEST:
        yield page.line.put(shorter)


def own_sentence(page: Page) -> Iterator[str]:
    """What the creator says in the description or the video, where it speaks of the title's subject."""
    for sentence in page.brief.spoken_sentences[:200]:
        flat = " ".join(re.sub(r"#[\w·]+", "", sentence).split()).strip()
        size = len(words(flat))
        if not FEWEST + 1 <= size <= MOST or CALLS.search(flat) or ANAPHORA.match(flat) or "@" in flat:
            continue
        stems = page.stems(flat)
        shared = len(stems & page.content)
        if len(stems) >= 2 and shared >= min(2, len(page.content)) and not stems <= page.content:
            line = line_of(flat)
            yield line.put(line.body, "?" if line.mark == "?" else "")


def topic_first(page: Page) -> Iterator[str]:
    """What the content says most often, in front of a title that does not name it."""
    for phrase in page.brief.keyphrases:
        size = len(words(phrase))
        if not 1 <= size <= 3 or page.stems(phrase) & page.content or not _often(page, phrase):
            continue
        low = page.low(page.line.body)
        if low is not None and ":" not in page.line.body:
            yield page.line.put(f"{phrase}: {low}")
            return


def counted(page: Page) -> Iterator[str]:
    """A count or a length of time that the content tells in a sentence about the title's subject, in brackets."""
    if re.search(r"\d", page.line.body) or "(" in page.line.body or page.line.mark == "?" or not page.english:
        return
    numbers = "|".join(word for word in NUMBER_WORDS if word != "zero")
    amount = re.compile(rf"(?i)\b((?:in|for|after|under|within)\s+)?((?:\d[\d.,]*|{numbers})\s+{UNITS})\b")
    for sentence in page.brief.spoken_sentences[:200]:
        if not page.stems(sentence) & page.content:
            continue
        for found in amount.finditer(sentence):
            yield page.line.put(f"{page.line.body} ({(found[1] or '').lower()}{found[2]})", "")
            break


def _often(page: Page, phrase: str) -> bool:
    said = "\n".join(text for name, text in page.brief.sources.items() if name != "title").casefold()
    joined = phrase.casefold().replace(" ", "")
    tagged = any(tag.casefold().lstrip("#") == joined for tag in page.brief.hashtags)
    return tagged or len(re.findall(rf"(?<!\w){re.escape(phrase.casefold())}", said)) >= 2


ANY_LANGUAGE: tuple[Operator, ...] = (
    Operator("cut to its first part", cut),
    Operator("its parts turned round", turn_round),
    Operator("the end put in brackets", bracket),
    Operator("its parts joined by a colon", colon),
    Operator("written calmly, without capitals and emoji", calm),
    Operator("without its opening phrase", without_opener),
    Operator("a sentence of your own", own_sentence),
    Operator("the subject named first", topic_first),
    Operator("with a number your content tells", counted),
)
