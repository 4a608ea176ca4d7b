"""Candidates in order of what they are expected to do.

Two models may speak of a change of words: the forecast, of the platform's primary metric, and a headline model, of clicks in
randomised tests. Where posts are opened by their title, a click is what the metric counts, and both speak of the same: their
lifts are averaged by precision, the headline model's variance enlarged by `TRANSFER_LN` squared because its tests were other
people's. Elsewhere the forecast stands alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from creatorlens.platforms import Platform
from creatorlens.records import Draft
from recommend.scoring import SAME_LN, Z80, LiftLn, Score, Scored, lift, widening
from recommend.titles.brief import Candidate
from recommend.titles.voice import Heard, Voice

HeadlineLift = Callable[[str, Sequence[str]], Sequence[LiftLn]]
"""(present title, others) → expected change of the click rate, ln."""

OPENED_BY_TITLE = frozenset({Platform.YOUTUBE, Platform.REDDIT, Platform.FACEBOOK})
TRANSFER_LN = 0.10
"""Standard deviation, in ln, of what a headline does here against what it did in the tests. Assumed, not measured."""
TIE_LN = 0.01
"""Lifts that do not differ by this are a tie, and voice decides."""
LIKENESS = 0.3
"""How much of a candidate's worth being like one chosen already takes away (MMR, Carbonell and Goldstein 1998)."""

UNLIKE = "unlike anything on the channel"
WORSE = "expected to do worse than now"


@dataclass(frozen=True)
class Ranked:
    """`lift` combines the two below it, widened for the best of many; None where the forecast has no say."""

    candidate: Candidate
    after: Scored
    lift: LiftLn | None
    forecast: LiftLn | None
    headline: LiftLn | None
    voice: Heard | None

    @property
    def expected_ln(self) -> float:
        known = self.lift if self.lift is not None else self.headline
        return known.ln if known is not None else 0.0


@dataclass(frozen=True)
class Ranking:
    """`before`: the forecast of the draft as it is. `left_out`: reason → how many."""

    before: Scored
    shown: tuple[Ranked, ...]
    left_out: dict[str, int]


def rank(
    draft: Draft,
    candidates: Sequence[Candidate],
    score: Score,
    *,
    headlines: HeadlineLift | None = None,
    voice: Voice | None = None,
    most: int = 8,
) -> Ranking:
    """The best of the candidates, unlike each other. One question to `score`, the draft as it is first."""
    kept = [one for one in candidates if not _unlike(draft, one, voice)]
    before, *afters = score([draft, *(changed(draft, one) for one in kept)])
    clicks = _clicks(draft, kept, headlines)
    among = len(kept)
    found = []
    for one, after, click in zip(kept, afters, clicks, strict=True):
        forecast = None if before.abstained or after.abstained else lift(before, after)
        both = combined(forecast, click, same=draft.platform in OPENED_BY_TITLE)
        found.append(
            Ranked(
                candidate=one,
                after=after,
                lift=widened(both, among),
                forecast=widened(forecast, among),
                headline=widened(click, among),
                voice=voice.hear(_head(one)) if voice is not None and one.field == _field(draft) else None,
            )
        )
    better = [one for one in found if not _worse(one)]
    left_out = {UNLIKE: len(candidates) - len(kept), WORSE: len(found) - len(better)}
    order = sorted(range(len(better)), key=lambda i: (-_rounded(better[i]), -_heard(better[i]), i))
    shown = diverse([better[i] for i in order], most)
    return Ranking(before, tuple(shown), {reason: n for reason, n in left_out.items() if n})


def combined(forecast: LiftLn | None, headline: LiftLn | None, *, same: bool) -> LiftLn | None:
    """The mean weighted by precision, half-widths kept apart on either side. The forecast alone where the two do not speak of
    the `same`, or no headline model answered; the headline model alone where the forecast sees no difference at all."""
    if forecast is None or headline is None or not same:
        return forecast
    other = _enlarged(headline)
    if other is None:
        return forecast
    if abs(forecast.ln) < SAME_LN and forecast.low_ln == forecast.high_ln:
        return other
    one, two = _precision(forecast), _precision(other)
    if one is None or two is None:
        return other if one is None else forecast
    share = one / (one + two)
    ln = share * forecast.ln + (1 - share) * other.ln
    low = math.hypot(share * _down(forecast), (1 - share) * _down(other))
    high = math.hypot(share * _up(forecast), (1 - share) * _up(other))
    return LiftLn(ln, ln - low, ln + high)


def widened(found: LiftLn | None, among: int) -> LiftLn | None:
    """The interval of one picked out of `among`: see `recommend.scoring.widening`."""
    if found is None or found.low_ln is None or found.high_ln is None:
        return found
    wider = widening(among)
    return LiftLn(found.ln, found.ln - wider * _down(found), found.ln + wider * _up(found))


def diverse(ordered: Sequence[Ranked], most: int) -> list[Ranked]:
    """Best first; each next one loses worth by its likeness (Jaccard of word pairs) to the nearest chosen."""
    left = list(ordered)
    worth = {id(one): 1 - i / max(1, len(left)) for i, one in enumerate(left)}
    pairs = {id(one): _pairs(one.candidate) for one in left}
    chosen: list[Ranked] = []
    while left and len(chosen) < most:
        best = max(
            left,
            key=lambda one: (
                (1 - LIKENESS) * worth[id(one)]
                - LIKENESS * max((_alike(pairs[id(one)], pairs[id(other)]) for other in chosen), default=0.0)
            ),
        )
        left.remove(best)
        chosen.append(best)
    # What is shown stays in order of what it is expected to do.
    return sorted(chosen, key=lambda one: -worth[id(one)])


def changed(draft: Draft, candidate: Candidate) -> Draft:
    if candidate.field == "title":
        return replace(draft, title=candidate.words)
    return replace(draft, text=candidate.words)


def _clicks(
    draft: Draft, candidates: Sequence[Candidate], headlines: HeadlineLift | None
) -> list[LiftLn | None]:
    titles = [i for i, one in enumerate(candidates) if one.field == "title"]
    found: list[LiftLn | None] = [None] * len(candidates)
    if headlines is not None and titles and draft.title.strip():
        lifts = headlines(draft.title, [candidates[i].words for i in titles])
        for i, one in zip(titles, lifts, strict=True):
            found[i] = one
    return found


def _enlarged(found: LiftLn) -> LiftLn | None:
    if found.low_ln is None or found.high_ln is None:
        return None
    more = Z80 * TRANSFER_LN
    return LiftLn(
        found.ln, found.ln - math.hypot(_down(found), more), found.ln + math.hypot(_up(found), more)
    )


def _precision(found: LiftLn) -> float | None:
    width = (_down(found) + _up(found)) / (2 * Z80)
    return None if found.low_ln is None or width <= 0 else 1 / width**2


def _down(found: LiftLn) -> float:
    return 0.0 if found.low_ln is None else found.ln - found.low_ln


def _up(found: LiftLn) -> float:
    return 0.0 if found.high_ln is None else found.high_ln - found.ln


def _unlike(draft: Draft, one: Candidate, voice: Voice | None) -> bool:
    """A draft that is unlike its channel itself may stay so."""
    if voice is None or one.field != _field(draft):
        return False
    now = draft.title or draft.text.partition("\n")[0]
    return voice.below_all(_head(one)) and not voice.below_all(now)


def _field(draft: Draft) -> str:
    return "title" if draft.title.strip() else "text"


def _head(one: Candidate) -> str:
    return one.words.partition("\n")[0]


def _worse(one: Ranked) -> bool:
    known = one.lift if one.lift is not None else one.headline
    return known is not None and known.high_ln is not None and known.high_ln < 0


def _rounded(one: Ranked) -> int:
    return round(one.expected_ln / TIE_LN)


def _heard(one: Ranked) -> float:
    return one.voice.score if one.voice is not None else 0.5


def _pairs(candidate: Candidate) -> frozenset[tuple[str, str]]:
    told = _head(candidate).casefold().split()
    return frozenset(zip(["", *told], [*told, ""], strict=True))


def _alike(one: frozenset[tuple[str, str]], other: frozenset[tuple[str, str]]) -> float:
    return len(one & other) / max(1, len(one | other))
