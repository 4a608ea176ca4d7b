"""A model card's facts as Markdown: tables of numbers, sentences for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from training.card_words import number

_SEGMENT = (
    ("n", "posts"), ("mae_ln", "mae_ln"), ("floor_mae_ln", "floor mae_ln"), ("plain_xgboost_mae_ln", "plain mae_ln"),
    ("pinball", "pinball"), ("floor_pinball", "floor pinball"), ("plain_xgboost_pinball", "plain pinball"),
    ("coverage80", "coverage80"), ("width80", "width80"),
)  # fmt: skip
_CUT_OFF = ("trained_on", "n", "mae_ln", "floor_mae_ln", "pinball", "floor_pinball", "coverage80")
_CALIBRATION = (
    ("at or below p10, stated 0.1", "calibration_below_p10"),
    ("at or below p50, stated 0.5", "calibration_below_p50"),
    ("at or below p90, stated 0.9", "calibration_below_p90"),
    ("within p10 to p90, stated 0.8", "backtest_coverage80"),
    ("beats the floor, as stated on average", "calibration_beats_floor_stated"),
    ("beats the floor, came true", "calibration_beats_floor_came_true"),
)


def markdown(facts: dict[str, Any]) -> str:
    parts = [_head(facts), _by_segment(facts), _calibration(facts), _list("Limits", facts["limits"])]
    parts += [_data(facts), _split(facts), _list("Intended use", facts["intended_use"])]
    parts += [_list("Not intended", facts["not_intended_use"]), _list("Versions", facts["packages"])]
    return "\n\n".join(parts) + "\n"


def _head(facts: dict[str, Any]) -> str:
    return (
        f"# {facts['model_name']}\n\n"
        f"Forecasts {facts['metric']} of posts on {facts['platform']} at a given age, as p10, p50 and p90. Made from the "
        "run that trained it; figures are of its rolling backtest, in ln(1 + metric), beside the channel's floor (the "
        "median of its last five matured posts) and an XGBoost that knows no history."
    )


def _by_segment(facts: dict[str, Any]) -> str:
    numbers = facts["numbers"]
    lines = [_row(["kind of post", *(words for _, words in _SEGMENT)]), _rule(len(_SEGMENT) + 1)]
    rows = [("all", "backtest_"), *((one["words"], f"segment_{one['name']}_") for one in facts["segments"])]
    for words, prefix in rows:
        lines.append(_row([words, *(_told(numbers, f"{prefix}{key}") for key, _ in _SEGMENT)]))
    return "## Figures by segment\n\n" + "\n".join(lines)


def _calibration(facts: dict[str, Any]) -> str:
    numbers = facts["numbers"]
    lines = [_row(["outcomes", "share"]), _rule(2)]
    lines += [_row([words, _told(numbers, key)]) for words, key in _CALIBRATION if key in numbers]
    return "## Calibration\n\n" + "\n".join(lines)


def _data(facts: dict[str, Any]) -> str:
    numbers, tags = facts["numbers"], facts["tags"]
    told = [
        ("rows", "data_rows"), ("posts", "data_posts"), ("channels", "data_channels"),
        ("share back-filled", "data_backfilled_share"), ("rows left out", "data_rows_left_out"),
        ("features", "data_features"),
    ]  # fmt: skip
    lines = [_row(["data", "value"]), _rule(2)]
    lines += [_row([words, _told(numbers, key)]) for words, key in told]
    lines.append(_row(["published", " to ".join(facts["published"])]))
    used = ", ".join(one["name"] for one in facts["definitions"] if one["used"])
    lines.append(_row(["counted as", used]))
    lines.append(_row(["titles read by", facts["text_encoder"] or "none"]))
    lines += [_row([name, f"`{value}`"]) for name, value in tags.items()]
    return "## Data\n\n" + "\n".join(lines)


def _split(facts: dict[str, Any]) -> str:
    numbers = facts["numbers"]
    lines = [_row(["cut-off", *(name.replace("_", " ") for name in _CUT_OFF)]), _rule(len(_CUT_OFF) + 1)]
    for i, cut in enumerate(facts["cut_offs"], start=1):
        lines.append(_row([cut, *(_told(numbers, f"cut_off_{i}_{name}") for name in _CUT_OFF)]))
    return (
        f"## How it was split\n\nBy time, never at random: from {facts['backtest_from']} on, at each cut-off a model was "
        "fitted on the outcomes known then and forecast the posts published up to the next. What calibrates never "
        "trained what it calibrates. The version itself was fitted on everything known.\n\n"
        + "\n".join(lines)
    )


def _list(title: str, lines: Sequence[str]) -> str:
    return f"## {title}\n\n" + "\n".join(f"- {line}" for line in lines or ["none found"])


def _told(numbers: dict[str, float], key: str) -> str:
    return number(key, numbers[key]) if key in numbers else "-"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _rule(n: int) -> str:
    return "|" + "---|" * n
