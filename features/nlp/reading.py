"""The words of a piece of content → what was read from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from creatorlens.reading import text as records
from creatorlens.reading.base import Part
from creatorlens.reading.text import TextReading
from features.absent import Absent
from features.extractor import Extractor, extract
from features.nlp import classifiers, entities, languages, translation
from features.nlp.agreement import read_agreement
from features.nlp.by_name import identity, load
from features.nlp.classifiers import classify, emotion_texts, hate_texts, read_emotion, read_hate
from features.nlp.cues import read_cues
from features.nlp.embedding import embedding_texts, read_embedding
from features.nlp.entities import read_entities
from features.nlp.keyphrases import read_keywords
from features.nlp.languages import read_language
from features.nlp.marks import read_marks
from features.nlp.novelty import channel_texts, read_channel
from features.nlp.readability import read_readability
from features.nlp.sentence_vectors import SentenceVectors
from features.nlp.sentiment import read_sentiment
from features.nlp.source import Prepared, Source, source
from features.nlp.tokens import read_tokens
from features.nlp.topic_shares import read_topics
from features.nlp.topics import TopicModel
from features.nlp.translation import read_translation
from features.nlp.words import Words
from features.weights.models import Models

BLOCK = 512


@dataclass(frozen=True)
class WordExtractor(Extractor[Source]):
    """`model` names what a setting chose and where it stands; `learned`: reads the workspace's topics too."""

    model: Callable[[Models], str] = lambda _: ""
    learned: bool = False

    def key(self, models: Models) -> str:
        return f"{Extractor.key(self, models)}:{self.model(models)}"


def _encoder(models: Models) -> str:
    return SentenceVectors(models).model_id or ""


EXTRACTORS: tuple[WordExtractor, ...] = (
    WordExtractor("text.language", 1, records.Language, read_language),
    WordExtractor("text.tokens", 1, records.Tokens, read_tokens, model=_encoder),
    WordExtractor("text.sentiment", 1, records.Sentiment, read_sentiment),
    WordExtractor(
        "text.emotion", 1, records.Emotion, read_emotion, model=lambda m: identity(m, m.settings.emotion_model)
    ),
    WordExtractor("text.keywords", 1, records.Keywords, read_keywords, learned=True),
    WordExtractor(
        "text.entities", 1, records.Entities, read_entities, model=lambda m: identity(m, m.settings.entity_model)
    ),
    WordExtractor("text.topics", 1, records.Topics, read_topics, model=_encoder, learned=True),
    WordExtractor("text.readability", 1, records.Readability, read_readability),
    WordExtractor("text.cues", 1, records.Cues, read_cues),
    WordExtractor("text.channel", 1, records.ChannelTitles, read_channel, model=_encoder),
    WordExtractor("text.agreement", 1, records.Agreement, read_agreement, model=_encoder),
    WordExtractor("text.marks", 1, records.Marks, read_marks),
    WordExtractor("text.hate", 1, records.Hate, read_hate, model=lambda m: identity(m, m.settings.hate_model)),
    WordExtractor("text.embedding", 1, records.Embedding, read_embedding, model=_encoder),
    WordExtractor(
        "text.translation", 1, records.Translation, read_translation,
        model=lambda m: identity(m, m.settings.translation_model),
    ),
)  # fmt: skip


def read_text(
    words: Words, models: Models, known: Mapping[str, Part] | None = None, *, corpus: TopicModel | None = None
) -> TextReading:
    """Every part not in `known`; `corpus`: what was learned from the workspace's own posts, known before now."""
    return _record(source(words, models, corpus), models, known)


def read_texts(
    words: Sequence[Words], models: Models, *, corpus: TopicModel | None = None
) -> list[TextReading]:
    """As `read_text` for many pieces at once; each model reads all of them in one pass, on all cores."""
    return list(_read_blocks(words, models, corpus))


def part_keys(words: Words, models: Models, *, corpus: TopicModel | None = None) -> dict[str, str]:
    """By part: what decides its value (words, version, weights, topics). Equal key: equal part."""
    said, with_channel = replace(words, earlier_titles=()).digest(), words.digest()
    return {
        extractor.field: ":".join(
            [
                extractor.key(models),
                corpus.model_id if corpus is not None and extractor.learned else "",
                with_channel if extractor.field == "channel" else said,
            ]
        )
        for extractor in EXTRACTORS
    }


def _record(
    read: Source,
    models: Models,
    known: Mapping[str, Part] | None = None,
    missing: Mapping[str, str] | None = None,
) -> TextReading:
    """`missing`: parts whose weights are not here, as a batch has asked already."""
    missing = missing or {}
    found = extract([one for one in EXTRACTORS if one.field not in missing], read, models, known)
    # Each part is a checked record already; checking 384 floats again would cost more than reading them.
    parts: dict[str, Any] = {**found.parts, "absent": {**found.absent, **missing}}
    return TextReading.model_construct(None, **parts)


def _read_blocks(words: Sequence[Words], models: Models, corpus: TopicModel | None) -> Iterator[TextReading]:
    """The encoder reads the next block while records are made of this one."""
    blocks = [words[start : start + BLOCK] for start in range(0, len(words), BLOCK)]
    missing = _missing(models)
    with ThreadPoolExecutor(1) as ahead:
        coming = [ahead.submit(_prepared, block, models, corpus) for block in blocks[:1]]
        for at in range(len(blocks)):
            sources = coming.pop().result()
            coming = [ahead.submit(_prepared, block, models, corpus) for block in blocks[at + 1 : at + 2]]
            for read in sources:
                yield _record(read, models, missing=missing)


def _prepared(words: Sequence[Words], models: Models, corpus: TopicModel | None) -> list[Source]:
    sources = [source(one, models, corpus) for one in words]
    vectors = SentenceVectors(models).with_texts([text for read in sources for text in _encoded(read)])
    prepared = Prepared(languages.confidences(sources), dict(_judged(sources, models)))
    return [replace(read, vectors=vectors, prepared=prepared) for read in sources]


def _encoded(read: Source) -> list[str]:
    """What `read`'s extractors will ask vectors of."""
    compared = (
        [passage for parts in read.passages.values() for passage in parts] if len(read.fields) > 1 else []
    )
    return [*embedding_texts(read), *channel_texts(read), *compared]


def _judged(sources: Sequence[Source], models: Models) -> Iterator[tuple[str, dict[str, dict[str, float]]]]:
    settings = models.settings
    for name, texts_of in ((settings.emotion_model, emotion_texts), (settings.hate_model, hate_texts)):
        found = classify(models, name, [text for read in sources for text in texts_of(read)])
        if not isinstance(found, Absent):
            yield name, found


def _missing(models: Models) -> dict[str, str]:
    """Parts by name whose model cannot be loaded, and why."""
    settings = models.settings
    asked = {
        "emotion": (settings.emotion_model, classifiers.AUTO_CLASS),
        "hate": (settings.hate_model, classifiers.AUTO_CLASS),
        "entities": (settings.entity_model, entities.AUTO_CLASS),
        "translation": (settings.translation_model, translation.AUTO_CLASS),
    }
    found = {part: load(models, name, auto_class) for part, (name, auto_class) in asked.items()}
    return {part: loaded.reason for part, loaded in found.items() if isinstance(loaded, Absent)}
