"""Text classifiers by name: emotion, and hate, insult or violence. Absent without weights: no word list stands in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from creatorlens.reading.base import Labelled
from creatorlens.reading.text import Emotion, Hate
from features.absent import Absent
from features.nlp.by_name import autocast, device_of, identity, load, longest
from features.nlp.source import Source
from features.weights.models import Models

AUTO_CLASS = "AutoModelForSequenceClassification"
BATCH = 32
MOST_EMOTIONS = 5

Scores = dict[str, float]


def read_emotion(source: Source, models: Models) -> Emotion | Absent:
    """Of the headline, or of the beginning of what else there is."""
    texts = emotion_texts(source)
    found = judged(source, models, models.settings.emotion_model, texts)
    if isinstance(found, Absent):
        return found
    labels = _ranked(found)[:MOST_EMOTIONS]
    return Emotion(labels=labels, model=identity(models, models.settings.emotion_model))


def read_hate(source: Source, models: Models) -> Hate | Absent:
    """Of every passage of every field: the highest score of each class."""
    found = judged(source, models, models.settings.hate_model, hate_texts(source))
    if isinstance(found, Absent):
        return found
    return Hate(labels=_ranked(found), model=identity(models, models.settings.hate_model))


def emotion_texts(source: Source) -> list[str]:
    if source.headline:
        return [source.headline]
    return [parts[0] for parts in list(source.passages.values())[:1]]


def hate_texts(source: Source) -> list[str]:
    return [passage for parts in source.passages.values() for passage in parts]


def judged(source: Source, models: Models, name: str, texts: Sequence[str]) -> Scores | Absent:
    """Class → its highest score (0-1) over the texts."""
    known = source.prepared.judged.get(name, {})
    new = [text for text in texts if text not in known]
    read = {} if known and not new else classify(models, name, new)
    if isinstance(read, Absent):
        return read
    if not texts:
        return Absent("no words to read")
    every = [known[text] if text in known else read[text] for text in texts]
    return {label: max(scores[label] for scores in every) for label in every[0]}


def classify(models: Models, name: str, texts: Iterable[str]) -> dict[str, Scores] | Absent:
    """By text: class → score. Softmax over classes, or one sigmoid each where the model says it is multi-label."""
    import torch

    loaded = load(models, name, AUTO_CLASS)
    if isinstance(loaded, Absent):
        return loaded
    tokenizer, network = loaded
    device, most = device_of(models), longest(tokenizer, network)
    # Texts of like length together: a batch costs what its longest text costs.
    ordered = sorted(set(texts), key=lambda text: (len(text), text))
    out: dict[str, Scores] = {}
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        tokens = tokenizer(batch, truncation=True, max_length=most, padding=True, return_tensors="pt").to(
            device
        )
        with torch.inference_mode(), autocast(device):
            logits = network(**tokens).logits.float().cpu()
        for text, row in zip(batch, _probabilities(logits, network.config), strict=True):
            out[text] = {str(network.config.id2label[i]): float(score) for i, score in enumerate(row)}
    return out


def _probabilities(logits: Any, config: Any) -> Any:
    several = config.problem_type == "multi_label_classification" or logits.shape[1] == 1
    return logits.sigmoid() if several else logits.softmax(dim=1)


def _ranked(scores: Scores) -> tuple[Labelled, ...]:
    ordered = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Labelled(label=label, score=min(1.0, max(0.0, score))) for label, score in ordered)
