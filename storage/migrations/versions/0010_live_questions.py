"""Who may pose live questions, how often and how long; and since when their rule holds."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0010_live_questions"
down_revision = "0009_own_days"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    for table, name, kind, default in (
        ("post", "posed_by", sa.String(), ""),
        ("community", "posers", sa.String(), "everyone"),
        ("community", "questions_an_hour", sa.Integer(), "3"),
        ("community", "question_minutes", sa.Integer(), "60"),
    ):
        op.add_column(table, sa.Column(name, kind, nullable=False, server_default=default))
    # Boards say for a week that live questions earn points more seldom now.
    settings = sa.table("setting", sa.column("key"), sa.column("value"))
    since = {"key": "live-rule-since", "value": datetime.now(UTC).isoformat()}
    op.execute(settings.insert().values(**since))
