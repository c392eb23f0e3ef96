"""Boards as they stand, in place of sums by day; seasons, zones, freezes, hidden members."""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcDateTime

revision = "0004_boards"
down_revision = "0003_linking"
branch_labels = None
depends_on = None

UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
"""When points were reached whose answer is not known: before all others."""

DAY = {"sqlite": "date({})", "postgresql": "CAST({} AT TIME ZONE 'UTC' AS DATE)"}
"""The day of an instant. Until now nearly all days were cut in UTC."""

EARNED = """
    CREATE TABLE earned AS
    SELECT a.member_id, coalesce(p.board, 'drill') AS board, a.day,
           max(a.answered_at) AS reached_at
    FROM answer AS a LEFT JOIN post AS p ON p.round_id = a.round_id
    WHERE a.points > 0
    GROUP BY a.member_id, coalesce(p.board, 'drill'), a.day
"""

STANDING = """
    INSERT INTO standing (member_id, board, period, team_id, community_id, points, "right",
                          answered, reached_at, hidden)
    SELECT s.member_id, s.board, d.period, {team}, s.community_id, sum(s.points), sum(s."right"),
           sum(s.answered), coalesce(max(e.reached_at), :unknown), FALSE
    FROM score AS s
    JOIN period_of_day AS d ON d.day = s.day
    LEFT JOIN earned AS e ON e.member_id = s.member_id AND e.board = s.board AND e.day = s.day
    {where}
    GROUP BY s.member_id, s.board, d.period, {group} s.community_id
"""
LINES = (
    {"team": "0", "where": "", "group": ""},
    {"team": "s.team_id", "where": "WHERE s.team_id <> 0", "group": "s.team_id,"},
)


def upgrade() -> None:
    """Bring the tables to this revision."""
    _add_columns()
    _add_days()
    _create()
    _fill()
    for table in ("score", "earned", "period_of_day"):
        op.drop_table(table)


def _add_columns() -> None:
    zero = sa.text("0")
    for table, column in (
        ("community", sa.Column("zone", sa.String(), nullable=True)),
        ("player", sa.Column("streak_freezes", sa.Integer(), nullable=False, server_default=zero)),
        ("player", sa.Column("streak_active", sa.Integer(), nullable=False, server_default=zero)),
        ("player", sa.Column("streak_zone", sa.String(), nullable=True)),
        ("player", sa.Column("zone", sa.String(), nullable=True)),
        ("member", sa.Column("hidden", sa.Boolean(), nullable=False, server_default=sa.false())),
    ):
        op.add_column(table, column)


def _add_days() -> None:
    """A column without a default can be had in SQLite by making the table anew only."""
    op.execute("CREATE TABLE old_answer AS SELECT * FROM answer")
    op.drop_table("answer")
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("credit", sa.Float(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("round_id", "member_id"),
    )
    day = DAY[op.get_bind().dialect.name].format("answered_at")
    op.execute(
        "INSERT INTO answer (id, round_id, member_id, given, credit, points, answered_at, day) "
        f"SELECT id, round_id, member_id, given, credit, points, answered_at, {day} "
        "FROM old_answer"
    )
    op.drop_table("old_answer")
    op.create_index(op.f("ix_answer_member_id"), "answer", ["member_id"], unique=False)


def _create() -> None:
    op.create_table(
        "season",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_season_running",
        "season",
        ["community_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "standing",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("board", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("reached_at", UtcDateTime(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", "board", "period", "team_id"),
    )
    op.create_index(
        "ix_standing_page",
        "standing",
        [
            "community_id",
            "board",
            "period",
            "team_id",
            "hidden",
            sa.text("points DESC"),
            "reached_at",
            "member_id",
        ],
    )


def _fill() -> None:
    connection = op.get_bind()
    days = connection.scalars(
        sa.text("SELECT DISTINCT day FROM score").columns(day=sa.Date())
    ).all()
    period_of_day = op.create_table(
        "period_of_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
    )
    rows = [{"day": day, "period": period} for day in days for period in _periods(day)]
    op.bulk_insert(period_of_day, rows)
    op.execute(EARNED)
    unknown = sa.bindparam("unknown", UNKNOWN, UtcDateTime())
    for line in LINES:
        connection.execute(sa.text(STANDING.format(**line)).bindparams(unknown))


def _periods(day: date) -> tuple[str, ...]:
    week = "{}-W{:02}".format(*day.isocalendar()[:2])
    return "all", day.isoformat()[:7], week, day.isoformat()
