"""The channel's own posts most like a draft whose outcome was known at the moment: by sentence vectors where the serving
model reads them, else by their words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from creatorlens.advice.common import EvidencePost
from creatorlens.records import Draft
from services.advice.desk import Desk
from services.advice.evidence import evidence, residuals

if TYPE_CHECKING:
    import pandas as pd

WORDS_FROM = 2_000
"""By words, the newest posts are compared."""


def similar_own(desk: Desk, draft: Draft, now: datetime, most: int) -> tuple[EvidencePost, ...]:
    """Most alike first, with `similarity`; none where the channel has no known outcome. Raises NotReadyError."""
    near = _by_sentence(desk, draft, now, most)
    if near is None:
        near = _by_words(desk, draft, now, most)
    near = [(post_id, cosine) for post_id, cosine in near if post_id != draft.post_id][:most]
    return evidence(desk, draft.platform, [post_id for post_id, _ in near], now, similarity=dict(near))


def _by_sentence(desk: Desk, draft: Draft, now: datetime, most: int) -> list[tuple[str, float]] | None:
    """None where no vectors were kept, or the encoder that made them is not at hand."""
    import pandas as pd

    from features.asof import micros
    from features.manifest import read_manifest
    from features.text import headlines

    memory, encoder = desk.store.memory(draft.platform), desk.source.current(draft.platform).encoder
    manifest = read_manifest(desk.settings, draft.platform)
    if memory is None or encoder is None or manifest is None or manifest.encoder != encoder.model_id:
        return None
    vector = encoder.encode(headlines(pd.Series([draft.title]), pd.Series([draft.text])))[0]
    # one more: the draft's own post may be among them
    return memory.nearest(draft.channel_id, int(micros(pd.Series([now]))[0]), vector, most + 1)


def _by_words(desk: Desk, draft: Draft, now: datetime, most: int) -> list[tuple[str, float]]:
    """Cosine of TF-IDF; posts that share no word are left out."""
    import pandas as pd

    known = residuals(desk, draft.platform)
    known = known[(known["channel_id"] == draft.channel_id) & (known["known_at"] <= pd.Timestamp(now))]
    posts = desk.posts(draft.platform, draft.channel_id, until=now)
    posts = posts[posts["post_id"].isin(known["post_id"])].tail(WORDS_FROM)
    cosine = _cosines(_said(posts), f"{draft.title}\n{draft.text}")
    order = sorted(range(len(posts)), key=lambda i: (-cosine[i], -i))[: most + 1]
    return [(str(posts["post_id"].iloc[i]), cosine[i]) for i in order if cosine[i] > 0]


def _said(posts: pd.DataFrame) -> list[str]:
    return (posts["title"].fillna("") + "\n" + posts["text"].fillna("")).tolist()


def _cosines(texts: Sequence[str], asked: str) -> list[float]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    from features.nlp.vocabulary import terms_of

    if not terms_of(asked) or not any(terms_of(text) for text in texts):
        return [0.0] * len(texts)
    weights = TfidfVectorizer(analyzer=terms_of).fit_transform([*texts, asked])
    return [float(value) for value in (weights[:-1] @ weights[-1].T).toarray()[:, 0]]
