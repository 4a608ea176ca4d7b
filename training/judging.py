"""The judgement on a version: against the floor, then against the champion where there is one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from creatorlens.api_operations import Action
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from training.backtest_log import KNOWN_UNTIL, read_backtest
from training.challenge import MIN_POSTS, Rule, Verdict, challenge
from training.contest import Contest, against_floor, contest, forecast_as_it_stands
from training.metrics import pinball

Kind = Literal["first", "refresh", "new recipe", "stale champion"]
FIRST: Kind = "first"
JUDGED_BY = ("mae_ln", "pinball")
STALE = pd.Timedelta(days=28)
"""A champion that many days of outcomes behind gives way to whatever is not worse."""


@dataclass(frozen=True)
class Judgement:
    """`kind`: "first" competes with the floor alone; "refresh" is the champion's recipe (code and parameters) on newer
    data, which may replace it if it is not worse; "new recipe" has to be better; against a "stale champion" any recipe
    that is not worse will do, or nothing would renew it once the code has changed."""

    action: Action
    kind: Kind
    reason: str
    figures: dict[str, float] = field(default_factory=dict)


def judge_version(
    settings: Settings, client: Any, platform: Platform, version: Any, champion: Any
) -> Judgement:
    """version, champion (or None): registered versions. Reads the runs; forecasts only the champion's newest posts."""
    run = client.get_run(version.run_id)
    predictions = read_backtest(client, version.run_id)
    figures = _point_figures(run.data.metrics)
    beats, told = judge(figures)
    if beats and predictions is not None:
        verdict = challenge(against_floor(predictions), "better", against="floor")
        beats, told, figures = verdict.won, _against_floor(told, verdict), figures | verdict.figures
    if champion is None or str(champion.version) == str(version.version):
        return Judgement("promoted" if beats else "floor", FIRST, told, figures)
    met = _contest(settings, client, platform, run, champion, predictions)
    holds, how = _champion_holds(met)
    kind = _kind(client, version, champion)
    if not beats:
        # The champion is judged on the same newest posts: it does not serve on where it lost to the floor as well.
        return Judgement("refused" if holds else "floor", kind, f"{told}; {how}", figures)
    if not holds:
        return Judgement("promoted", kind, f"{told}; {how}", figures)
    verdict, kind = _verdict(met, kind)
    action: Action = "promoted" if verdict.won else "refused"
    reason = f"{told}; {kind}, champion is version {champion.version}: {verdict.reason}"
    return Judgement(action, kind, reason, figures | verdict.figures)


def judge(figures: dict[str, float]) -> tuple[bool, str]:
    """Whether the figures beat the floor's on every count, and why in words."""
    if any(key not in figures for name in JUDGED_BY for key in (name, f"floor_{name}")):
        return False, "the backtest has no figures to compare, so the floor serves"
    told = ", ".join(
        f"{name} {figures[name]:.3f} against the floor's {figures[f'floor_{name}']:.3f}" for name in JUDGED_BY
    )
    if all(figures[name] < figures[f"floor_{name}"] for name in JUDGED_BY):
        return True, f"beats the floor on the backtest: {told}"
    return False, f"does not beat the floor on the backtest: {told}"


def known_until(run: Any) -> pd.Timestamp:
    """When the newest outcome a version may have trained on became known; for runs that do not say, when they began."""
    told = run.data.tags.get(KNOWN_UNTIL)
    if told is not None:
        return pd.Timestamp(told)
    return pd.Timestamp(run.info.start_time, unit="ms", tz="UTC")


def _point_figures(metrics: dict[str, float]) -> dict[str, float]:
    return {
        f"{who}{name}": float(metrics[f"backtest_{who}{name}"])
        for name in JUDGED_BY
        for who in ("", "floor_")
        if f"backtest_{who}{name}" in metrics
    }


def _against_floor(told: str, verdict: Verdict) -> str:
    return told if verdict.won else f"{told}, yet not beyond chance: {verdict.reason}"


def _contest(
    settings: Settings,
    client: Any,
    platform: Platform,
    run: Any,
    champion: Any,
    predictions: pd.DataFrame | None,
) -> Contest | None:
    """None where the challenger's run kept no forecasts."""
    if predictions is None:
        return None
    theirs = client.get_run(champion.run_id)
    as_it_stands = forecast_as_it_stands(settings, platform, str(champion.version), known_until(run))
    return contest(predictions, read_backtest(client, champion.run_id), known_until(theirs), as_it_stands)


def _champion_holds(met: Contest | None) -> tuple[bool, str]:
    """Whether the champion still beats the floor, on the posts it shares with the challenger."""
    if met is None or len(met.pairs) < MIN_POSTS:
        return False, "the champion has no forecasts of the same posts to compare"
    pairs = met.pairs
    truth = pairs["truth"].to_numpy(np.float64)
    found = []
    for who in ("champion", "floor"):
        quantiles = pairs[[f"{who}_{q}" for q in ("p10", "p50", "p90")]].to_numpy(np.float64)
        found.append((float(np.abs(truth - quantiles[:, 1]).mean()), pinball(truth, quantiles)))
    (mae, loss), (floor_mae, floor_loss) = found
    holds = mae < floor_mae and loss < floor_loss
    return holds, (
        f"the champion {'beats' if holds else 'no longer beats'} the floor on {len(pairs):,} posts: "
        f"mae_ln {mae:.3f} against {floor_mae:.3f}, pinball {loss:.3f} against {floor_loss:.3f}"
    )


def _kind(client: Any, version: Any, champion: Any) -> Kind:
    recipe = [
        tuple(one.tags.get(name) for name in ("code_hash", "parameters_hash")) for one in (version, champion)
    ]
    if recipe[0] == recipe[1] and recipe[0][0] is not None:
        return "refresh"
    ours, theirs = (known_until(client.get_run(one.run_id)) for one in (version, champion))
    return "stale champion" if ours - theirs >= STALE else "new recipe"


def _verdict(met: Contest | None, kind: Kind) -> tuple[Verdict, Kind]:
    assert met is not None
    if kind == "refresh":
        return challenge(met.pairs, "not worse"), kind
    level = met.level if len(met.level) >= MIN_POSTS else met.pairs
    verdict = challenge(level, "better")
    if verdict.won or kind == "new recipe":
        return verdict, "new recipe"
    rule: Rule = "not worse"
    return challenge(met.pairs, rule), "stale champion"
