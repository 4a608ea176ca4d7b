"""What the other side of the HTTP border tells of models, drift, lineage, trends and calibration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from creatorlens import api
from creatorlens import api_operations as ops
from creatorlens.platforms import Platform

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
WEEK = timedelta(days=7)


def answer(path: str) -> object | None:
    return {
        "/v1/promotions": promotions,
        "/v1/drift": drift,
        "/v1/trends": trends,
        "/v1/lineage/l1": lineage,
        "/v1/models/youtube/card": card,
    }.get(path, lambda: None)()


def others(week: api.ForecastAtHorizon) -> tuple[api.OtherMetric, ...]:
    shares = (("views", 1.0), ("likes", 0.04), ("comments", 0.003))
    return tuple(
        api.OtherMetric(
            metric=metric,
            horizon_h=week.horizon_h,
            p10=week.p10 * part,
            p50=week.p50 * part,
            p90=week.p90 * part,
        )
        for metric, part in shares
    )


def line(version: str, action: ops.Action, ago: int, **more: object) -> ops.Promotion:
    told: dict[str, object] = {
        "promotion_id": f"{version}-{action}", "decided_at": NOW - ago * WEEK, "actor": "flow retrain",
        "platform": Platform.YOUTUBE, "model_name": "creatorlens-youtube", "action": action, "version": version,
        "previous_version": None, "reason": "better on the newest slice", "figures": {"pinball": 0.1794, "n": 812.0},
        "data_hash": "a" * 64, "code_hash": "b" * 64,
    }  # fmt: skip
    return ops.Promotion.model_validate(told | more)


def promotions() -> ops.Promotions:
    return ops.Promotions(
        promotions=(
            line("5", "canary", 0, figures={"share": 0.1}),
            line("5", "shadowed", 1),
            line("4", "refused", 2, previous_version="3", reason="coverage fell on small channels"),
            line("3", "promoted", 5, previous_version="2"),
            line("2", "promoted", 9),
        )
    )


def drifted(feature: str, words: str, distance: float, harm: float, *, over: bool) -> ops.DriftedFeature:
    return ops.DriftedFeature(
        feature=feature, words=words, method="wasserstein", distance=distance, drifted=over, harm=harm
    )


def drift() -> ops.DriftReports:
    features = (
        drifted("english", "title is in English", 0.6, 0.0001, over=True),
        drifted("base_level_ln", "the channel's usual level", 0.31, 0.082, over=True),
        drifted("hour_sin", "hour of the day", 0.04, 0.002, over=False),
    )
    report = ops.DriftReport(
        report_id="d1", created_at=NOW, platform=Platform.YOUTUBE, model_version="3", window_from=NOW - 4 * WEEK,
        window_until=NOW, retrain=True, reason="inputs that move forecasts have moved", features=features,
        embedding=drifted("text_embedding", "meaning of titles", 0.2, 0.01, over=False),
        errors={"mae_ln": 0.55, "backtest_mae_ln": 0.51},
    )  # fmt: skip
    calm = {"report_id": "d0", "created_at": NOW - WEEK, "retrain": False, "reason": "nothing moved"}
    return ops.DriftReports(reports=(report, report.model_copy(update=calm)))


def lineage() -> ops.Lineage:
    return ops.Lineage(
        lineage_id="l1", platform=Platform.YOUTUBE, created_at=NOW, generation="g7",
        imports=(ops.LineageImport(import_id="i1", file_name="posts.parquet", sha256="c" * 64, kind="posts"),),
        models=(
            ops.LineageModel(
                model_name="creatorlens-youtube", model_version="3", run_id="r1", data_hash="a" * 64,
                code_hash="b" * 64, git_commit=None, aliases=("champion",),
            ),
        ),
        predictions=140, graded=96, coverage80=0.81, mae_ln=0.502, floor_mae_ln=0.561,
    )  # fmt: skip


def card() -> ops.ModelCard:
    return ops.ModelCard(
        platform=Platform.YOUTUBE, model_name="creatorlens-youtube", model_version="3",
        markdown="# creatorlens-youtube 3\n\n## Intended use\n\nForecasts of drafts.", facts={"n": 1684},
    )  # fmt: skip


def trends() -> ops.Trends:
    def trend(kind: str, name: str, rise: float, lift: float | None, wide: float = 0.05) -> ops.Trend:
        known = lift is not None
        return ops.Trend(
            kind=kind, name=name, posts=31, channels=7, rise_ln=rise, lift_ln=lift,
            lift_low_ln=lift - wide if known else None, lift_high_ln=lift + wide if known else None,
        )  # fmt: skip

    def season(kind: str, value: int, effect: float, wide: float) -> ops.Season:
        return ops.Season(
            kind=kind, value=value, effect_ln=effect, low_ln=effect - wide, high_ln=effect + wide, posts=60
        )

    return ops.Trends(
        platform=Platform.YOUTUBE, as_of=NOW,
        trends=(
            trend("hashtag", "sourdough", 0.9, 0.18), trend("hashtag", "bread", 0.1, 0.01),
            trend("topic", "night trains", 0.4, None),
        ),
        seasons=(
            *(season("hour", h, 0.12 if h in (17, 18) else -0.01, 0.04) for h in range(24)),
            *(season("weekday", d, -0.08 if d == 5 else 0.01, 0.03) for d in range(7)),
        ),
    )  # fmt: skip


def calibration() -> tuple[api.CalibrationBin, ...]:
    def found(kind: str, stated: float, observed: float, n: int, **scope: object) -> api.CalibrationBin:
        span = 0.98 / n**0.5
        edges = (0.8, 0.8) if kind == "interval80" else (int(stated * 10) / 10, int(stated * 10) / 10 + 0.1)
        told: dict[str, object] = {
            "kind": kind, "made": "live", "outcomes": "observed", "platform": None, "size": None, "stated": stated,
            "observed": observed, "low": max(0.0, observed - span), "high": min(1.0, observed + span), "n": n,
            "from_p": edges[0], "to_p": edges[1],
        }  # fmt: skip
        return api.CalibrationBin.model_validate(told | scope)

    return (
        found("interval80", 0.8, 0.81, 400),
        found("interval80", 0.8, 0.83, 300, platform="youtube"),
        found("interval80", 0.8, 0.62, 100, platform="tiktok"),
        *(found("interval80", 0.8, share, 130, size=size)
          for size, share in (("small", 0.77), ("medium", 0.82), ("large", 0.84))),
        *(found("beats_floor", p, came, n)
          for p, came, n in ((0.15, 0.2, 30), (0.35, 0.31, 80), (0.55, 0.58, 140), (0.75, 0.5, 100), (0.95, 0.9, 50))),
    )  # fmt: skip
