"""The one door: every platform's events come in here, and replies go out."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from random import Random
from typing import Any, TypeVar

from bot.engine.actions import Action, UnknownAction
from bot.engine.boards import check_presence
from bot.engine.channel_rounds import ChannelRounds
from bot.engine.cleaning import clean
from bot.engine.commands import COMMANDS, Command, OnPress, press_of
from bot.engine.commands.base import CHANNEL_FIELD, Completer, Context, Fields, Option
from bot.engine.commands.fields import COMPLETERS, explain_problems, read
from bot.engine.commands.rights import ANYONE, Right
from bot.engine.daily_planner import DailyPlanner
from bot.engine.due.base import Kind, Means
from bot.engine.due.clockwork import Clockwork
from bot.engine.due.registry import KINDS
from bot.engine.events import (
    Call,
    Channel,
    Event,
    FieldValue,
    FileRefused,
    Member,
    Mention,
    Press,
    Value,
)
from bot.engine.failures import make_reference
from bot.engine.greeting import greet
from bot.engine.library import Library
from bot.engine.managers import TRY_AGAIN, ManagerLookup
from bot.engine.notifying import notify
from bot.engine.platform import Poster
from bot.engine.ports import Clock, Store
from bot.engine.role_teams import RoleTeams
from bot.engine.screens import (
    Button,
    Choice,
    CommandMention,
    Form,
    Open,
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

MAX_COMPLETIONS = 25
"""The most completions: the limit of the strictest platform."""


WRONG_PLACE = {
    "community": "Use this in a server or workspace, not here.",
    "channel": "Use this in a channel of a server or workspace, not here.",
}


OUTDATED = "This button is from an older version. Run the command again."


class BadOption(ValueError):
    """An option's value is wrong; the message says what would be right."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message


class Desk:
    """Turns events into replies, and keeps nothing between them but caches.

    `posters` post in channels, by platform. `stopwatch` counts real seconds, whatever the clock
    shows; due work waits while the two differ.
    """

    def __init__(
        self,
        library: Library,
        store: Store,
        clock: Clock,
        rng: Random,
        posters: Mapping[str, Poster],
        stopwatch: Callable[[], float] | None = None,
        kinds: Iterable[Callable[[Means], Kind[Any]]] = KINDS,
    ) -> None:
        self.library = library
        self.rounds = ChannelRounds(store, posters, clock)
        self.dailies = DailyPlanner(library, store, posters, clock, rng)
        means = Means(library, store, posters, clock, self.rounds, self.dailies)
        self.clockwork = Clockwork([kind(means) for kind in kinds], posters, clock, stopwatch)
        self._role_teams = RoleTeams(store, posters, clock)
        self._managers = ManagerLookup(store, posters, clock)
        self._posters = posters
        self._store = store
        self._clock = clock
        self._rng = rng

    async def greet(
        self, platform: str, community: str, send: Callable[[Screen], Awaitable[object]]
    ) -> None:
        """Say hello to a community that has just added the bot. Never raises."""
        await greet(self._store, self._clock, platform, community, send)

    async def handle(self, event: Event) -> Reply:
        """Reply to an event. Never raises: a failure becomes a notice with a reference to the
        log."""
        context = self._context(event)
        match context.event.what:
            case Call() as call:
                return await _guard(self._call(context, call))
            case Press() as press:
                return await _guard(self._press(context, press))

    async def form(self, event: Event) -> Form | Reply:
        """Build the form that a press or a call opens, or say why it doesn't. Never raises."""
        return await _guard(self._opened(self._context(event)))

    async def problems(self, event: Event) -> Mapping[str, str]:
        """Find problems with a form's fields, by name. Empty if the reply explains more."""
        event = clean(event)
        form, what = await self.form(event), event.what
        if isinstance(form, Reply):
            return {}
        fields, problems = read(form, what.fields or {}, self._clock())
        command = COMMANDS[what.command] if isinstance(what, Call) else None
        if problems or command is None or command.form is None:
            return problems
        found = await _guard(command.form.check(_fill_in(self._context(event), fields)))
        return {} if isinstance(found, Reply) else found

    async def complete(self, event: Event, option: str, text: str) -> list[Choice]:
        """Suggest values for an option while typing, best first; none if the option has none or
        they can't be loaded."""
        call = event.what
        command = COMMANDS.get(call.command) if isinstance(call, Call) else None
        options = {each.name: each for each in command.options} if command else {}
        complete = options[option].complete if option in options else None
        return await self._completed(complete, event, text)

    async def suggest(self, event: Event, kind: str, text: str) -> list[Choice]:
        """Suggest values for a form's field while typing, best first."""
        return await self._completed(COMPLETERS.get(kind), event, text)

    async def _completed(self, complete: Completer | None, event: Event, text: str) -> list[Choice]:
        if complete is None:
            return []
        try:
            choices = await complete(self._context(event), clean(text))
        except Exception:
            log.exception("could not load completions")
            return []
        return choices[:MAX_COMPLETIONS]

    def _context(self, event: Event) -> Context:
        # The one place that cleans what comes in: every event gets its context here.
        event = clean(event)
        return Context(
            event=event,
            library=self.library,
            store=self._store,
            rounds=self.rounds,
            dailies=self.dailies,
            clockwork=self.clockwork,
            role_teams=self._role_teams,
            manager=self._managers.about(event),
            notify=self._tell,
            post=self._post,
            check_presence=partial(check_presence, self._posters),
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
            # The first word of a family of commands, or a typo: help knows both.
            command, call = COMMANDS["help"], Call("help", {"topic": call.command})
        if not command.fits(context.event.place):
            return notice(WRONG_PLACE[command.needs])
        # Asking what we store must not store anything.
        if command.needs != "nothing":
            await self._role_teams.follow(context.event)
        if refused := await _check_right(command.right, context, call.options):
            return refused
        if call.fields is not None:
            return await _submit_call(context, command, call, call.fields)
        return await command.handler(context, _check_options(command, call, context.role_word))

    async def _opened(self, context: Context) -> Form | Reply:
        match context.event.what:
            case Call(command=name):
                command = COMMANDS.get(name)
                if command is None or command.form is None:
                    return notice(OUTDATED)
                refused = await _check_right(command.right, context, {})
                return refused or await command.form.build(context)
            case Press() as what:
                press, action = press_of(what.action)
                refused = await _check_right(press.right, context, action)
                return refused or await _open_form(context, press, action)

    async def _press(self, context: Context, what: Press) -> Reply:
        press, action = press_of(what.action)
        if not press.traceless:
            await self._role_teams.follow(context.event)
        if refused := await _check_right(press.right, context, action):
            return refused
        reply = (
            await press.handler(context, action, what.values)
            if what.fields is None
            else await _submit(context, press, action, what.action, what.fields)
        )
        return replace(reply, updates=press.updates(action) and not reply.keeps_message)


async def _guard(work: Awaitable[T]) -> T | Reply:
    """Await the work, and turn errors into notices."""
    try:
        return await work
    except UnknownAction:
        return notice(OUTDATED)
    except BadOption as problem:
        return notice(problem.message)
    except FileRefused as problem:
        return notice(str(problem))
    except Exception as problem:
        reference = make_reference(problem)
        log.exception("event failed, reference %s", reference)
        return failure(reference, problem)


async def _submit(
    context: Context,
    press: OnPress,
    action: Action,
    encoded: str,
    given: Mapping[str, FieldValue],
) -> Reply:
    """Handle a press with the fields of its form."""
    form = await _open_form(context, press, action)
    if isinstance(form, Reply):
        return form
    fields, problems = read(form, given, context.now)
    if problems:
        return explain_problems(form, problems, Button("Try again", encoded))
    return await press.handler(replace(context, fields=fields), action, ())


async def _submit_call(
    context: Context, command: Command, call: Call, given: Mapping[str, FieldValue]
) -> Reply:
    """Handle a command with the fields of its form."""
    if command.form is None:
        return notice(OUTDATED)
    form = await command.form.build(context)
    if isinstance(form, Reply):
        return form
    fields, problems = read(form, given, context.now)
    if problems:
        return explain_problems(form, problems, Open(command.name, "Try again"))
    filled = Call(command.name, command.form.to_options(fields, call.changed))
    options = _check_options(command, filled, context.role_word)
    return await command.handler(_fill_in(context, fields), options)


def _fill_in(context: Context, fields: Fields) -> Context:
    """The context with the fields of a command's form, and the channel that they choose."""
    chosen = fields.get(CHANNEL_FIELD)
    return replace(context, fields=fields, chosen=chosen if isinstance(chosen, Channel) else None)


async def _open_form(context: Context, press: OnPress, action: Action) -> Form | Reply:
    """Build the form of a press. Raises UnknownAction if it has none."""
    match press.form:
        case None:
            raise UnknownAction(action.verb)
        case Form() as form:
            return form
        case build:
            return await build(context, action)


async def _check_right(right: Right, context: Context, asked: object) -> Reply | None:
    """Say why the member may not do this; None if they may."""
    if right is ANYONE or await right.allows(context, asked):
        return None
    return notice(TRY_AGAIN if context.manager.failed else right.refusal)


def _check_options(command: Command, call: Call, role_word: str) -> dict[str, Any]:
    """Check the options against the declaration. Raises BadOption."""
    known = {option.name: option for option in command.options}
    options = ", ".join(f"`{option}`" for option in known) or "no options"
    for name in call.options:
        if name not in known:
            unknown = (CommandMention(command.name), " has no option ", Quote(name))
            raise BadOption((*unknown, f". It has {options}."))
    # Report wrong values before missing ones: a misread value may be the missing one.
    values = {
        name: _check_value(command, known[name], value) for name, value in call.options.items()
    }
    if call.unread:
        unread = ("I don't understand ", Quote(call.unread), " in ", CommandMention(command.name))
        raise BadOption((*unread, f", so I did nothing. It has {options}."))
    for option in known.values():
        if option.required and not str(values.get(option.name, "")).strip():
            raise BadOption(
                (
                    CommandMention(command.name),
                    f" needs `{option.name}`: {option.describe(role_word)}.",
                )
            )
    return {name: values.get(name, option.default) for name, option in known.items()}


def _check_value(command: Command, option: Option, value: Value) -> Value:
    match option.type:
        case "member":
            return value if isinstance(value, Mention) else str(value)
        case "people":
            return value if isinstance(value, tuple) else (str(value),)
        case _ if isinstance(value, Mention | tuple):
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
