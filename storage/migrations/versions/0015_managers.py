"""Managers: a role and people who may do in a community what its admins may."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_managers"
down_revision = "0014_boards_that_post"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    role = sa.Column("manager_role", sa.String(), nullable=False, server_default="")
    op.add_column("community", role)
    op.create_table(
        "manager",
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "user_id"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], ondelete="CASCADE"),
    )
