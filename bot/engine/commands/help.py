"""`help`: what there is, with examples; and a command, a family of them or a subject in full. All
that it says of commands comes from the command table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

from rapidfuzz import process

from bot.engine.commands.base import Command, Context, Option, Options, example
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.scoring import scoring
from bot.engine.screens import Choice, Reply, Say, Screen, Span, joined, notice

SUBJECTS: Mapping[str, Callable[[Context], Awaitable[Screen]]] = {"scoring": scoring}
"""What help tells about besides commands."""

EXAMPLES = 6
"""Examples that a reader is shown before the commands."""

LIKE = 60
"""Least likeness, of 100, of a name that is offered for another."""

PLACES = {"nothing": "", "community": " Not in direct messages.", "channel": " Only in channels."}


def help_for(commands: Sequence[Command]) -> Command:
    """The help command for these others."""

    async def show(context: Context, options: Options) -> Reply:
        name = " ".join(options["topic"].split()).removeprefix("/").casefold()
        usable = [each for each in listed if _can_use(context, each)]
        if not name:
            return Reply(_overview(context, usable))
        if subject := SUBJECTS.get(name):
            return Reply(await subject(context))
        meant = [each for each in listed if f"{each.name} ".startswith(f"{name} ")]
        if meant:
            return Reply(_in_full(context, meant))
        near = process.extractOne(name, _names(usable), score_cutoff=LIKE)
        if near is None:
            return notice((f"There is no `{name}`. See what there is: ", Say(command.name)))
        known = any(each.name == near[0] for each in usable)
        nearest = Say(near[0]) if known else Say(command.name, {"topic": near[0]})
        return notice((f"There is no `{name}`. Did you mean ", nearest, "?"))

    async def complete(context: Context, text: str) -> list[Choice]:
        usable = [each for each in listed if _can_use(context, each)]
        return [Choice(name, name) for name in _names(usable) if text.casefold() in name]

    command = Command(
        name="help",
        description="What you can do, with examples; or all about a command, or about scoring",
        handler=show,
        options=(Option("topic", "A command, or scoring", complete=complete),),
        rest="topic",
        examples=({"topic": "scoring"},),
    )
    listed = [each for each in (*commands, command) if each.listed]
    return command


def _can_use(context: Context, command: Command) -> bool:
    for_all = command.right is not MANAGER
    return command.fits(context.event.place) and (for_all or context.manages)


def _names(commands: Iterable[Command]) -> list[str]:
    """What there is help about: subjects, commands, and families, which share their first word."""
    names = [each.name for each in commands]
    return list(dict.fromkeys((*SUBJECTS, *(name.split()[0] for name in names), *names)))


def _overview(context: Context, usable: Sequence[Command]) -> Screen:
    """A few examples, no two of the same family; then everything."""
    families = {each.name.split()[0]: each for each in reversed(usable) if each.examples}
    first = [each for each in usable if families.get(each.name.split()[0]) is each][:EXAMPLES]
    examples = [(example(context, each.name, each.examples[0]),) for each in first]
    lists = {
        "Commands:": [each for each in usable if each.right is not MANAGER],
        "For admins:": [each for each in usable if each.right is MANAGER],
    }
    return Screen(
        title="What you can do",
        text=(
            joined(("Try one of these:", *examples), "\n"),
            *(
                joined((title, *((Say(c.name), f": {c.description}") for c in listed)), "\n")
                for title, listed in lists.items()
                if listed
            ),
        ),
        note=(
            "To learn more: ",
            Say("help", {"topic": usable[0].name}),
            " · ",
            Say("help", {"topic": "scoring"}),
        ),
    )


def _in_full(context: Context, commands: Sequence[Command]) -> Screen:
    """Commands with their options, then their examples."""
    examples = [
        (example(context, each.name, options),)
        for each in commands
        for options in each.examples
        if options
    ]
    return Screen(
        title="How to use these" if len(commands) > 1 else "How to use it",
        text=(
            *(tuple(_described(each)) for each in commands),
            *((joined(("For example:", *examples), "\n"),) if examples else ()),
        ),
    )


def _described(command: Command) -> Iterator[Span]:
    admins = " For admins." if command.right is MANAGER else ""
    yield Say(command.name)
    yield f": {command.description}.{admins}{PLACES[command.needs]}"
    yield from (f"\n• {_option(option)}" for option in command.options)


def _option(option: Option) -> str:
    facts = (
        "Required" if option.required else "",
        f"One of {', '.join(option.choices)}" if option.choices else "",
        f"From {option.minimum} to {option.maximum}" if option.type == "integer" else "",
        f"Default: {option.default}" if option.default != "" else "",
    )
    said = ". ".join(fact for fact in (option.description, *facts) if fact)
    return f"`{option.name}`: {said}."
