"""The tables. Rows belong to their member or player: deleting one deletes them all."""

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
    """An aware datetime; SQLite has no time zones and stores it in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a naive time is a bug."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime needs a time zone")
        return value if value.tzinfo is UTC else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _partial(condition: str) -> dict[str, Any]:
    """Options of a partial index."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def _owned_by(table: str, *columns: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(columns, [f"{table}.id"], ondelete="CASCADE")


class Community(SQLModel, table=True):
    """A Discord server, a Slack workspace or a terminal, with its admins' settings. `team_cap` is
    the most members a team can have, if limited; `manager_role` is a role whose members manage it.
    """

    __table_args__ = (UniqueConstraint("platform", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    platform: str
    external_id: str
    zone: str | None = None
    team_cap: int | None = None
    posers: str = "everyone"
    questions_an_hour: int = 3
    question_minutes: int = 60
    manager_role: str = ""


class Manager(SQLModel, table=True):
    """A person who manages a community though they aren't an admin. They may never have played."""

    __table_args__ = (_owned_by("community", "community_id"),)

    community_id: int = Field(primary_key=True)
    user_id: str = Field(primary_key=True)


class Season(SQLModel, table=True):
    """A period with its own boards; a community has one at a time. If its end is planned, it has a
    last day, and may have the name of the `next` one, until another season is started."""

    __table_args__ = (
        Index("ix_season_running", "community_id", unique=True, **_partial("ended_at IS NULL")),
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
    """Admins' settings for a channel; `weekly` is when last week's board is posted there, and
    `results` is how it hears of a result."""

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
    results: str = "reply"


class ChannelWarning(SQLModel, table=True):
    """A reason that the managers of a channel were warned for, and won't be again."""

    __tablename__ = "warning"

    __table_args__ = (_owned_by("community", "community_id"),)

    community_id: int = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    reason: str = Field(primary_key=True)


class Player(SQLModel, table=True):
    """A human, across platforms. The streak is as of `streak_last`, a day in `streak_zone`. `zone`
    is the time zone they chose, `day_starts` the hour their days start, and `told_zone` the zone
    that a platform reported last."""

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
    """A player's account on a platform; its id is unique within the `realm`."""

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
    """A named group of members; `folded` is its name case-folded. If it follows a `role` of the
    platform, its members are those with the role."""

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
    """A person in a community, `hidden` from its boards if they chose so."""

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
    """One question, posed once; part of a drill if `drill_id` is set. A withdrawn one counts only
    for streaks."""

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


class QuestionVersion(SQLModel, table=True):
    """A question as it was asked, which rounds and reports name. The document is empty if an
    earlier program asked it and its pack no longer has it."""

    __tablename__ = "question_version"

    pack: str = Field(primary_key=True)
    question: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    document: str = ""


class Daily(SQLModel, table=True):
    """A channel's daily question: its plan, and the proposed one that an admin is reviewing.

    While it's paused, for the reason given, it has no next date.
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
    """A round in a channel: `claimed` until the platform confirms its message, `open` until its
    time is over, then `closed`. (Earlier versions had `closing` between the two.)

    `due_at` is when the next step is due, `tries` counts its attempts, and `shown` is the number of
    answers that the message displays. A closed one is due until its result is shown; `trouble` says
    why it can't be. A daily's round has a local date; a live one is `posed_by` a user id.
    """

    __table_args__ = (
        _owned_by("round", "round_id"),
        ForeignKeyConstraint(["daily_id"], ["daily.id"], ondelete="SET NULL"),
        UniqueConstraint("daily_id", "local_date"),
        Index("ix_post_channel", "channel"),
        Index("ix_post_due", "due_at", **_partial("due_at IS NOT NULL")),
        Index(
            "ix_post_live",
            "community_id",
            "channel",
            unique=True,
            **_partial("board = 'live' AND state <> 'closed'"),
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
    """Something in a channel that must happen once, `at` a time; its next try is `due_at`. `set_by`
    is the id of the user who set it."""

    __table_args__ = (_owned_by("community", "community_id"),)

    kind: str = Field(primary_key=True)
    community_id: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    channel: str
    at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime, index=True)
    tries: int = 0
    set_by: str = ""


class ErasedAnswer(SQLModel, table=True):
    """Marks an open round as answered by somebody who deleted their data, so that they can't answer
    again: a pseudonym made with the post's random `salt`. Both are deleted when the round
    closes."""

    __tablename__ = "withdrawn"
    __table_args__ = (_owned_by("round", "round_id"),)

    round_id: int = Field(primary_key=True)
    pseudonym: str = Field(primary_key=True)


class Answer(SQLModel, table=True):
    """A member's answer to a round: the unique key decides which was first. `day` is the day it
    counts for in the member's streak, `periods` the periods of the community's boards, and
    `team_id` the team it counts for, if any. Answers from before version 0013 have no `periods`."""

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
    """A member's line on a board in one period, updated with each answer, so that reading a page of
    a leaderboard adds nothing up.

    Team 0 is the member's own line; others are what they earned for a team, which the team keeps
    when they leave. `reached_at` is when the points were reached, and `hidden` is the member's.
    Points of a round that reveals its result at its close are on a board of their own until then.
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
    """A problem with a question that a member reported."""

    __table_args__ = (_owned_by("member", "member_id"),)

    id: int | None = Field(default=None, primary_key=True)
    member_id: int = Field(index=True)
    pack: str
    question: str
    version: str
    reason: str
    reported_at: datetime = Field(sa_type=UtcDateTime)


class Linking(SQLModel, table=True):
    """A person's code for linking another platform, the claimant who entered it and waits to be
    allowed, and how many wrong codes the person entered themselves. `community` is where they got
    the code; `claim` counts up, so that buttons of earlier claims stop working."""

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
    """A setting of the installation."""

    key: str = Field(primary_key=True)
    value: str


class RunningProcess(SQLModel, table=True):
    """A process that runs the bot, or did a short while ago."""

    __tablename__ = "process"

    id: str = Field(primary_key=True)
    host: str
    pid: int
    version: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    beat_at: datetime = Field(sa_type=UtcDateTime)
    tokens: dict[str, str] = Field(sa_type=JSON)
    shards: str
    event_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    errors: dict[str, int] = Field(sa_type=JSON)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def _optional_text(max_length: int) -> Any:
    """An optional text column with a maximum length."""
    return Field(default=None, max_length=max_length)


def _secret() -> Any:
    """A column for a secret, with room to encrypt it."""
    return _optional_text(1000)


class SlackBot(SQLModel, table=True):
    """A Slack workspace's bot. Slack's library defines this table and the ones below."""

    __tablename__ = "slack_bots"
    __table_args__ = (
        Index("slack_bots_idx", "client_id", "enterprise_id", "team_id", "installed_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    client_id: str = Field(max_length=32)
    app_id: str = Field(max_length=32)
    enterprise_id: str | None = _optional_text(32)
    enterprise_name: str | None = _optional_text(200)
    team_id: str | None = _optional_text(32)
    team_name: str | None = _optional_text(200)
    bot_token: str | None = _secret()
    bot_id: str | None = _optional_text(32)
    bot_user_id: str | None = _optional_text(32)
    bot_scopes: str | None = _optional_text(1000)
    bot_refresh_token: str | None = _secret()
    bot_token_expires_at: datetime | None = Field(default=None, sa_type=DateTime)
    is_enterprise_install: bool = False
    installed_at: datetime = Field(sa_type=DateTime)


class SlackInstallation(SQLModel, table=True):
    """An installation of the app in a Slack workspace, and who installed it."""

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
    enterprise_id: str | None = _optional_text(32)
    enterprise_name: str | None = _optional_text(200)
    enterprise_url: str | None = _optional_text(200)
    team_id: str | None = _optional_text(32)
    team_name: str | None = _optional_text(200)
    bot_token: str | None = _secret()
    bot_id: str | None = _optional_text(32)
    bot_user_id: str | None = _optional_text(32)
    bot_scopes: str | None = _optional_text(1000)
    bot_refresh_token: str | None = _secret()
    bot_token_expires_at: datetime | None = Field(default=None, sa_type=DateTime)
    user_id: str = Field(max_length=32)
    user_token: str | None = _secret()
    user_scopes: str | None = _optional_text(1000)
    user_refresh_token: str | None = _secret()
    user_token_expires_at: datetime | None = Field(default=None, sa_type=DateTime)
    incoming_webhook_url: str | None = _secret()
    incoming_webhook_channel: str | None = _optional_text(200)
    incoming_webhook_channel_id: str | None = _optional_text(200)
    incoming_webhook_configuration_url: str | None = _optional_text(200)
    is_enterprise_install: bool = False
    token_type: str | None = _optional_text(32)
    installed_at: datetime = Field(sa_type=DateTime)


METADATA = SQLModel.metadata

_TABLES = METADATA.tables
community, channel, season = _TABLES["community"], _TABLES["channel"], _TABLES["season"]
warning = _TABLES["warning"]
player, person, member = _TABLES["player"], _TABLES["person"], _TABLES["member"]
manager = _TABLES["manager"]
team, drill, round_, post = (_TABLES[name] for name in ("team", "drill", "round", "post"))
answer, card, standing = _TABLES["answer"], _TABLES["card"], _TABLES["standing"]
daily, due, erased_answer = (_TABLES[name] for name in ("daily", "due", "withdrawn"))
report, linking, setting = _TABLES["report"], _TABLES["linking"], _TABLES["setting"]
process = _TABLES["process"]
question_version = _TABLES["question_version"]
