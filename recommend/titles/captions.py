"""Edits of a caption or description: what is read first, the hook, in front; tags and calls at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from features.nlp.segmentation import sentences
from recommend.titles.brief import TitleBrief
from recommend.titles.lexicon import CALLS, MENTION
from recommend.titles.operators import LEANS
from recommend.titles.phrasing import EMOJI, Line, line_of
from recommend.titles.support import content_stems

TAG = re.compile(r"(?<!\w)#+[\w·]+")
TAG_LINE = re.compile(r"^\s*(?:#+[\w·]+\s*)+$")
LEADING_EMOJI = re.compile(rf"^\s*{EMOJI}+")
HOOK = re.compile(r"\d|\?")
HEAD_CHARS = 125
"""What feeds show of a caption before 'more'."""
SKIMMED = 60

Edit = tuple[str, str]
TitleEdits = Callable[[TitleBrief, str], Iterator[Edit]]


def caption_edits(brief: TitleBrief, title_edits: TitleEdits) -> Iterator[Edit]:
    """Of a caption that stands alone; its first line, where that is one sentence that can be taken in at a glance, is edited as
    titles are."""
    yield from _order(brief.text)
    body, tags = _parted(brief.text)
    first = body.partition("\n")[0]
    rest = body[len(first) :]
    told = sentences(first)
    if len(told) == 1 and len(first) <= HEAD_CHARS and line_of(first).one:
        for words, said in title_edits(brief, first):
            if words not in rest:
                yield _joined(words, rest, tags), f"first line: {said}"
    after = first[len(told[0]) :] if len(told) >= 2 else ""
    ends = re.search(r"[^\W\d_A-Z]{2}[.!?…]+$", told[0]) if told else None
    if ends and len(told[0]) >= 12 and len(first) > SKIMMED and not after.strip()[:1].islower():
        emoji = LEADING_EMOJI.match(after)
        size = len(told[0]) + (emoji.end() if emoji else 0)
        beneath = f"{first[size:].strip()}{rest}"
        yield _joined(first[:size], beneath, tags), "first sentence on a line of its own"


def description_edits(brief: TitleBrief) -> Iterator[Edit]:
    """Of the text beside a title: what it is about stands in its first sentence, as search and previews show it."""
    if not brief.text.strip():
        return
    yield from _order(brief.text)
    english = brief.language == "en"
    subject = set(content_stems(brief.title, english=english))
    body, tags = _parted(brief.text)
    told = sentences(body)
    if told and subject and not subject & set(content_stems(told[0], english=english)):
        line = line_of(brief.title)
        title = Line(line.body, line.mark or ".", "").put(line.body)
        yield _joined(title, body, tags), "the description begins with what it is about"


def _order(text: str) -> Iterator[Edit]:
    body, tags = _parted(text)
    if tags and _joined(body, "", tags).split() != text.split():
        yield _joined(body, "", tags), "hashtags moved to the end"
    lines = [line for line in body.splitlines() if line.strip()]
    calls = [line for line in lines[1:] if CALLS.search(line) and len(line) <= HEAD_CHARS]
    if calls and len(calls) < len(lines) and lines[-len(calls) :] != calls:
        kept = [line for line in body.splitlines() if line not in calls]
        yield _joined("\n".join(kept + calls), "", tags), "the call moved to the end"
    later = (
        [one for line in lines[1:] for one in sentences(line)] if lines and not HOOK.search(lines[0]) else []
    )
    for sentence in later:
        if HOOK.search(sentence) and _stands_alone(sentence):
            rest = re.sub(r"\n{2,}", "\n", body.replace(sentence, "", 1)).strip()
            yield _joined(sentence, rest, tags), "the strongest sentence first"
            break


def _stands_alone(sentence: str) -> bool:
    return (
        len(sentence.split()) >= 5 and sentence[0].isupper() and sentence[-1] in ".!?" and len(sentence) <= HEAD_CHARS
        and not CALLS.search(sentence) and not LEANS.search(sentence) and not MENTION.search(sentence)
    )  # fmt: skip


def _parted(text: str) -> tuple[str, str]:
    """(text without hashtags that stand in rows at a line's end or alone, those hashtags). Tags within a sentence are its
    words and stay."""
    lines, tags = [], []
    for line in text.strip().splitlines():
        tail = re.search(r"(?:(?<!\w)#+[\w·]+\s*)+$", line.rstrip())
        if tail and (TAG_LINE.match(line) or len(TAG.findall(tail.group())) >= 2):
            tags += [f"#{tag.lstrip('#')}" for tag in TAG.findall(tail.group())]
            line = line[: tail.start()].rstrip()
            if not line:
                continue
        lines.append(line)
    return "\n".join(lines).strip(), " ".join(dict.fromkeys(tags))


def _joined(first: str, rest: str, tags: str) -> str:
    """Blank lines that the rest begins with stay."""
    gap = "\n" if rest.strip() and not rest.startswith("\n") else ""
    beneath = f"{gap}{rest.rstrip()}" if rest.strip() else ""
    return "\n".join(part for part in (f"{first.strip()}{beneath}", tags) if part)
