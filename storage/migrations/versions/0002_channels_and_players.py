"""Rounds in channels; players apart from members; teams, reports, settings.

Everything is laid aside, the tables are made anew and filled again: SQLite cannot change the keys
of a table that others refer to.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcDateTime

revision = "0002_channels_and_players"
down_revision = "0001_first_tables"
branch_labels = None
depends_on = None

OLD = ("answer", "round", "score", "drill", "card", "member", "community")
"""Tables of before, those that refer to others first."""

PLAYER_OF = """
    SELECT min(m.id) FROM old_member AS m JOIN old_community AS c ON c.id = m.community_id
    WHERE m.external_id = {member}.external_id AND c.platform = (
        SELECT platform FROM old_community WHERE id = {member}.community_id
    )
"""
"""The first member that stands for the same person: its id becomes the player's and person's."""

FILLING = (
    "INSERT INTO community (id, platform, external_id) "
    "SELECT id, platform, external_id FROM old_community",
    "INSERT INTO player (id, streak_days, streak_best, streak_last) "
    "SELECT id, streak_days, streak_best, streak_last FROM old_member "
    f"WHERE id = ({PLAYER_OF.format(member='old_member')})",
    "INSERT INTO person (id, platform, realm, external_id, player_id) "
    "SELECT p.id, c.platform, '', m.external_id, p.id FROM player AS p "
    "JOIN old_member AS m ON m.id = p.id JOIN old_community AS c ON c.id = m.community_id",
    "INSERT INTO member (id, community_id, person_id, name) "
    f"SELECT id, community_id, ({PLAYER_OF.format(member='old_member')}), name FROM old_member",
    "INSERT INTO drill (id, member_id, pack, scope, started_at) "
    "SELECT id, member_id, pack, scope, started_at FROM old_drill",
    "INSERT INTO round (id, community_id, drill_id, step, pack, question, version, layout, "
    "opened_at, closes_at) SELECT id, community_id, drill_id, step, pack, question, version, "
    "layout, opened_at, closes_at FROM old_round",
    "INSERT INTO answer (id, round_id, member_id, given, credit, points, answered_at) "
    "SELECT id, round_id, member_id, given, credit, points, answered_at FROM old_answer",
    'INSERT INTO score (member_id, board, day, team_id, community_id, points, "right", answered) '
    'SELECT member_id, board, day, 0, community_id, points, "right", answered FROM old_score',
    "INSERT INTO card (player_id, pack, question, stability, difficulty, due, reviewed_at, seen, "
    '"right", last_right) SELECT member_id, pack, question, stability, difficulty, due, '
    'reviewed_at, seen, "right", last_right FROM old_card '
    "WHERE member_id IN (SELECT id FROM player)",
)


def upgrade() -> None:
    """Bring the tables to this revision."""
    for table in OLD:
        op.execute(f"CREATE TABLE old_{table} AS SELECT * FROM {table}")
    for table in OLD:
        op.drop_table(table)
    _create()
    for statement in FILLING:
        op.execute(statement)
    for table in OLD:
        op.drop_table(f"old_{table}")


def _create() -> None:
    op.create_table(
        "community",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("platform", "external_id"),
    )
    op.create_table(
        "player",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("streak_days", sa.Integer(), nullable=False),
        sa.Column("streak_best", sa.Integer(), nullable=False),
        sa.Column("streak_last", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "card",
        sa.Column("player_id", sa.Integer(), nullable=False),
        sa.Column("pack", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("stability", sa.Float(), nullable=False),
        sa.Column("difficulty", sa.Float(), nullable=False),
        sa.Column("due", UtcDateTime(), nullable=False),
        sa.Column("reviewed_at", UtcDateTime(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("last_right", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["player_id"], ["player.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("player_id", "pack", "question"),
    )
    op.create_table(
        "channel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("reveal", sa.String(), nullable=False),
        sa.Column("pack", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "external_id"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("realm", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("player_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["player_id"], ["player.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("platform", "realm", "external_id"),
    )
    op.create_index(op.f("ix_person_player_id"), "person", ["player_id"], unique=False)
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "folded"),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "person_id"),
    )
    op.create_index(op.f("ix_member_person_id"), "member", ["person_id"], unique=False)
    op.create_index(op.f("ix_member_team_id"), "member", ["team_id"], unique=False)
    op.create_table(
        "drill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("pack", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_drill_member_id"), "drill", ["member_id"], unique=False)
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
        sa.UniqueConstraint("member_id", "pack", "question", "version"),
    )
    op.create_table(
        "score",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("board", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", "board", "day", "team_id"),
    )
    op.create_index("ix_score_board", "score", ["community_id", "board", "day"], unique=False)
    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("drill_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("pack", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["drill_id"], ["drill.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("drill_id", "step"),
    )
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("credit", sa.Float(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("round_id", "member_id"),
    )
    op.create_index(op.f("ix_answer_member_id"), "answer", ["member_id"], unique=False)
    op.create_table(
        "post",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("board", sa.String(), nullable=False),
        sa.Column("reveal", sa.String(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("round_id"),
    )
    op.create_index("ix_post_channel", "post", ["channel"], unique=False)
    op.create_index(
        "ix_post_due",
        "post",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_index(
        "ix_post_live",
        "post",
        ["community_id", "channel"],
        unique=True,
        sqlite_where=sa.text("board = 'live' AND state <> 'closed'"),
        postgresql_where=sa.text("board = 'live' AND state <> 'closed'"),
    )
