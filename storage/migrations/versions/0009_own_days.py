"""When players' days start, and of which zone the last day of their streak is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcDateTime

revision = "0009_own_days"
down_revision = "0008_slack_installations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    for name, kind, default in (
        ("streak_at", UtcDateTime(), None),
        ("streak_zone", sa.String(), ""),
        ("streak_starts", sa.Integer(), "0"),
        ("day_starts", sa.Integer(), "0"),
    ):
        op.add_column(
            "player", sa.Column(name, kind, nullable=default is None, server_default=default)
        )
