"""Advice on the hashtags of a draft: which, how many, what each is expected to do, and what speaks for it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from creatorlens.advice.common import Lift
from creatorlens.advice.content import Content
from creatorlens.advice.hashtags import Hashtag, Hashtags, NumberOfTags
from creatorlens.errors import InputError, NotReadyError
from creatorlens.metric_definitions import primary_metric
from creatorlens.platforms import SPECS, Platform
from services.advice.desk import Desk, told
from services.advice.hashtag_sources import Sources, lifts, ranker, reader, sources, spoken
from services.advice.hashtag_steps import Evidence, Suggested, draft_tags, suggested

if TYPE_CHECKING:
    from features.asof import Floats
    from recommend.hashtags.candidates import Candidates
    from recommend.hashtags.choosing import Choice
    from recommend.hashtags.expected import TagLift
    from recommend.hashtags.lifts import TagLifts
    from recommend.hashtags.numbers import Number
    from recommend.hashtags.steps import Steps

MOST_TAGS = 20
LOOKED_AT = 80
"""Candidates that are weighed against each other and whose effects are reckoned."""
LAST_POSTS = 20
MOST_ALIKE = 20
LEAST_ALIKE = 0.05
VOLUME_D = 28
MIN_USES = 3
TELLING = 0.05
RISING = 1.25
BANNED_FILE = "banned_hashtags.txt"


def hashtags(desk: Desk, content: Content, *, now: datetime | None = None) -> Hashtags:
    """As known at `now`; a published post as known when it was published. Raises NotReadyError before the platform's
    features were computed."""
    moment = now or datetime.now(UTC)
    if moment.tzinfo is None:
        raise InputError("the time needs a zone.", field="now", hint="As in 2026-03-01T12:00:00Z.")
    if content.post_id is not None:
        moment = min(moment, content.now.planned_at)
    view = _look(desk, content, moment)
    number = view.number()
    tags = view.tags()
    steps = view.steps(number)
    told_of = {one.tag: one.because for one in tags}
    posts = Evidence(view.sources.index, view.until, content.channel_id)
    found = suggested(desk, content, steps, posts, moment, told_of)
    return Hashtags(
        content_id=content.content_id,
        version=content.now.version,
        channel_id=content.channel_id,
        platform=content.platform,
        metric=primary_metric(content.platform),
        as_of=moment,
        model_version=_model_version(desk, content.platform),
        words=_words(tags, found, view),
        left_out=dict(Counter(why for tag, why in view.choice.out.items() if tag not in view.have)),
        tags=tags,
        number=_number(number, view),
        best=found.best,
        add=found.add,
        drop=found.drop,
    )


@dataclass(frozen=True)
class _View:
    """What is known for one draft. `candidates`, `logit`, `effects` (None where too few outcomes are known) are aligned;
    `until`: number of tagged posts that were there; `at_us`: the moment, at most just after the newest of them."""

    platform: Platform
    channel_id: str
    have: Sequence[str]
    sources: Sources
    lifts: TagLifts | None
    at_us: int
    until: int
    candidates: Candidates
    logit: Floats
    effects: Sequence[TagLift] | None
    choice: Choice

    def tags(self) -> tuple[Hashtag, ...]:
        """Those kept and those of the draft, best first."""
        place = {str(self.sources.index.names[code]): i for i, code in enumerate(self.candidates.tag)}
        names = [one.name for one in self.choice.kept]
        new = [tag for tag in self.have if tag not in names]
        return tuple(self._tag(name, place.get(name)) for name in [*names, *new])

    def _tag(self, name: str, i: int | None) -> Hashtag:
        from recommend.hashtags.candidates import SOURCES
        from recommend.hashtags.choosing import relevance, volume

        effect = None if self.effects is None or i is None else self.effects[i]
        if i is None:
            return _never_used(name)
        index, code = self.sources.index, int(self.candidates.tag[i])
        posts, channels = volume(index, code, self.at_us, self.until, VOLUME_D)
        strength = dict(zip(SOURCES, self.candidates.strength[i].tolist(), strict=True))
        own = round(math.expm1(strength["own_used"]))
        rise = math.expm1(strength["rise"]) if posts >= MIN_USES else None
        return Hashtag.model_validate(
            {
                "tag": name,
                "relevance": float(relevance(self.logit[i])),
                "lift": _unknown() if effect is None else told(effect.lift),
                "level": "none" if effect is None else effect.level,
                "in_draft": name in self.have,
                "own_posts": own,
                "posts": len(index.posts_with(code, self.until)),
                "posts_28d": posts,
                "channels_28d": channels,
                "rise": rise,
                "because": _because(strength, own, rise, self.choice.out.get(name)),
            }
        )

    def number(self) -> Number:
        from recommend.hashtags.numbers import how_many

        return how_many(self.lifts, self.platform, self.usual, self.typical)

    @property
    def usual(self) -> int | None:
        """The channel's median number over its last posts."""
        own = self._counts(self.channel_id).tail(LAST_POSTS)
        return round(float(own.median())) if len(own) else None

    @property
    def typical(self) -> int | None:
        some = self._counts(None)
        some = some[some > 0]
        return round(float(some.median())) if len(some) else None

    def _counts(self, channel_id: str | None) -> Any:
        from features.asof import micros

        posts = self.sources.posts
        before = micros(posts["published_at"]) < self.at_us
        if channel_id is not None:
            before &= (posts["channel_id"] == channel_id).to_numpy()
        return posts.loc[before, "hashtags"].map(lambda tags: len(set(tags)))

    def steps(self, number: Number) -> Steps:
        from recommend.hashtags.steps import steps

        return steps(self.have, self.choice, number)


def _look(desk: Desk, content: Content, moment: datetime) -> _View:
    import numpy as np
    import pandas as pd

    from features.asof import micros
    from recommend.hashtags.candidates import Candidates, Query, alike_channels, candidates
    from recommend.hashtags.expected import expected

    platform, version = content.platform, content.now
    told_by = sources(desk, platform)
    index = told_by.index
    newest = int(index.at_us[-1]) + 1 if len(index) else 0
    at_us = min(int(micros(pd.Series([moment]))[0]), newest)
    until = index.until(at_us)
    have = draft_tags(version)
    words = spoken(pd.Series([version.title]), pd.Series([version.text]))[0]
    vector = _vector(desk, platform, words, told_by)
    found = candidates(index, Query(content.channel_id, at_us, vector, words), index.codes(have))
    logit = ranker(desk, platform, at_us).logit(found) if len(found.tag) else np.zeros(0)
    looked = np.isin(found.tag, index.codes(have))
    looked[np.argsort(-logit, kind="stable")[:LOOKED_AT]] = True
    found, logit = Candidates(found.tag[looked], found.strength[looked]), logit[looked]
    effect = lifts(desk, platform, moment)
    names = [str(name) for name in index.names[found.tag]]
    likeness = alike_channels(index, index.posts_of(content.channel_id, until), until)
    near = [i for i in np.argsort(-likeness)[:MOST_ALIKE] if likeness[i] > LEAST_ALIKE]
    alike = {str(index.channels[i]): float(likeness[i]) for i in near}
    effects = expected(effect, content.channel_id, alike, names, len(names)) if effect and names else None
    choice = _choice(desk, told_by, until, vector, found, logit, effects, have)
    return _View(
        platform, content.channel_id, have, told_by, effect, at_us, until, found, logit, effects, choice
    )


def _choice(
    desk: Desk,
    told_by: Sources,
    until: int,
    vector: Any,
    found: Candidates,
    logit: Floats,
    effects: Sequence[TagLift] | None,
    have: Sequence[str],
) -> Choice:
    """Hashtags of the draft that nobody used before are judged by their names."""
    import dataclasses

    from recommend.hashtags.banned import read_banned
    from recommend.hashtags.candidates import SOURCES
    from recommend.hashtags.choosing import Offered, by_name, choose

    banned = read_banned(desk.settings.home / BANNED_FILE)
    used = SOURCES.index("own_used")
    offered = [
        Offered(
            code=int(code),
            name=str(told_by.index.names[code]),
            logit=float(logit[i]),
            own=bool(found.strength[i, used] > 0),
            lift=None if effects is None else effects[i].lift,
        )
        for i, code in enumerate(found.tag)
    ]
    choice = choose(told_by.index, until, vector, offered, banned, MOST_TAGS)
    new = set(have) - {one.name for one in offered}
    objections = {name: why for name in new if (why := by_name(name, banned)) is not None}
    return dataclasses.replace(choice, out={**choice.out, **objections})


def _vector(desk: Desk, platform: Platform, words: str, told_by: Sources) -> Any:
    import numpy as np

    size = told_by.index.vectors.shape[1] if len(told_by.index) else 1
    encoder = reader(desk, platform)
    if encoder is None or not words or encoder.dimensions != size:
        return np.zeros(size, np.float32)
    return encoder.encode([words])[0].astype(np.float32)


def _number(number: Number, view: _View) -> NumberOfTags:
    from recommend.hashtags.numbers import LIMITS

    words = f"{number.words[:1].upper()}{number.words[1:]}."
    return NumberOfTags(
        low=number.low,
        high=number.high,
        usual=view.usual,
        lift=told(number.lift),
        limit=LIMITS[view.platform],
        words=words,
    )


def _because(
    strength: dict[str, float], own: int, rise: float | None, objection: str | None
) -> tuple[str, ...]:
    """In the order in which people would say it; what speaks against it last."""
    said = [
        (own > 0, f"you used it on {own} of your posts"),
        (strength["words"] > 0, "your words say it"),
        (max(strength["near"], strength["nearest"]) >= TELLING, "posts of others about the same use it"),
        (strength["alike"] >= TELLING, "channels like yours use it"),
        (rise is not None and rise >= RISING - 1, f"used {100 * (rise or 0):.0f} % more of late than before"),
        (strength["popular"] >= 5.0, "common here"),
        (objection is not None, f"speaks against it: {objection}"),
    ]
    return tuple(words for holds, words in said if holds)


def _never_used(name: str) -> Hashtag:
    return Hashtag(
        tag=name,
        relevance=0.0,
        lift=_unknown(),
        level="none",
        in_draft=True,
        own_posts=0,
        posts=0,
        posts_28d=0,
        channels_28d=0,
        rise=None,
        because=("no post here has used it yet",),
    )


def _unknown() -> Lift:
    return Lift(effect=0.0, low=None, high=None, noise=True, words="too few outcomes are known to say")


def _model_version(desk: Desk, platform: Platform) -> str | None:
    try:
        return desk.source.current(platform).model_version
    except NotReadyError:
        return None


def _words(tags: Sequence[Hashtag], found: Suggested, view: _View) -> str:
    if not len(view.sources.index):
        return f"No post on {SPECS[view.platform].label} that is known here has hashtags: import some first."
    gains = [one for one in tags if one.lift.low is not None and one.lift.low > 0]
    if view.lifts is None:
        effect = "too few outcomes are known to say what any hashtag does."
    elif gains:
        effect = "; ".join(f"posts with #{one.tag} did {one.lift.words}" for one in gains[:2]) + "."
    else:
        effect = "no hashtag makes a detectable difference; these are the ones that fit."
    what = found.best.words if found.best is not None else "Keep the hashtags as they are."
    return f"{what[:-1]}: {effect}"
