"""The tables. Members own what they did: deleting one takes every trace along."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant; SQLite, which knows no zones, keeps it as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a naive time is a mistake of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value if value.tzinfo is UTC else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _where(condition: str) -> dict[str, Any]:
    """What narrows an index to the rows that are looked for."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def _owned_by(table: str, *columns: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(columns, [f"{table}.id"], ondelete="CASCADE")


class Community(SQLModel, table=True):
    """Where people are together: a Discord server, a Slack workspace, a terminal; with what its
    admins chose, if anything. A team has at most `team_cap` members, where there is one."""

    __table_args__ = (UniqueConstraint("platform", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    platform: str
    external_id: str
    zone: str | None = None
    team_cap: int | None = None
    posers: str = "everyone"
    questions_an_hour: int = 3
    question_minutes: int = 60


class Season(SQLModel, table=True):
    """A stretch of time with boards of its own; one at a time runs in a community. Where its end is
    planned, its last day and the name of the `next` one are kept until another is started."""

    __table_args__ = (
        Index("ix_season_running", "community_id", unique=True, **_where("ended_at IS NULL")),
        _owned_by("community", "community_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    community_id: int
    name: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_on: date | None = None
    next: str = ""


class Channel(SQLModel, table=True):
    """What the admins chose for a channel; `weekly` is when last week's board is posted there."""

    __table_args__ = (
        UniqueConstraint("community_id", "external_id"),
        _owned_by("community", "community_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    community_id: int
    external_id: str
    reveal: str
    pack: str
    weekly: str = ""


class Player(SQLModel, table=True):
    """A human being, whatever they are called where; with the streak as of `streak_last`, a day of
    the `streak_zone`; the zone that they chose for their days, if any, the hour at which these
    start, and the zone that a platform told last."""

    id: int | None = Field(default=None, primary_key=True)
    streak_days: int = 0
    streak_best: int = 0
    streak_last: date | None = None
    streak_freezes: int = 0
    streak_active: int = 0
    streak_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    streak_zone: str = ""
    streak_starts: int = 0
    zone: str | None = None
    told_zone: str | None = None
    day_starts: int = 0


class Person(SQLModel, table=True):
    """A player as a platform knows them; `realm` is where the id means this person."""

    __table_args__ = (
        UniqueConstraint("platform", "realm", "external_id"),
        _owned_by("player", "player_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    platform: str
    realm: str
    external_id: str
    player_id: int = Field(index=True)


class Team(SQLModel, table=True):
    """A named group of members; `folded` is the name as it is compared. Where a platform's role
    defines it, its members are those who have the role."""

    __table_args__ = (
        UniqueConstraint("community_id", "folded"),
        Index("ix_team_role", "community_id", "role", unique=True),
        _owned_by("community", "community_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    community_id: int
    name: str
    folded: str
    role: str | None = None


class Member(SQLModel, table=True):
    """A person in a community, `hidden` from its boards if they want."""

    __table_args__ = (
        UniqueConstraint("community_id", "person_id"),
        _owned_by("community", "community_id"),
        _owned_by("person", "person_id"),
        ForeignKeyConstraint(["team_id"], ["team.id"], ondelete="SET NULL"),
    )

    id: int | None = Field(default=None, primary_key=True)
    community_id: int
    person_id: int = Field(index=True)
    name: str
    team_id: int | None = Field(default=None, index=True)
    hidden: bool = False


class Drill(SQLModel, table=True):
    """A member's private run of questions."""

    __table_args__ = (_owned_by("member", "member_id"),)

    id: int | None = Field(default=None, primary_key=True)
    member_id: int = Field(index=True)
    pack: str
    scope: str
    started_at: datetime = Field(sa_type=UtcDateTime)


class Round(SQLModel, table=True):
    """One question, posed once; a drill's where `drill_id` is set. One that was withdrawn counts
    for nothing but streaks."""

    __table_args__ = (
        UniqueConstraint("drill_id", "step"),
        _owned_by("community", "community_id"),
        _owned_by("drill", "drill_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    community_id: int
    drill_id: int | None = None
    step: int = 1
    pack: str
    question: str
    version: str
    layout: list[int] = Field(sa_type=JSON)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    closes_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Daily(SQLModel, table=True):
    """A channel's daily question: its plan, and the one proposed by an admin who looks at it first.

    There is no next one while it is paused, for the reason given.
    """

    __table_args__ = (
        UniqueConstraint("community_id", "channel"),
        _owned_by("community", "community_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    community_id: int
    channel: str
    set_by: str = ""
    plan: str = ""
    proposed: str = ""
    proposal: int = 0
    paused: str = ""
    next_on: date | None = None
    next_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    last_on: date | None = None
    pack: str = ""
    question: str = ""


class Post(SQLModel, table=True):
    """How a round stands in its channel: `claimed` until the platform confirms its message, `open`
    until its time is over, then `closed`. (Former versions had `closing` between the two.)

    `due_at` is when the next step is to be taken, `tries` how often that was begun, and `shown` how
    many answers the message tells of. A closed one is due until its result is shown; its `trouble`
    is why it can't be. A daily's round is the one of a local date; a
    live one is `posed_by` a member, whose user id it is.
    """

    __table_args__ = (
        _owned_by("round", "round_id"),
        ForeignKeyConstraint(["daily_id"], ["daily.id"], ondelete="SET NULL"),
        UniqueConstraint("daily_id", "local_date"),
        Index("ix_post_channel", "channel"),
        Index("ix_post_due", "due_at", **_where("due_at IS NOT NULL")),
        Index(
            "ix_post_live",
            "community_id",
            "channel",
            unique=True,
            **_where("board = 'live' AND state <> 'closed'"),
        ),
    )

    round_id: int = Field(primary_key=True)
    community_id: int
    channel: str
    board: str
    reveal: str
    seconds: int
    state: str
    message: str | None = None
    shown: int = 0
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    tries: int = 0
    daily_id: int | None = None
    local_date: date | None = None
    mention: str = ""
    intro: str = ""
    posed_by: str = ""
    salt: str | None = None
    trouble: str = ""


class Due(SQLModel, table=True):
    """Something in a channel that must happen once `at` a time; its next try is `due_at`. The user
    with the id `set_by` wanted it."""

    __table_args__ = (_owned_by("community", "community_id"),)

    kind: str = Field(primary_key=True)
    community_id: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    channel: str
    at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime, index=True)
    tries: int = 0
    set_by: str = ""


class Withdrawn(SQLModel, table=True):
    """That somebody who deleted everything had answered an open round, so that they can't do so
    again: a pseudonym, made with the post's random `salt`; both are gone once the round closes."""

    __table_args__ = (_owned_by("round", "round_id"),)

    round_id: int = Field(primary_key=True)
    pseudonym: str = Field(primary_key=True)


class Answer(SQLModel, table=True):
    """What a member said to a round: the unique key is the decision that it was the first. `day` is
    the one it counts for in the member's streak, `periods` those of the community's boards, and
    `team_id` the team it was given for, if any. Of answers from before version 0013 no `periods`
    are known."""

    __table_args__ = (
        UniqueConstraint("round_id", "member_id"),
        _owned_by("round", "round_id"),
        _owned_by("member", "member_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int
    member_id: int = Field(index=True)
    given: Any = Field(sa_type=JSON)
    credit: float
    points: int
    answered_at: datetime = Field(sa_type=UtcDateTime)
    day: date
    periods: list[str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    team_id: int | None = None


class Standing(SQLModel, table=True):
    """A member's line on a board in one period, kept up with each answer, so that a page of a
    leaderboard is read as it stands.

    With team 0 it is the member's own line; else it is what they earned for that team, which stays
    when they move on. `reached_at` is when the points were reached, and `hidden` is the member's.
    What was earned in a round whose result is told at its close stands apart until then.
    """

    __table_args__ = (
        Index(
            "ix_standing_page",
            "community_id",
            "board",
            "period",
            "team_id",
            "hidden",
            text("points DESC"),
            "reached_at",
            "member_id",
        ),
        _owned_by("community", "community_id"),
        _owned_by("member", "member_id"),
    )

    member_id: int = Field(primary_key=True)
    board: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    team_id: int = Field(primary_key=True)
    community_id: int
    points: int
    right: int
    answered: int
    reached_at: datetime = Field(sa_type=UtcDateTime)
    hidden: bool = False


class Card(SQLModel, table=True):
    """A player's memory of one question."""

    __table_args__ = (_owned_by("player", "player_id"),)

    player_id: int = Field(primary_key=True)
    pack: str = Field(primary_key=True)
    question: str = Field(primary_key=True)
    stability: float
    difficulty: float
    due: datetime = Field(sa_type=UtcDateTime)
    reviewed_at: datetime = Field(sa_type=UtcDateTime)
    seen: int
    right: int
    last_right: bool


class Report(SQLModel, table=True):
    """What a member said to be wrong with a question."""

    __table_args__ = (_owned_by("member", "member_id"),)

    id: int | None = Field(default=None, primary_key=True)
    member_id: int = Field(index=True)
    pack: str
    question: str
    version: str
    reason: str
    reported_at: datetime = Field(sa_type=UtcDateTime)


class Linking(SQLModel, table=True):
    """The code by which a person links another platform, who entered it and waits to be allowed,
    and the wrong ones that the person entered. They were shown the code in a `community`; a
    `claim` counts up, so that no button of an earlier one fits."""

    __table_args__ = (
        _owned_by("person", "person_id"),
        ForeignKeyConstraint(["claimant_id"], ["member.id"], ondelete="SET NULL"),
    )

    person_id: int = Field(primary_key=True)
    code: str | None = Field(default=None, unique=True)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    community: str = ""
    claim: int = 0
    claimant_id: int | None = None
    wrong: int = 0
    wrong_since: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Setting(SQLModel, table=True):
    """A fact about the installation."""

    key: str = Field(primary_key=True)
    value: str


def _most(characters: int) -> Any:
    """A text that may be left out, of so many characters at most."""
    return Field(default=None, max_length=characters)


class SlackBot(SQLModel, table=True):
    """A Slack workspace's bot. This and what follows is as Slack's library reads and writes it."""

    __tablename__ = "slack_bots"
    __table_args__ = (
        Index("slack_bots_idx", "client_id", "enterprise_id", "team_id", "installed_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    client_id: str = Field(max_length=32)
    app_id: str = Field(max_length=32)
    enterprise_id: str | None = _most(32)
    enterprise_name: str | None = _most(200)
    team_id: str | None = _most(32)
    team_name: str | None = _most(200)
    bot_token: str | None = _most(200)
    bot_id: str | None = _most(32)
    bot_user_id: str | None = _most(32)
    bot_scopes: str | None = _most(1000)
    bot_refresh_token: str | None = _most(200)
    bot_token_expires_at: datetime | None = Field(default=None, sa_type=DateTime)
    is_enterprise_install: bool = False
    installed_at: datetime = Field(sa_type=DateTime)


class SlackInstallation(SQLModel, table=True):
    """Who installed the app in a Slack workspace, with what came of it."""

    __tablename__ = "slack_installations"
    __table_args__ = (
        Index(
            "slack_installations_idx",
            "client_id",
            "enterprise_id",
            "team_id",
            "user_id",
            "installed_at",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    client_id: str = Field(max_length=32)
    app_id: str = Field(max_length=32)
    enterprise_id: str | None = _most(32)
    enterprise_name: str | None = _most(200)
    enterprise_url: str | None = _most(200)
    team_id: str | None = _most(32)
    team_name: str | None = _most(200)
    bot_token: str | None = _most(200)
    bot_id: str | None = _most(32)
    bot_user_id: str | None = _most(32)
    bot_scopes: str | None = _most(1000)
    bot_refresh_token: str | None = _most(200)
    bot_token_expires_at: datetime | None = Field(default=None, sa_type=DateTime)
    user_id: str = Field(max_length=32)
    user_token: str | None = _most(200)
    user_scopes: str | None = _most(1000)
    user_refresh_token: str | None = _most(200)
    user_token_expires_at: datetime | None = Field(default=None, sa_type=DateTime)
    incoming_webhook_url: str | None = _most(200)
    incoming_webhook_channel: str | None = _most(200)
    incoming_webhook_channel_id: str | None = _most(200)
    incoming_webhook_configuration_url: str | None = _most(200)
    is_enterprise_install: bool = False
    token_type: str | None = _most(32)
    installed_at: datetime = Field(sa_type=DateTime)


class SlackState(SQLModel, table=True):
    """An installation that somebody began."""

    __tablename__ = "slack_oauth_states"

    id: int | None = Field(default=None, primary_key=True)
    state: str = Field(max_length=200)
    expire_at: datetime = Field(sa_type=DateTime)


METADATA = SQLModel.metadata

_TABLES = METADATA.tables
community, channel, season = _TABLES["community"], _TABLES["channel"], _TABLES["season"]
player, person, member = _TABLES["player"], _TABLES["person"], _TABLES["member"]
team, drill, round_, post = (_TABLES[name] for name in ("team", "drill", "round", "post"))
answer, card, standing = _TABLES["answer"], _TABLES["card"], _TABLES["standing"]
daily, due, withdrawn = (_TABLES[name] for name in ("daily", "due", "withdrawn"))
report, linking, setting = _TABLES["report"], _TABLES["linking"], _TABLES["setting"]
