"""When a model should be trained again, and the reason in words."""

from __future__ import annotations

from dataclasses import dataclass

from services.monitoring.errors import ErrorDrift
from services.monitoring.harm import InputDrift


@dataclass(frozen=True)
class Triggers:
    """harm_ln: inputs alone moved forecasts by more than this, in ln. worse_p: one-sided, for errors beyond noise.
    A model `age_d` days old is renewed once `new_outcomes` came since; `window_d` days are looked at, up to
    `longest_d` where there are fewer than `fewest_rows` posts in them."""

    harm_ln: float = 0.10
    worse_p: float = 0.01
    age_d: float = 45.0
    new_outcomes: int = 200
    window_d: int = 28
    longest_d: int = 112
    fewest_rows: int = 50
    fewest_graded: int = 50


@dataclass(frozen=True)
class Verdict:
    retrain: bool
    reason: str


def decide(
    triggers: Triggers,
    inputs: InputDrift | None,
    errors: ErrorDrift,
    age_d: float | None,
    new_outcomes: int,
) -> Verdict:
    """Every trigger that fired, in words; else why none did. `inputs` None: not enough rows, or nothing to compare
    with; age_d None: the version does not tell what it knew."""
    fired = [
        said
        for said in (_inputs(triggers, inputs), errors.worse, _age(triggers, age_d, new_outcomes))
        if said
    ]
    if fired:
        return Verdict(True, "; ".join(fired))
    return Verdict(
        False, "; ".join(["no reason to train again", *_quiet(inputs, errors, age_d, new_outcomes)])
    )


def _inputs(triggers: Triggers, inputs: InputDrift | None) -> str | None:
    if inputs is None or inputs.harm_ln <= triggers.harm_ln:
        return None
    every = sorted(
        [*inputs.features, *([inputs.embedding] if inputs.embedding else [])], key=lambda f: -f.harm
    )
    named = ", ".join(f"{one.words} ({one.harm:.3f})" for one in every[:3] if one.harm > 0)
    return (
        f"inputs moved away from training's, forecasts with them by up to {inputs.harm_ln:.3f} in ln: {named}"
    )


def _age(triggers: Triggers, age_d: float | None, new_outcomes: int) -> str | None:
    if age_d is None or age_d < triggers.age_d or new_outcomes < triggers.new_outcomes:
        return None
    return f"the newest outcome it knows is {age_d:.0f} days old and {new_outcomes:,} came since"


def _quiet(
    inputs: InputDrift | None, errors: ErrorDrift, age_d: float | None, new_outcomes: int
) -> list[str]:
    told = []
    if inputs is None:
        told.append("inputs cannot be compared: too few recent posts, or the version kept no reference")
    else:
        told.append(f"inputs beyond the usual move forecasts by at most {inputs.harm_ln:.3f} in ln")
    told.append(errors.said)
    if age_d is not None:
        told.append(f"the newest outcome it knows is {age_d:.0f} days old, {new_outcomes:,} came since")
    return told
