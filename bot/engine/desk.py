"""The one door: every event of every platform comes in here, and every reply goes out."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any, TypeVar

from bot.engine.actions import Action, UnknownAction
from bot.engine.channel_rounds import ChannelRounds
from bot.engine.commands import COMMANDS, Command, OnPress, press_of
from bot.engine.commands.base import Completer, Context, Option
from bot.engine.commands.fields import COMPLETERS, misfit, read
from bot.engine.commands.rights import ANYONE, Right
from bot.engine.daily_planner import DailyPlanner
from bot.engine.due.base import Means
from bot.engine.due.clockwork import Clockwork
from bot.engine.due.registry import KINDS
from bot.engine.events import Call, Channel, Event, FileRefused, Member, Mention, Press, Value
from bot.engine.library import Library
from bot.engine.notifying import notify
from bot.engine.platform import Poster
from bot.engine.ports import Clock, Store
from bot.engine.role_teams import RoleTeams
from bot.engine.screens import (
    Choice,
    CommandMention,
    Form,
    Quote,
    Reply,
    Screen,
    Span,
    Text,
    failure,
    notice,
)

log = logging.getLogger(__name__)
T = TypeVar("T")

COMPLETIONS = 25
"""Choices offered for a half-typed option: the fewest that any platform can show."""


ELSEWHERE = {
    "community": "This works among the members of a server or workspace, not here.",
    "channel": "This works in a channel of a server or workspace, not here.",
}


class BadOption(ValueError):
    """An option's value is not what the command declares; the message says what would be."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message


class Desk:
    """Turns events into replies; between them it holds nothing but what spares a question.

    `posters` are the platforms whose channels can be posted in, by name. `stopwatch` counts
    seconds, whatever the clock shows: what happens at a time waits while they differ.
    """

    def __init__(
        self,
        library: Library,
        store: Store,
        clock: Clock,
        rng: Random,
        posters: Mapping[str, Poster],
        stopwatch: Callable[[], float] | None = None,
    ) -> None:
        self.library = library
        self.rounds = ChannelRounds(library, store, posters, clock)
        self.dailies = DailyPlanner(library, store, posters, clock, rng)
        means = Means(library, store, posters, clock, self.rounds, self.dailies)
        kinds = [kind(means) for kind in KINDS]
        self.clockwork = Clockwork(kinds, posters, clock, stopwatch)
        self._role_teams = RoleTeams(store, posters, clock)
        self._posters = posters
        self._store = store
        self._clock = clock
        self._rng = rng

    async def handle(self, event: Event) -> Reply:
        """The reply to an event. Never raises: a failure becomes a polite line with a reference
        that is in the log."""
        context = self._context(event)
        match event.what:
            case Call() as call:
                return await _guarded(self._call(context, call))
            case Press() as press:
                return await _guarded(self._press(context, press))

    async def form(self, event: Event) -> Form | Reply:
        """The form that a press opens, or why it opens none. Never raises."""
        return await _guarded(self._opened(self._context(event)))

    async def problems(self, event: Event) -> Mapping[str, str]:
        """What is wrong with the fields of a form that was sent, by their names. Nothing where
        there is more to it, which the reply says."""
        form, what = await self.form(event), event.what
        if isinstance(form, Reply) or not isinstance(what, Press):
            return {}
        _, problems = read(form, what.fields or {}, self._clock())
        return problems

    async def complete(self, event: Event, option: str, text: str) -> list[Choice]:
        """Choices for a half-typed option of a call, best first; none where the option has none,
        or where they cannot be told."""
        call = event.what
        command = COMMANDS.get(call.command) if isinstance(call, Call) else None
        options = {each.name: each for each in command.options} if command else {}
        complete = options[option].complete if option in options else None
        return await self._completed(complete, event, text)

    async def suggest(self, event: Event, kind: str, text: str) -> list[Choice]:
        """Choices for a half-typed field of a kind, best first."""
        return await self._completed(COMPLETERS.get(kind), event, text)

    async def _completed(self, complete: Completer | None, event: Event, text: str) -> list[Choice]:
        if complete is None:
            return []
        try:
            choices = await complete(self._context(event), text)
        except Exception:
            log.exception("no choices for %s", event.what)
            return []
        return choices[:COMPLETIONS]

    def _context(self, event: Event) -> Context:
        return Context(
            event=event,
            library=self.library,
            store=self._store,
            rounds=self.rounds,
            dailies=self.dailies,
            clockwork=self.clockwork,
            role_teams=self._role_teams,
            notify=self._tell,
            post=self._post,
            now=self._clock(),
            rng=self._rng,
        )

    async def _tell(self, member: Member, screen: Screen) -> bool:
        return await notify(self._posters, member.platform, member.community, member.user, screen)

    async def _post(self, channel: Channel, screen: Screen, handle: str, since: datetime) -> None:
        await self._posters[channel.platform].post(channel, screen, handle, since=since)

    async def _call(self, context: Context, call: Call) -> Reply:
        command = COMMANDS.get(call.command)
        if command is None:
            # The first word of several commands, or a slip of the finger: help knows what is meant.
            command, call = COMMANDS["help"], Call("help", {"topic": call.command})
        if not command.fits(context.event.place):
            return notice(ELSEWHERE[command.needs])
        # Nothing is to be stored of who only asks what is stored of them.
        if command.needs != "nothing":
            await self._role_teams.follow(context.event)
        if refused := await _refusal(command.right, context, call.options):
            return refused
        return await command.handler(context, _checked(command, call))

    async def _opened(self, context: Context) -> Form | Reply:
        what = context.event.what
        press, action = press_of(what.action if isinstance(what, Press) else "")
        refused = await _refusal(press.right, context, action)
        return refused or await _form(context, press, action)

    async def _press(self, context: Context, what: Press) -> Reply:
        press, action = press_of(what.action)
        if not press.traceless:
            await self._role_teams.follow(context.event)
        if refused := await _refusal(press.right, context, action):
            return refused
        if what.fields is not None:
            form = await _form(context, press, action)
            if isinstance(form, Reply):
                return form
            fields, problems = read(form, what.fields, context.now)
            if problems:
                return misfit(form, problems, what.action)
            context = replace(context, fields=fields)
        reply = await press.handler(context, action, what.values)
        return replace(reply, updates=press.updates(action) and not reply.keeps_message)


async def _guarded(work: Awaitable[T]) -> T | Reply:
    """What the work comes to, or what the member is told where it can't be done."""
    try:
        return await work
    except UnknownAction:
        return notice("This button is from an older version. Please call the command again.")
    except BadOption as problem:
        return notice(problem.message)
    except FileRefused as problem:
        return notice(str(problem))
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("event failed, reference %s", reference)
        return failure(reference)


async def _form(context: Context, press: OnPress, action: Action) -> Form | Reply:
    """The form of a press. Raises UnknownAction where it has none."""
    match press.form:
        case None:
            raise UnknownAction(action.verb)
        case Form() as form:
            return form
        case build:
            return await build(context, action)


async def _refusal(right: Right, context: Context, asked: object) -> Reply | None:
    """Why the member may not do what they ask; None if they may."""
    if right is ANYONE or await right.allows(context, asked):
        return None
    return notice(right.refusal)


def _checked(command: Command, call: Call) -> dict[str, Any]:
    """The options as declared; raises BadOption."""
    known = {option.name: option for option in command.options}
    options = ", ".join(f"`{option}`" for option in known) or "no options"
    for name in call.options:
        if name not in known:
            unknown = (CommandMention(command.name), " has no option ", Quote(name))
            raise BadOption((*unknown, f". It has {options}."))
    # What's wrong comes before what's missing: a value that was misread may be the missing one.
    values = {name: _value(command, known[name], value) for name, value in call.options.items()}
    if call.unread:
        unread = ("I don't understand ", Quote(call.unread), " in ", CommandMention(command.name))
        raise BadOption((*unread, f", so I did nothing. It has {options}."))
    for option in known.values():
        if option.required and not str(values.get(option.name, "")).strip():
            raise BadOption(
                (CommandMention(command.name), f" needs `{option.name}`: {option.description}.")
            )
    return {name: values.get(name, option.default) for name, option in known.items()}


def _value(command: Command, option: Option, value: Value) -> Value:
    match option.type:
        case "member":
            return value if isinstance(value, Mention) else str(value)
        case _ if isinstance(value, Mention):
            wrong: tuple[Span, ...] = ("can't be a person",)
        case "text":
            text = str(value)
            if not option.choices or text in (*option.choices, option.default):
                return text
            wrong = (f"must be one of: {', '.join(option.choices)}; not ", Quote(text))
        case _:
            try:
                number = int(value)
            except ValueError:
                wrong = ("must be a whole number, not ", Quote(str(value)))
            else:
                if option.minimum is not None and number < option.minimum:
                    wrong = (f"must be at least {option.minimum}",)
                elif option.maximum is not None and number > option.maximum:
                    wrong = (f"must be at most {option.maximum}",)
                else:
                    return number
    raise BadOption(("In ", CommandMention(command.name), f", `{option.name}` ", *wrong, "."))
