"""Edits of a title for any language: its own parts cut, turned round, bracketed, calmed, and the creator's own sentences.

Each takes a `Page` and gives other titles; what they may say is checked afterwards, by the same filter as everybody's.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from features.nlp.segmentation import words
from recommend.titles.brief import TitleBrief
from recommend.titles.lexicon import CALLS, CLOSED_ELSEWHERE, CLOSED_ENGLISH, NUMBER_WORDS, OPENERS, UNITS
from recommend.titles.phrasing import (
    BRACKETED,
    SEPARATOR,
    Line,
    is_titled,
    line_of,
    lower_first,
    n_words,
    segments,
    without_last,
)
from recommend.titles.support import content_stems, is_closed

ANAPHORA = re.compile(
    r"(?i)^(?:it|this|that|these|those|they|he|she|we|him|her|and|but|so|or|because|then|there|here|also|anyway|which (?:is|was|means|makes)|"
    r"ne|n['’]\w+|attention|et|mais|donc|il|elle|ça|c['’]est|ce|cette|voici|voilà|pero|y|und|aber|das|es|er|sie)\b"
)
LEANS = re.compile(rf"{ANAPHORA.pattern}|\b(?:they|them|it|this|these)\b")
SEEN_OFTEN = 2
SPEAKS = re.compile(r"(?i)^(?:i|i['’]m|je|j['’]\w+|on|nous|vous|tu|ich|wir|yo|you)\b|^[^\w\"“«¿¡]")
REFERS = re.compile(
    rf"{LEANS.pattern}|\b(?:that|those|he|she|his|her|him|again|however|also|else|so|both|such|another|let['’]s)\b"
    r"|^(?:well|yes|no|ok|okay|turns out|of course|anyway|instead|still|now|today|first|second|next|finally|plus|oh)\b"
)
"""Leans on what was said before, so that it cannot stand alone."""
PART = re.compile(r"(?i)^(?:part|teil|partie|parte|ep|episode|épisode|vol)\b")
ENOUGH = 0.5
"""Share of a title's content words that a part of it must have to stand for it."""
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

    @cached_property
    def forms(self) -> dict[str, Counter[str]]:
        """How words are written in lines that are not mostly capitals, with their counts; first words of lines apart."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for line in self.shown.splitlines():
            told = re.findall(r"(?<![\w#@])[^\W\d_]{2,}", line)
            if sum(word.isupper() for word in told) <= 0.4 * len(told) and not is_titled(line):
                for word in told[1:]:
                    found[word.lower()][word] += 1
        return found

    def joined(self, first: str, second: str) -> str:
        """By a colon, as the language sets it."""
        return f"{first}{' :' if self.brief.language == 'fr' else ':'} {second}"

    def told_by(self, part: str) -> float:
        """Share of the title's content words."""
        return len(self.stems(part) & self.content) / max(1, len(self.content))

    def is_label(self, part: str) -> bool:
        """Nothing but names and nouns: what it is, and not what is said of it."""
        return not any(is_closed(word, self.english) for word in words(part))

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
    """A part alone, where it says most of the whole."""
    shorter = without_last(page.line.body)
    if shorter is not None and not page.is_label(shorter):
        yield page.line.put(shorter, "")
    bracketed = BRACKETED.match(f"{page.line.body}{page.line.mark}")
    if bracketed and n_words(bracketed["a"]) > FEWEST:
        yield page.line.put(bracketed["a"], bracketed["mark"])
    parts = segments(page.line.body)
    if parts is None:
        return
    first, second = parts
    if n_words(first) > FEWEST and page.told_by(first) >= ENOUGH and not page.is_label(first):
        yield page.line.put(first, "")
    stands = not LEANS.search(second) and not page.is_label(second)
    if n_words(second) > FEWEST + 1 and page.told_by(second) >= ENOUGH and stands:
        yield page.line.put(second)


def turn_round(page: Page) -> Iterator[str]:
    """B: A of 'A: B'."""
    parts = segments(page.line.body)
    if parts is None or not 2 <= n_words(parts[1]) <= 8 or not page.line.one:
        return
    if parts[0][-1] in "!." or PART.match(parts[1]) or _is_talk(parts[1]) or all(map(page.is_label, parts)):
        return
    first, second = (part.rstrip("?!. ") for part in parts)
    asks = parts[0].endswith("?") or page.line.mark == "?"
    low = page.low(first)
    if low is None or (asks and not parts[0].endswith("?")):
        return
    yield page.line.put(page.joined(second, low), "?" if asks else page.line.mark)


def bracket(page: Page) -> Iterator[str]:
    """A (B) of 'A | B', where B is short."""
    parts = segments(page.line.body)
    if parts is None or n_words(parts[1]) > 5 or n_words(parts[0]) < 2 or page.line.mark == "?":
        return
    first, second = parts[0], parts[1].rstrip("?!. ")
    if (
        all(map(page.is_label, parts))
        or _is_talk(second)
        or first[-1] in "?!"
        or re.search(r"[()\[\]]", page.line.body)
    ):
        return
    yield page.line.put(f"{first} ({page.low(second) or second})", "")


def colon(page: Page) -> Iterator[str]:
    """A: B of 'A | B' or 'A (B)'."""
    if not page.line.one:
        return
    if SEPARATOR.search(page.line.body) is None:
        bracketed = BRACKETED.match(page.line.body)
        asks = "?" in (page.line.mark, bracketed["mark"] if bracketed else "")
        if bracketed and not asks and n_words(bracketed["b"]) >= 3 and _is_heading(bracketed["b"]):
            yield page.line.put(page.joined(bracketed["a"].strip(), bracketed["b"]), "")
    found = re.match(r"^(.+?[^?!])\s+[|–—-]\s+(.+)$", page.line.body)
    if found and len(SEPARATOR.findall(page.line.body)) == 1 and n_words(found[1]) >= 2:
        yield page.line.put(page.joined(found[1], found[2]))


def calm(page: Page) -> Iterator[str]:
    """Words in capitals written as the channel writes them elsewhere, marks once, no emoji. Where it shows nowhere whether a
    word is a name, capitals stay."""
    body = re.sub(r"([!?])[!?]+", r"\1", page.line.body)
    shouted = {word for word in re.findall(r"(?<![\w#@-])[^\W\d_]{2,}(?![\w-])", body) if word.isupper()}
    if any(len(word) >= 4 for word in shouted):
        written = {word: _written(page, word) for word in shouted}
        if None not in written.values():
            body = re.sub(r"(?<![\w#@-])[^\W\d_]{2,}(?![\w-])", lambda m: written.get(m[0]) or m[0], body)
    # A caption keeps its emoji: there they are words.
    if body != page.line.body or (page.line.emoji and page.brief.field == "title"):
        yield Line(
            body, page.line.mark, "" if page.brief.field == "title" else page.line.emoji, page.line.gap
        ).put(body)


def _written(page: Page, word: str) -> str | None:
    """How a word in capitals is written where not everything is; None where that is not seen."""
    low = word.lower()
    seen: Counter[str] = page.forms.get(low, Counter())
    if seen[word] >= SEEN_OFTEN and not seen[low]:
        return word
    if seen[low] or low in CLOSED_ENGLISH or (not page.english and low in CLOSED_ELSEWHERE):
        return None if seen[word] > seen[low] else low
    if seen[word.capitalize()] >= SEEN_OFTEN and not seen[word]:
        return word.capitalize()
    return word.capitalize() if page.titled and len(word) >= 5 else None


def _is_talk(text: str) -> bool:
    """Speaks of what was said before, or asks for something: no heading of its own."""
    return any(form.match(text) for form in (ANAPHORA, SPEAKS)) or CALLS.search(text) is not None


def _is_heading(text: str) -> bool:
    return (text[0].isupper() or text[0].isdigit()) and not _is_talk(text)


def without_opener(page: Page) -> Iterator[str]:
    shorter = OPENERS.sub("", page.line.body)
    if shorter != page.line.body and n_words(shorter) >= FEWEST:
        yield page.line.put(shorter)


def own_sentence(page: Page) -> Iterator[str]:
    """What the creator says in the description or the video, where it speaks of the title's subject."""
    for sentence in page.brief.spoken_sentences[:200]:
        flat = " ".join(re.sub(r"#[\w·]+", "", sentence).split()).strip()
        size = len(words(flat))
        if not FEWEST + 1 <= size <= MOST or CALLS.search(flat) or REFERS.search(flat) or "@" in flat:
            continue
        if not (flat[0].isupper() or flat[0].isdigit()) or flat[-1] in "…,:;" or re.search('["“”«»]', flat):
            continue
        stems = page.stems(flat)
        shared = len(stems & page.content)
        if len(stems) >= 3 and shared >= min(2, len(page.content)) and not stems <= page.content:
            line = line_of(flat)
            yield line.put(line.body, "?" if line.mark == "?" else "")


def topic_first(page: Page) -> Iterator[str]:
    """What the content says most often, in front of a title that does not name it."""
    if SPEAKS.match(page.line.body):
        return
    for phrase in page.brief.keyphrases[:2]:
        size = len(words(phrase))
        if not 1 <= size <= 3 or page.stems(phrase) & page.content or not _often(page, phrase):
            continue
        low = page.low(page.line.body)
        if low is not None and ":" not in page.line.body:
            yield page.line.put(page.joined(phrase, low))
            return


def counted(page: Page) -> Iterator[str]:
    """A count or a length of time that the content tells in a sentence about the title's subject, in brackets."""
    if re.search(r"\d", page.line.body) or "(" in page.line.body or page.line.mark == "?" or not page.english:
        return
    numbers = "|".join(word for word in NUMBER_WORDS if word != "zero")
    amount = re.compile(rf"(?i)\b((?:in|for|after|under|within)\s+)?((?:\d[\d.,]*|{numbers})\s+{UNITS})\b")
    for sentence in page.brief.spoken_sentences[:200]:
        if len(page.stems(sentence) & page.content) < 2:
            continue
        for found in amount.finditer(sentence):
            if not found[2].endswith(("s", "feet", "people")) or re.match(
                r"[\s-]+(?:old|ago)\b", sentence[found.end() :]
            ):
                continue
            yield page.line.put(f"{page.line.body} ({(found[1] or '').lower()}{found[2]})", "")
            break


def _often(page: Page, phrase: str) -> bool:
    """Named at least twice beside the title, not only in tags, and in a sentence about the title's subject."""
    said = "\n".join(text for name, text in page.brief.sources.items() if name not in ("title", "hashtags"))
    found = re.findall(rf"(?i)([#@]?)(?<![^\W_]){re.escape(phrase)}(?!\w)", said)
    joined = phrase.casefold().replace(" ", "")
    tagged = any(tag.casefold().lstrip("#") == joined for tag in page.brief.hashtags)
    named = found.count("")
    about = [one for one in page.brief.spoken_sentences if page.stems(one) & page.content]
    with_it = any(phrase.casefold() in one.casefold() for one in about)
    return with_it and named >= 1 and named + tagged >= 2 and "@" not in found


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
