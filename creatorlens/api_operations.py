"""What engineers and integrators read of the models over HTTP: promotions, drift, lineage, replay, cards, trends."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from creatorlens.api import Record
from creatorlens.platforms import Platform

Action = Literal["promoted", "refused", "floor", "rolled-back", "shadowed", "canary", "retired"]


class Promotion(Record):
    """One line of the promotion log: who moved what, why, on which figures and which data."""

    promotion_id: str
    decided_at: datetime
    actor: str
    platform: Platform
    model_name: str
    action: Action
    version: str
    previous_version: str | None
    reason: str
    figures: dict[str, float]
    data_hash: str | None
    code_hash: str | None


class Promotions(Record):
    """Newest first."""

    promotions: tuple[Promotion, ...]


class DriftedFeature(Record):
    """`distance`: of the recent window's values from training's, by `method`; `harm`: distance beyond
    what is usual for such a window, times how far the feature moves forecasts (in ln per standard deviation), so that
    what nobody reads cannot raise an alarm."""

    feature: str
    words: str
    method: str
    distance: float
    drifted: bool
    harm: float


class DriftReport(Record):
    """`errors`: figures of the graded forecasts of the window beside those of the model's backtest."""

    report_id: str
    created_at: datetime
    platform: Platform
    model_version: str | None
    window_from: datetime
    window_until: datetime
    retrain: bool
    reason: str
    features: tuple[DriftedFeature, ...]
    embedding: DriftedFeature | None
    errors: dict[str, float]


class DriftReports(Record):
    """Newest first."""

    reports: tuple[DriftReport, ...]


class LineageImport(Record):
    import_id: str
    file_name: str
    sha256: str
    kind: str


class LineageModel(Record):
    model_name: str
    model_version: str
    run_id: str
    data_hash: str
    code_hash: str
    git_commit: str | None
    aliases: tuple[str, ...]


class Lineage(Record):
    """From imported file to graded outcome under one id."""

    lineage_id: str
    platform: Platform
    created_at: datetime
    generation: str
    imports: tuple[LineageImport, ...]
    models: tuple[LineageModel, ...]
    predictions: int
    graded: int
    coverage80: float | None
    mae_ln: float | None
    floor_mae_ln: float | None


class Difference(Record):
    """`what`: model, code, inputs, package, forecast, ...; where `then` and `now` are not the same."""

    what: str
    then: str
    now: str


class Replay(Record):
    """`exact`: the stored inputs through the stored model gave the stored numbers to the last bit."""

    prediction_id: str
    exact: bool
    differences: tuple[Difference, ...]
    model_name: str
    model_version: str
    data_hash: str | None
    code_hash: str | None
    lineage_id: str | None


class ModelCard(Record):
    """The card of one version, made from its run: as data, and as the Markdown people read."""

    platform: Platform
    model_name: str
    model_version: str
    markdown: str
    facts: dict[str, Any]


class Trend(Record):
    """`rise_ln`: recent use (with decay) over its own past use, in ln, shrunk; `lift_ln`: results of posts with it
    against their channels' usual level; both with what was known at `as_of`."""

    kind: Literal["hashtag", "topic", "sound"]
    name: str
    posts: int
    channels: int
    rise_ln: float
    lift_ln: float | None
    lift_low_ln: float | None
    lift_high_ln: float | None


class Season(Record):
    """What an hour, weekday or month is worth on the platform, in ln against its mean, with an 80 % interval."""

    kind: Literal["hour", "weekday", "month"]
    value: int
    effect_ln: float
    low_ln: float
    high_ln: float
    posts: int


class Trends(Record):
    platform: Platform
    as_of: datetime | None
    trends: tuple[Trend, ...]
    seasons: tuple[Season, ...]
