"""What deserves a second look, and what is in order: short sentences of facts, never a promise of an effect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Tone = Literal["look", "good", "plain"]
_ORDER: dict[Tone, int] = {"look": 0, "good": 1, "plain": 2}


@dataclass(frozen=True)
class Finding:
    """`says` in a few words; `because` gives the figure behind it and what would change it."""

    tone: Tone
    says: str
    because: str = ""


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What deserves a look first; else as given."""
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.tone]))


def number_words(n: int) -> str:
    """'no', 'one' … 'nine', then figures."""
    small = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return small[n] if 0 <= n < len(small) else str(n)


def counted(n: int, noun: str, plural: str | None = None) -> str:
    """(1, 'face') → 'one face', (3, 'face') → 'three faces'."""
    return f"{number_words(n)} {noun if n == 1 else plural or noun + 's'}"


def listed(parts: Iterable[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    items = [part for part in parts if part]
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def sentence(text: str) -> str:
    """With a capital and a full stop; the rest as it is."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?…”" else ".")


def clock(seconds: float) -> str:
    """Time in a recording: 7.4 → '0:07', 3723 → '1:02:03'."""
    whole = int(seconds)
    minutes, secs = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes}:{secs:02d}"


def exact(at: float) -> str:
    """A moment to a tenth: 2.2 → '0:02.2'."""
    minutes, secs = divmod(round(at, 1), 60)
    return f"{int(minutes)}:{secs:04.1f}"


def seconds(value: float) -> str:
    """A length: 0.42 → '0.4 s', 11.0 → '11 s', 95 → '1:35 min'."""
    if value < 10:
        return f"{value:.1f}".removesuffix(".0") + "\u00a0s"
    return f"{value:.0f}\u00a0s" if value < 90 else f"{clock(value)}\u00a0min"
