"""A walk along the table of rights: every call and press that needs one is refused to who has not
got it, through the platforms' own clients, and nothing is changed by the attempt. Admins and
managers are refused nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.oauth.installation_store import Installation

from adapters.slack.poster import CAN_POST
from adapters.slack.workspaces import Credentials
from bot.engine.commands import COMMANDS, PRESSES, asks_in_form
from bot.engine.commands.rights import ANYONE
from bot.engine.desk import WRONG_PLACE
from bot.engine.events import Place
from bot.engine.lines import parse
from bot.engine.managers import CACHE_LIFETIME
from storage.installations import Installations
from tests.conformance.chat import Named, Shown, typed
from tests.conformance.discord import DiscordChat
from tests.conformance.slack import SlackHttpChat
from tests.databases import dump_rows
from tests.samples import save_pack, small_pack
from tests.stand_ins.discord import Message as DiscordMessage
from tests.stand_ins.discord import NotOffered
from tests.stand_ins.discord.messages import EPHEMERAL
from tests.stand_ins.discord.world import MANAGE_GUILD
from tests.stand_ins.slack import Message, View

CALLS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "setup": ({}, "Set up a daily question"),
    "daily set": ({"time": "11:00"}, "Preview of the daily question"),
    "daily pause": ({}, "An admin paused it"),
    "daily resume": ({}, "Next question"),
    "daily skip": ({}, "Skipped"),
    "daily now": ({}, "Today's question is in the channel"),
    "daily remove": ({}, "Remove this channel's daily question?"),
    "team move": ({"member": "bob", "team": "Owls"}, "bob is now in Owls"),
    "team rename": ({"name": "Larks", "team": "Owls"}, "Owls is now called Larks"),
    "team shuffle": ({"teams": 2}, "Preview of the teams"),
    "team from-roles": (
        {"role": "tutors", "team": "Larks"},
        "so members can't join or leave on their own",
    ),
    "season start": ({"name": "Spring"}, "End Winter?"),
    "settings": ({"reveal": "at-close"}, "Channel settings"),
    "withdraw": ({}, "Withdraw a question"),
}
"""How to call each command that needs a right, and what it replies to those who have it."""

PRESSED: Mapping[str, tuple[str, str]] = {
    "resumedaily": ("This channel's daily question", "This channel has no daily question"),
    "savedaily": ("Saved", "This preview is out of date"),
    "dailyzone": ("Preview of the daily question", "This preview is out of date"),
    "setup": ("Set up a daily question", "This preview is out of date"),
    "setupform": ("Set up a daily question", "This preview is out of date"),
    "savesetup": ("Saved", "This preview is out of date"),
    "unskip": ("This channel's daily question", "This channel has no daily question"),
    "communityzone": ("at midnight in Chicago", ""),
    "close": ("Closed", "This question is already closed"),
    "newseason": ("Winter has begun", "Another season has started in the meantime"),
    "postboard": ("Posted", "Nobody was on this leaderboard"),
    "release": ("No team follows a", "No team follows a"),
    "shuffle": ("Teams shuffled", "Choose fewer teams"),
    "removedaily": ("Daily question removed", "This channel has no daily question"),
    "withdraw": ("Its points are taken back", "This question has already been withdrawn"),
}
"""By the verb of each press that needs a right: the reply to an admin, and to an admin of another
community; empty if its action has no id of a community."""

REFUSED = "Only admins and managers can do that."
OF_POSERS = "Only admins, managers and whoever posted the question can do that."
OF_TEAMS = "Only the team's members, admins and managers can do that."
NO_SUCH_TEAM = "There's no team with that name"

NOT_OFFERED = "Discord does not offer that"


class Walk(ABC):
    """A platform with two communities: ann is an admin at home and bob isn't; eve is an admin
    elsewhere, and mia may become a manager at home. `actions` has a button of each press that needs
    a right, as shown to ann."""

    chat: DiscordChat | TwoWorkspaces
    actions: dict[str, str]
    shown: dict[str, tuple[Shown, str]]
    """The message that each button is in, and its label."""

    @abstractmethod
    async def call(
        self, user: str, command: str, options: Mapping[str, Any], where: str = "home"
    ) -> str:
        """The reply to a member's command at home, elsewhere, or in direct messages."""

    @abstractmethod
    async def press(self, user: str, action: str, where: str = "home") -> str:
        """The reply to a member who presses a button with this action there."""

    @abstractmethod
    def buttons(self, shown: Shown) -> Mapping[str, str]:
        """The actions of a message's buttons, by label."""

    @abstractmethod
    async def demote(self, user: str) -> None:
        """Take a member's admin rights at home away."""

    @abstractmethod
    def twin(self, user: str) -> str:
        """Someone elsewhere with the same user id."""

    async def appoint(self, user: str, how: str) -> None:
        """Make a member a manager at home, by their role or by name."""
        self.chat._person(user)
        self.chat.give_role("keepers", user)
        managers = "keepers" if how == "role" else self.mention(user)
        while "admins, " not in (await self.chat.call("settings", managers=managers)).text:
            pass  # Discord reports a new role a moment later.

    def mention(self, user: str) -> str:
        """A person as commands name them."""
        raise NotImplementedError

    async def dismiss(self, how: str) -> None:
        """Take the managers' role away, or name none anymore."""
        if how == "role":
            self.chat.give_role("keepers")
            await self.chat.passes(CACHE_LIFETIME.total_seconds())
        else:
            await self.chat.call("settings", managers="none")

    async def prepare(self) -> None:
        """Have ann start everything that others might try to end."""
        chat, note = self.chat, self.note
        self.actions, self.shown = {}, {}
        for user in ("ann", "bob"):
            await chat.answer(await chat.call("drill", user=user, questions=1), user=user)
        await chat.call("team create", user="cid", name="Owls")
        await chat.call("team join", user="dan", name="Owls")
        await note("Make these teams", "team shuffle", teams=2)
        chat.give_role("tutors")
        while "Teams follow" not in (await chat.call("team from-roles", role="tutors")).text:
            pass  # Discord reports a new role a moment later.
        await note("Release tutors", "team from-roles")
        await chat.press(await chat.call("daily set", time="09:00", zone="UTC"), "Save")
        await note("Ask on", "daily skip", dates="2099-12-24")
        await note("Resume", "daily pause")
        await note("Remove it", "daily remove")
        chat.add_channel("quiz")
        await self.note_setup()
        await note("Chicago", "daily set", time="10:00", zone="CST")
        await note("Save", "daily set", time="10:00", zone="UTC")
        await note("Chicago", "settings", zone="CST")
        await note("Close", "question", user="cid", minutes=60)
        first = await chat.press(await chat.call("withdraw"), "Withdraw 1")
        self.note_button(first, "Yes, withdraw it")
        await chat.call("season start", name="Autumn")
        await note("End it", "season start", name="Winter")
        await note("Post to channel", "leaderboard")
        await self.call("eve", "season start", {"name": "Elsewhere"}, "elsewhere")

    async def note_setup(self) -> None:
        """Note the menus of a setup of another channel, which has a preview of its own."""
        role = f"{self.chat.role_word.capitalize()} to notify"
        shown = await self.chat.call("setup")
        while role not in shown.menus:
            shown = await self.chat.call("setup")
        shown = await self.chat.choose(shown, "Channel", Named("quiz"))
        self.note_button(shown, "Save")
        action = self.chat.menu_action(shown, role)
        zone = ":".join(["setupform", *action.split(":")[1:4], "zone"])
        self.actions |= {"setup": action, "setupform": zone}
        self.shown["setup"] = shown, f"{role}|"
        self.shown["setupform"] = shown, "Time zone|Other…"

    async def press_shown(self, shown: Shown, label: str) -> Shown:
        """The reply to ann, who presses what was noted."""
        match label.partition("|"):
            case menu, "|", "":
                return await self.chat.choose(shown, menu, "")
            case _, "|", _:
                return await self.chat.open(shown, label)
            case _:
                return await self.chat.press(shown, label)

    async def note(self, label: str, command: str, **options: Any) -> None:
        """Note the action of a button in a command's reply."""
        self.note_button(await self.chat.call(command, **options), label)

    def note_button(self, shown: Shown, label: str) -> None:
        (action,) = (id_ for text, id_ in self.buttons(shown).items() if text.startswith(label))
        verb = action.partition(":")[0]
        self.actions[verb], self.shown[verb] = action, (shown, label)

    @asynccontextmanager
    async def nothing_changes(self) -> AsyncIterator[None]:
        before = self.snapshot()
        yield
        assert self.snapshot() == before

    def snapshot(self) -> object:
        """Everything that's stored, and the boards in the channel."""
        boards = [text for text in self.channel_texts() if "Leaderboard ·" in text]
        return dump_rows(self.chat.bot.store.database.engine), boards

    @abstractmethod
    def channel_texts(self) -> Sequence[str]:
        """The texts of the channel's messages."""


class DiscordWalk(Walk):
    def __init__(self, chat: DiscordChat) -> None:
        self.chat: DiscordChat = chat
        guild = chat.server.add_guild("Elsewhere")
        self.there = guild.add_text_channel()
        guild.join(chat._person("eve"), permissions=MANAGE_GUILD)

    async def call(
        self, user: str, command: str, options: Mapping[str, Any], where: str = "home"
    ) -> str:
        given = dict(options)
        if "member" in given:
            given["member"] = self.chat._person(given["member"])
        try:
            sent = await self.chat._person(user).slash(self._channel(user, where), command, **given)
        except NotOffered:
            return NOT_OFFERED
        return (await sent.settled()).text

    async def press(self, user: str, action: str, where: str = "home") -> str:
        button = {"type": 2, "style": 2, "custom_id": action, "label": "Go"}
        row = {"type": 1, "components": [button]}
        person, server = self.chat._person(user), self.chat.server
        message = DiscordMessage(self._channel(user, where), components=[row], id=server.new_id())
        if where == "direct":
            # One that the member alone sees and that does have the button: that makes nobody an
            # admin of anything there.
            message.flags, message.visible_to = EPHEMERAL, person
        server.keep_message(message)
        sent = await person.press(message, action)
        shown = await sent.settled()
        assert shown.ephemeral
        assert shown is not message
        return shown.text

    async def demote(self, user: str) -> None:
        self.chat.guild.join(self.chat._person(user))

    def twin(self, user: str) -> str:
        return user

    def buttons(self, shown: Shown) -> Mapping[str, str]:
        found: Mapping[str, str] = shown.source.buttons()
        return found

    def channel_texts(self) -> Sequence[str]:
        return [message.text for message in self.chat.general.messages]

    def _channel(self, user: str, where: str) -> Any:
        direct = self.chat._person(user).dm
        return {"home": self.chat.general, "elsewhere": self.there, "direct": direct}[where]


class TwoWorkspaces(SlackHttpChat):
    """Two workspaces that have installed the app."""

    def _credentials(self) -> Credentials:
        return Credentials(
            signing_secret=self.server.signing_secret,
            client_id=self.server.client_id,
            client_secret=self.server.client_secret,
            api_base=self.server.base_url,
        )

    def _installations(self) -> Installations:
        return Installations(self.server.client_id, self.bot.store.database.engine)

    async def _connect(self) -> None:
        installed = self._installations().store
        for team in (self.server.team, self.server.add_team("Elsewhere")):
            await installed.async_save(
                Installation(
                    app_id=self.server.app_id,
                    team_id=team.id,
                    bot_token=team.bot_token,
                    bot_id=team.bot_id,
                    bot_user_id=team.bot_user,
                    user_id="U0",
                )
            )
        await super()._connect()


class SlackWalk(Walk):
    """Every action is the first that the bot sees of its member."""

    def __init__(self, chat: TwoWorkspaces) -> None:
        self.chat: TwoWorkspaces = chat
        team = chat.server.teams[-1]
        self.there = team.add_channel("general")
        chat._people["eve"] = team.add_person("eve", admin=True)

    async def call(
        self, user: str, command: str, options: Mapping[str, Any], where: str = "home"
    ) -> str:
        given = dict(options)
        if "member" in given:
            given["member"] = self.mention(given["member"])
        person, line = self.chat._person(user), f"{command} {typed(given)}"

        async def act() -> View | None:
            await person.command(self._channel(user, where), "/quiz", line)
            if not asks_in_form(parse(line), Place("slack", "T", "C", private=where == "direct")):
                return None
            await person.next_view()
            view = await person.next_loaded()
            if view.raw.get("submit"):
                await person.submit(view)
                return None
            return view

        return await self._reply_to(user, where, act)

    async def press(self, user: str, action: str, where: str = "home") -> str:
        button = {
            "type": "button",
            "action_id": action,
            "text": {"type": "plain_text", "text": "Go"},
        }
        body = {"text": "Old", "blocks": [{"type": "actions", "elements": [button]}]}
        message = self.chat.server.show(self._channel(user, where), body)
        person = self.chat._person(user)
        told = await self._reply_to(user, where, lambda: person.press(message, action))
        assert message.edits == []
        return told

    async def demote(self, user: str) -> None:
        person = self.chat._person(user)
        person.admin = False
        changed = {"type": "user_change", "user": {"id": person.id}}
        await self.chat.server.event(changed, team=person.team)

    def twin(self, user: str) -> str:
        team, name = self.chat.server.teams[-1], f"{user}'s twin"
        twin = self.chat._people[name] = team.add_person(name)
        del team.people[twin.id]
        twin.id = self.chat._person(user).id
        team.people[twin.id] = twin
        return name

    def mention(self, user: str) -> str:
        who = self.chat._person(user)
        return f"<@{who.id}|{who.handle}>"

    def buttons(self, shown: Shown) -> Mapping[str, str]:
        found: Mapping[str, str] = shown.source.buttons
        return found

    def channel_texts(self) -> Sequence[str]:
        return [message.words for message in self.chat.general.messages]

    async def _reply_to(self, user: str, where: str, act: Callable[[], Awaitable[object]]) -> str:
        server, channel = self.chat.server, self._channel(user, where)
        person = self.chat._person(user)
        changed = {"type": "user_change", "user": {"id": person.id}}
        await server.event(changed, team=person.team)
        asked = self._count_profile_requests(person.id)
        person.catch_up(channel)
        shown: object = await act()
        while not isinstance(shown, View):
            shown = message = await person.next_message(channel, patience=30)
            if message.text != CAN_POST and (where == "direct" or message.visible_to is person):
                break
        assert self._count_profile_requests(person.id) == asked + 1
        assert isinstance(shown, Message | View)
        return shown.words

    def _count_profile_requests(self, user: str) -> int:
        """How often the bot requested a member's profile."""
        calls = self.chat.server.calls
        return sum(name == "users.info" and given["user"] == user for name, given in calls)

    def _channel(self, user: str, where: str) -> Any:
        direct = self.chat._person(user).dm
        return {"home": self.chat.general, "elsewhere": self.there, "direct": direct}[where]


@asynccontextmanager
async def start_walk(platform: str, folder: Path) -> AsyncIterator[Walk]:
    pack = small_pack()
    pack = pack.model_copy(update={"questions": [q for q in pack.questions if q.kind == "single"]})
    place = save_pack(pack, folder / "pack"), f"sqlite:///{folder}/rights.db"
    kind = DiscordChat if platform == "discord" else TwoWorkspaces
    async with kind.running(pack, *place) as chat:
        walk: Walk
        match chat:
            case DiscordChat():
                walk = DiscordWalk(chat)
            case TwoWorkspaces():
                walk = SlackWalk(chat)
        await walk.prepare()
        yield walk


@pytest.fixture(params=["discord", "slack"])
async def walk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Walk]:
    async with start_walk(request.param, tmp_path) as walk:
        yield walk


@dataclass(frozen=True)
class Managed:
    """A walk in which mia is a manager, and how she became one."""

    walk: Walk
    how: str


@pytest.fixture(params=["discord role", "slack role", "slack name"])
async def managed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Managed]:
    platform, how = request.param.split()
    async with start_walk(platform, tmp_path) as walk:
        await walk.appoint("mia", how)
        yield Managed(walk, how)


@pytest.fixture
async def discord(tmp_path: Path) -> AsyncIterator[Walk]:
    async with start_walk("discord", tmp_path) as walk:
        yield walk


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[Walk]:
    async with start_walk("slack", tmp_path) as walk:
        yield walk


def test_the_walk_covers_everything_that_needs_a_right() -> None:
    commands = {name for name, each in COMMANDS.items() if each.right is not ANYONE}
    presses = {verb for verb, each in PRESSES.items() if each.right is not ANYONE}
    assert CALLS.keys() == commands
    assert PRESSED.keys() == presses


async def test_a_plain_member_is_refused_everything(walk: Walk) -> None:
    await assert_all_refused(walk, "bob")


async def test_a_manager_of_another_community_is_refused_everything(managed: Managed) -> None:
    walk = managed.walk
    await assert_all_refused(walk, walk.twin("mia"), "elsewhere")


async def test_a_former_manager_is_refused_everything(managed: Managed) -> None:
    assert "Preview of" in await managed.walk.call("mia", "daily set", {"time": "11:00"})
    await managed.walk.dismiss(managed.how)
    await assert_all_refused(managed.walk, "mia")


def refusal(command: str, where: str = "home") -> str:
    if command == "team rename":
        return OF_TEAMS if where == "home" else NO_SUCH_TEAM
    return REFUSED


def refusal_of(verb: str) -> str:
    return OF_POSERS if verb == "close" else REFUSED


async def assert_all_refused(walk: Walk, user: str, where: str = "home") -> None:
    """Assert that a member has no rights there."""
    for command, (options, _) in CALLS.items():
        async with walk.nothing_changes():
            told = await walk.call(user, command, options, where)
        assert refusal(command, where) in told, command
    for verb in PRESSED:
        async with walk.nothing_changes():
            told = await walk.press(user, walk.actions[verb], where)
        assert refusal_of(verb) in told, verb


async def test_an_admin_of_another_community_cannot_use_ids_of_this_one(walk: Walk) -> None:
    for verb, (_, told_elsewhere) in PRESSED.items():
        if told_elsewhere:
            async with walk.nothing_changes():
                told = await walk.press("eve", walk.actions[verb], "elsewhere")
            assert told_elsewhere in told, verb
    async with walk.nothing_changes():
        told = await walk.call("eve", "team rename", {"name": "Mine", "team": "Owls"}, "elsewhere")
    assert NO_SUCH_TEAM in told


async def test_a_zone_chosen_elsewhere_does_not_change_this_community(walk: Walk) -> None:
    assert "Chicago" in await walk.press("eve", walk.actions["communityzone"], "elsewhere")
    assert "Chicago" not in await walk.call("ann", "settings", {})


async def test_an_admin_of_another_server_is_a_plain_member_of_this_one(
    discord: DiscordWalk,
) -> None:
    await assert_all_refused(discord, "eve")


async def test_in_discord_direct_messages_no_one_has_rights(discord: DiscordWalk) -> None:
    for command, (options, _) in CALLS.items():
        assert await discord.call("ann", command, options, "direct") == NOT_OFFERED
    # As for those whose app still shows what was declared for everywhere.
    for declared in discord.chat.server.commands:
        declared["contexts"] = [0, 1]
    await discord.appoint("mia", "role")
    for user in ("ann", "bob", "mia"):
        for command, (options, _) in CALLS.items():
            async with discord.nothing_changes():
                told = await discord.call(user, command, options, "direct")
            assert WRONG_PLACE[COMMANDS[command].needs] in told, (user, command)
        for verb in PRESSED:
            async with discord.nothing_changes():
                told = await discord.press(user, discord.actions[verb], "direct")
            assert refusal_of(verb) in told, (user, verb)


async def test_in_slack_direct_messages_members_have_no_rights_and_channel_commands_fail(
    slack: SlackWalk,
) -> None:
    for user in ("ann", "bob"):
        for command, (options, _) in CALLS.items():
            declared = COMMANDS[command]
            if declared.needs == "community" and user == "ann":
                continue
            async with slack.nothing_changes():
                told = await slack.call(user, command, options, "direct")
            in_channel = declared.needs == "channel"
            assert (WRONG_PLACE["channel"] if in_channel else refusal(command)) in told, command
    for verb in PRESSED:
        async with slack.nothing_changes():
            told = await slack.press("bob", slack.actions[verb], "direct")
        assert refusal_of(verb) in told, verb
    async with slack.nothing_changes():
        told = await slack.press("ann", slack.actions["unskip"], "direct")
    assert "This channel has no daily question" in told


@pytest.mark.parametrize("how", ["admin", "role", "name"])
async def test_a_slack_direct_message_belongs_to_its_workspace_and_who_manages_it(
    slack: SlackWalk, how: str
) -> None:
    user = "ann" if how == "admin" else "mia"
    if user == "mia":
        await slack.appoint(user, how)
    await slack.press(user, slack.actions["release"])
    for command, (options, told_at_home) in CALLS.items():
        if COMMANDS[command].needs == "community":
            told = await slack.call(user, command, options, "direct")
            assert told_at_home.replace("Winter", "Autumn") in told, command


async def test_without_a_slack_profile_no_one_is_an_admin(slack: SlackWalk) -> None:
    slack.chat.server.missing_scopes.add("users:read")
    for verb in PRESSED:
        async with slack.nothing_changes():
            told = await slack.press("ann", slack.actions[verb])
        assert refusal_of(verb) in told, verb


@pytest.mark.parametrize("how", ["role", "name"])
async def test_a_manager_needs_no_slack_profile(slack: SlackWalk, how: str) -> None:
    await slack.appoint("mia", how)
    slack.chat.server.missing_scopes.add("users:read")
    options, told = CALLS["settings"]
    assert told in await slack.call("mia", "settings", options)
    assert "Posted" in await slack.press("mia", slack.actions["postboard"])
    assert REFUSED in await slack.call("bob", "settings", options)


async def test_a_former_admin_is_refused_by_their_old_buttons(walk: Walk) -> None:
    shown_to_ann = walk.shown | {"close": (await walk.chat.call("question"), "Close")}
    await walk.demote("ann")
    await walk.chat.passes(16 * 60)
    for verb, (shown, label) in shown_to_ann.items():
        async with walk.nothing_changes():
            told = await walk.press_shown(shown, label)
        assert refusal_of(verb) in told.text, verb
    assert walk.shown.keys() == PRESSED.keys()


async def test_an_admin_is_refused_nothing(walk: Walk) -> None:
    await assert_nothing_refused(walk, "ann")


async def test_a_manager_is_refused_nothing(managed: Managed) -> None:
    await assert_nothing_refused(managed.walk, "mia")


async def assert_nothing_refused(walk: Walk, user: str) -> None:
    """Assert that a member can do everything that needs a right at home."""
    for verb, (told_at_home, _) in PRESSED.items():
        if verb == "dailyzone":  # the one that was noted is older than what was saved just now
            await walk.note("Chicago", "daily set", time="10:00", zone="CST")
        if verb in ("setup", "setupform", "savesetup"):  # each press makes a new preview
            await walk.note_setup()
        before = walk.snapshot()
        assert told_at_home in await walk.press(user, walk.actions[verb]), verb
        assert walk.snapshot() != before, verb
    await walk.call("ann", "team leave", {})
    await walk.chat.press(await walk.chat.call("daily set", time="09:00", zone="UTC"), "Save")
    for command, (options, told_at_home) in CALLS.items():
        assert told_at_home in await walk.call(user, command, options), command
