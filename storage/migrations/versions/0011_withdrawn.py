"""Pseudonyms of who deleted everything while a round was open; every report is kept; and who was
shown a link code allows who comes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcDateTime

revision = "0011_withdrawn"
down_revision = "0010_live_questions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("post", sa.Column("salt", sa.String(), nullable=True))
    op.create_table(
        "withdrawn",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("round_id", "pseudonym"),
    )
    # A unique constraint without a name, as SQLite made it, can only be left behind.
    op.rename_table("report", "report_before")
    columns = ("id", "member_id", "pack", "question", "version", "reason", "reported_at")
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("pack", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    kept = ", ".join(columns[1:])
    op.execute(f"INSERT INTO report ({kept}) SELECT {kept} FROM report_before ORDER BY id")
    op.drop_table("report_before")
    op.create_index("ix_report_member_id", "report", ["member_id"])
    # Codes last ten minutes: none that is shown while the database is upgraded needs to survive.
    op.drop_table("linking")
    op.create_table(
        "linking",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("claimant_id", sa.Integer(), nullable=True),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("wrong_since", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["claimant_id"], ["member.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("person_id"),
        sa.UniqueConstraint("code"),
    )
