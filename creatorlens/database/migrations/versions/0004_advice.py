"""drafts that are kept with their versions, receipts of applied suggestions, tests that a creator runs"""

import sqlalchemy as sa
from alembic import op

from creatorlens.database.tables import UtcDateTime

revision = "0004"
down_revision = "0003"

APPEND_ONLY = ("content_versions", "receipts", "trial_verdicts")


def upgrade() -> None:
    op.create_table(
        "content_versions",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("content_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("receipt_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_content_versions_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "content_id", "version", name=op.f("pk_content_versions")),
    )
    op.create_table(
        "contents",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("content_id", sa.String(length=36), nullable=False),
        sa.Column("channel_id", sa.String(length=255), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.String(length=200), nullable=True),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_contents_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "content_id", name=op.f("pk_contents")),
    )
    op.create_index(
        op.f("ix_contents_workspace_id_channel_id_created_at"),
        "contents",
        ["workspace_id", "channel_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "receipts",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("receipt_id", sa.String(length=36), nullable=False),
        sa.Column("content_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("applied_at", UtcDateTime(), nullable=False),
        sa.Column("from_version", sa.Integer(), nullable=False),
        sa.Column("to_version", sa.Integer(), nullable=False),
        sa.Column("before_prediction_id", sa.String(length=36), nullable=False),
        sa.Column("after_prediction_id", sa.String(length=36), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("similar", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_receipts_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "receipt_id", name=op.f("pk_receipts")),
    )
    op.create_index(op.f("ix_receipts_content_id"), "receipts", ["content_id"], unique=False)
    op.create_table(
        "trial_observations",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("experiment_id", sa.String(length=36), nullable=False),
        sa.Column("variant_id", sa.String(length=64), nullable=False),
        sa.Column("period_start", UtcDateTime(), nullable=False),
        sa.Column("period_end", UtcDateTime(), nullable=False),
        sa.Column("impressions", sa.BigInteger(), nullable=False),
        sa.Column("clicks", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.String(length=200), nullable=True),
        sa.Column("outcome_ln", sa.Float(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_trial_observations_workspace_id")
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "experiment_id", "variant_id", "period_start", name=op.f("pk_trial_observations")
        ),
    )
    op.create_table(
        "trial_variants",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("experiment_id", sa.String(length=36), nullable=False),
        sa.Column("variant_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_trial_variants_workspace_id")
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "experiment_id", "variant_id", name=op.f("pk_trial_variants")
        ),
    )
    op.create_table(
        "trial_verdicts",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("verdict_id", sa.String(length=36), nullable=False),
        sa.Column("experiment_id", sa.String(length=36), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("winner", sa.String(length=64), nullable=True),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_trial_verdicts_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "verdict_id", name=op.f("pk_trial_verdicts")),
    )
    op.create_index(
        op.f("ix_trial_verdicts_experiment_id"), "trial_verdicts", ["experiment_id"], unique=False
    )
    op.create_table(
        "trials",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("experiment_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("channel_id", sa.String(length=255), nullable=False),
        sa.Column("content_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("design", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_trials_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "experiment_id", name=op.f("pk_trials")),
    )
    op.create_index(
        op.f("ix_trials_workspace_id_channel_id_created_at"),
        "trials",
        ["workspace_id", "channel_id", "created_at"],
        unique=False,
    )
    _forbid_changes()


def _forbid_changes() -> None:
    """The function is of 0001."""
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
    for table in (
        "trial_verdicts", "trial_observations", "trial_variants", "trials", "receipts", "content_versions", "contents",
    ):  # fmt: skip
        op.drop_table(table)
