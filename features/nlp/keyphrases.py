"""Keyphrases: runs of one to three content words, scored by TF-IDF against the workspace's own posts, or alone.

With a corpus: count x mean idf of the words x root of their number. Without: C-value (Frantzi, Ananiadou and Mima
2000): log2(words + 1) x (count - mean count of the longer phrases that hold it). A phrase of the title counts double.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict

from creatorlens.reading.text import Keyphrase, Keywords
from features.absent import Absent
from features.nlp.segmentation import sentences, unspaced_share, words
from features.nlp.source import Source
from features.nlp.stopwords import STOP_WORDS
from features.nlp.vocabulary import Vocabulary
from features.weights.models import Models

MOST = 12
LONGEST = 3
TITLE_WEIGHT = 2
MAX_CHARS = 20_000

Phrase = tuple[str, ...]


def read_keywords(source: Source, _: Models) -> Keywords | Absent:
    """Over all fields."""
    if not source.fields:
        return Absent("no words to read")
    text = "\n".join(source.fields.values())
    if unspaced_share(text[:MAX_CHARS]) > 0.5:
        return Absent("the words of this script are not parted by spaces: keyphrases need a segmenter for it")
    weight: Counter[Phrase] = Counter()
    count: Counter[Phrase] = Counter()
    written: dict[Phrase, str] = {}
    for name, field in source.fields.items():
        found = candidates(field[:MAX_CHARS], written)
        count.update(found)
        for phrase, n in found.items():
            weight[phrase] += n * (TITLE_WEIGHT if name == "title" else 1)
    if not weight:
        return Absent("no content words")
    corpus = source.corpus
    scores = by_corpus(weight, corpus.vocabulary) if corpus else by_document(weight)
    best = pick(scores)
    top = scores[best[0]]
    phrases = [Keyphrase(phrase=written[p], score=min(1.0, scores[p] / top), count=count[p]) for p in best]
    return Keywords(phrases=tuple(phrases), method="corpus" if corpus else "document")


def candidates(text: str, written: dict[Phrase, str]) -> Counter[Phrase]:
    """Phrases in lower case and how often; `written` keeps each as it first stood."""
    found: Counter[Phrase] = Counter()
    for clause in _clauses(text):
        run: list[str] = []
        for word in [*clause, ""]:
            if _content(word):
                run.append(word)
                continue
            for start in range(len(run)):
                for size in range(1, min(LONGEST, len(run) - start) + 1):
                    said = run[start : start + size]
                    phrase = tuple(part.lower() for part in said)
                    written.setdefault(phrase, " ".join(said))
                    found[phrase] += 1
            run = []
    return found


def by_corpus(weight: Counter[Phrase], vocabulary: Vocabulary) -> dict[Phrase, float]:
    idf = {word: vocabulary.idf(word) for phrase in weight for word in phrase}
    return {
        phrase: n * sum(idf[word] for word in phrase) / len(phrase) * len(phrase) ** 0.5
        for phrase, n in weight.items()
    }


def by_document(weight: Counter[Phrase]) -> dict[Phrase, float]:
    longer: dict[Phrase, list[int]] = defaultdict(list)
    for phrase, n in weight.items():
        for size in range(1, len(phrase)):
            for start in range(len(phrase) - size + 1):
                longer[phrase[start : start + size]].append(n)
    out = {}
    for phrase, n in weight.items():
        nested = longer.get(phrase)
        free = n - (sum(nested) / len(nested) if nested else 0)
        out[phrase] = math.log2(len(phrase) + 1) * max(free, 0.0)
    return out


def pick(scores: dict[Phrase, float]) -> list[Phrase]:
    """Best first; a phrase whose words are all in one chosen already says nothing more."""
    chosen: list[Phrase] = []
    for phrase in sorted(scores, key=lambda p: (-scores[p], p)):
        if len(chosen) == MOST or (chosen and scores[phrase] <= 0):
            break
        if not any(set(phrase) & set(other) for other in chosen):
            chosen.append(phrase)
    return chosen


def _clauses(text: str) -> list[list[str]]:
    import re

    cut = [
        part for sentence in sentences(text) for part in re.split(r"[,;:|()\[\]\"“”–—/•]+|\s-\s", sentence)
    ]
    return [words(part) for part in cut]


def _content(word: str) -> bool:
    return len(word) > 1 and not word.isdigit() and word.lower().replace("’", "'") not in STOP_WORDS
