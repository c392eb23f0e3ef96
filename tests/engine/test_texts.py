"""No text of the engine names a command in plain words: each platform types it differently."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.engine
from bot.engine.commands import COMMANDS
from bot.engine.lines import format_line, parse
from bot.engine.screens import CommandMention, Table
from tests.texts import HOLE, find_bare_command

STIFF = re.compile(
    r"""
    \b(?:
    so\ many | any\ more | of\ you | (?:is|are)\ told | [Ww]ho\ has
    | are\ none
    | in\ no\ team | is\ nobody | were\ too | [Ss]omebody\ else | left\ out | Practise
    | [Tt]here\ is\ no\ such | at\ this\ moment | [Nn]othing\ is\ stored | had\ answered
    | of\ that\ name | stands\ (?:here|first) | not\ there | by\ themselves
    )\b
    """,
    re.VERBOSE,
)
"""What nobody would say in a chat: what it calls for is in other words."""

SOURCES = sorted(Path(bot.engine.__file__).parent.rglob("*.py"))


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """List a module's texts with their lines, without docstrings and the names that declare and
    mention commands. The pieces of a text are one text."""
    match tree:
        case ast.Expr(value=ast.Constant()):
            return
        case ast.Call(func=ast.Name(id="CommandMention"), args=[_, *others], keywords=keywords):
            parts: list[ast.AST] = [*others, *keywords]
        case ast.Call(func=ast.Name(id="Command"), keywords=keywords):
            parts = [each.value for each in keywords if each.arg != "name"]
        case ast.Constant(value=str(text)):
            yield tree.lineno, text
            return
        case ast.JoinedStr(values=parts_) | ast.Tuple(elts=parts_):
            yield tree.lineno, "".join(map(_constant, parts_))
            parts = [each for each in parts_ if not isinstance(each, ast.Constant)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield tree.lineno, _constant(left) + _constant(right)
            parts = [left, right]
        case _:
            parts = [*ast.iter_child_nodes(tree)]
    for part in parts:
        yield from texts(part)


def _constant(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(map(_constant, parts))
        case _:
            return HOLE


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_text_names_a_command_in_plain_words(path: Path) -> None:
    found = [
        f"{path}:{line}: {bare} in {text!r}"
        for line, text in texts(ast.parse(path.read_text()))
        if (bare := find_bare_command(text))
    ]
    assert found == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_text_is_stiff(path: Path) -> None:
    found = [
        f"{path}:{line}: {stiff.group()} in {text!r}"
        for line, text in texts(ast.parse(path.read_text()))
        if (stiff := STIFF.search(text))
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        'notice("Nothing is stored of you.")',
        'notice(f"{name} is in no team.")',
        'Screen(title="That board is not there any more")',
        'note = ("Ask somebody else: ", Say("team list"))',
        'text = f"Who has {role} is in it"',
    ],
)
def test_a_stiff_text_is_found(code: str) -> None:
    assert any(STIFF.search(text) for _, text in texts(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        'notice("Resume it with daily resume.")',
        'notice("See Team list")',
        'note = "Set your time zone with: preferences"',
        'note = ("To change them: ", "preferences")',
        'note = "Change it with: " + f"settings reveal:{reveal}"',
        'text = f"To change that: settings zone:{zone}"',
        'text = "Choose zone:Berlin"',
        'text = "`unlink` undoes it."',
        'text = f"`link {code}`"',
        'text = f"Type /drill"',
        'CommandMention("drill", {"topic": "call team list"})',
        'Command(name="daily set", description="As daily show, but not for everybody")',
        "Screen(title='Try drill')",
    ],
)
def test_such_a_text_is_found(code: str) -> None:
    assert any(find_bare_command(text) for _, text in texts(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        '"""Called as `daily set`."""',
        'text = ("Start your own drill: ", CommandMention("drill"))',
        'Command(name="daily set", description="Post a question in this channel every day")',
        'text = "Get a new one with the link command on the other platform."',
        'text = f"Time zone: {zone}"',
        'fields = (("Chapter", chapter), ("Explain", "link"))',
    ],
)
def test_other_texts_are_left_alone(code: str) -> None:
    assert not any(find_bare_command(text) for _, text in texts(ast.parse(code)))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_in_a_text_is_read_back_as_it_was_meant(command: str) -> None:
    for options in ({}, *COMMANDS[command].examples):
        call = parse(format_line(CommandMention(command, options)))
        assert (call.command, dict(call.options)) == (command, dict(options))


def test_a_figure_of_one_has_a_singular_unit() -> None:
    rows = ("1", "Owls", "1", "1"), ("2", "Larks", "2", "0")
    table = Table((("Rank", "Team", "Members", "Right"), *rows))
    assert ["".join(map(str, spans)) for _, spans in table.lines()] == [
        "Owls · 1 member · 1 right",
        "Larks · 2 members · 0 right",
    ]
