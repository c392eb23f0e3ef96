"""How a channel hears of a result, and what its managers were warned of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_results"
down_revision = "0015_managers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    results = sa.Column("results", sa.String(), nullable=False, server_default="reply")
    op.add_column("channel", results)
    op.create_table(
        "warning",
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "channel", "reason"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], ondelete="CASCADE"),
    )
