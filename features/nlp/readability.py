"""How easily words read.

Flesch reading ease: 206.835 - 1.015 words/sentence - 84.6 syllables/word (Flesch 1948). Grade: 0.39 words/sentence
+ 11.8 syllables/word - 15.59 (Kincaid et al. 1975). LIX: words/sentence + 100 x share of words longer than six
letters (Björnsson 1968). Reading time: 238 words a minute (Brysbaert 2019).
"""

from __future__ import annotations

from creatorlens.reading.text import Readability
from features.absent import Absent
from features.nlp.languages import english
from features.nlp.segmentation import sentences, syllables, words
from features.nlp.source import Source
from features.weights.models import Models

WORDS_PER_MINUTE = 238
LONG_WORD = 6


def read_readability(source: Source, _: Models) -> Readability | Absent:
    """Of title and caption; of what is on screen or said where there is neither."""
    fields = source.fields
    written = [fields[name] for name in ("title", "caption") if name in fields]
    written = written or [fields[name] for name in ("on_screen", "transcript") if name in fields][:1]
    if not written:
        return Absent("no words to read")
    text = "\n".join(written)
    return readability(text, in_english=english(source, text)) or Absent("no words to read")


def readability(text: str, *, in_english: bool) -> Readability | None:
    said = words(text)
    if not said:
        return None
    per_sentence = len(said) / max(1, len(sentences(text)))
    long_share = sum(len(word) > LONG_WORD for word in said) / len(said)
    ease = grade = None
    if in_english:
        per_word = sum(map(syllables, said)) / len(said)
        ease = 206.835 - 1.015 * per_sentence - 84.6 * per_word
        grade = 0.39 * per_sentence + 11.8 * per_word - 15.59
    return Readability(
        flesch_ease=ease,
        flesch_grade=grade,
        lix=per_sentence + 100 * long_share,
        words_per_sentence=per_sentence,
        letters_per_word=sum(map(len, said)) / len(said),
        long_word_share=long_share,
        distinct_word_share=len({word.lower() for word in said}) / len(said),
        reading_s=60 * len(said) / WORDS_PER_MINUTE,
    )
