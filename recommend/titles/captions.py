"""Edits of a caption or description: what is read first, the hook, in front; tags and calls at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from features.nlp.segmentation import sentences
from recommend.titles.brief import TitleBrief
from recommend.titles.lexicon import CALLS
from recommend.titles.phrasing import Line, line_of
from recommend.titles.support import content_stems

TAG = re.compile(r"(?<!\w)#[\w·]+")
TAG_LINE = re.compile(r"^\s*(?:#[\w·]+\s*)+$")
HOOK = re.compile(r"\d|\?")

Edit = tuple[str, str]
TitleEdits = Callable[[TitleBrief, str], Iterator[Edit]]


def caption_edits(brief: TitleBrief, title_edits: TitleEdits) -> Iterator[Edit]:
    """Of a caption that stands alone; its first line is edited as titles are."""
    yield from _order(brief.text)
    body, tags = _parted(brief.text)
    first, _, rest = body.partition("\n")
    for words, said in title_edits(brief, first):
        yield _joined(words, rest, tags), f"first line: {said}"
    lines = [line for line in body.splitlines() if line.strip()]
    if len(lines) >= 3:
        yield _joined(lines[0], "", tags), "shorter: first line and hashtags"
    told = sentences(first)
    if len(told) >= 2 and len(told[0]) >= 12:
        yield (
            _joined(told[0], "\n".join((first[len(told[0]) :].strip(), rest)).strip(), tags),
            "first sentence on a line of its own",
        )


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
    if tags and not TAG_LINE.match(text.strip().splitlines()[-1]):
        yield _joined(body, "", tags), "hashtags moved to the end"
    lines = [line for line in body.splitlines() if line.strip()]
    calls = [line for line in lines if CALLS.search(line)]
    if calls and len(calls) < len(lines) and lines[-len(calls) :] != calls:
        kept = [line for line in lines if not CALLS.search(line)]
        yield _joined("\n".join(kept + calls), "", tags), "the call moved to the end"
    for sentence in [one for line in lines[1:] for one in sentences(line)]:
        if HOOK.search(sentence) and not CALLS.search(sentence) and len(sentence.split()) >= 4:
            rest = re.sub(r"\n{2,}", "\n", body.replace(sentence, "", 1)).strip()
            yield _joined(sentence, rest, tags), "the strongest sentence first"
            break


def _parted(text: str) -> tuple[str, str]:
    """(text without hashtags that stand in rows at a line's end or alone, those hashtags). Tags within a sentence are its
    words and stay."""
    lines, tags = [], []
    for line in text.strip().splitlines():
        tail = re.search(r"(?:(?<!\w)#[\w·]+\s*)+$", line.rstrip())
        if tail and (TAG_LINE.match(line) or len(TAG.findall(tail.group())) >= 2):
            tags += TAG.findall(tail.group())
            line = line[: tail.start()].rstrip()
            if not line:
                continue
        lines.append(line)
    return "\n".join(lines).strip(), " ".join(dict.fromkeys(tags))


def _joined(first: str, rest: str, tags: str) -> str:
    return "\n".join(part for part in (first.strip(), rest.strip(), tags) if part)
