"""`help`: an overview with examples; or all about a command, a family of commands or a subject.
Everything about commands comes from the command table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

from rapidfuzz.distance import OSA

from bot.engine.commands.base import Command, Context, Option, Options, example_call
from bot.engine.commands.explain import explain
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.scoring import explain_scoring
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

SUBJECTS: Mapping[str, Callable[[Context], Awaitable[Screen]]] = {"scoring": explain_scoring}
"""Help topics besides commands."""

MAX_EXAMPLES = 6
"""The most examples in the overview."""

MIN_SIMILARITY = 0.7
"""How similar each word must be to suggest a name: one typo in four letters."""

MAX_TOPIC_CHARS = 300
"""The longest topic that is looked up."""

QUESTION_WORDS = frozenset(
    {"are", "define", "describe", "does", "explain", "how", "is", "what", "whats"}
    | {"when", "where", "which", "who", "why"}
)
"""Words that start a question."""

PLACES = {"nothing": "", "community": " Not in direct messages.", "channel": " Only in channels."}


def help_for(commands: Sequence[Command]) -> Command:
    """Build the help command for all other commands."""

    async def show(context: Context, options: Options) -> Reply:
        topic = options["topic"][:MAX_TOPIC_CHARS]
        name = fold_text(topic)
        usable = await _list_usable(context, listed)
        if not name:
            return Reply(_overview(context, usable))
        if subject := SUBJECTS.get(name):
            return Reply(await subject(context))
        meant = [each for each in listed if f"{fold_text(each.name)} ".startswith(f"{name} ")]
        if meant:
            return Reply(_explain_commands(context, meant))
        if _is_question(topic, name):
            return await explain(context, {"topic": topic})
        unknown = ("There's no ", Quote(topic))
        allowed = [each for each in usable if await each.right.allows(context, {})]
        near = _find_nearest(name, _list_names(allowed))
        if near is None:
            return notice((*unknown, ". See everything you can do: ", CommandMention(command.name)))
        can_try = any(each.name == near and not each.takes_away for each in allowed)
        nearest = CommandMention(near) if can_try else CommandMention(command.name, {"topic": near})
        return notice((*unknown, ". Did you mean ", nearest, "?"))

    async def complete(context: Context, text: str) -> list[Choice]:
        usable = await _list_usable(context, listed)
        return [Choice(name, name) for name in _list_names(usable) if text.casefold() in name]

    command = Command(
        name="help",
        description="See what you can do, with examples, or get help with a command or scoring",
        handler=show,
        options=(Option("topic", "Command, or scoring", complete=complete),),
        rest="topic",
        examples=({"topic": "scoring"},),
    )
    listed = [each for each in (*commands, command) if each.listed]
    return command


async def _list_usable(context: Context, commands: Iterable[Command]) -> list[Command]:
    """List the commands that the member may use here."""
    here = [each for each in commands if each.fits(context.event.place)]
    manages = await context.manages()
    return [each for each in here if manages or each.right is not MANAGER]


def _list_names(commands: Iterable[Command]) -> list[str]:
    """List all help topics: subjects, commands, and families, which share their first word."""
    names = [each.name for each in commands]
    return list(dict.fromkeys((*SUBJECTS, *(name.split()[0] for name in names), *names)))


def _is_question(topic: str, name: str) -> bool:
    first, *others = name.split()
    return bool(others) and (first in QUESTION_WORDS or topic.rstrip().endswith(("?", "？")))


def _find_nearest(typed: str, names: Iterable[str]) -> str | None:
    """Find the name that the typed text starts with, allowing typos; if several match, the one with
    the most words, then the most similar."""
    words = typed.split()
    found: list[tuple[int, float, str]] = []
    for name in names:
        parts = fold_text(name).split()
        if len(parts) <= len(words):
            pairs = zip(parts, words, strict=False)
            likeness = [OSA.normalized_similarity(*pair) for pair in pairs]
            if min(likeness) >= MIN_SIMILARITY:
                found.append((len(parts), sum(likeness), name))
    return max(found, default=(0, 0.0, None))[-1]


def _overview(context: Context, usable: Sequence[Command]) -> Screen:
    """Show a few examples, one a family, then all commands."""
    families = {each.name.split()[0]: each for each in reversed(usable) if each.examples}
    first = [each for each in usable if families.get(each.name.split()[0]) is each][:MAX_EXAMPLES]
    examples = [(example_call(context, each.name, each.examples[0]),) for each in first]
    lists = {
        "Commands:": [each for each in usable if each.right is not MANAGER],
        "For admins and managers:": [each for each in usable if each.right is MANAGER],
    }
    return Screen(
        title="What you can do",
        text=(
            join_texts(("Try one of these:", *examples), "\n"),
            *(
                join_texts(
                    (
                        title,
                        *(
                            (CommandMention(c.name), f": {c.describe(context.role_word)}")
                            for c in listed
                        ),
                    ),
                    "\n",
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


def _explain_commands(context: Context, commands: Sequence[Command]) -> Screen:
    """Explain commands with their options and examples."""
    examples = [
        (example_call(context, each.name, options),)
        for each in commands
        for options in each.examples
        if options
    ]
    return Screen(
        title="How to use these" if len(commands) > 1 else "How to use it",
        text=(
            *(tuple(_describe(each, context.role_word)) for each in commands),
            *((join_texts(("For example:", *examples), "\n"),) if examples else ()),
        ),
    )


def _describe(command: Command, role_word: str) -> Iterator[Span]:
    managers = " Admins and managers only." if command.right is MANAGER else ""
    yield CommandMention(command.name)
    yield f": {command.describe(role_word)}.{managers}{PLACES[command.needs]}"
    yield from (
        f"\n• `{each.name}`: {describe_option(each, role_word)}" for each in command.options
    )


def describe_option(option: Option, role_word: str) -> str:
    """Describe an option: its purpose, its values and its default."""
    facts = (
        "Required" if option.required else "",
        f"One of {', '.join(option.choices)}" if option.choices else "",
        f"From {option.minimum} to {option.maximum}" if option.type == "integer" else "",
        f"Default: {option.default}" if option.default != "" else "",
    )
    return ". ".join(fact for fact in (option.describe(role_word), *facts) if fact) + "."
