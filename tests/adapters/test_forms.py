"""What's specific to each platform's forms: limits, deadlines, and how files are fetched."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from rich.console import Console

from adapters.discord import client as discord_client
from adapters.discord.forms import build_modal as discord_modal
from adapters.slack import forms as slack_forms
from adapters.slack import listeners
from adapters.terminal.forms import fill_in
from bot.engine.commands import COMMANDS, LISTED, PRESSES
from bot.engine.commands.base import Context, OnPress
from bot.engine.commands.rights import MANAGER
from bot.engine.events import FieldValue, FileRefused, IncomingFile
from bot.engine.screens import Choice, Field, Form, Screen
from tests.conformance import forms
from tests.conformance.chat import Named, Upload
from tests.conformance.discord import DiscordChat, _id, _message, _shown
from tests.conformance.slack import SlackChat, _look
from tests.conformance.slack import _id as slack_id
from tests.samples import small_pack
from tests.stand_ins.discord import modal_limits
from tests.stand_ins.slack import Hop
from tests.stand_ins.slack.limits import view_problems

HANDED: dict[str, Any] = {"Who": Named("bob"), "Notes": Upload("notes.md", b"# Dogs")}


@pytest.fixture(autouse=True)
def command(monkeypatch: pytest.MonkeyPatch) -> None:
    forms.add(monkeypatch.setitem)


@pytest.fixture
async def discord(tmp_path: Path) -> AsyncIterator[DiscordChat]:
    async with DiscordChat.running(
        small_pack(), tmp_path, f"sqlite:///{tmp_path}/discord.db"
    ) as chat:
        yield chat


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[SlackChat]:
    async with SlackChat.running(small_pack(), tmp_path, f"sqlite:///{tmp_path}/slack.db") as chat:
        yield chat


def form(count: int) -> Form:
    """Every kind of field with choices or text, filled to its limits."""
    choices = tuple(Choice(f"{n} {'x' * 200}", str(n)) for n in range(count))
    last = (str(count - 1),)
    return Form(
        "T" * 100,
        (
            Field("a", "L" * 3000, "choice", "H" * 3000, choices=choices, initial=last),
            Field("b", "B", "choices", choices=choices, initial=last, required=False),
            Field("c", "C", max_chars=9000, multiline=True, initial=("so far",)),
            Field("d", "D", "choices", choices=choices),
            Field("e", "E", "choice", choices=choices, required=False),
        ),
        submit="S" * 100,
    )


@pytest.mark.parametrize("count", [1, 2, 10, 11, 25])
def test_forms_keep_to_the_limits_of_both_platforms(count: int) -> None:
    modal = discord_modal(form(count), "plan").to_dict()
    assert [*modal_limits.modal(modal)] == []
    view = slack_forms.build_modal(form(count), "plan", "{}")
    assert view_problems(view, "modal") == []


def test_few_choices_are_all_visible() -> None:
    def kinds(count: int) -> tuple[list[Any], list[Any]]:
        modal: Any = discord_modal(form(count), "plan").to_dict()
        view = slack_forms.build_modal(form(count), "plan", "{}")
        discord = [part["component"]["type"] for part in modal["components"]]
        return discord[:2], [block["element"]["type"] for block in view["blocks"]][:2]

    assert kinds(10) == ([21, 22], ["radio_buttons", "checkboxes"])
    assert kinds(11) == ([3, 3], ["static_select", "multi_static_select"])


# Discord


def test_more_fields_than_discord_shows_are_an_error() -> None:
    with pytest.raises(ValueError, match="maximum"):
        discord_modal(Form("T", (Field("f", "F"),) * 6), "plan")


async def test_a_slow_form_is_reported(
    discord: DiscordChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = await discord.call("forms")

    async def slow(_: Context, __: object) -> Form:
        await asyncio.sleep(10)
        return forms.PLAN

    monkeypatch.setattr(discord_client, "FORM_TIMEOUT_SECONDS", 0.2)
    put = OnPress(forms.Plan, forms.plan, form=slow)
    monkeypatch.setitem(PRESSES, "plan", put)
    assert "That took too long to open" in (await discord.open(shown, "Plan")).text
    assert discord.server.missed_deadlines == 0


async def test_a_button_of_a_removed_form_is_reported_as_outdated(discord: DiscordChat) -> None:
    shown = await discord.call("forms")
    message = _message(shown)
    (row,) = message.components
    row["components"][0]["custom_id"] = "ask|oldverb:7"
    sent = await discord._person("ann").press(message, "ask|oldverb:7")
    assert "older version" in _shown(await sent.settled()).text


async def test_a_modal_opened_before_an_update_can_be_submitted(discord: DiscordChat) -> None:
    verdict = await discord.answer(await discord.call("drill", topic="alpha", questions=1))
    ann = discord._person("ann")
    opened = await ann.press(_message(verdict), _id(verdict, "Report"))
    assert opened.modal
    assert [each["component"]["custom_id"] for each in opened.modal["components"]] == ["text"]
    sent = await ann.submit(opened, {"text": "The key is B"})
    assert "Report sent" in _shown(await sent.settled()).text


async def test_a_manager_may_open_the_forms_of_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for table in (COMMANDS, LISTED):
        monkeypatch.setitem(cast(Any, table), "forms", replace(forms.FORMS, right=MANAGER))
    async with DiscordChat.running(small_pack(), tmp_path, f"sqlite:///{tmp_path}/d.db") as chat:
        chat._person("bob")
        chat.give_role("Tutors", "bob")
        while "everyone with Tutors" not in (await chat.call("settings", managers="Tutors")).text:
            pass  # Discord reports a new role a moment later.
        shown = await chat.call("forms", user="bob")
        handed = await chat.fill(shown, "Hand", HANDED, user="bob")
        assert "# Dogs" in handed.text


async def test_a_file_that_discord_lost_is_asked_for_again(discord: DiscordChat) -> None:
    shown, ann = await discord.call("forms"), discord._person("ann")
    opened = await ann.press(_message(shown), _id(shown, "Hand"))
    file = ann.upload("a.md", b"x")
    bob = discord._person("bob")
    discord.server.files.pop(file.id)
    sent = await ann.submit(opened, {"who": [bob], "notes": [file]})
    assert "Discord doesn't have that file anymore" in _shown(await sent.settled()).text


# Slack


async def test_a_file_comes_over_redirects_without_giving_the_token_away(slack: SlackChat) -> None:
    for hops in ((), (Hop.SLACK,), (Hop.SLACK, Hop.SLACK, Hop.CACHE)):
        upload = Upload("notes.md", f"# {len(hops)} hops".encode())
        person = slack._person("ann")
        shown = await slack.call("forms")
        given = person.upload(upload.name, upload.content)
        given.hops = hops
        assert f"# {len(hops)} hops" in (await _submit_file(slack, shown, given)).text
    assert list(slack.server.violations) == []


async def test_a_login_page_is_not_a_file(slack: SlackChat) -> None:
    shown = await slack.call("forms")
    file = slack._person("ann").upload("page.html", b"<html>mine</html>")
    file.deleted = True
    assert "Slack doesn't let me read that file" in (await _submit_file(slack, shown, file)).text


async def test_a_file_outside_slack_is_not_requested(slack: SlackChat) -> None:
    shown = await slack.call("forms")
    file = slack._person("ann").upload("drive.md", b"")
    file.elsewhere = f"{slack.server.address.replace('127.0.0.1', 'localhost')}/cache/{file.id}/k"
    assert "That file isn't stored in Slack" in (await _submit_file(slack, shown, file)).text
    assert list(slack.server.violations) == []


async def test_a_redirect_loop_is_given_up(slack: SlackChat) -> None:
    shown = await slack.call("forms")
    file = slack._person("ann").upload("a.md", b"x")
    file.hops = (Hop.SLACK,) * 50
    assert "Slack doesn't let me read that file" in (await _submit_file(slack, shown, file)).text


async def test_a_partially_described_file_is_looked_up(slack: SlackChat) -> None:
    shown = await slack.call("forms")
    file = slack._person("ann").upload("shared.md", b"# Shared")
    file.ask = True
    assert "# Shared" in (await _submit_file(slack, shown, file)).text


async def test_a_missing_file_scope_is_reported(slack: SlackChat) -> None:
    shown, ann = await slack.call("forms"), slack._person("ann")
    slack.server.missing_scopes.add("files:read")
    ann.catch_up(slack.general)
    await ann.press(_look(shown).message, slack_id(shown, "Hand"))
    assert "Ask an admin to reinstall the app" in (await slack._private(ann)).words


async def test_a_modal_closed_while_loading_is_left_alone(
    slack: SlackChat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shown, ann = await slack.call("forms"), slack._person("ann")
    closed = asyncio.Event()

    async def slow(_: Context, __: object) -> Form:
        await closed.wait()
        return forms.PLAN

    put = OnPress(forms.Plan, forms.plan, form=slow)
    monkeypatch.setitem(PRESSES, "plan", put)
    await ann.press(_look(shown).message, slack_id(shown, "Plan"))
    await ann.close(await ann.next_view())
    closed.set()
    await slack.slack.leave()
    assert "failed" not in caplog.text


async def test_a_form_that_cannot_be_checked_in_time_stays_open(
    slack: SlackChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, ann = await slack.call("forms"), slack._person("ann")
    await ann.press(_look(shown).message, slack_id(shown, "Plan"))
    view = await ann.next_form()

    async def slow(_: object) -> dict[str, str]:
        await asyncio.sleep(10)
        return {}

    values = {"name": "Dogs", "at": "09:00", "level": "easy"}
    with monkeypatch.context() as patch:
        patch.setattr(listeners, "FORM_CHECK_SECONDS", 0.2)
        patch.setattr(slack.bot.desk, "problems", slow)
        await ann.submit(view, values)
    assert view.open
    assert [*view.errors.values()] == ["That took too long to check. Submit it again."]
    ann.catch_up(slack.general)
    await ann.submit(view, values)
    assert not view.open
    assert "name is Dogs" in (await slack._private(ann)).words


async def _submit_file(slack: SlackChat, shown: Any, file: Any) -> Any:
    """The reply to a submitted file."""
    ann = slack._person("ann")
    await ann.press(_look(shown).message, slack_id(shown, "Hand"))
    view = await ann.next_form()
    ann.catch_up(slack.general)
    sent = await ann.submit(view, {"who": slack._person("bob"), "notes": [file]})
    return await slack._next(ann, sent, None)


# Terminal

ABC = tuple(Choice(each.upper(), each) for each in "abc")


def type_into(fields: tuple[Field, ...], *lines: str) -> tuple[dict[str, FieldValue] | None, str]:
    """The values of lines typed into a form, and what's printed."""
    console = Console(file=io.StringIO(), width=80, no_color=True)
    given = fill_in(Form("Title :x: [b]", fields), iter(lines), console)
    printed: Any = console.file
    return given, printed.getvalue()


def test_a_field_is_asked_for_until_it_is_valid() -> None:
    given, printed = type_into(
        (Field("at", "Time", "time", hint="Local"),), "late", "25", "9am", "x"
    )
    assert given == {"at": "9am"}
    assert printed.count("Use a format like 09:00") == 2
    assert "Time (Local)" in printed
    assert "Title :x: [b]" in printed


@pytest.mark.parametrize("line", ["2", " 2 "])
def test_a_choice_is_picked_by_number(line: str) -> None:
    given, printed = type_into((Field("c", "C", "choice", choices=ABC),), "B", "0", "4", line)
    assert given == {"c": "b"}
    assert printed.count("Choose one of the options") == 3


@pytest.mark.parametrize("line", ["1 3", "1,3", " 1 , 3"])
def test_several_choices_are_picked_by_number(line: str) -> None:
    given, _ = type_into((Field("c", "C", "choices", choices=ABC),), "1 4", line)
    assert given == {"c": ("a", "c")}


def test_enter_keeps_a_prefilled_value_or_skips_an_optional_field() -> None:
    given, printed = type_into(
        (
            Field("a", "A", initial=("Dogs",)),
            Field("b", "B", "choices", choices=ABC, initial=("a", "c")),
            Field("c", "C", "choice", choices=ABC, initial=("b",)),
            Field("d", "D", required=False),
        ),
        *("",) * 4,
    )
    assert given == {"a": "Dogs", "b": ("a", "c"), "c": "b", "d": ""}
    assert "or Enter to keep: A, C" in printed
    assert "or Enter to skip" in printed


@pytest.mark.parametrize("lines", [("",), ()])
def test_enter_or_the_end_of_input_cancels_at_a_required_field(lines: tuple[str, ...]) -> None:
    given, printed = type_into((Field("a", "A"), Field("b", "B")), "one", *lines)
    assert given is None
    assert "Canceled. Nothing was sent." in printed


def test_a_long_text_ends_with_an_empty_line() -> None:
    fields = (Field("a", "A", multiline=True), Field("b", "B"))
    given, _ = type_into(fields, "one", "  two", "", "three")
    assert given == {"a": "one\n  two", "b": "three"}


async def test_a_file_is_read_at_its_path(tmp_path: Path) -> None:
    path = tmp_path / "my notes.md"
    path.write_bytes(b"# Dogs")
    fields = (Field("f", "F", "file"),)
    given, printed = type_into(fields, str(tmp_path / "none"), str(tmp_path), f'"{path}"')
    assert printed.count("There's no readable file at that path.") == 2
    assert given
    file = given["f"]
    assert isinstance(file, IncomingFile)
    assert (file.name, file.size, file.media_type) == ("my notes.md", 6, "text/markdown")
    assert await file.read(6) == b"# Dogs"
    path.write_bytes(b"# Dogs and cats")
    with pytest.raises(FileRefused, match="too big"):
        await file.read(6)
    path.unlink()
    with pytest.raises(FileRefused, match="no readable file"):
        await file.read(6)


def test_a_reply_instead_of_a_form_is_a_modal() -> None:
    view = slack_forms.build_screen(Screen("Gone", ("That isn't there.",)), "plan", "{}")
    assert view_problems(view, "modal") == []
