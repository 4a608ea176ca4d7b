"""What advice on hashtags draws on, on one platform: who used which tag when, what words went with them, what each was worth.

Kept until features are computed anew; words are embedded without their hashtags, each text once (`features.embedding_cache`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.advice.desk import Desk

if TYPE_CHECKING:
    import pandas as pd

    from features.encoder import ReadsText
    from recommend.hashtags.index import TagIndex
    from recommend.hashtags.lifts import TagLifts
    from recommend.hashtags.ranker import Ranker

MOST_POSTS = 20_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Sources:
    """`posts`: oldest first, `hashtags` with those written in their words; `vectors`: aligned, of the words without hashtags
    (NaN where there is none); `words`: of the same by post_id."""

    posts: pd.DataFrame
    vectors: Any
    words: Mapping[str, str]
    index: TagIndex

    @staticmethod
    def of(settings: Settings, encoder: ReadsText | None, posts: pd.DataFrame) -> Sources:
        """posts: as `Desk.posts`."""
        from recommend.hashtags.index import TagIndex
        from recommend.hashtags.words import tags_in

        said = (posts["title"].fillna("") + "\n" + posts["text"].fillna("")).tolist()
        tags = [[*_listed(told), *tags_in(text)] for told, text in zip(posts["hashtags"], said, strict=True)]
        posts = posts.assign(hashtags=tags)
        texts = spoken(posts["title"], posts["text"])
        vectors = _vectors(settings, encoder, texts)
        words = dict(zip(posts["post_id"].astype(str), texts, strict=True))
        return Sources(posts, vectors, words, TagIndex.of(posts, vectors))

    def lifts(self, residuals: pd.DataFrame, as_of: datetime) -> TagLifts | None:
        """With what is known of similar posts held fixed. `residuals`: as `features.stored_residuals`."""
        import pandas as pd

        from recommend.hashtags.lifts import tag_lifts

        return tag_lifts(self.posts, residuals, self.similar(residuals), pd.Timestamp(as_of))

    def similar(self, residuals: pd.DataFrame) -> pd.DataFrame | None:
        """By post_id, how posts with similar words did, as known when it was published; None without vectors."""
        import pandas as pd

        from features.asof import micros
        from features.similar_posts import memory_of

        ours = residuals[residuals["post_id"].isin(self.posts["post_id"])].reset_index(drop=True)
        if ours.empty or _absent(self.vectors):
            return None
        memory = memory_of(ours, self.posts["post_id"], self.vectors)
        asked = ours["post_id"].unique()
        place = pd.Index(self.posts["post_id"]).get_indexer(pd.Index(asked))
        theirs = self.posts.iloc[place]
        found = memory.similar(theirs["channel_id"], micros(theirs["published_at"]), self.vectors[place])
        return found.drop(columns="own_similar_n_ln").set_index(pd.Index(asked))


def sources(desk: Desk, platform: Platform) -> Sources:
    """Raises NotReadyError before features were computed."""

    def make() -> Sources:
        posts = desk.posts(platform).tail(MOST_POSTS).reset_index(drop=True)
        return Sources.of(desk.settings, reader(desk, platform), posts)

    return desk.kept.get(("hashtags", "sources", platform, desk.generation(platform)), make)


def ranker(desk: Desk, platform: Platform, at_us: int) -> Ranker:
    """Learnt of the posts before the moment; learnt anew when there are some more of them."""
    from recommend.hashtags.learning import learn

    told = sources(desk, platform)
    known = told.index.until(at_us)
    key = ("hashtags", "ranker", platform, desk.generation(platform), known)
    return desk.kept.get(key, lambda: learn(told.index, told.words, at_us))


def lifts(desk: Desk, platform: Platform, now: datetime) -> TagLifts | None:
    """As known at the moment; reckoned anew when more outcomes are known."""
    import pandas as pd

    from services.advice.evidence import residuals

    told = residuals(desk, platform)
    known = told.loc[told["known_at"] <= pd.Timestamp(now), "known_at"]
    key = ("hashtags", "lifts", platform, desk.generation(platform), len(known))
    # the year looked back on ends with the newest outcome: an old table is judged as it was
    as_of = known.max() if len(known) else pd.Timestamp(now)
    return desk.kept.get(key, lambda: sources(desk, platform).lifts(told, as_of))


def reader(desk: Desk, platform: Platform) -> ReadsText | None:
    """The serving model's encoder, else the one that settings name; None where there is none here, or features were made
    without one."""
    from features.manifest import read_manifest

    manifest = read_manifest(desk.settings, platform)
    if manifest is None or manifest.encoder is None:
        return None
    try:
        serving = desk.source.current(platform).encoder
    except NotReadyError:
        serving = None
    return (
        serving
        if serving is not None
        else desk.kept.get(("hashtags", "encoder"), lambda: _own(desk.settings))
    )


def spoken(title: pd.Series, text: pd.Series) -> list[str]:
    """Words as they are embedded: without hashtags, and where there are none as `features.text.headlines`, so that what was
    embedded with the features is not embedded again."""
    from features.text import headlines
    from recommend.hashtags.words import without_tags

    def bare(words: str | None) -> str | None:
        return without_tags(words) if words and "#" in words else words

    return headlines(title.map(bare), text.map(bare))


def _own(settings: Settings) -> ReadsText | None:
    from features.absent import Absent
    from features.embedding_cache import RecentTexts
    from features.encoder import load_encoder

    found = load_encoder(settings)
    if isinstance(found, Absent):
        log.info("hashtags are compared without sentence vectors", reason=found.reason)
        return None
    return RecentTexts(found)


def _vectors(settings: Settings, encoder: ReadsText | None, texts: list[str]) -> Any:
    import numpy as np

    from features.embedding_cache import embed

    if encoder is None:
        return np.full((len(texts), 1), np.nan, np.float32)
    vectors = embed(settings, encoder, texts)
    vectors[[not text for text in texts]] = np.nan
    return vectors


def _absent(vectors: Any) -> bool:
    return bool(vectors.shape[1] == 1)


def _listed(tags: Any) -> list[str]:
    return [] if tags is None or isinstance(tags, float) else [str(tag) for tag in tags]
