"""What was read from the words of a piece of content.

`field` says which words: the title, the caption (the text beside the content), the transcript (what is said) or
the text on screen. Positions count characters of that field from 0, `end` excluded. Cosines are of unit vectors.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from creatorlens.reading.base import Labelled, Part, Seconds, Share

TextField = Literal["title", "caption", "transcript", "on_screen"]
Signed = Annotated[float, Field(ge=-1, le=1)]
Count = Annotated[int, Field(ge=0)]
CueKind = Literal[
    "question", "number", "bracket", "list", "superlative", "urgency", "curiosity", "call_to_action",
    "second_person", "negation", "emphasis",
]  # fmt: skip


class LanguageGuess(Part):
    """ISO 639-1 code and how sure the detector is among the languages it knows."""

    code: str
    confidence: Share


class FieldLanguage(LanguageGuess):
    field: TextField
    second: LanguageGuess | None = None


class Language(LanguageGuess):
    """Of the field that has most letters (title first among equals); each field's own in `fields`."""

    second: LanguageGuess | None = None
    fields: tuple[FieldLanguage, ...]


class FieldTokens(Part):
    """`model_tokens` as the sentence encoder counts them, before it cuts; None without one. `read_share`: how
    much of the field was read at all (longer texts are cut)."""

    field: TextField
    characters: Count
    words: Count
    sentences: Count
    model_tokens: Count | None = None
    read_share: Share = 1.0


class Tokens(Part):
    fields: tuple[FieldTokens, ...]


class FieldSentiment(Part):
    """VADER: `compound` -1 (hostile) to 1 (glad); the three shares add up to 1."""

    field: TextField
    compound: Signed
    positive: Share
    neutral: Share
    negative: Share


class Sentiment(Part):
    """English fields only. `compound` is the title's where it has one, otherwise the first field's."""

    compound: Signed
    fields: tuple[FieldSentiment, ...]


class Judged(Part):
    """A text classifier's classes, most likely first, and which model gave them."""

    labels: tuple[Labelled, ...]
    model: str


class Emotion(Judged):
    pass


class Hate(Judged):
    """Scores of hate, insult or violence classes as the model names them; a score is not a verdict."""


class Keyphrase(Part):
    """`score` relative to the best phrase of the text (1)."""

    phrase: str
    score: Share
    count: Annotated[int, Field(ge=1)]


class Keywords(Part):
    """`method`: 'corpus' (TF-IDF against the workspace's own posts) or 'document' (degree/frequency in this text)."""

    phrases: tuple[Keyphrase, ...]
    method: Literal["corpus", "document"]


class Entity(Part):
    """`kind` as the model names it: PER, ORG, LOC, MISC for the default one."""

    text: str
    kind: str
    score: Share
    field: TextField
    start: Count
    end: Count


class Entities(Part):
    entities: tuple[Entity, ...]
    model: str


class TopicShare(Part):
    """A topic of the workspace's own posts: its number, its words as a name, and its share of this text."""

    topic: Count
    words: tuple[str, ...]
    share: Share


class Topics(Part):
    """`lda`: latent Dirichlet allocation; `embedding`: clusters of sentence vectors (empty without an encoder).
    Learned from `posts` posts, the newest published at `known_at` (ISO 8601 UTC, None where nobody said)."""

    lda: tuple[TopicShare, ...]
    embedding: tuple[TopicShare, ...] = ()
    posts: Count
    known_at: str | None = None
    model: str


class Readability(Part):
    """`flesch_ease`: about 0 (hard) to 100 (easy), unbounded; `flesch_grade`: US school years; both English only.
    `lix`: Björnsson's index, below 30 easy, above 50 hard, any language that parts words by spaces."""

    flesch_ease: float | None = None
    flesch_grade: float | None = None
    lix: Annotated[float, Field(ge=0)]
    words_per_sentence: Annotated[float, Field(ge=0)]
    letters_per_word: Annotated[float, Field(ge=0)]
    long_word_share: Share
    distinct_word_share: Share
    reading_s: Seconds


class Match(Part):
    """Words that were found, and where."""

    field: TextField
    text: str
    start: Count
    end: Count


class Cue(Part):
    kind: CueKind
    found: tuple[Match, ...]


class Cues(Part):
    """Only kinds that were found, each with its words. English word lists; signs and digits in any language."""

    cues: tuple[Cue, ...]


class ChannelTitles(Part):
    """The title beside the channel's earlier ones. `novelty` is 1 - cosine, from 0 (said before) to 1;
    `method`: 'embedding', or 'words' (cosine of word counts) without an encoder."""

    nearest: str
    cosine: Signed
    novelty: Share
    mean_cosine: Signed
    earlier: Annotated[int, Field(ge=1)]
    method: Literal["embedding", "words"]


class FieldPair(Part):
    """`overlap`: share of the shorter field's distinct content words that the other has too (None: too few words);
    `cosine` of the sentence vectors (None without an encoder). Neither says whether one contradicts the other."""

    one: TextField
    other: TextField
    cosine: Signed | None = None
    overlap: Share | None = None


class Agreement(Part):
    pairs: tuple[FieldPair, ...]


class Marks(Part):
    """As written, in order, each once; hashtags without '#', mentions without '@'."""

    hashtags: tuple[str, ...]
    mentions: tuple[str, ...]
    emoji: tuple[str, ...]
    links: tuple[str, ...]


class Embedding(Part):
    """Unit vector of title and beginning of the caption; vectors of another `model` are not comparable."""

    vector: tuple[float, ...]
    model: str


class Translation(Part):
    """The title (or the first field there is) in English."""

    text: str
    source: str
    field: TextField
    model: str


class TextReading(Part):
    """`absent`: why a part is None, under the part's name."""

    language: Language | None = None
    tokens: Tokens | None = None
    sentiment: Sentiment | None = None
    emotion: Emotion | None = None
    keywords: Keywords | None = None
    entities: Entities | None = None
    topics: Topics | None = None
    readability: Readability | None = None
    cues: Cues | None = None
    channel: ChannelTitles | None = None
    agreement: Agreement | None = None
    marks: Marks | None = None
    hate: Hate | None = None
    embedding: Embedding | None = None
    translation: Translation | None = None
    absent: dict[str, str] = Field(default_factory=dict)
