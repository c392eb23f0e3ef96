"""When a channel's weekly board is posted, when a season ends, and who wanted what is due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_boards_that_post"
down_revision = "0013_withdrawn_rounds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    for table, name in (("channel", "weekly"), ("season", "next"), ("due", "set_by")):
        op.add_column(table, sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("season", sa.Column("ends_on", sa.Date(), nullable=True))
