"""What a demo found, as one JSON object and as a few lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from creatorlens.settings import Settings
    from flows.demo import DemoReport

TAKEN_FOR = {"live": "made before the outcome", "retrospective": "made afterwards from what was known then"}


def findings(settings: Settings, folder: Path, report: DemoReport, seconds: float) -> dict[str, Any]:
    from creatorlens.database import open_database
    from creatorlens.database.frames import read_channels
    from flows.selecting import count_posts, platforms_with_posts
    from services.content.sample import read_manifest

    engine = open_database(settings)
    platforms = platforms_with_posts(engine, settings)
    return {
        "tables": str(folder),
        "synthetic": read_manifest(folder) is not None,
        "home": str(settings.home),
        "posts": {p.value: count_posts(engine, settings, p) for p in platforms},
        "channels": len(read_channels(engine, settings.workspace)),
        "rows_taken": sum(one.rows_taken for one in report.imports),
        "rows_unchanged": sum(one.rows_unchanged for one in report.imports),
        "rows_quarantined": sum(one.rows_quarantined for one in report.imports),
        "models": [_model(report, platform) for platform in report.trained],
        "track_record": _track_record(report),
        "open": _addresses(settings),
        "seconds": round(seconds, 1),
        "stages": report.seconds,
    }


def lines(found: dict[str, Any]) -> list[str]:
    """For people: what is in, what serves where and how much better, how forecasts came out, what to open."""
    posts = ", ".join(f"{platform} {n:,}" for platform, n in found["posts"].items())
    label = "a synthetic sample corpus" if found["synthetic"] else found["tables"]
    shown = [
        "",
        f"Done in {found['seconds']:.0f} s, on {label}: {sum(found['posts'].values()):,} posts ({posts}) of "
        f"{found['channels']:,} channels; {found['rows_taken']:,} rows taken, {found['rows_unchanged']:,} were known, "
        f"{found['rows_quarantined']:,} in quarantine (creatorlens quarantine shows why).",
        "",
        "Models on their backtest (error in ln; coverage of the 80 % interval), against the floor:",
    ]
    shown += [_model_line(model) for model in found["models"]]
    if found["track_record"]:
        shown += ["", "Forecasts of the weeks held back, graded:"]
        shown += [_track_line(one) for one in found["track_record"]]
    shown += ["", "To look at it: creatorlens up"]
    shown += [f"  {name:<10} {address}" for name, address in found["open"].items()]
    return shown


def _model(report: DemoReport, platform: Any) -> dict[str, Any]:
    from flows.train import metrics_row

    decision = report.decisions[platform]
    return {
        **metrics_row(report.trained[platform]),
        "serves": decision.serves,
        "reason": decision.reason,
        "skipped": report.trained[platform].skipped,
    }


def _track_record(report: DemoReport) -> list[dict[str, Any]]:
    record = report.track_record
    if record is None:
        return []
    return [
        {
            "platform": one.platform.value if one.platform else None,
            "made": one.made,
            "outcomes": one.outcomes,
            **one.skill.model_dump(),
        }
        for one in record.by_platform
    ]


def _addresses(settings: Settings) -> dict[str, str]:
    docs = settings.quality_home / "index.html"
    found = {
        "Dashboard": f"http://{settings.host}:{settings.dashboard_port}",
        "API": f"http://{settings.host}:{settings.api_port}",
        "Prefect": f"http://{settings.host}:{settings.prefect_port}",
        "MLflow": f"http://{settings.host}:{settings.mlflow_port}",
    }
    return found | ({"Data docs": str(docs)} if docs.exists() else {})


def _model_line(model: dict[str, Any]) -> str:
    if "mae_ln" not in model:
        return f"  {model['platform']:<10} {model['reason']}"
    serves = "the model serves" if model["serves"] == "model" else "the floor serves"
    return (
        f"  {model['platform']:<10} {serves}: error {model['mae_ln']:.3f} against {model['floor_mae_ln']:.3f}, "
        f"spearman {_figure(model.get('spearman'))} against {_figure(model.get('floor_spearman'))}, "
        f"coverage {_figure(model.get('coverage80'))}, shown to {model.get('share_shown', 0):.0%} of the channels"
        + (" (unchanged)" if model["skipped"] else "")
    )


def _track_line(one: dict[str, Any]) -> str:
    skill = "no floor to compare" if one["skill"] is None else f"{_better(one['skill'])}"
    return (
        f"  {one['platform']:<10} {one['n']:,} graded, {TAKEN_FOR[one['made']]}, {one['outcomes']} outcomes: "
        f"coverage {one['coverage80']:.2f}, {skill}"
    )


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _better(skill: float) -> str:
    return f"error {abs(skill):.0%} {'below' if skill >= 0 else 'above'} the floor's"
