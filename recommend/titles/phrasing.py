"""Taking a title apart and putting its pieces together: segments, ends, capitals."""

from __future__ import annotations

import re
from dataclasses import dataclass

from recommend.titles.lexicon import CLOSED_ELSEWHERE, CLOSED_ENGLISH
from recommend.titles.support import content_stems

EMOJI = r"[\U0001F000-\U0001FAFF\u2600-\u27BF\u2B50\u2B55\uFE0F\u200D\U0001F1E6-\U0001F1FF]"
TAIL = re.compile(rf"(?:\s*(?:#[\w·]+|{EMOJI}+))+\s*$")
SEPARATOR = re.compile(r"\s+[|–—•-]\s+|\s?[|｜]\s?|\s?[:：]\s+")
ABBREVIATED = re.compile(r"\b[^\W\d_]\.[^\W\d_]\.$")
WITHIN = re.compile(rf"[.!?]\s+\w|{EMOJI}")
BRACKETED = re.compile(r"^(?P<a>[^()\[\]]{3,}?)\s*[\(\[](?P<b>[^()\[\]]{2,60})[\)\]]\s*(?P<mark>[?!.]?)$")
KEPT_UPPER = re.compile(r"^(?:I|I['’]\w+|[A-Z0-9][A-Z0-9&+.-]+s?|\w*[a-z][A-Z]\w*|\w*\d\w*)$")


@dataclass(frozen=True)
class Line:
    """A title without its tail of emoji and hashtags, and without its last mark. `emoji`: those of the tail; `gap`: before the
    mark, as French has it."""

    body: str
    mark: str
    emoji: str
    gap: str = ""

    def put(self, body: str, mark: str | None = None) -> str:
        """As a title again, with a capital at its start."""
        text = upper_first(" ".join(body.split()).strip(" ,;:|–—-"))
        end = self.mark if mark is None else mark
        if text and text[-1] in "?!.…" and end:
            end = ""
        end = self.gap + end if end and end in "?!" else end
        return f"{text}{end}{' ' + self.emoji if self.emoji else ''}"

    @property
    def one(self) -> bool:
        """One sentence, nothing between its words but words: what phrases can be taken out of."""
        return WITHIN.search(self.body) is None


def line_of(title: str) -> Line:
    flat = " ".join(title.split())
    tail = TAIL.search(flat)
    body = flat[: tail.start()] if tail else flat
    if tail and is_dangling(body):
        first = re.match(r"\s*#[\w·]+", tail.group())
        body += first.group() if first else ""
    emoji = "".join(re.findall(EMOJI, flat[len(body) :]))
    mark = re.search(r"[?!.？！。]+$", body)
    kept = mark.group() if mark and not ABBREVIATED.search(body) else ""
    bare = body[: len(body) - len(kept)]
    gap = " " if kept and bare.endswith((" ", "\u00a0", "\u202f")) else ""
    return Line(bare.strip(), "" if set(kept) == {"."} else kept[:1], emoji, gap)


def is_dangling(text: str) -> bool:
    """Ends in a word that needs another: 'at the'."""
    last = re.sub(r"\W+$", "", text.rsplit(maxsplit=1)[-1]).casefold() if text.split() else ""
    return last in CLOSED_ENGLISH or last in CLOSED_ELSEWHERE


def segments(body: str) -> tuple[str, str] | None:
    """The two parts of 'A: B', 'A | B', 'A – B', 'A? B'; None where there are not just two. Brackets round B are taken off."""
    found = [part for part in SEPARATOR.split(body) if part.strip()]
    parts = (found[0].strip(), found[1].strip()) if len(found) == 2 else None
    if len(found) == 1:
        asked = re.match(r"^(.{8,}?[?!])\s+(\S.{3,})$", body)
        parts = (asked.group(1), asked.group(2)) if asked else None
    if parts is None or any(re.search(r"[.!?;]\s+\w", part) for part in parts):
        return None
    inner = re.fullmatch(r"[(\[]([^()\[\]]+)[)\]]", parts[1])
    if inner is None and parts[1][0] in "([":
        return None
    return (parts[0], inner[1]) if inner else parts


def without_last(body: str) -> str | None:
    """'A: B' of 'A: B | C'; None where there are not three parts or more."""
    found = list(SEPARATOR.finditer(body))
    return body[: found[-1].start()].strip() if len(found) >= 2 else None


def n_words(text: str) -> int:
    return len(text.split())


def n_content(text: str, english: bool) -> int:
    return len(content_stems(text, english=english))


def upper_first(text: str) -> str:
    if text[:1] in "@#":
        return text
    for i, letter in enumerate(text):
        if letter.isalpha():
            return text if _mixed(text[i:]) else text[:i] + letter.upper() + text[i + 1 :]
        if letter.isdigit():
            return text
    return text


def lower_first(text: str, shown: str, *, titled: bool) -> str | None:
    """For the middle of a title. None where nothing shows whether the word is a name: `shown` is text where it may stand
    in lower case. In titles That Are Written So, as it is, and where the next word has a capital too: a name."""
    first, *rest = text.split(maxsplit=2) or [""]
    bare = re.sub(r"^\W+|\W+$", "", first)
    if titled or not bare or not bare[0].isupper() or (len(bare) > 1 and KEPT_UPPER.match(bare)):
        return text
    if bare in ("I", "I'm", "I've", "I’m", "I’ve"):
        return text
    low = bare.lower()
    if (
        rest
        and rest[0][0].isupper()
        and not rest[0].isupper()
        and low.replace("’", "'") not in CLOSED_ENGLISH
    ):
        return text
    if low.replace("’", "'") in CLOSED_ENGLISH or re.search(rf"(?<![\w#@]){re.escape(low)}(?!\w)", shown):
        return text.replace(bare, bare[0].lower() + bare[1:], 1)
    return None


def is_titled(text: str) -> bool:
    """Written With Capitals Throughout; WORDS ALL IN CAPITALS say nothing of it."""
    content = [
        word
        for word in text.split()
        if word[:1].isalpha() and word.casefold() not in CLOSED_ENGLISH and not word.isupper()
    ]
    return len(content) >= 3 and sum(word[0].isupper() for word in content) >= 0.8 * len(content)


def _mixed(text: str) -> bool:
    """iPhone, eBay: written so on purpose."""
    word = re.match(r"\w+", text)
    return bool(word and re.match(r"^[a-z]{1,2}[A-Z]", word.group()))
