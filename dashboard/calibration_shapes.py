"""What was stated beside what came true, as frames and sentences. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from creatorlens.api import CalibrationBin, TrackRecord, TrackSlice
from creatorlens.platforms import Platform
from dashboard import words
from dashboard.track_shapes import Group, of_group, wilson

SIZES = {
    "small": "small channels",
    "medium": "mid-size channels",
    "large": "large channels",
    "new": "new channels",
}
SHARE_COLUMNS = ["label", "stated", "observed", "low", "high", "n", "observed_words", "range_words", "apart"]
SKILL_COLUMNS = ["key", "label", "n", "coverage", "low", "high", "coverage_words", "skill", "skill_words"]
FEW = 20
"""Fewer cases than this in a bin say next to nothing, and are drawn so."""


def _of(record: TrackRecord, group: Group, kind: str) -> list[CalibrationBin]:
    return [
        b for b in record.calibration if (b.made, b.outcomes, b.kind) == (group.made, group.outcomes, kind)
    ]


def odds_frame(record: TrackRecord, group: Group) -> pd.DataFrame:
    """The reliability diagram of P(beats floor): one row per bin of stated chance, over everything shown."""
    bins = [b for b in _of(record, group, "beats_floor") if b.platform is None and b.size is None]
    labels = [f"{words.share(b.from_p)} to {words.share(b.to_p)}" for b in bins]
    return _shares(bins, labels)


def bands_frame(record: TrackRecord, group: Group) -> pd.DataFrame:
    """Outcomes within the 80 % band: of all, by platform, by channel size."""
    bins = _of(record, group, "interval80")
    platforms = [b for b in bins if b.platform is not None]
    order: tuple[tuple[Callable[[CalibrationBin], bool], Callable[[CalibrationBin], str]], ...] = (
        (lambda b: b.platform is None and b.size is None, lambda _: "all"),
        # one platform alone is all there is
        (lambda b: b.platform is not None and len(platforms) > 1, _platform),
        (lambda b: b.size is not None, lambda b: SIZES[str(b.size)]),
    )
    found = [(b, name(b)) for wanted, name in order for b in sorted(bins, key=_rank) if wanted(b)]
    return _shares([b for b, _ in found], [label for _, label in found])


def _platform(found: CalibrationBin) -> str:
    return words.platform(Platform(str(found.platform)))


def _rank(found: CalibrationBin) -> tuple[str, int]:
    return (str(found.platform or ""), list(SIZES).index(found.size) if found.size else -1)


def _shares(bins: Sequence[CalibrationBin], labels: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "label": label,
                "stated": b.stated,
                "observed": b.observed,
                "low": b.low,
                "high": b.high,
                "n": b.n,
                "observed_words": f"{words.share(b.observed)} of {b.n}",
                "range_words": f"{words.share(b.low)} to {words.share(b.high)}",
                "apart": not b.low <= b.stated <= b.high,
            }
            for b, label in zip(bins, labels, strict=True)
        ],
        columns=SHARE_COLUMNS,
    )


def odds_sentence(frame: pd.DataFrame) -> str:
    """Whether chances that were stated came true as often as stated."""
    apart = frame[frame["apart"] & (frame["n"] >= FEW)]
    n = int(frame["n"].sum())
    if n < FEW:
        return f"{n} outcomes are too few to tell whether the odds are right."
    if apart.empty:
        return (
            f"Over {n} posts the stated chances came true as often as stated, as far as chance lets one tell."
        )
    worst = apart.loc[(apart["observed"] - apart["stated"]).abs().idxmax()]
    side = "less" if worst["observed"] < worst["stated"] else "more"
    return (
        f"Where {worst['label']} was stated, it came true {side} often: {worst['observed_words']} "
        f"({worst['range_words']})."
    )


def bands_sentence(frame: pd.DataFrame) -> str:
    """Where the band holds too few or too many."""
    apart = frame[frame["apart"] & (frame["n"] >= FEW)]
    if apart.empty:
        return "Nowhere is the share inside the band further from 80 % than chance explains."
    said = [
        f"{row['label']} {'too few' if row['observed'] < row['stated'] else 'more than promised'} "
        f"({row['observed_words']})"
        for row in apart.to_dict("records")
    ]
    return f"Further from 80 % than chance explains: {', '.join(said)}."


def spoken(frame: pd.DataFrame) -> str:
    return "; ".join(
        f"{row['label']}: {row['observed_words']}, in truth {row['range_words']}"
        for row in frame.to_dict("records")
    )


def size_frame(record: TrackRecord, group: Group) -> pd.DataFrame:
    """Skill against the floor by channel size, platforms side by side: as `track_shapes.slices_frame`."""
    found = [s for s in of_group(record.by_size, group) if s.size is not None and s.skill.skill is not None]
    several = len({s.platform for s in found}) > 1
    rows = []
    for piece in sorted(found, key=_size_rank):
        low, high = wilson(piece.skill.coverage80, piece.skill.n)
        label = SIZES[str(piece.size)].removesuffix(" channels")
        platform = words.platform(Platform(str(piece.platform)))
        rows.append(
            {
                "key": label,
                "label": f"{platform} {label}" if several else label,
                "n": piece.skill.n,
                "coverage": piece.skill.coverage80,
                "low": low,
                "high": high,
                "coverage_words": words.share(piece.skill.coverage80),
                "skill": piece.skill.skill,
                "skill_words": words.change(piece.skill.skill or 0.0),
            }
        )
    return pd.DataFrame(rows, columns=SKILL_COLUMNS)


def _size_rank(piece: TrackSlice) -> tuple[str, int]:
    return (str(piece.platform or ""), list(SIZES).index(str(piece.size)))


def _smaller(skill: float) -> str:
    return f"{words.share(abs(skill))} {'smaller' if skill >= 0 else 'larger'}"


def revised_rows(record: TrackRecord, group: Group) -> list[tuple[str, ...]]:
    """Forecasts made anew after the post was seen: age, how many, inside the band, typical error."""
    return [
        (
            f"{words.platform(Platform(str(s.platform)))}, {words.horizon(float(s.horizon_h or 0))}",
            str(s.skill.n),
            words.share(s.skill.coverage80),
            "" if s.skill.skill is None else _smaller(s.skill.skill),
        )
        for s in of_group(record.revised, group)
    ]
