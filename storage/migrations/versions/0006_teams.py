"""Caps on the size of teams, and roles that define them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_teams"
down_revision = "0005_dailies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("community", sa.Column("team_cap", sa.Integer(), nullable=True))
    op.add_column("team", sa.Column("role", sa.String(), nullable=True))
    op.create_index("ix_team_role", "team", ["community_id", "role"], unique=True)
