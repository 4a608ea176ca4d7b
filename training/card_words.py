"""What a model card says in words: limits read off the figures, and what the model is and is not for."""

from __future__ import annotations

from typing import Any

from training.segments import FEWEST

COVERAGE_FROM, COVERAGE_TO = 0.77, 0.83
_MOSTLY_BACKFILLED = 0.2
_FEW_ROWS = 2_000
_COUNTS = ("_n", "_rows", "_posts", "_channels", "_features", "_trained_on", "_rows_left_out")

INTENDED = (
    "Forecast of how a draft or post will do on its channel at an age, as a range, beside the channel's own floor.",
    "Comparison of drafts of one channel with each other, and of times to publish.",
    "Grading afterwards: every forecast is recorded with what it was made from.",
)
NOT_INTENDED = (
    "Judging people, or comparing creators with each other: targets are relative to the channel's own history.",
    "Promises to advertisers, payment, or any decision taken without a person.",
    "Saying what causes success: effects of features are associations in past posts.",
    "Platforms, ways of counting or ages that the data above does not hold.",
)


def number(key: str, value: float) -> str:
    """As the card prints it: counts with separators, everything else with three digits."""
    if key.endswith(_COUNTS):
        return f"{int(value):,}"
    return f"{value:.3f}"


def limits(facts: dict[str, Any]) -> list[str]:
    """Sentences, each from a figure of the run; none that could be said of any model."""
    numbers: dict[str, float] = facts["numbers"]

    def told(key: str) -> str:
        return number(key, numbers[key])

    said: list[str] = []
    few = []
    every = [{"name": "", "words": "all posts"}, *facts["segments"]]
    for segment in every:
        at = f"segment_{segment['name']}_" if segment["name"] else "backtest_"
        if segment["name"] and numbers[f"{at}n"] == numbers["backtest_n"]:
            continue
        if numbers[f"{at}n"] < FEWEST:
            few.append(f"{segment['words']} ({told(f'{at}n')})")
            continue
        said += _of_segment(segment["words"], at, numbers, told)
    if few:
        said.append(f"Too few posts to judge: {', '.join(few)}.")
    if numbers.get("backtest_share_posts_shown", 1.0) < 1:
        said.append(
            f"The model's own forecast is shown on {told('backtest_share_posts_shown')} of the posts, and at all on "
            f"{told('backtest_share_shown')} of the channels; elsewhere it abstains, and the floor or the platform's "
            "level is shown."
        )
    if numbers["data_backfilled_share"] > _MOSTLY_BACKFILLED:
        said.append(
            f"Of the outcomes it was trained on, {told('data_backfilled_share')} (share) are back-filled: nobody saw "
            "them at the time, and posts that vanished before they were listed are not among them."
        )
    left_out = [one["name"] for one in facts["definitions"] if not one["used"]]
    if left_out:
        said.append(
            f"Not trained on {told('data_rows_left_out')} rows counted in another way ({', '.join(left_out)}): "
            "the floor serves there."
        )
    if numbers["data_rows"] < _FEW_ROWS:
        said.append(f"Trained on {told('data_rows')} rows only.")
    if facts["text_encoder"] is None:
        said.append("The meaning of titles is not read, only their form.")
    if not facts["media"]:
        said.append("Pictures, video and sound are not read: the data held none.")
    return said


def _of_segment(words: str, at: str, numbers: dict[str, float], told: Any) -> list[str]:
    said, coverage = [], numbers[f"{at}coverage80"]
    if not COVERAGE_FROM <= coverage <= COVERAGE_TO:
        width = "narrow" if coverage < COVERAGE_FROM else "wide"
        luck = abs(coverage - 0.8) < 2 * (0.8 * 0.2 / numbers[f"{at}n"]) ** 0.5
        said.append(
            f"{_capital(words)}: the 80 % interval held {told(f'{at}coverage80')} of {told(f'{at}n')} outcomes; "
            f"too {width} there{', or luck on so few' if luck else ''}."
        )
    for measure in ("mae_ln", "pinball"):
        if numbers[f"{at}{measure}"] >= numbers[f"{at}floor_{measure}"]:
            said.append(
                f"{_capital(words)}: the floor was as good or better in {measure}, {told(f'{at}floor_{measure}')} "
                f"against {told(f'{at}{measure}')}."
            )
    return said


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
