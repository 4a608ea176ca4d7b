"""Terms of a post (hashtags, format, category, time of posting) and how posts with them did before.

For every (channel, term) and, for hashtags and categories, every (platform, term): the shrunk mean
of ln outcome minus the level expected when the post was published, over matured outcomes only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from creatorlens.metric_definitions import SHORT_MAX_S
from features.asof import Floats, Ints, last_of_each, moments

MAX_TAGS = 30
MAX_CHARS = 80
MIN_POSTS = 2
PRIOR_POSTS = 3.0
CLIP_LN = 3.0
ANY_CHANNEL = "*"
TERM_COLUMNS = {"term_lift": "float64", "term_n": "float64"}


@dataclass(frozen=True)
class TermKind:
    """`prefix` marks the kind inside a key; `everywhere`: also kept over the whole platform."""

    name: str
    prefix: str
    everywhere: bool


KINDS = (
    TermKind("tag", "#", everywhere=True),
    TermKind("format", "f:", everywhere=False),
    TermKind("category", "c:", everywhere=True),
    TermKind("daypart", "h:", everywhere=False),
    TermKind("weekday", "d:", everywhere=False),
)
SLOTS = tuple((kind, scope) for kind in KINDS for scope in ((False, True) if kind.everywhere else (False,)))
CHANNEL_TAG = SLOTS.index((KINDS[0], False))


@dataclass(frozen=True)
class TermKeys:
    """Long arrays, one entry per post and key: the post's row, the slot (see `SLOTS`) and the key at which
    the term's history is looked up. Arrays, not a frame: drafts come one at a time."""

    row: Ints
    slot: Ints
    key: Any

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame({"row": self.row, "slot": self.slot, "term_key": self.key})

    @staticmethod
    def from_frame(frame: pd.DataFrame) -> TermKeys:
        return TermKeys(
            frame["row"].to_numpy(np.int64),
            frame["slot"].to_numpy(np.int64),
            frame["term_key"].to_numpy(object),
        )


def term_keys(posts: pd.DataFrame, local: pd.DataFrame, platform: str) -> TermKeys:
    """Keys of the posts' terms. `local` has hour (0..24) and weekday (0..6).

    At most `MAX_TAGS` distinct hashtags per post, without case and '#'.
    """
    channel = posts["channel_id"].to_numpy(dtype=object)
    rows = np.arange(len(posts), dtype=np.int64)
    short = pd.to_numeric(posts["duration_s"], errors="coerce").to_numpy(dtype=float) <= SHORT_MAX_S
    media = posts["media_type"].to_numpy(dtype=object)
    category = posts["category"].to_numpy(dtype=object)
    told = ~pd.isna(category)
    terms = {
        "tag": tag_terms(posts["hashtags"]),
        "format": (rows, media + np.where(short, ":short", "").astype(object)),
        "category": (rows[told], np.array([str(c)[:MAX_CHARS] for c in category[told]], dtype=object)),
        "daypart": (rows, (local["hour"].to_numpy(dtype=float) // 4).astype(int).astype(str).astype(object)),
        "weekday": (rows, local["weekday"].to_numpy(dtype=int).astype(str).astype(object)),
    }
    parts = []
    for slot, (kind, everywhere) in enumerate(SLOTS):
        row, term = terms[kind.name]
        owner = f"{platform}:{ANY_CHANNEL}|{kind.prefix}" if everywhere else channel[row] + f"|{kind.prefix}"
        parts.append((row, np.full(len(row), slot, dtype=np.int64), owner + term))
    row, slots, key = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return TermKeys(row, slots, key)


def tag_terms(hashtags: pd.Series) -> tuple[Ints, Any]:
    """Post's row and hashtag, one entry per distinct hashtag of a post: without case and '#', at most `MAX_TAGS`."""
    rows: list[int] = []
    terms: list[str] = []
    for row, tags in enumerate(hashtags.to_numpy(dtype=object)):
        if tags is None or isinstance(tags, float) or len(tags) == 0:
            continue
        clean = (str(tag).strip().lstrip("#").lower()[:MAX_CHARS] for tag in tags if tag is not None)
        distinct = list(dict.fromkeys(tag for tag in clean if tag))[:MAX_TAGS]
        rows += [row] * len(distinct)
        terms += distinct
    return np.array(rows, dtype=np.int64), np.array(terms, dtype=object)


def term_states(
    keys: TermKeys, known_us: np.ndarray[tuple[int, ...], np.dtype[np.int64]], residual: Floats
) -> pd.DataFrame:
    """term_key, event_timestamp, term_lift, term_n after each moment an outcome with the term became known.

    `keys` from `term_keys` over the outcomes' posts; `known_us` and `residual` per outcome (NaN residual =
    no level was known at its publishing: left out). Terms seen fewer than `MIN_POSTS` times have no state.
    """
    row = keys.row
    told = ~np.isnan(residual[row])
    row = row[told]
    key = keys.key[told]
    code = pd.factorize(key)[0]
    order = np.lexsort((row, known_us[row], code))
    code, row, key = code[order], row[order], key[order]
    value = pd.Series(residual[row].clip(-CLIP_LN, CLIP_LN))
    # groupby.cumsum adds within each group alone: bits of one key never depend on other keys.
    total = value.groupby(code).cumsum().to_numpy()
    count = value.groupby(code).cumcount().to_numpy() + 1.0
    kept = last_of_each(code, known_us[row]) & (count >= MIN_POSTS)
    return pd.DataFrame(
        {
            "term_key": key[kept],
            "event_timestamp": moments(known_us[row][kept]),
            "term_lift": total[kept] / (count[kept] + PRIOR_POSTS),
            "term_n": count[kept],
        }
    )


def term_features(keys: TermKeys, lift: Floats, n_rows: int) -> dict[str, Floats]:
    """Per post: mean lift of its known terms by slot (NaN = none known) and the share of familiar tags."""
    known = ~np.isnan(lift)
    out: dict[str, Floats] = {}
    for slot, (kind, everywhere) in enumerate(SLOTS):
        mine = (keys.slot == slot) & known
        count = np.bincount(keys.row[mine], minlength=n_rows)
        total = np.bincount(keys.row[mine], weights=lift[mine], minlength=n_rows)
        name = f"{'platform' if everywhere else 'channel'}_{kind.name}_lift"
        out[name] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    tags = keys.slot == CHANNEL_TAG
    n_tags = np.bincount(keys.row[tags], minlength=n_rows)
    familiar = np.bincount(keys.row[tags & known], minlength=n_rows)
    out["tag_familiar_share"] = np.where(n_tags > 0, familiar / np.maximum(n_tags, 1), np.nan)
    return out
