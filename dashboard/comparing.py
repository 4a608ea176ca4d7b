"""Two to four drafts beside each other: frames and sentences of the comparison. No Streamlit in here."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from creatorlens.api import ChannelDetail, ForecastAtHorizon, Prediction
from creatorlens.records import Draft
from dashboard import decomposition_shapes as parts
from dashboard import drafting, words
from dashboard.forecast_shapes import at_horizon

LETTERS = "ABCD"
COLUMNS = [
    "letter", "label", "p10", "p50", "p90", "floor", "p50_words", "band_words", "chance_words", "modelled",
]  # fmt: skip


@dataclass(frozen=True)
class Entrant:
    letter: str
    channel: ChannelDetail
    draft: Draft
    prediction: Prediction

    def at(self, horizon_h: float) -> ForecastAtHorizon:
        return at_horizon(self.prediction, horizon_h)

    @property
    def name(self) -> str:
        return words.short(self.draft.title or self.draft.text, 34) or "(no words)"

    def usual(self, horizon_h: float) -> float | None:
        """What stands for 'as usual' on this channel: the floor, else the middle of its band."""
        floor = self.at(horizon_h).floor
        band = self.prediction.typical_band
        usual = floor if floor is not None else band.p50 if band is not None else None
        return usual if usual is not None and usual > 0 else None


def entrants(drafts: Sequence[tuple[ChannelDetail, Draft]], answers: Sequence[Prediction]) -> list[Entrant]:
    return [Entrant(letter, *pair, p) for letter, pair, p in zip(LETTERS, drafts, answers, strict=False)]


def one_channel(found: Sequence[Entrant]) -> bool:
    return len({e.draft.channel_id for e in found}) == 1


def in_counts(found: Sequence[Entrant]) -> bool:
    """Whether counts may share an axis: the same metric, as the same platform counts it."""
    return len({(e.prediction.platform, e.prediction.metric) for e in found}) == 1


def axis_words(found: Sequence[Entrant], *, counts: bool) -> str:
    """What the axis shows."""
    if counts:
        return words.metric(found[0].prediction.platform, found[0].prediction.metric)
    return "times what is usual on its own channel"


def frame(found: Sequence[Entrant], horizon_h: float, *, counts: bool) -> pd.DataFrame:
    """A row a draft, in counts or as multiples of what is usual on its channel (those without a usual are left out)."""
    rows = []
    for entrant in found:
        forecast = entrant.at(horizon_h)
        unit = 1.0 if counts else entrant.usual(horizon_h)
        if unit is None:
            continue
        say: Callable[[float], str] = words.count if counts else _times
        rows.append(
            {
                "letter": entrant.letter,
                "label": f"{entrant.letter} · {entrant.name}",
                "p10": forecast.p10 / unit,
                "p50": forecast.p50 / unit,
                "p90": forecast.p90 / unit,
                "floor": forecast.floor / unit if forecast.floor is not None else math.nan,
                "p50_words": say(forecast.p50 / unit),
                "band_words": f"{say(forecast.p10 / unit)} to {say(forecast.p90 / unit)}",
                "chance_words": chance_words(forecast),
                "modelled": not forecast.abstained,
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def _times(value: float) -> str:
    return f"×{value:.1f}" if value < 9.95 else f"×{value:.0f}"


def chance_words(forecast: ForecastAtHorizon) -> str:
    if forecast.abstained:
        return "no forecast of our own"
    return "not known" if forecast.prob_beats_floor is None else words.chance(forecast.prob_beats_floor)


def figures(found: Sequence[Entrant], horizon_h: float) -> tuple[list[str], list[list[str]]]:
    """The table below the chart: columns, and rows from forecast to parts."""
    columns = ["", *(f"{e.letter} · {e.name}" for e in found)]
    forecasts = [e.at(horizon_h) for e in found]
    metrics = [words.metric(e.prediction.platform, e.prediction.metric) for e in found]
    middles = [f"{words.count(f.p50)} {m}" for f, m in zip(forecasts, metrics, strict=True)]
    rows = [
        ["Forecast", *middles],
        ["Four out of five", *(f"{words.count(f.p10)} to {words.count(f.p90)}" for f in forecasts)],
        ["Chance to beat the last five", *(chance_words(f) for f in forecasts)],
    ]
    if any(parts.has_parts(e.prediction) for e in found):
        tables = [parts.waterfall_frame(e.prediction).set_index("name") for e in found]
        rows += [
            [label[:1].upper() + label[1:], *(_part_words(table, name) for table in tables)]
            for name, label in parts.LABELS.items()
        ]
    return columns, rows


def _part_words(table: pd.DataFrame, name: str) -> str:
    if name not in table.index:
        return "not known"
    row = table.loc[name]
    text = f"{row['value_words']} ({row['range_words']})"
    return f"{text}, within the noise" if row["noise"] else text


def differing(found: Sequence[Entrant]) -> list[list[str]]:
    """Rows of what is not the same in all drafts: what, then each draft's."""
    looks: tuple[tuple[str, Callable[[Entrant], str]], ...] = (
        ("Channel", lambda e: f"{e.channel.creator_id}, {words.platform(e.channel.platform)}"),
        ("Words", lambda e: words.short(e.draft.title or e.draft.text, 90)),
        ("Description", lambda e: words.short(e.draft.text, 60) if e.draft.title else ""),
        ("Hashtags", lambda e: " ".join(f"#{tag}" for tag in e.draft.hashtags) or "none"),
        ("Format", lambda e: drafting.MEDIA_WORDS[e.draft.media_type]),
        ("Length", lambda e: drafting.duration_words(e.draft.duration_s)),
        ("When", lambda e: words.moment(e.draft.planned_at)),
    )
    rows = []
    for what, look in looks:
        cells = [look(entrant) for entrant in found]
        if len(set(cells)) > 1:
            rows.append([what, *(cell or "none" for cell in cells)])
    return rows


def verdict(found: Sequence[Entrant], horizon_h: float) -> str:
    """Which draft is ahead, and whether by more than noise."""
    able = [e for e in found if not e.at(horizon_h).abstained and e.usual(horizon_h) is not None]
    mute = [e.letter for e in found if e.at(horizon_h).abstained]
    said = []
    if len(able) >= 2:
        said.append(_ahead(able, horizon_h))
    if mute:
        verb = "has" if len(mute) == 1 else "have"
        said.append(f"{' and '.join(mute)} {verb} no forecast of our own: the channel's own band is shown.")
    return " ".join(said)


def _ahead(able: Sequence[Entrant], horizon_h: float) -> str:
    if not one_channel(able):
        ranked = sorted(able, key=lambda e: _against_usual(e, horizon_h), reverse=True)
        first, second = ranked[:2]
        return (
            f"Against what is usual on its channel, **{first.letter}** is expected at "
            f"{_times(_against_usual(first, horizon_h))}, {second.letter} at {_times(_against_usual(second, horizon_h))}."
        )
    ranked = sorted(able, key=lambda e: e.at(horizon_h).p50, reverse=True)
    first, second = ranked[:2]
    gap = parts.difference(second.at(horizon_h), first.at(horizon_h), second.prediction, first.prediction)
    if gap.noise:
        return (
            f"**No draft is clearly ahead.** {first.letter} differs from {second.letter} by {gap.words}, "
            "which is within the noise."
        )
    if gap.low is None:
        return (
            f"**{first.letter} is expected ahead** of {second.letter} by {gap.words}; this model does not tell how sure "
            "that is."
        )
    return f"**{first.letter} is ahead** of {second.letter} by {gap.words}."


def _against_usual(entrant: Entrant, horizon_h: float) -> float:
    return entrant.at(horizon_h).p50 / (entrant.usual(horizon_h) or math.inf)
