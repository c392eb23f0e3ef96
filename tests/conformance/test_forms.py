"""Forms with fields of every kind, files, code and tables, on every platform."""

from __future__ import annotations

import pytest

from tests.conformance import forms
from tests.conformance.chat import Chat, Filled, Named, Upload
from tests.conformance.terminal import TerminalChat

needs = pytest.mark.needs


@pytest.fixture(autouse=True)
def command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a command to the bot's table."""
    forms.add(monkeypatch.setitem)
    monkeypatch.setattr(TerminalChat, "before", "from tests.conformance import forms; forms.add()")


async def test_a_form_is_filled_in_and_comes_back_whole(chat: Chat) -> None:
    shown = await chat.call("forms")
    planned = await chat.fill(
        shown,
        "Plan",
        {
            "Name": "  Capitals ",
            "Level": "Easy",
            "Days": ["Mon", "Wed"],
            "Time": "09:30",
            "Zone": "Europe/Berlin",
        },
    )
    assert planned.private
    lines = [line.strip() for line in planned.text.splitlines()]
    for said in (
        "name is Capitals",
        "level is easy",
        "days is ('mon', 'wed')",
        "at is 09:30:00",
        "zone is Europe/Berlin",
    ):
        assert any(line.endswith(said) for line in lines), planned.text
    assert planned.text.index("Before") < planned.text.index("name is")
    assert planned.text.index("zone is") < planned.text.index("After")


async def test_prefilled_fields_can_stay_unchanged(chat: Chat) -> None:
    planned = await chat.fill(await chat.call("forms"), "Plan", {"Name": "Rivers", "Time": "17:00"})
    for said in ("level is hard", "days is ()", "zone is Asia/Tokyo"):
        assert said in planned.text


async def test_a_form_returns_people_places_and_a_file(chat: Chat) -> None:
    await chat.press(await chat.call("preferences", zone="Berlin"), "Save")
    chat_has_roles = "members" in chat.can
    if chat_has_roles:
        chat.give_role("owls", "bob")
    handed = await chat.fill(
        await chat.call("forms"),
        "Hand",
        {
            "Who": Named("bob"),
            "Role": Named("owls"),
            "Where": Named("general"),
            "Notes": Upload("Notes.md", b"# Dogs\n\n```\nbark\n```\n"),
        },
    )
    text = " ".join(handed.text.split())
    assert "Notes.md" in text
    assert "bob, plays" in text if chat_has_roles else "bob" in text
    assert "owls" in text
    assert chat.here in text
    assert "You're in Europe/Berlin" in text
    assert "# Dogs" in text
    assert "bark" in text


async def test_a_file_that_is_too_big_is_refused(chat: Chat) -> None:
    big: dict[str, Filled] = {
        "Who": Named("bob"),
        "Notes": Upload("big.md", b"x" * (forms.LARGEST + 1)),
    }
    shown = await chat.fill(await chat.call("forms"), "Hand", big)
    assert "That file is too big. Send one of at most 0.977 kB." in shown.text


async def test_code_is_shown_literally(chat: Chat) -> None:
    shown = await chat.call("forms")
    for line in ("@everyone <!channel>*bold*", "Choose one."):
        assert line in shown.text.replace("\N{ZERO WIDTH SPACE}", "")


@needs("members")
async def test_a_form_opens_for_those_who_have_the_right(chat: Chat) -> None:
    shown = await chat.call("forms", user="bob")
    assert (
        "Only admins and managers can do that" in (await chat.open(shown, "Hand", user="bob")).text
    )


async def test_a_form_that_no_longer_exists_is_reported(chat: Chat) -> None:
    shown = await chat.call("forms")
    assert "That isn't there anymore" in (await chat.open(shown, "Lost")).text


async def test_an_empty_required_field_is_reported(chat: Chat) -> None:
    problem = await chat.fill_wrongly(
        await chat.call("forms"), "Plan", {"Name": "   ", "Time": "09:30"}
    )
    assert "can't be empty" in problem or "Canceled. Nothing was sent." in problem
