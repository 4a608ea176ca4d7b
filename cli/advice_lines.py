"""What a person reads of advice in the terminal: what, what it is expected to do, why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from creatorlens.advice.common import EvidencePost, Suggestion
    from creatorlens.advice.content import Receipt, Receipts
    from creatorlens.advice.hashtags import Hashtags
    from creatorlens.advice.strategy import Finding, Strategy
    from creatorlens.advice.thumbnails import ThumbnailAdvice
    from creatorlens.advice.timing import Timing
    from creatorlens.advice.titles import TitleAdvice

SHOWN = 5
TITLE_CHARS = 60


def lines_of(kind: str, advice: Any) -> list[str]:
    """A heading, then what is advised, best first."""
    return [*_LINES[kind](advice), *_left_out(getattr(advice, "left_out", {}))]


def receipt_lines(found: Receipts) -> list[str]:
    if not found.receipts:
        return ["No advice has been applied yet."]
    return [line for one in found.receipts for line in _receipt(one)] + _record(found)


def _titles(advice: TitleAdvice) -> list[str]:
    lines = [f"titles: {advice.words}", f"  now: {advice.current}"]
    for i, one in enumerate(advice.suggestions, 1):
        lines += [f"  {i}. {one.after}", *_why(one)]
    return lines


def _hashtags(advice: Hashtags) -> list[str]:
    lines = [f"hashtags: {advice.words}", f"  how many: {advice.number.words}"]
    lines += [
        f"  #{tag.tag}{' (in the draft)' if tag.in_draft else ''}: {tag.lift.words}"
        + (f"; {tag.because[0]}" if tag.because else "")
        for tag in advice.tags[: 2 * SHOWN]
    ]
    if advice.best is not None:
        lines += [f"  together: {advice.best.words}", *_why(advice.best)]
    for one in (*advice.add, *advice.drop)[:SHOWN]:
        lines += [f"  {one.words}", *_why(one)]
    return lines


def _thumbnails(advice: ThumbnailAdvice) -> list[str]:
    lines = [f"thumbnails: {advice.words}"]
    if advice.current is not None:
        lines += [f"  to mend: {fix.words}" for fix in advice.current.fixes]
    for i, one in enumerate(advice.suggestions, 1):
        made = one.made
        place = "" if made.at_s is None else f" from {made.at_s:.1f} s"
        sha256 = one.change.thumbnail or ""
        lines += [
            f"  {i}. {one.words} ({made.recipe}{place}, {made.width} x {made.height}, {sha256[:12]})",
            *_why(one),
        ]
    return [*lines, *(f"  not read: {part}: {why}" for part, why in advice.absent.items())]


def _timing(advice: Timing) -> list[str]:
    lines = [f"timing: {advice.words}"]
    lines += [f"  after a {one.age}: {one.words}" for one in advice.ages]
    if advice.causal is not None:
        lines.append(f"  tested: {advice.causal.words}")
    if advice.confounding is not None:
        lines.append(f"  what goes with the time: {advice.confounding.words}")
    for i, one in enumerate(advice.suggestions, 1):
        lines += [f"  {i}. {one.words}", *_why(one)[1:]]
    return lines


def _strategy(advice: Strategy) -> list[str]:
    lines = [f"strategy: {advice.words}"]
    lines += [
        f"  stood out: {_post(one.post)} at {one.times_usual:.1f} times the usual"
        for one in advice.outliers[:SHOWN]
    ]
    parts: tuple[tuple[str, tuple[Finding, ...]], ...] = (
        ("sets them apart", advice.sets_apart),
        ("used too little", advice.underused),
        ("used too much", advice.overused),
        ("gap", advice.gaps),
    )
    for name, findings in parts:
        lines += [f"  {name}: {one.words}: {one.lift.words}" for one in findings[:SHOWN]]
    lines += [f"  alike: {one.channel_id} ({one.similarity:.2f})" for one in advice.alike[:SHOWN]]
    lines += [
        f"  elsewhere: {_post(one.post)} at {one.times_usual:.1f} times the usual"
        for one in advice.competitors[:SHOWN]
    ]
    rising = dict.fromkeys(one.words for one in (*advice.keywords, *advice.trends) if one.fits)
    lines += [f"  on the rise: {words}" for words in list(rising)[:SHOWN]]
    return [*lines, *(f"  note: {one}" for one in advice.notes)]


_LINES: dict[str, Callable[[Any], list[str]]] = {
    "titles": _titles,
    "hashtags": _hashtags,
    "thumbnails": _thumbnails,
    "timing": _timing,
    "strategy": _strategy,
}


def _why(one: Suggestion) -> list[str]:
    told = "no say of the forecast" if one.lift is None else one.lift.words
    if one.prob_beats_floor is not None:
        told += f"; chance to beat the floor {one.prob_beats_floor:.0%}"
    posts = [_post(post) for post in one.evidence[:2]]
    return [
        f"     {told}",
        *(f"     {reason}" for reason in one.because),
        *(f"     as in {post}" for post in posts),
    ]


def _post(post: EvidencePost) -> str:
    title = post.title if len(post.title) <= TITLE_CHARS else post.title[: TITLE_CHARS - 1].rstrip() + "…"
    outcome = "" if post.outcome is None else f", {post.outcome:,.0f}"
    return f"“{title}” ({post.published_at:%Y-%m-%d}{outcome})"


def _left_out(left_out: dict[str, int]) -> Iterable[str]:
    return [f"  left out: {n} because {reason}" for reason, n in left_out.items()]


def _receipt(one: Receipt) -> list[str]:
    lines = [
        f"{one.applied_at:%Y-%m-%d %H:%M} {one.kind}, version {one.from_version} → {one.to_version}: {one.words}"
    ]
    for grade in one.grades:
        band = "inside the band" if grade.covered80 else "outside the band"
        floor = (
            ""
            if grade.beat_floor is None
            else (", beat the floor" if grade.beat_floor else ", below the floor")
        )
        lines.append(f"  after {grade.horizon_h:g} h: {grade.outcome:,.0f}, {band}{floor}")
    return lines


def _record(found: Receipts) -> list[str]:
    record = found.record
    if record is None or not record.graded:
        return ["None is graded yet: publish, import the outcome, then run `creatorlens grade`."]
    said = f"{record.graded} of {record.receipts} receipts graded"
    if record.with_floor and record.mean_prob_after is not None and record.share_beat_floor is not None:
        said += (
            f"; expected to beat the floor {record.mean_prob_after:.0%}, did {record.share_beat_floor:.0%}"
        )
    return [said + "."]
