"""The time zones that platforms tell of players."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_told_zones"
down_revision = "0006_teams"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("player", sa.Column("told_zone", sa.String(), nullable=True))
    # What stood there may have been a community's zone.
    op.drop_column("player", "streak_zone")
