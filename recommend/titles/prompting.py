"""What a language model is asked, and titles out of what it answers. What it says is checked like everybody's words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from recommend.titles.brief import Candidate, TitleBrief

SOURCE_CHARS = 1_500
MOST_EARLIER = 8
OPERATOR = "written anew by a language model"
NUMBERED = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.):])\s+")
QUOTES = "\"'“”„«»‹›`*"
TALK = re.compile(r"(?i)^(?:here (?:are|is)|sure|certainly|of course|titles?:|okay|note:|i (?:hope|can))\b")

SYSTEM = (
    "You rewrite titles of creators' posts. You use only facts, names and numbers that the material states. You add no "
    "superlatives, no promises and no clickbait. You answer with titles alone, one on each line, without numbering."
)


def messages(brief: TitleBrief, n: int) -> list[dict[str, str]]:
    """For chat models."""
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": _asked(brief, n)}]


def continuation(brief: TitleBrief) -> str:
    """For models that only go on with a text: other titles of the same material, after the present one."""
    told = [f"Text: {_clip(text)}" for name, text in brief.sources.items() if name in ("text", "transcript")][
        :1
    ]
    shown = "\n".join(f"- {title}" for title in (*brief.earlier[-2:], _now(brief)))
    return "\n".join((*told, "Titles:", shown, "-"))


def candidates_of(brief: TitleBrief, answers: Iterable[str], made_by: str, most: int) -> list[Candidate]:
    """One for each line that may be a title; of captions the first line is replaced."""
    found: dict[str, None] = {}
    for answer in answers:
        for line in answer.splitlines():
            words = " ".join(NUMBERED.sub("", line).strip().strip(QUOTES).split())
            if words and not TALK.match(words):
                found.setdefault(words)
    return [
        Candidate(brief.field, _in_place(brief, words), OPERATOR, made_by) for words in list(found)[:most]
    ]


def _asked(brief: TitleBrief, n: int) -> str:
    lines = [f"Present title: {_now(brief)}", f"Language: {brief.language or 'as the present title'}"]
    lines.append(f"At most {min(brief.limit(brief.field), 100)} characters each.")
    if brief.banned:
        lines.append(f"Never use: {', '.join(brief.banned)}")
    lines += [
        f"{name.replace('_', ' ')}: {_clip(text)}" for name, text in brief.sources.items() if name != "title"
    ]
    if brief.earlier:
        lines.append("The creator's earlier titles, for their tone only:")
        lines += [f"- {title}" for title in brief.earlier[-MOST_EARLIER:]]
    return "\n".join((*lines, f"Write {n} other titles for this post."))


def _now(brief: TitleBrief) -> str:
    return brief.current.partition("\n")[0]


def _in_place(brief: TitleBrief, words: str) -> str:
    if brief.field == "title":
        return words
    _, line, rest = brief.text.partition("\n")
    return f"{words}{line}{rest}"


def _clip(text: str) -> str:
    return " ".join(text.split())[:SOURCE_CHARS]
