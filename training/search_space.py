"""What a study may try: the `search:` section of `training/configs/<platform>.yaml`, checked before anything runs.

    search:
      folds: 3
      pruner: median            # or hyperband
      space:
        boosting.eta: {range: [0.01, 0.1], log: true}
        boosting.max_depth: {range: [3, 6]}
        leave_out: {choice: [[], [calendar]]}

A name is the path of a value in `training.parameters.Parameters`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from creatorlens.errors import InputError
from creatorlens.platforms import Platform
from training.parameters import CONFIGS, Parameters, load_parameters, read_config

PRUNERS = ("median", "hyperband")
_KEYS = {"folds", "pruner", "space"}
_MIN_FOLDS, _MAX_FOLDS = 2, 12


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included; `log`: evenly in the logarithm; `whole`: integers."""

    low: float
    high: float
    log: bool = False
    step: float | None = None
    whole: bool = False

    def suggest(self, trial: Any, name: str) -> Any:
        if self.whole:
            step = 1 if self.step is None else int(self.step)
            return trial.suggest_int(name, int(self.low), int(self.high), step=step, log=self.log)
        return trial.suggest_float(name, self.low, self.high, step=self.step, log=self.log)

    def holds(self, value: Any) -> bool:
        return bool(self.low <= value <= self.high)

    def stored(self, value: Any) -> Any:
        return int(value) if self.whole else float(value)

    def samples(self) -> tuple[Any, ...]:
        return (self.stored(self.low), self.stored(self.high))


@dataclass(frozen=True)
class Choice:
    """One of the options; a study knows them by their JSON, as Optuna takes no lists."""

    options: tuple[Any, ...]

    def suggest(self, trial: Any, name: str) -> Any:
        return json.loads(trial.suggest_categorical(name, [json.dumps(option) for option in self.options]))

    def holds(self, value: Any) -> bool:
        return self.stored(value) in [json.dumps(option) for option in self.options]

    def stored(self, value: Any) -> str:
        return json.dumps(list(value) if isinstance(value, tuple) else value)

    def samples(self) -> tuple[Any, ...]:
        return self.options


@dataclass(frozen=True)
class SearchSpace:
    """`dimensions` by the path of the value; `base`: what is used where nothing is searched, and tried first."""

    platform: Platform
    dimensions: dict[str, Range | Choice]
    base: Parameters
    folds: int = 3
    pruner: str = "median"

    def suggest(self, trial: Any) -> Parameters:
        return with_values(self.base, {name: d.suggest(trial, name) for name, d in self.dimensions.items()})

    def of_trial(self, stored: dict[str, Any]) -> Parameters:
        """The parameters that a finished trial stands for."""
        values = {
            name: json.loads(value) if isinstance(self.dimensions[name], Choice) else value
            for name, value in stored.items()
        }
        return with_values(self.base, values)

    def base_values(self) -> dict[str, Any]:
        """The base as a trial's stored values."""
        return {name: d.stored(value_at(self.base, name)) for name, d in self.dimensions.items()}

    def described(self) -> dict[str, Any]:
        """For hashing and for people; equal spaces are described equally."""
        return {
            "folds": self.folds,
            "base": self.base.model_dump(mode="json"),
            "space": {name: {"kind": type(d).__name__, **vars(d)} for name, d in self.dimensions.items()},
        }


def read_search(platform: Platform, base: Parameters | None = None, folder: Path = CONFIGS) -> SearchSpace:
    """`base`: default the packaged parameters. Raises InputError naming the file and the entry."""
    told, where = read_config(platform, folder).get("search"), f"{platform.value}.yaml"
    if not isinstance(told, dict) or not told.get("space"):
        raise InputError(
            f"there is nothing to search on {platform.value}.",
            field=where,
            hint="Add a section `search:` with a `space:` to training/configs, as docs/tuning.md shows.",
        )
    for key in told.keys() - _KEYS:
        raise _bad(where, f"search.{key}", "is not known.", f"Known are {', '.join(sorted(_KEYS))}.")
    folds, pruner = told.get("folds", 3), told.get("pruner", "median")
    if not isinstance(folds, int) or not _MIN_FOLDS <= folds <= _MAX_FOLDS:
        raise _bad(
            where, "search.folds", f"is {folds!r}.", f"A whole number of {_MIN_FOLDS} to {_MAX_FOLDS}."
        )
    if pruner not in PRUNERS:
        raise _bad(where, "search.pruner", f"is {pruner!r}.", f"One of {', '.join(PRUNERS)}.")
    base = base or load_parameters(platform, folder)
    if not isinstance(told["space"], dict):
        raise _bad(where, "search.space", "is not a table of values to search.", "See docs/tuning.md.")
    space = {str(name): _dimension(where, str(name), spec, base) for name, spec in told["space"].items()}
    return SearchSpace(platform, space, base, folds, pruner)


def value_at(parameters: Parameters, path: str) -> Any:
    """KeyError where there is no such value."""
    found: Any = parameters
    for name in path.split("."):
        if not hasattr(type(found), "model_fields") or name not in type(found).model_fields:
            raise KeyError(path)
        found = getattr(found, name)
    return found


def with_values(base: Parameters, values: dict[str, Any]) -> Parameters:
    """`base` with the values at these paths; pydantic's ValidationError where one is not allowed."""
    told = base.model_dump()
    for path, value in values.items():
        *above, last = path.split(".")
        place = told
        for name in above:
            place = place[name]
        place[last] = value
    return Parameters.model_validate(told)


def _dimension(where: str, name: str, spec: Any, base: Parameters) -> Range | Choice:
    entry = f"search.space.{name}"
    try:
        present = value_at(base, name)
    except KeyError:
        raise _bad(where, entry, "names no parameter.", f"For example {', '.join(_some_paths())}.") from None
    if hasattr(type(present), "model_fields"):
        raise _bad(
            where,
            entry,
            "names a group of parameters.",
            f"Name one of them, such as {name}.{_first(present)}.",
        )
    if not isinstance(spec, dict) or len(spec.keys() & {"range", "choice"}) != 1:
        raise _bad(where, entry, f"is {spec!r}.", "Write {range: [low, high]} or {choice: [a, b]}.")
    found = _choice(where, entry, spec) if "choice" in spec else _range(where, entry, spec, present)
    for sample in found.samples():
        try:
            with_values(base, {name: sample})
        except ValidationError as error:
            told = error.errors()[0]["msg"]
            raise _bad(where, entry, f"offers {sample!r}, which is not allowed: {told}.", None) from None
    if not found.holds(present):
        raise _bad(
            where,
            entry,
            f"leaves out {present!r}, which is used today.",
            "Widen it: a study compares with today's.",
        )
    return found


def _choice(where: str, entry: str, spec: dict[str, Any]) -> Choice:
    options = spec["choice"]
    if spec.keys() != {"choice"} or not isinstance(options, list) or len(options) < 2:
        raise _bad(
            where,
            entry,
            "is no choice.",
            "Write {choice: [a, b]} with two options or more, and nothing else.",
        )
    return Choice(tuple(options))


def _range(where: str, entry: str, spec: dict[str, Any], present: Any) -> Range:
    if spec.keys() - {"range", "log", "step"}:
        raise _bad(
            where, entry, "has keys that are not known.", "Beside `range` there may be `log` and `step`."
        )
    ends, log, step = spec["range"], spec.get("log", False), spec.get("step")
    numbers = isinstance(ends, list) and len(ends) == 2 and all(_number(end) for end in ends)
    if not numbers or not ends[0] < ends[1]:
        raise _bad(
            where, entry, f"has the range {ends!r}.", "Two numbers, the smaller first: {range: [0.01, 0.1]}."
        )
    if not _number(present):
        raise _bad(where, entry, "is not a number.", "Offer a choice instead.")
    whole = isinstance(present, int)
    if not isinstance(log, bool) or (log and (ends[0] <= 0 or step is not None)):
        raise _bad(
            where,
            entry,
            "cannot be searched in the logarithm.",
            "`log: true` needs a range above 0 and no step.",
        )
    if step is not None and not (_number(step) and 0 < step <= ends[1] - ends[0]):
        raise _bad(where, entry, f"has the step {step!r}.", "A number above 0 that fits into the range.")
    if whole and not all(float(value).is_integer() for value in (*ends, *([] if step is None else [step]))):
        raise _bad(where, entry, "is counted in whole numbers.", "Give range and step in whole numbers.")
    return Range(float(ends[0]), float(ends[1]), log, step, whole)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bad(where: str, entry: str, message: str, hint: str | None) -> InputError:
    return InputError(f"{entry} {message}", field=where, hint=hint)


def _some_paths() -> tuple[str, ...]:
    return ("boosting.eta", "network.hidden", "fade")


def _first(group: Any) -> str:
    return next(iter(type(group).model_fields))
