"""Questions as they were asked, for the rounds and reports that name them.

Those named so far are empty: at its next start, the bot fills in what its packs still have.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018_question_versions"
down_revision = "0017_processes"
branch_labels = None
depends_on = None

NAMED = """
INSERT INTO question_version (pack, question, version, document)
SELECT pack, question, version, '' FROM round
UNION SELECT pack, question, version, '' FROM report
"""


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "question_version",
        sa.Column("pack", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pack", "question", "version"),
    )
    op.execute(NAMED)
