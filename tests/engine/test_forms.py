"""Forms: what they may hold, who they open for, and what they send back."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from bot.engine.commands import PRESSES, fixed_form, opens_form
from bot.engine.commands.base import Context, OnPress
from bot.engine.commands.fields import BadField, read, read_field
from bot.engine.events import (
    Channel,
    FieldValue,
    FileRefused,
    IncomingFile,
    Mention,
    Place,
    Press,
    Role,
)
from bot.engine.screens import Button, Choice, Code, Field, Form, Reply, Table
from tests.conformance import forms
from tests.engine.test_desk import Table as Desk
from tests.samples import START, event

ABC = tuple(Choice(each.upper(), each) for each in "abc")
FILE = IncomingFile("a.md", 1, "", lambda _: pytest.fail("nothing is to be fetched"))
BOB, OWLS, GENERAL = Mention("5", "Bob"), Role("7", "Owls"), Channel("slack", "T1", "C1")

GUILD = Place("discord", "1", "2", private=False)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    forms.add(monkeypatch.setitem)
    return Desk()


def field(kind: Any, **others: Any) -> Field:
    choices = ABC if kind in ("choice", "choices") else ()
    return Field("f", "F", kind, choices=choices, **others)


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("text", "  two words\n", "two words"),
        ("choice", "b", "b"),
        ("choice", ("b",), "b"),
        ("choices", ("a", "c"), ("a", "c")),
        ("time", "5:30 pm", time(17, 30)),
        ("zone", "berln", "Europe/Berlin"),
        ("member", BOB, BOB),
        ("member", "bob", "bob"),
        ("role", OWLS, OWLS),
        ("channel", GENERAL, GENERAL),
        ("file", FILE, FILE),
    ],
)
def test_a_field_holds_what_it_asks_for(kind: str, given: FieldValue, value: Any) -> None:
    assert read_field(field(kind), given, START) == value


@pytest.mark.parametrize(
    ("kind", "given", "problem"),
    [
        ("text", "x" * 301, "Use at most 300 characters. You have 301."),
        ("text", BOB, "isn't a text"),
        ("choice", "d", "Choose one of the options."),
        ("choice", ("a", "b"), "Choose one of the options."),
        ("choices", ("a", "d"), "Choose one of the options."),
        ("choices", "a", "Choose one of the options."),
        ("time", "25:00", "Use a format like 09:00, 17:30 or 9am."),
        ("time", "9:00 Berlin", "Use a format like 09:00, 17:30 or 9am."),
        ("zone", "Narnia", "There's no such time zone. Try a city, like Berlin."),
        ("zone", "CST", "Choose one: Chicago .America/Chicago., Shanghai .Asia/Shanghai.,"),
        ("member", OWLS, "isn't a member"),
        ("role", BOB, "isn't a role"),
        ("channel", FILE, "isn't a channel"),
        ("file", "/etc/passwd", "isn't a file"),
    ],
)
def test_what_a_field_does_not_ask_for_is_refused(
    kind: str, given: FieldValue, problem: str
) -> None:
    with pytest.raises(BadField, match=problem):
        read_field(field(kind), given, START)


@pytest.mark.parametrize("kind", ["text", "choice", "choices", "time", "zone", "member", "file"])
@pytest.mark.parametrize("nothing", ["", "  ", ()])
def test_only_what_is_required_must_be_there(kind: str, nothing: FieldValue) -> None:
    with pytest.raises(BadField, match="can't be empty"):
        read_field(field(kind), nothing, START)
    empty = {"text": "", "choices": ()}.get(kind)
    assert read_field(field(kind, required=False), nothing, START) == empty


def test_each_problem_is_said_by_its_field() -> None:
    form = Form("T", (Field("a", "A"), Field("b", "B", "time"), Field("c", "C")))
    values, problems = read(form, {"b": "late", "c": "x", "strange": "y"}, START)
    assert values == {"c": "x"}
    assert [*problems] == ["a", "b"]


@pytest.mark.parametrize(
    "fields",
    [(), (Field("f", "F", "choice"),), (Field("f", "F", choices=ABC),)],
)
def test_what_no_platform_could_show_is_no_form(fields: tuple[Field, ...]) -> None:
    with pytest.raises(ValueError, match=r"a form needs fields|only choice fields"):
        Form("T", fields)


def test_a_distinct_form_takes_no_value_twice() -> None:
    fields = tuple(Field(each, each.upper(), "choice", choices=ABC) for each in "xyz")
    given = {"x": "a", "y": "b", "z": "a"}
    assert read(Form("T", fields), given, START)[1] == {}
    form = Form("T", fields, distinct=True)
    repeated = "You've already used this for “X”. Not used yet: C."
    assert read(form, given, START)[1] == {"z": repeated}
    assert read(form, {"x": "a", "z": "b"}, START)[1] == {"y": "This can't be empty."}
    assert read(form, {"x": "a", "y": "b", "z": "c"}, START)[1] == {}


def test_fixed_forms_say_all_of_their_words_everywhere() -> None:
    fixed = [each.form for each in PRESSES.values() if isinstance(each.form, Form)]
    assert len(fixed) >= 2
    for form in fixed:
        assert len(form.fields) <= 5
        assert len(form.title) <= 24
        assert len(form.submit) <= 24
        assert all(len(each.label) <= 45 for each in form.fields)
        assert all(len(each.hint) <= 100 for each in form.fields)


def test_a_form_opens_at_once_where_nothing_is_to_be_asked(desk: Desk) -> None:
    assert fixed_form("plan") is forms.PLAN
    assert fixed_form("handin:1") is None
    assert fixed_form("oldverb:1") is None
    assert [opens_form(each) for each in ("plan", "handin:1", "stop:1", "oldverb:1")] == [
        True,
        True,
        False,
        False,
    ]


async def opened(desk: Desk, action: str, *, admin: bool = True) -> Form | Reply:
    asked = event(Press(action), place=GUILD)
    return await desk.desk.form(replace(asked, actor=replace(asked.actor, admin=admin)))


async def test_a_form_is_built_for_those_who_may_have_it(desk: Desk) -> None:
    form = await opened(desk, "handin:1")
    assert isinstance(form, Form)
    assert form.fields[-1].initial == ("You're in None",)
    refused = await opened(desk, "handin:1", admin=False)
    assert isinstance(refused, Reply)
    assert refused.screen.text == ("Only admins and managers can do that.",)
    for action in ("handin:2", "stop:1", "oldverb:1", ""):
        assert isinstance(await opened(desk, action), Reply)


async def test_a_builder_that_fails_is_a_line_with_a_reference(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: Context, __: object) -> Form:
        raise ConnectionError

    monkeypatch.setitem(PRESSES, "plan", OnPress(forms.Plan, forms.plan, form=broken))
    reply = await opened(desk, "plan")
    assert isinstance(reply, Reply)
    assert "Something went wrong" in str(reply.screen.text[0])


PLANNED = {"name": "Dogs", "level": "easy", "at": "9", "zone": "Lima"}


async def test_what_is_wrong_is_said_and_the_form_offered_again(desk: Desk) -> None:
    sent = Press("plan", fields={**PLANNED, "at": "late", "zone": "Narnia"})
    reply = await desk.desk.handle(event(sent))
    assert str(reply.screen.text[0]).splitlines() == [
        "Nothing has been saved yet.",
        "Time: Use a format like 09:00, 17:30 or 9am.",
        "Zone: There's no such time zone. Try a city, like Berlin.",
    ]
    assert reply.screen.controls == (Button("Try again", "plan"),)
    assert reply.keeps_message
    assert [*await desk.desk.problems(event(sent))] == ["at", "zone"]
    assert await desk.desk.problems(event(Press("plan", fields=PLANNED))) == {}
    assert await desk.desk.problems(event(Press("oldverb:1", fields=PLANNED))) == {}


async def test_what_is_right_comes_to_the_handler(desk: Desk) -> None:
    reply = await desk.desk.handle(event(Press("plan", fields=PLANNED)))
    before, table, after = reply.screen.text
    assert (before, after) == ("Before", "After")
    assert isinstance(table, Table)
    assert [row[1] for row in table.rows[1:]] == [
        "name is Dogs",
        "level is easy",
        "days is ()",
        "at is 09:00:00",
        "zone is America/Lima",
    ]


async def test_a_form_sent_to_a_press_without_one_is_of_an_older_version(desk: Desk) -> None:
    reply = await desk.desk.handle(event(Press("stop:1", fields={"text": "x"})))
    assert "older version" in str(reply.screen.text[0])


async def test_choices_are_offered_for_a_field_that_is_searched_in(desk: Desk) -> None:
    asked = event(Press(""))
    assert (await desk.desk.suggest(asked, "zone", "berl"))[0].value == "Europe/Berlin"
    assert await desk.desk.suggest(asked, "role", "") == []
    assert await desk.desk.suggest(asked, "nothing", "x") == []


async def test_a_file_is_fetched_only_within_its_limit() -> None:
    asked: list[int] = []

    async def fetch(limit: int) -> bytes:
        asked.append(limit)
        return b"x" * 10

    assert await IncomingFile("a", 10, "", fetch).read(10) == b"x" * 10
    with pytest.raises(FileRefused, match=r"at most 0\.00879 kB"):
        await IncomingFile("a", 10, "", fetch).read(9)
    assert asked == [10]
    with pytest.raises(FileRefused, match="at most"):
        await IncomingFile("a", 1, "", fetch).read(9)
    with pytest.raises(FileRefused, match="at most 2 MB"):
        await IncomingFile("a", 2**21 + 1, "", fetch).read(2**21)


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("a\nb", 9, ["a\nb"]),
        ("\n\na\n\nb\n", 9, ["a\n\nb"]),
        ("aa\nbb\ncc", 5, ["aa\nbb", "cc"]),
        ("aaaaaaa\nb", 5, ["aaaaa", "aa\nb"]),
        ("  \n\t", 5, []),
        ("a\n\n\n\n\nb", 3, ["a\n\n", "\n\nb"]),
        ("abc", 0, ["a", "b", "c"]),
    ],
)
def test_code_is_cut_between_lines(text: str, limit: int, parts: list[str]) -> None:
    assert [*Code(text).parts(limit)] == parts
