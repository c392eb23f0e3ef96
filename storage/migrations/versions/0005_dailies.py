"""A daily question for each channel, and what its posts need."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcDateTime

revision = "0005_dailies"
down_revision = "0004_boards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "daily",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("proposed", sa.String(), nullable=False),
        sa.Column("proposal", sa.Integer(), nullable=False),
        sa.Column("paused", sa.String(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("next_due_at", UtcDateTime(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("pack", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "channel"),
    )
    op.create_index(op.f("ix_daily_next_due_at"), "daily", ["next_due_at"], unique=False)
    with op.batch_alter_table("post") as post:
        for column in (
            sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("daily_id", sa.Integer(), nullable=True),
            sa.Column("local_date", sa.Date(), nullable=True),
            sa.Column("mention", sa.String(), nullable=False, server_default=""),
            sa.Column("intro", sa.String(), nullable=False, server_default=""),
        ):
            post.add_column(column)
        post.create_foreign_key("fk_post_daily", "daily", ["daily_id"], ["id"], ondelete="SET NULL")
        post.create_unique_constraint("uq_post_daily", ["daily_id", "local_date"])
