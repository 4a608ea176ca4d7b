"""Every table of the system of record. Each row belongs to a workspace.

Times are UTC and timezone-aware on both SQLite and PostgreSQL (`UtcDateTime`).
Those in `APPEND_ONLY` are so by triggers (see the migrations) that refuse UPDATE and DELETE.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """Refuses naive times going in; gives aware UTC times coming out (SQLite stores none)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime: every stored time must carry its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _workspace() -> Column[Any]:
    return Column(
        "workspace_id",
        String(64),
        ForeignKey("workspaces.workspace_id"),
        primary_key=True,
    )


workspaces = Table(
    "workspaces",
    metadata,
    Column("workspace_id", String(64), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
)

imports = Table(
    "imports",
    metadata,
    Column("import_id", String(36), primary_key=True),
    Column(
        "workspace_id",
        String(64),
        ForeignKey("workspaces.workspace_id"),
        nullable=False,
    ),
    Column("file_name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("imported_at", UtcDateTime, nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("rows_taken", Integer, nullable=False),
    Column("rows_unchanged", Integer, nullable=False),
    Column("rows_quarantined", Integer, nullable=False),
)

channels = Table(
    "channels",
    metadata,
    _workspace(),
    Column("channel_id", String(255), primary_key=True),
    Column("platform", String(16), nullable=False, index=True),
    Column("creator_id", String(200), nullable=False),
    # IANA name, where the creator told us; local hours are in UTC otherwise.
    Column("timezone", String(64)),
    Column("first_imported_at", UtcDateTime, nullable=False),
)

posts = Table(
    "posts",
    metadata,
    _workspace(),
    Column("platform", String(16), primary_key=True),
    Column("post_id", String(200), primary_key=True),
    Column("channel_id", String(255), nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("media_type", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("hashtags", JSON, nullable=False),
    Column("duration_s", Float),
    Column("followers", Float),
    Column("category", String(200)),
    # sha256 of the row as first imported: the same row again is unchanged, another one a conflict.
    Column("content_hash", String(64), nullable=False),
    Column("import_id", String(36), ForeignKey("imports.import_id"), nullable=False),
    Index(None, "workspace_id", "channel_id", "published_at"),
)

observations = Table(
    "observations",
    metadata,
    _workspace(),
    Column("platform", String(16), primary_key=True),
    Column("post_id", String(200), primary_key=True),
    # ISO time of observation, or 'unknown:<hash of the counts>' where the table has none.
    Column("observation_key", String(64), primary_key=True),
    Column("observed_at", UtcDateTime),
    Column("known_at", UtcDateTime, nullable=False),
    Column("backfilled", Boolean, nullable=False),
    Column("metric_definition", String(48), nullable=False),
    Column("views", Float),
    Column("likes", Float),
    Column("comments", Float),
    Column("shares", Float),
    Column("saves", Float),
    Column("import_id", String(36), ForeignKey("imports.import_id"), nullable=False),
)

channel_stats = Table(
    "channel_stats",
    metadata,
    _workspace(),
    Column("channel_id", String(255), primary_key=True),
    Column("observed_at", UtcDateTime, primary_key=True),
    Column("followers", Float),
    Column("total_views", Float),
    Column("posts", Float),
    Column("import_id", String(36), ForeignKey("imports.import_id"), nullable=False),
)

experiments = Table(
    "experiments",
    metadata,
    _workspace(),
    Column("experiment_id", String(200), primary_key=True),
    Column("variant_id", String(200), primary_key=True),
    Column("week", Integer),
    Column("headline", Text, nullable=False),
    Column("lede", Text),
    Column("image_id", String(200)),
    Column("impressions", BigInteger, nullable=False),
    Column("clicks", BigInteger, nullable=False),
    Column("import_id", String(36), ForeignKey("imports.import_id"), nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("quarantine_id", Integer, primary_key=True, autoincrement=True),
    Column(
        "workspace_id",
        String(64),
        ForeignKey("workspaces.workspace_id"),
        nullable=False,
    ),
    Column(
        "import_id",
        String(36),
        ForeignKey("imports.import_id"),
        nullable=False,
        index=True,
    ),
    Column("kind", String(16), nullable=False),
    # 1-based row of the file, header not counted.
    Column("row_number", Integer, nullable=False),
    Column("expectation", String(120), nullable=False),
    Column("detail", Text, nullable=False),
    Column("row", JSON, nullable=False),
)

predictions = Table(
    "predictions",
    metadata,
    Column("prediction_id", String(36), primary_key=True),
    # One row per horizon asked for under the same id.
    Column("horizon_h", Float, primary_key=True),
    Column(
        "workspace_id",
        String(64),
        ForeignKey("workspaces.workspace_id"),
        nullable=False,
    ),
    Column("created_at", UtcDateTime, nullable=False),
    # What was known at this moment is what the forecast may use.
    Column("as_of", UtcDateTime, nullable=False),
    # True where it was made after the outcome could be known: never part of the live track record.
    Column("retrospective", Boolean, nullable=False),
    Column("source", String(16), nullable=False),
    Column("platform", String(16), nullable=False),
    Column("channel_id", String(255), nullable=False),
    Column("post_id", String(200)),
    # sha256 of title and text, to find the post of a draft once it is published.
    Column("draft_hash", String(64), nullable=False),
    Column("planned_at", UtcDateTime, nullable=False),
    Column("p10", Float, nullable=False),
    Column("p50", Float, nullable=False),
    Column("p90", Float, nullable=False),
    Column("prob_beats_floor", Float),
    Column("floor", Float),
    Column("abstained", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("model_name", String(120), nullable=False),
    Column("model_version", String(64), nullable=False),
    Column("input_hash", String(64), nullable=False),
    Column("inputs", JSON, nullable=False),
    Column("drivers", JSON, nullable=False),
    # What it was trained on, from the imported file on (`lineages`).
    Column("lineage_id", String(64), index=True),
    # The earlier prediction of the same post that this one revises, and what had been seen of the post by then:
    # [{"age_h": hours, "value": primary metric, "observation_key": key}, ...].
    Column("revises", String(36)),
    Column("seen", JSON),
    # champion, or canary where the challenger answered its share of the traffic
    Column("arm", String(16), nullable=False, server_default="champion"),
    UniqueConstraint("workspace_id", "prediction_id", "horizon_h"),
    Index(None, "workspace_id", "channel_id", "planned_at"),
    Index(None, "workspace_id", "platform", "post_id"),
)

grades = Table(
    "grades",
    metadata,
    Column("prediction_id", String(36), primary_key=True),
    Column("horizon_h", Float, primary_key=True),
    Column(
        "workspace_id",
        String(64),
        ForeignKey("workspaces.workspace_id"),
        nullable=False,
    ),
    Column("graded_at", UtcDateTime, nullable=False),
    Column("post_id", String(200), nullable=False),
    Column("observation_key", String(64), nullable=False),
    Column("observed_age_h", Float),
    Column("backfilled", Boolean, nullable=False),
    Column("outcome", Float, nullable=False),
    Column("covered80", Boolean, nullable=False),
    # |ln(1+outcome) - ln(1+p50)|, and the same for the floor.
    Column("ae_ln", Float, nullable=False),
    Column("floor_ae_ln", Float),
    Index(None, "workspace_id", "graded_at"),
)

# What one state of a platform's features was made of; the id travels with runs, model versions and predictions.
lineages = Table(
    "lineages",
    metadata,
    _workspace(),
    Column("lineage_id", String(64), primary_key=True),
    Column("platform", String(16), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    # [{"import_id", "file_name", "sha256", "kind"}, ...]
    Column("imports", JSON, nullable=False),
    # of the features that were trained on: see training.hashes
    Column("generation", String(255), nullable=False),
)

# Who moved which alias to which version, when, and on what figures. Append-only.
promotions = Table(
    "promotions",
    metadata,
    Column("promotion_id", String(36), primary_key=True),
    Column(
        "workspace_id",
        String(64),
        ForeignKey("workspaces.workspace_id"),
        nullable=False,
    ),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("platform", String(16), nullable=False),
    Column("model_name", String(120), nullable=False),
    # promoted, refused, floor, rolled-back, shadowed, canary, retired
    Column("action", String(16), nullable=False),
    Column("version", String(64), nullable=False),
    Column("previous_version", String(64)),
    Column("reason", Text, nullable=False),
    Column("figures", JSON, nullable=False),
    Column("data_hash", String(64)),
    Column("code_hash", String(64)),
    Index(None, "workspace_id", "platform", "decided_at"),
)

# What a challenger would have answered, beside the prediction that was. Append-only.
shadow_forecasts = Table(
    "shadow_forecasts",
    metadata,
    Column("prediction_id", String(36), primary_key=True),
    Column("horizon_h", Float, primary_key=True),
    Column("model_name", String(120), primary_key=True),
    Column("model_version", String(64), primary_key=True),
    Column(
        "workspace_id",
        String(64),
        ForeignKey("workspaces.workspace_id"),
        nullable=False,
    ),
    Column("created_at", UtcDateTime, nullable=False),
    Column("p10", Float, nullable=False),
    Column("p50", Float, nullable=False),
    Column("p90", Float, nullable=False),
    Index(None, "workspace_id", "created_at"),
)

# One look at a platform: what drifted, how much it moves forecasts, whether it asks for a retraining. Append-only.
drift_reports = Table(
    "drift_reports",
    metadata,
    Column("report_id", String(36), primary_key=True),
    Column(
        "workspace_id",
        String(64),
        ForeignKey("workspaces.workspace_id"),
        nullable=False,
    ),
    Column("created_at", UtcDateTime, nullable=False),
    Column("platform", String(16), nullable=False),
    Column("model_version", String(64)),
    Column("window_from", UtcDateTime, nullable=False),
    Column("window_until", UtcDateTime, nullable=False),
    Column("retrain", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("result", JSON, nullable=False),
    Index(None, "workspace_id", "platform", "created_at"),
)

# Files by content: the same bytes are one asset, whoever brought them under whatever name.
assets = Table(
    "assets",
    metadata,
    _workspace(),
    Column("sha256", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("mime", String(100), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("blob_key", String(255), nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    # When everything about it was last read, by which extractors; null while it waits.
    Column("read_at", UtcDateTime, index=True),
    Column("read_with", String(64)),
    # 64-bit perceptual hash as 16 hex digits, hashes of sampled frames, and the sound's fingerprint.
    Column("image_hash", String(16)),
    Column("video_hashes", JSON),
    Column("audio_fingerprint", Text),
    # What models read of it: numbers by feature, and its picture as float32 with the model that saw it.
    Column("numbers", JSON),
    Column("picture", LargeBinary),
    Column("picture_model", String(255)),
)

post_media = Table(
    "post_media",
    metadata,
    _workspace(),
    Column("platform", String(16), primary_key=True),
    Column("post_id", String(200), primary_key=True),
    # thumbnail, image, video or audio
    Column("role", String(16), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("import_id", String(36), ForeignKey("imports.import_id"), nullable=False),
    Index(None, "workspace_id", "sha256"),
)

# The cache: one part of one file, as one version of one extractor with its weights read it.
content_parts = Table(
    "content_parts",
    metadata,
    _workspace(),
    Column("sha256", String(64), primary_key=True),
    # modality.part, as image.faces
    Column("extractor", String(64), primary_key=True),
    # name, version and weights: a part kept under another key is read anew and replaced.
    Column("key", String(255), nullable=False),
    Column("part", JSON, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
)

analyses = Table(
    "analyses",
    metadata,
    Column("analysis_id", String(36), primary_key=True),
    Column(
        "workspace_id",
        String(64),
        ForeignKey("workspaces.workspace_id"),
        nullable=False,
    ),
    Column("created_at", UtcDateTime, nullable=False),
    Column("platform", String(16)),
    Column("channel_id", String(255)),
    Column("result", JSON, nullable=False),
    Index(None, "workspace_id", "created_at"),
)

# Files that were not read; their bytes lie under quarantine/ in the blobs.
refused_files = Table(
    "refused_files",
    metadata,
    _workspace(),
    Column("sha256", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    # a code for machines (creatorlens.reading.files.Reason), and words
    Column("reason", String(32), nullable=False),
    Column("words", Text, nullable=False),
    Column("blob_key", String(255)),
    Column("refused_at", UtcDateTime, nullable=False),
)

# Who had what read, when, and what came of it.
media_usage = Table(
    "media_usage",
    metadata,
    Column("usage_id", Integer, primary_key=True, autoincrement=True),
    Column(
        "workspace_id",
        String(64),
        ForeignKey("workspaces.workspace_id"),
        nullable=False,
    ),
    Column("used_at", UtcDateTime, nullable=False),
    # cli, api, flow
    Column("source", String(16), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    # read, cached, or the reason of the refusal
    Column("outcome", String(32), nullable=False),
    Column("seconds", Float, nullable=False),
    Index(None, "workspace_id", "used_at"),
)

# Drafts that are kept. `version` is the newest of `content_versions`; nothing of an earlier one is lost.
contents = Table(
    "contents",
    metadata,
    _workspace(),
    Column("content_id", String(36), primary_key=True),
    Column("channel_id", String(255), nullable=False),
    Column("platform", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    # Once it was published.
    Column("post_id", String(200)),
    # Set when its owner deletes it: versions and receipts are append-only and stay until the workspace is erased.
    Column("deleted_at", UtcDateTime),
    Index(None, "workspace_id", "channel_id", "created_at"),
)

# Append-only.
content_versions = Table(
    "content_versions",
    metadata,
    _workspace(),
    Column("content_id", String(36), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    # fields of creatorlens.records.Draft, and `assets`, `thumbnail`: sha256 of its files
    Column("draft", JSON, nullable=False),
    # the applied suggestion that led here
    Column("receipt_id", String(36)),
)

# What was applied, what it was expected to do, and on what evidence; grades come from the two predictions. Append-only.
receipts = Table(
    "receipts",
    metadata,
    _workspace(),
    Column("receipt_id", String(36), primary_key=True),
    Column("content_id", String(36), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("applied_at", UtcDateTime, nullable=False),
    Column("from_version", Integer, nullable=False),
    Column("to_version", Integer, nullable=False),
    Column("before_prediction_id", String(36), nullable=False),
    Column("after_prediction_id", String(36), nullable=False),
    # change, before, words, lift, prob_*: see creatorlens.advice.content.Receipt
    Column("told", JSON, nullable=False),
    # the most similar own posts with their outcomes as known then
    Column("similar", JSON, nullable=False),
)

# A test that the creator runs. `experiments` above holds finished ones, imported or decided here, as training data.
trials = Table(
    "trials",
    metadata,
    _workspace(),
    Column("experiment_id", String(36), primary_key=True),
    # title, thumbnail or time
    Column("kind", String(16), nullable=False),
    Column("channel_id", String(255), nullable=False),
    Column("content_id", String(36)),
    Column("created_at", UtcDateTime, nullable=False),
    # the plan: level, power, smallest effect worth finding, allocation, expected traffic, what the power check said
    Column("design", JSON, nullable=False),
    # running, decided, stopped
    Column("status", String(16), nullable=False),
    Index(None, "workspace_id", "channel_id", "created_at"),
)

trial_variants = Table(
    "trial_variants",
    metadata,
    _workspace(),
    Column("experiment_id", String(36), primary_key=True),
    Column("variant_id", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    # fields of creatorlens.advice.common.Change
    Column("change", JSON, nullable=False),
)

# Counts of one variant in one period, as told last: the same period again replaces what was told before.
trial_observations = Table(
    "trial_observations",
    metadata,
    _workspace(),
    Column("experiment_id", String(36), primary_key=True),
    Column("variant_id", String(64), primary_key=True),
    Column("period_start", UtcDateTime, primary_key=True),
    Column("period_end", UtcDateTime, nullable=False),
    Column("impressions", BigInteger, nullable=False),
    Column("clicks", BigInteger, nullable=False),
    # of a time test: the post and its outcome in ln(1 + metric) over the channel's level
    Column("post_id", String(200)),
    Column("outcome_ln", Float),
    Column("received_at", UtcDateTime, nullable=False),
)

# Append-only.
trial_verdicts = Table(
    "trial_verdicts",
    metadata,
    _workspace(),
    Column("verdict_id", String(36), primary_key=True),
    Column("experiment_id", String(36), nullable=False, index=True),
    Column("decided_at", UtcDateTime, nullable=False),
    # won, no-difference, undecided, stopped
    Column("verdict", String(16), nullable=False),
    Column("winner", String(64)),
    Column("result", JSON, nullable=False),
)

APPEND_ONLY = (
    "predictions", "grades", "promotions", "shadow_forecasts", "drift_reports", "content_versions", "receipts",
    "trial_verdicts",
)  # fmt: skip
