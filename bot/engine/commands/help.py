"""`help`: what there is, with examples; and a command, a family of them or a subject in full. All
that it says of commands comes from the command table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

from rapidfuzz.distance import OSA

from bot.engine.commands.base import Command, Context, Option, Options, example
from bot.engine.commands.explain import explain
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.scoring import scoring
from bot.engine.screens import (
    Choice,
    CommandMention,
    Quote,
    Reply,
    Screen,
    Span,
    join_texts,
    notice,
)
from bot.engine.text import fold_text

SUBJECTS: Mapping[str, Callable[[Context], Awaitable[Screen]]] = {"scoring": scoring}
"""What help tells about besides commands."""

EXAMPLES = 6
"""Examples that a reader is shown before the commands."""

LIKE = 0.7
"""Least likeness of each word of a name that is offered for another: one slip in four letters."""

MAX_TOPIC = 300
"""Characters of a topic that are looked at."""

ASKING = frozenset(
    {"are", "define", "describe", "does", "explain", "how", "is", "what", "whats"}
    | {"when", "where", "which", "who", "why"}
)
"""Words that begin a question."""

PLACES = {"nothing": "", "community": " Not in direct messages.", "channel": " Only in channels."}


def help_for(commands: Sequence[Command]) -> Command:
    """The help command for these others."""

    async def show(context: Context, options: Options) -> Reply:
        topic = options["topic"][:MAX_TOPIC]
        name = fold_text(topic)
        usable = [each for each in listed if _can_use(context, each)]
        if not name:
            return Reply(_overview(context, usable))
        if subject := SUBJECTS.get(name):
            return Reply(await subject(context))
        meant = [each for each in listed if f"{fold_text(each.name)} ".startswith(f"{name} ")]
        if meant:
            return Reply(_in_full(context, meant))
        if _is_question(topic, name):
            return await explain(context, {"topic": topic})
        unknown = ("There is no ", Quote(topic))
        allowed = [each for each in usable if await each.right.allows(context, {})]
        near = _nearest(name, _names(allowed))
        if near is None:
            return notice((*unknown, ". See what there is: ", CommandMention(command.name)))
        can_try = any(each.name == near and not each.takes_away for each in allowed)
        nearest = CommandMention(near) if can_try else CommandMention(command.name, {"topic": near})
        return notice((*unknown, ". Did you mean ", nearest, "?"))

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


def _is_question(topic: str, name: str) -> bool:
    first, *others = name.split()
    return bool(others) and (first in ASKING or topic.rstrip().endswith(("?", "？")))


def _nearest(typed: str, names: Iterable[str]) -> str | None:
    """The name whose words are those that were typed first, but for slips; of several, the one with
    the most words, and then the most like them."""
    words = typed.split()
    found: list[tuple[int, float, str]] = []
    for name in names:
        parts = fold_text(name).split()
        if len(parts) <= len(words):
            pairs = zip(parts, words, strict=False)
            likeness = [OSA.normalized_similarity(*pair) for pair in pairs]
            if min(likeness) >= LIKE:
                found.append((len(parts), sum(likeness), name))
    return max(found, default=(0, 0.0, None))[-1]


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
            join_texts(("Try one of these:", *examples), "\n"),
            *(
                join_texts(
                    (title, *((CommandMention(c.name), f": {c.description}") for c in listed)), "\n"
                )
                for title, listed in lists.items()
                if listed
            ),
        ),
        note=(
            "To learn more: ",
            CommandMention("help", {"topic": usable[0].name}),
            " · ",
            CommandMention("help", {"topic": "scoring"}),
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
            *((join_texts(("For example:", *examples), "\n"),) if examples else ()),
        ),
    )


def _described(command: Command) -> Iterator[Span]:
    admins = " For admins." if command.right is MANAGER else ""
    yield CommandMention(command.name)
    yield f": {command.description}.{admins}{PLACES[command.needs]}"
    yield from (f"\n• `{each.name}`: {full_description(each)}" for each in command.options)


def full_description(option: Option) -> str:
    """What an option is for, what it can be, and what it is if left out."""
    facts = (
        "Required" if option.required else "",
        f"One of {', '.join(option.choices)}" if option.choices else "",
        f"From {option.minimum} to {option.maximum}" if option.type == "integer" else "",
        f"Default: {option.default}" if option.default != "" else "",
    )
    return ". ".join(fact for fact in (option.description, *facts) if fact) + "."
