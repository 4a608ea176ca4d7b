"""Which generators of titles there are here, and what they propose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from creatorlens.advice.titles import GeneratorUse
from creatorlens.settings import Settings
from recommend.titles.brief import Candidate, Generator, GeneratorAbsentError, TitleBrief
from recommend.titles.offline import EDITS
from services.advice.desk import Desk
from services.advice.title_brief import kept_titles

MOST_PROPOSED = 80
MOST_WRITTEN = 10
"""Of a language model."""


@dataclass(frozen=True)
class Proposed:
    candidates: tuple[Candidate, ...]
    uses: tuple[GeneratorUse, ...]


def proposed(desk: Desk, brief: TitleBrief) -> Proposed:
    """Of all generators. What a language model wrote is kept: the same draft is not written anew at each look."""
    found: list[Candidate] = []
    uses: list[GeneratorUse] = []
    for generator, most in generators(desk):
        try:
            said = _asked(desk, generator, brief, most)
        except GeneratorAbsentError as error:
            uses.append(GeneratorUse(name=generator.name, used=False, words=str(error)))
            continue
        found += said
        uses.append(GeneratorUse(name=generator.name, used=True, proposed=len(said)))
    return Proposed(tuple(found), (*uses, *_not_set(desk.settings)))


def generators(desk: Desk) -> Sequence[tuple[Generator, int]]:
    """Each with how many it is asked for."""
    from recommend.titles.local_model import LocalModel
    from recommend.titles.model_server import ModelServer
    from recommend.titles.offline import EditOperators

    told = desk.settings
    found: list[tuple[Generator, int]] = [(EditOperators(), MOST_PROPOSED)]
    if _is_set(told.title_model):
        from features.weights.models import Models

        models = desk.kept.get(("models",), lambda: Models(told))
        found.append((LocalModel(models, told.title_model, told.title_seconds), MOST_WRITTEN))
    if _is_set(told.title_server):
        server = ModelServer(
            told.title_server, told.title_server_model, told.title_server_key, told.title_seconds
        )
        found.append((server, MOST_WRITTEN))
    return found


def _asked(desk: Desk, generator: Generator, brief: TitleBrief, most: int) -> list[Candidate]:
    if generator.name == EDITS:
        return generator.propose(brief, most)
    return kept_titles(desk).get((generator.name, brief), lambda: generator.propose(brief, most))


def _not_set(told: Settings) -> list[GeneratorUse]:
    named = {
        "language model": (told.title_model, "CREATORLENS_TITLE_MODEL names a model for transformers."),
        "model server": (told.title_server, "CREATORLENS_TITLE_SERVER names a server."),
    }
    return [
        GeneratorUse(name=name, used=False, words=f"none is set: {words}")
        for name, (value, words) in named.items()
        if not _is_set(value)
    ]


def _is_set(value: str) -> bool:
    return value.strip().lower() not in ("", "none")
