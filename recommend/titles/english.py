"""Edits of English titles. Each needs a form it knows: where a title has another one, it proposes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recommend.titles.lexicon import CALLS, CLOSED_ENGLISH, FILLERS, NUMBER_WORDS, UNITS
from recommend.titles.operators import Operator, Page
from recommend.titles.phrasing import n_content, n_words, segments

PREPOSITIONS = r"(?:with|without|in|for|from|on|under|after|before|at|during)"
_TAKE = """deal cope look wait ask care search pay go come live start begin work play talk struggle mess agree depend rely
    focus believe die fall sign log turn put take get hold pick give bring keep stay come break run back check switch
    end shut carry move hang show stick tune zoom reach suffer recover benefit differ learn apply prepare vote"""
TAKES_PREPOSITION = frozenset(_TAKE.split())
_PAST = """am was were had has have could would can will did made built went got took found lost won sold bought wrote ran began
    became grew kept left met paid said saw spent taught told thought felt fell broke chose drew drove ate gave knew led
    read rode sang sent shot slept spoke stole swam wore came never always finally almost"""
PAST = frozenset(_PAST.split())
ASKS = re.compile(
    r"(?i)^(?:how|what|why|when|where|who|which)\s+(?:do|does|did|is|are|was|were|can|could|should|would|will|to do)\b"
    r"|^(?:is|are|was|were|do|does|did|can|could|should|would|will|have|has)\s+(?:i|you|we|they|it|he|she|the|a|an|this|"
    r"that|my|your|our|there)\b"
)
ABOUT = (
    re.compile(r"(?i)^((?:\d+|what|how|why|everything|all|things)\b.+?) about ([^(:|?!]{3,40})(?=$| \()"),
    re.compile(
        r"(?i)^((?:the|an?|my|our) [\w'’-]+(?: [\w'’-]+)?) (?:about|behind) ([^(:|?!]{3,40})(?=$| \()"
    ),
    re.compile(
        r"(?i)^((?:the|an?|my|our) (?:[\w'’-]+ )?(?:guide|introduction|intro|trip|journey|answer|tour|visit)) to ([^(:|?!]{3,40})$"
    ),
)
"""(what is said, of what)"""
TRIED = re.compile(
    r"(?i)^(I (?:tried|tested|used|ate|did|wore|cooked)) (.+?) for (\w+ (?:days|weeks|months|years|hours))\b(.*)$"
)
_AMOUNT = rf"(?:under |less than )?(?:\d[\d.,]*|two|three|four|five|six|seven|eight|nine|ten|twelve) (?:[a-z]+ )?{UNITS}\b"
SET_APART = re.compile(rf"(?i)^(?:without\b|(?:in|for|under|after|on) {_AMOUNT}|for beginners\b)")
_STATES = "feel felt look looked see saw think thought know knew like want wanted need am was seem"
STATES = frozenset(_STATES.split())
"""How I feel is no deed: neither 'I feel ...' nor 'How to feel ...' says the same."""
LEADS = re.compile(rf"(?i)^(?:without|after|before)\b|^(?:in|under|on) {_AMOUNT}")
SUBORDINATE = re.compile(r"(?i)^(?:when|if|while|although|because|since|not|until|once|as)\b")
MOST_OF_IT = 0.65
"""Share of the content words that stays where a title is cut short."""
SPARE = re.compile(r"(?i)^(?:without|after|before|during|with|at|from .+ to) ")
"""What these begin can be left out; after in, on or for the sentence often needs what follows."""
_KEPT = "beat bet burst cast cost cut hit hurt let put quit read set shut split spread"
KEPT_PAST = frozenset(_KEPT.split())
"""Verbs whose past looks like their present: who did it once does not say how to do it."""


def no_end(page: Page) -> Iterator[str]:
    """Without the last phrase that a preposition begins."""
    parts = _split_phrase(page)
    if (
        parts
        and page.told_by(parts[0]) >= MOST_OF_IT
        and n_words(parts[0]) >= 3
        and not _matters(page, parts[1])
        and SPARE.match(parts[1])
    ):
        yield page.line.put(parts[0])
    aside = _aside(page)
    if aside and page.told_by(aside[0]) >= MOST_OF_IT and not SUBORDINATE.match(aside[0]):
        yield page.line.put(aside[0])


def _matters(page: Page, phrase: str) -> bool:
    """A name, a number, or what a question is about."""
    names = re.search(r"[A-Z]", phrase) is not None and not page.titled
    return names or page.line.mark == "?" or re.search(r"\d", phrase) is not None


def end_in_brackets(page: Page) -> Iterator[str]:
    parts = _split_phrase(page)
    if parts and n_words(parts[1]) <= 6 and "(" not in page.line.body and SET_APART.match(parts[1]):
        yield page.line.put(f"{parts[0]} ({parts[1]})")
    aside = _aside(page)
    if aside and n_words(aside[1]) <= 6:
        yield page.line.put(f"{aside[0]} ({aside[1]})")


def end_first(page: Page) -> Iterator[str]:
    """'Without an app: how to plan'."""
    parts = _split_phrase(page)
    if parts is None or n_words(parts[1]) > 6 or not LEADS.match(parts[1]) or page.line.mark == "?":
        return
    low = page.low(parts[0])
    if low is not None and ":" not in page.line.body:
        yield page.line.put(f"{parts[1]}: {low}")


def subject_first(page: Page) -> Iterator[str]:
    """'Seedlings: what a late frost taught me', 'Raised beds: a beginner's guide', 'Save seeds: is it worth it?'"""
    body = page.line.body
    for form in ABOUT:
        found = form.match(body)
        low = page.low(found[1]) if found and page.line.mark == "" and ":" not in body else None
        if found and low is not None:
            yield page.line.put(f"{found[2]}: {low}")
            break
    worth = re.match(r"(?i)^is it worth(?: it)? to (.+)$", body)
    if worth:
        yield page.line.put(f"{worth[1]}: is it worth it", "?")
    ways = re.match(r"(?i)^(\w+ ways) to (.+)$", body)
    if ways and segments(body) is None:
        yield page.line.put(f"How to {ways[2]}: {ways[1].lower()}")
    tried = TRIED.match(body)
    if tried and not re.match(r"(?i)(?:this|it|these|that|to|an?|the|my)\b", tried[2]):
        yield page.line.put(f"{tried[3]} of {tried[2]}{tried[4]}")
        yield page.line.put(f"{tried[2]} for {tried[3]}{tried[4]}")


def named(page: Page) -> Iterator[str]:
    """'they' said out, from the title's first part."""
    parts = segments(page.line.body)
    if parts and page.line.mark == "?":
        asked = re.match(r"(?i)^(why|how|when|where) (do|did|can|are|were) they (.+)$", parts[1])
        subject = re.match(r"(?i)^.+ about (?:my |your |the )?(.+)$", parts[0])
        thing = (subject[1] if subject else parts[0]).strip()
        low = page.low(thing)
        if asked and low is not None and n_words(thing) <= 4 and thing.endswith("s"):
            yield page.line.put(f"{asked[1]} {asked[2].lower()} {low} {asked[3]}", "?")


def question(page: Page) -> Iterator[str]:
    """'How do you save seeds?' of 'How to save seeds'; the mark where a question lacks it."""
    body = page.line.body
    how = re.match(r"(?i)^how to (.+)$", body)
    if how and segments(body) is None and page.line.mark == "":
        yield page.line.put(f"How do you {how[1]}", "?")
    if page.line.mark == "" and ASKS.match(body) and body[-1] not in ")]" and segments(body) is None:
        yield page.line.put(body, "?")
    mistakes = re.match(r"(?i)^(\w+) (.+ mistakes) .+ make$", body)
    if mistakes and page.line.mark == "":
        yield page.line.put(f"Do you make these {mistakes[1].lower()} {mistakes[2]}", "?")
    either = re.match(r"(?i)^(.{2,40}?) (?:vs\.?|versus) (.{2,40})$", body)
    if either and segments(body) is None:
        yield page.line.put(f"{either[1]} or {either[2]}", "?")


def statement(page: Page) -> Iterator[str]:
    """'Why my films get cancelled' of 'Why do my films get cancelled?'; 'How to save seeds' of 'How I save seeds'."""
    body = page.line.body
    why = re.match(r"(?i)^why do (?!they\b|you\b|i\b|we\b)(.+)$", body)
    if why and segments(body) is None:
        yield page.line.put(f"Why {why[1]}", "")
    how = re.match(r"(?i)^how I (?P<verb>[a-z][\w-]*) (?P<rest>.+)$", body)
    if how and page.line.mark == "" and segments(body) is None:
        verb = how["verb"].lower()
        if verb not in STATES:
            yield page.line.put(f"I {how['verb']} {how['rest']}")
        if verb not in STATES and verb not in PAST | KEPT_PAST | CLOSED_ENGLISH and not verb.endswith("ed"):
            yield page.line.put(f"How to {how['verb']} {_yours(how['rest'])}")
    learning = re.match(r"(?i)^learning to (.+)$", body)
    if learning and page.line.mark == "":
        yield page.line.put(f"I'm learning to {learning[1]}")
        yield page.line.put(f"How I'm learning to {learning[1]}")


def digits(page: Page) -> Iterator[str]:
    """'2 square metres' of 'two square metres'; in front of something counted, since Seven may be a name."""

    def written(found: re.Match[str]) -> str:
        return str(NUMBER_WORDS[found[1].lower()])

    known = "|".join(word for word, value in NUMBER_WORDS.items() if 2 <= value <= 90)
    follows = "[A-Za-z]" if page.titled else "[a-z]"
    body = re.sub(
        rf"(?<![\w-])((?i:{known}))(?=\s+(?:{follows}[a-z]+\s+)?{follows}[a-z]+s\b)", written, page.line.body
    )
    if body != page.line.body:
        yield page.line.put(body)


def tight(page: Page) -> Iterator[str]:
    """Without very, really and the like."""
    if re.search('["“”‘„«]', page.line.body):
        return  # what somebody said stays as it was said
    shorter = FILLERS.sub("", page.line.body)
    if shorter != page.line.body and n_words(shorter) >= 3:
        yield page.line.put(shorter)


def _split_phrase(page: Page) -> tuple[str, str] | None:
    """(what stands before, the last prepositional phrase)."""
    body = page.line.body
    if CALLS.search(body) or not page.line.one or re.search(r"[:(\[]", body):
        return None
    found = re.match(rf"(?i)^(.{{6,}}?),?\s+({PREPOSITIONS}\s+(?:(?!\b{PREPOSITIONS}\b).)+?)$", body)
    if re.search(r"(?i)\bfrom\b.+\bto\b", body):
        found = re.match(r"(?i)^(.{6,}?),?\s+(from\s+.+?\s+to\s+.+)$", body)
    if found is None or re.search(r"[:?!|(–—]", found[2]) or "," in found[2]:
        return None
    before, phrase = found[1].rstrip(), found[2]
    last = re.sub(r"\W+$", "", before.rsplit(" ", 1)[-1]).lower()
    acts = re.search(r"(?i)\b(?:to|i|you|we|they|how|can|do|does)\b", before) is not None
    if (
        last in TAKES_PREPOSITION
        or last in CLOSED_ENGLISH
        or last in {"and", "not", "up", "out", "so"}
        or last.endswith(("ing", "ed"))
    ):
        return None
    if n_content(before, True) < (2 if acts else 1) or n_content(phrase, True) < 2 - (not acts):
        return None
    return before, phrase


def _aside(page: Page) -> tuple[str, str] | None:
    """(what stands before, 'and what went wrong')."""
    found = re.match(r"(?i)^([^,(]{8,}), ((?:and|plus)\b [^,(]+)$", page.line.body)
    if not page.line.one or page.line.mark == "?":
        return None
    return (found[1], found[2]) if found else None


def _yours(rest: str) -> str:
    said = re.sub(r"(?i)\bmyself\b", "yourself", rest)
    said = re.sub(r"(?i)\bmy\b", "your", said)
    return re.sub(r"(?i)\b(?:me|I)\b", "you", said)


ENGLISH: tuple[Operator, ...] = (
    Operator("the subject named first", subject_first),
    Operator("the end put in brackets", end_in_brackets),
    Operator("cut short", no_end),
    Operator("the end put first", end_first),
    Operator("asked as a question", question),
    Operator("said as a statement", statement),
    Operator("the thing named instead of a pronoun", named),
    Operator("the number in digits", digits),
    Operator("without filler", tight),
)
