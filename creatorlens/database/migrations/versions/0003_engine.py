"""lineage, revisions, the promotion log, what challengers would have said, and drift"""

import sqlalchemy as sa
from alembic import op

from creatorlens.database.tables import UtcDateTime

revision = "0003"
down_revision = "0002"

APPEND_ONLY = ("promotions", "shadow_forecasts", "drift_reports")


def upgrade() -> None:
    # Added in place: rebuilding the table, as batch mode does on SQLite, would lose the ledger's triggers.
    op.add_column("predictions", sa.Column("lineage_id", sa.String(length=64), nullable=True))
    op.add_column("predictions", sa.Column("revises", sa.String(length=36), nullable=True))
    op.add_column("predictions", sa.Column("seen", sa.JSON(), nullable=True))
    op.add_column(
        "predictions", sa.Column("arm", sa.String(length=16), server_default="champion", nullable=False)
    )
    op.create_index(op.f("ix_predictions_lineage_id"), "predictions", ["lineage_id"], unique=False)
    op.create_table(
        "lineages",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("lineage_id", sa.String(length=64), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("imports", sa.JSON(), nullable=False),
        sa.Column("generation", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_lineages_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "lineage_id", name=op.f("pk_lineages")),
    )
    op.create_index(op.f("ix_lineages_platform"), "lineages", ["platform"], unique=False)
    op.create_table(
        "promotions",
        sa.Column("promotion_id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("model_name", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("previous_version", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("data_hash", sa.String(length=64), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_promotions_workspace_id")
        ),
        sa.PrimaryKeyConstraint("promotion_id", name=op.f("pk_promotions")),
    )
    op.create_index(
        op.f("ix_promotions_workspace_id_platform_decided_at"),
        "promotions",
        ["workspace_id", "platform", "decided_at"],
        unique=False,
    )
    op.create_table(
        "shadow_forecasts",
        sa.Column("prediction_id", sa.String(length=36), nullable=False),
        sa.Column("horizon_h", sa.Float(), nullable=False),
        sa.Column("model_name", sa.String(length=120), nullable=False),
        sa.Column("model_version", sa.String(length=64), nullable=False),
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("p10", sa.Float(), nullable=False),
        sa.Column("p50", sa.Float(), nullable=False),
        sa.Column("p90", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_shadow_forecasts_workspace_id")
        ),
        sa.PrimaryKeyConstraint(
            "prediction_id", "horizon_h", "model_name", "model_version", name=op.f("pk_shadow_forecasts")
        ),
    )
    op.create_index(
        op.f("ix_shadow_forecasts_workspace_id_created_at"),
        "shadow_forecasts",
        ["workspace_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "drift_reports",
        sa.Column("report_id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("model_version", sa.String(length=64), nullable=True),
        sa.Column("window_from", UtcDateTime(), nullable=False),
        sa.Column("window_until", UtcDateTime(), nullable=False),
        sa.Column("retrain", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_drift_reports_workspace_id")
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_drift_reports")),
    )
    op.create_index(
        op.f("ix_drift_reports_workspace_id_platform_created_at"),
        "drift_reports",
        ["workspace_id", "platform", "created_at"],
        unique=False,
    )
    _forbid_changes()


def _forbid_changes() -> None:
    """What was decided, shadowed or seen can be neither changed nor removed (the function is of 0001)."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in APPEND_ONLY:
        if sqlite:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION creatorlens_append_only()"
            )


def downgrade() -> None:
    for table in ("drift_reports", "shadow_forecasts", "promotions", "lineages"):
        op.drop_table(table)
    op.drop_index(op.f("ix_predictions_lineage_id"), table_name="predictions")
    for column in ("arm", "seen", "revises", "lineage_id"):
        op.drop_column("predictions", column)
