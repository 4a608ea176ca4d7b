"""People, places and organisations named: a token-classification transformer by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from creatorlens.reading.text import Entities, Entity, TextField
from features.absent import Absent
from features.nlp.by_name import autocast, device_of, identity, load, longest
from features.nlp.source import Source
from features.weights.models import Models

AUTO_CLASS = "AutoModelForTokenClassification"
OVERLAP = 32
MAX_WINDOWS = 16


@dataclass
class _Run:
    kind: str
    start: int
    end: int
    scores: list[float]


def read_entities(source: Source, models: Models) -> Entities | Absent:
    """In every field, by overlapping windows of the model's length; at most `MAX_WINDOWS` a field."""
    name = models.settings.entity_model
    loaded = load(models, name, AUTO_CLASS)
    if isinstance(loaded, Absent):
        return loaded
    if not source.fields:
        return Absent("no words to read")
    found = [
        entity for field, text in source.fields.items() for entity in _of_field(field, text, loaded, models)
    ]
    return Entities(entities=tuple(found), model=identity(models, name))


def _of_field(field: TextField, text: str, loaded: tuple[Any, Any], models: Models) -> list[Entity]:
    import torch

    tokenizer, network = loaded
    most = longest(tokenizer, network)
    tokens = tokenizer(
        text, truncation=True, max_length=most, stride=min(OVERLAP, most // 4), padding=True,
        return_overflowing_tokens=True, return_offsets_mapping=True, return_special_tokens_mask=True, return_tensors="pt",
    )  # fmt: skip
    offsets, special = (
        tokens.pop("offset_mapping")[:MAX_WINDOWS],
        tokens.pop("special_tokens_mask")[:MAX_WINDOWS],
    )
    tokens.pop("overflow_to_sample_mapping", None)
    device = device_of(models)
    with torch.inference_mode(), autocast(device):
        logits = network(**{key: value[:MAX_WINDOWS].to(device) for key, value in tokens.items()}).logits
    probabilities = logits.float().softmax(dim=-1).cpu()
    entities: list[Entity] = []
    seen_to = 0
    for window, row in enumerate(probabilities):
        kept = [i for i, mark in enumerate(special[window].tolist()) if not mark]
        pieces = [(*offsets[window][i].tolist(), row[i]) for i in kept]
        for run in runs(pieces, network.config.id2label):
            if run.start >= seen_to and text[run.start : run.end].strip():
                entities.append(_entity(field, text, run))
                seen_to = run.end
    return entities


def runs(pieces: list[tuple[int, int, Any]], names: dict[int, str]) -> list[_Run]:
    """Neighbouring pieces of one kind, joined. A piece that continues a word belongs to what the word began."""
    out: list[_Run] = []
    last_end, inside = -1, False
    for start, end, row in pieces:
        if start == end:
            continue
        best = int(row.argmax())
        begins, _, kind = str(names[best]).rpartition("-")
        if start == last_end and last_end >= 0:
            if inside:
                out[-1].end = end
                out[-1].scores.append(float(row[best]))
        elif kind in ("O", ""):
            inside = False
        elif inside and begins != "B" and out[-1].kind == kind:
            out[-1].end = end
            out[-1].scores.append(float(row[best]))
        else:
            out.append(_Run(kind, start, end, [float(row[best])]))
            inside = True
        last_end = end
    return out


def _entity(field: TextField, text: str, run: _Run) -> Entity:
    score = min(1.0, sum(run.scores) / len(run.scores))
    return Entity(
        text=text[run.start : run.end], kind=run.kind, score=score, field=field, start=run.start, end=run.end
    )
