"""Which candidates may not be shown, and why, in words.

Each rule judges a candidate by itself; what is left is then compared with what came before it. Filtering twice gives
the same as filtering once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from features.nlp.segmentation import words
from recommend.titles.brief import Candidate, TitleBrief
from recommend.titles.lexicon import BAIT, CALLS, DISCLOSES, MENTION, PROMISES
from recommend.titles.phrasing import EMOJI
from recommend.titles.support import Support, clauses, content_stems, stem, support_of

LanguageOf = Callable[[str], dict[str, float]]
"""Confidence by ISO 639-1 code, of a text; empty without letters."""

SURE, POSSIBLE, LETTERS = 0.5, 0.2, 12
FEWEST_CHARS, FEWEST_WORDS = 6, 2
MOST_EMOJI, MOST_SHOUTED = 3, 0.5
NEAR_EARLIER = 0.9
EARLIER = 200

TOO_LONG = "longer than the platform takes"
TOO_SHORT = "too short to say anything"
CONTROL = "line breaks or control characters in a title"
BANNED = "a banned word"
UNSUPPORTED = "says what the content does not"
PROMISE = "promises what the content does not say"
CLICKBAIT = "clickbait"
LOUD = "too many capitals, marks or emoji"
CREDIT = "drops a mention or that it is paid for"
LANGUAGE = "not in the draft's language"
SAME = "the same as it is now"
EARLIER_TITLE = "nearly an earlier title of the channel"
TWICE = "nearly the same as another candidate"


@dataclass(frozen=True)
class Filter:
    """For one draft."""

    brief: TitleBrief
    language_of: LanguageOf | None = None

    def passing(self, candidates: Iterable[Candidate]) -> tuple[list[Candidate], dict[str, int]]:
        """Those that may be shown, in order, and how many were left out for which reason."""
        kept: list[Candidate] = []
        seen: set[tuple[str, tuple[str, ...], bool]] = set()
        why: Counter[str] = Counter()
        for candidate in candidates:
            reason = self.reason(candidate)
            key = (candidate.field, _looks(candidate), "?" in candidate.words)
            if reason is None and key in seen:
                reason = TWICE
            if reason is None:
                seen.add(key)
                kept.append(candidate)
            else:
                why[reason] += 1
        return kept, dict(why)

    def reason(self, candidate: Candidate) -> str | None:
        """Why it may not be shown; None where it may. Cheap rules first."""
        said, now = candidate.words, self._now(candidate)
        head = said if candidate.field == "title" else said.partition("\n")[0]
        if len(said) > self.brief.limit(candidate.field):
            return TOO_LONG
        if len(said.strip()) < FEWEST_CHARS or len(words(said)) < FEWEST_WORDS:
            return TOO_SHORT
        if candidate.field == "title" and any(ord(letter) < 32 for letter in said):
            return CONTROL
        if _lines(said) == _lines(now):
            return SAME
        if self._banned and self._banned.search(said):
            return BANNED
        if BAIT.search(said) and not BAIT.search(self.brief.current):
            return CLICKBAIT
        if any(" ".join(found.split()).casefold() not in self._said for found in PROMISES.findall(said)):
            return PROMISE
        if self.support.missing(said):
            return UNSUPPORTED
        if _loudness(head) > _loudness(now.partition("\n")[0]) and _loud(head):
            return LOUD
        if CALLS.search(head) and not CALLS.search(now.partition("\n")[0]):
            return CLICKBAIT
        if set(_credits(now)) - set(_credits(said)):
            return CREDIT
        if not _bag(head) <= self._bag_now and not self._in_language(head):
            return LANGUAGE
        if candidate.field == self.brief.field and self._said_before(head):
            return EARLIER_TITLE
        return None

    @cached_property
    def support(self) -> Support:
        return support_of(self.brief.said, english=self.brief.language == "en")

    @cached_property
    def _bag_now(self) -> frozenset[str]:
        return _bag(self.brief.current)

    @cached_property
    def _said(self) -> str:
        return " ".join(self.brief.said.split()).casefold()

    @cached_property
    def _banned(self) -> re.Pattern[str] | None:
        told = [re.escape(word.strip()) for word in self.brief.banned if word.strip()]
        return re.compile(rf"(?i)(?<!\w)(?:{'|'.join(told)})(?!\w)") if told else None

    @cached_property
    def _earlier(self) -> list[frozenset[str]]:
        mine = _bag(self.brief.current.partition("\n")[0])
        bags = [_bag(title) for title in self.brief.earlier[-EARLIER:]]
        # A series repeats its title on purpose: what the draft does itself is no fault of a candidate.
        return [bag for bag in bags if bag and not _near(bag, mine)]

    def _now(self, candidate: Candidate) -> str:
        return self.brief.title if candidate.field == "title" else self.brief.text

    def _said_before(self, head: str) -> bool:
        bag = _bag(head)
        return any(_near(bag, other) for other in self._earlier)

    def _in_language(self, head: str) -> bool:
        wanted = self.brief.language
        if wanted is None or self.language_of is None or sum(map(str.isalpha, head)) < LETTERS:
            return True
        told = self.language_of(head)
        if not told:
            return True
        best = max(told, key=lambda code: told[code])
        return best == wanted or told[best] < SURE or told.get(wanted, 0.0) >= POSSIBLE


def supported_by(brief: TitleBrief) -> tuple[str, ...]:
    """Names of what candidates are checked against."""
    from recommend.titles.brief import SEEN

    return tuple(SEEN.get(name, name) for name in brief.sources)


def distinct(candidates: Sequence[Candidate], *, english: bool) -> list[frozenset[str]]:
    """Content words of each candidate, for telling how alike two are."""
    return [frozenset(content_stems(one.words, english=english)) for one in candidates]


def _lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if line.strip()]


def _credits(text: str) -> list[str]:
    return [found.casefold() for form in (MENTION, DISCLOSES) for found in form.findall(text)]


def _spoken(text: str) -> tuple[str, ...]:
    return tuple(stem(word, False) for clause in clauses(text) for word in clause)


def _looks(candidate: Candidate) -> tuple[str, ...]:
    """Captions may differ in their lines alone."""
    lines = [candidate.words] if candidate.field == "title" else candidate.words.splitlines()
    return tuple(word for line in lines if line.strip() for word in (*_spoken(line), ""))


def _bag(text: str) -> frozenset[str]:
    return frozenset(_spoken(text))


def _near(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= NEAR_EARLIER * len(one | other)


def _loudness(text: str) -> float:
    told = [word for word in words(text) if len(word) >= 4 and word.isalpha()]
    shouted = sum(word.isupper() for word in told) / len(told) if told else 0.0
    return shouted + len(re.findall(EMOJI, text)) / 10 + len(re.findall(r"[!?！？]{2,}|!", text)) / 10


def _loud(text: str) -> bool:
    told = [word for word in words(text) if len(word) >= 4 and word.isalpha()]
    shouted = sum(word.isupper() for word in told) > MOST_SHOUTED * len(told) if told else False
    return (
        shouted or len(re.findall(EMOJI, text)) > MOST_EMOJI or re.search(r"[!?！？]{2,}", text) is not None
    )
