"""What must happen at a time, and results that could not be shown yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcDateTime

revision = "0012_due"
down_revision = "0011_withdrawn"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("post", sa.Column("trouble", sa.String(), server_default="", nullable=False))
    op.drop_index("ix_post_due", table_name="post")
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_post_due", "post", ["due_at"], postgresql_where=due, sqlite_where=due)
    op.create_table(
        "due",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("kind", "community_id", "key"),
    )
    op.create_index("ix_due_due_at", "due", ["due_at"])
