"""Rows against their suite: which ones fail, which rule, and why, in words."""

from __future__ import annotations

import os
from typing import Any

import pandas as pd

from features.quality.rules import FILE_READABLE, UNREADABLE, Limits, Rule, rules

SHOWN_CHARS = 80
SHOWN_REASONS = 3


def load() -> Any:
    """Great Expectations, quiet. Takes 6 to 9 seconds the first time: call it outside transactions."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    import great_expectations.expectations

    return gx


def suite(table: str, limits: Limits) -> Any:
    """The table's suite; each expectation carries the rule's name and words in its `meta`."""
    gx = load()
    made = gx.ExpectationSuite(name=table)
    for at, rule in enumerate(rules(table, limits)):
        expectation = getattr(gx.expectations, rule.expectation)
        first = {"column_A" if "column_B" in rule.options else "column": rule.column}
        notes = f"{rule.name}: {rule.column} {rule.says}"
        made.add_expectation(
            expectation(**first, **rule.options, meta={"name": rule.name, "at": at}, notes=notes)
        )
    return made


def with_derived(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with the columns that rules need beyond the table's own, and without those they do not."""
    frame = frame.copy(deep=False)
    if "unreadable" not in frame:
        frame["unreadable"] = None
    if table == "posts":
        # lists are nothing Great Expectations can look into
        frame["hashtag_chars"] = frame.pop("hashtags").map(lambda tags: sum(map(len, tags)))
    elif table == "observations":
        frame["counts_given"] = frame[["views", "likes", "comments", "shares", "saves"]].notna().sum(axis=1)
    elif table == "creators":
        given = frame[["followers", "total_views", "posts"]].notna().any(axis=1)
        frame["stats_without_time"] = given & frame["observed_at"].isna()
    return frame


def failures(table: str, frame: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """The rows that break a rule: index as in `frame`, columns `expectation` (the first rule broken,
    by weight) and `detail` (words with the values).

    `frame` holds the columns of the table's contract, `unreadable`, and for observations the
    `published_at` of their post. Its index must be unique.
    """
    if frame.empty:
        return pd.DataFrame({"expectation": [], "detail": []}, dtype=object)
    # rows are answered as dicts where the index has a name
    checked = with_derived(table, frame).rename_axis(index=None)
    broken: dict[Any, list[tuple[str, str]]] = {}
    found = _validate(table, checked, limits)
    for at, rule in enumerate(rules(table, limits)):
        for row in found[at]:
            broken.setdefault(row, []).append((rule.name, _words(rule, checked, row)))
    rows = sorted(broken)
    return pd.DataFrame(
        {
            "expectation": [broken[row][0][0] for row in rows],
            "detail": [_joined(broken[row]) for row in rows],
        },
        index=pd.Index(rows, name=frame.index.name),
        dtype=object,
    )


def _validate(table: str, frame: pd.DataFrame, limits: Limits) -> dict[int, list[Any]]:
    """For each rule (its place in `rules`), the index values of the rows that break it."""
    gx = load()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("import").add_dataframe_asset(table)
    batch = asset.add_batch_definition_whole_dataframe("rows").get_batch({"dataframe": frame})
    result = batch.validate(
        suite(table, limits),
        result_format={"result_format": "COMPLETE", "return_unexpected_index_query": False},
    )
    found: dict[int, list[Any]] = {}
    for outcome in result.results:  # in an order of its own
        raised = outcome.exception_info or {}
        if raised.get("raised_exception"):
            raise RuntimeError(f"{outcome.expectation_config.type}: {raised.get('exception_message')}")
        at = outcome.expectation_config.meta["at"]
        found[at] = list(outcome.result.get("unexpected_index_list") or [])
    return found


def _words(rule: Rule, frame: pd.DataFrame, row: Any) -> str:
    value = frame.at[row, rule.column]
    if rule.name in (UNREADABLE, FILE_READABLE):
        return str(value)
    if rule.name == "post_known":
        return f"post {frame.at[row, 'post_id']!s:.{SHOWN_CHARS}} {rule.says}"
    if rule.says.startswith(":"):
        return rule.says.removeprefix(": ")
    if rule.says == "is missing":
        return f"{rule.column} is missing"
    return f"{rule.column} = {_shown(value)} {rule.says}"


def _shown(value: Any) -> str:
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return f"{int(value)}"
    text = str(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}… ({len(text):,} characters)"


def _joined(reasons: list[tuple[str, str]]) -> str:
    if reasons[0][0] == UNREADABLE:
        return reasons[0][1]
    words = [words for _, words in reasons[:SHOWN_REASONS]]
    return "; ".join(dict.fromkeys(words))
