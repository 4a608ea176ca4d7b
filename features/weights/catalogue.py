"""Every pretrained model the product can use: where from, under which licence, and what its absence costs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from creatorlens.errors import NotFoundError, nearest

Modality = Literal["image", "audio", "text"]
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]*\w")


@dataclass(frozen=True)
class File:
    """One file of `size` bytes (0: not known) that must be there, under `path` in the weights' folder. Without a `url` it is published nowhere in
    this form; `content` for what is short enough to be written here."""

    path: str
    size: int
    sha256: str
    url: str | None = None
    content: bytes | None = None


@dataclass(frozen=True)
class Weight:
    """`name` is its folder under each of the weights folders. `files` empty: a model of the hub, whose checksums are
    those the hub tells, written down when it is pulled. `usual`: pulled and looked for unless told otherwise."""

    name: str
    modality: Modality
    task: str
    source: str
    revision: str
    licence: str
    without: str
    files: tuple[File, ...] = ()
    approximate_bytes: int = 0
    usual: bool = True
    non_commercial: bool = False
    note: str = ""

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files) or self.approximate_bytes

    @property
    def from_hub(self) -> bool:
        return not self.files

    @property
    def published(self) -> bool:
        """Whether each of its bytes can be fetched from an address."""
        return self.from_hub or all(file.url or file.content is not None for file in self.files)


def catalogue() -> tuple[Weight, ...]:
    from features.weights.known_hub import HUB
    from features.weights.known_sound import SOUND
    from features.weights.known_vision import VISION

    return VISION + SOUND + HUB


def find(name: str, among: Iterable[Weight] | None = None) -> Weight | None:
    """The catalogue's entry of that name; None where it has none."""
    known = catalogue() if among is None else among
    return next((weight for weight in known if weight.name == name), None)


def wanted(name: str, among: Iterable[Weight] | None = None) -> Weight:
    """As `find`, with any other model of the hub under its own name. Raises NotFoundError."""
    known = tuple(catalogue() if among is None else among)
    found = find(name, known)
    if found is not None:
        return found
    if HUB_NAME.fullmatch(name):
        return Weight(
            name=name, modality="text", task="named by you", source=f"https://huggingface.co/{name}",
            revision="main", licence="see its page", without="", usual=False,
        )  # fmt: skip
    near = nearest(name, [weight.name for weight in known])
    raise NotFoundError(
        f"no weights are called {name!r}.",
        field="NAME",
        hint=f"Did you mean {' or '.join(near)}?" if near else "creatorlens weights list shows them.",
    )
