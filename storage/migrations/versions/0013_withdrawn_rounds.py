"""Rounds can be withdrawn; so answers know for which periods and for which team they were given."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcDateTime

revision = "0013_withdrawn_rounds"
down_revision = "0012_due"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("round", sa.Column("withdrawn_at", UtcDateTime(), nullable=True))
    op.add_column("answer", sa.Column("periods", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("answer", sa.Column("team_id", sa.Integer(), nullable=True))
