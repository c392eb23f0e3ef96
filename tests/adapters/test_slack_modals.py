"""Modals on Slack: opened from Home and from messages, answered in place, pushed, closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.slack import listeners
from adapters.slack.render import PART_PREFIX, SUBMIT_PREFIX
from bot.engine.events import Call, Event
from bot.engine.screens import OPTION_LETTERS, Reply
from content.model import AnyQuestion
from tests.conformance.chat import Shown
from tests.conformance.slack import SlackChat, SlackHttpChat, _shown
from tests.databases import dump_rows
from tests.samples import small_pack
from tests.stand_ins.slack import Person, View


@pytest.fixture(params=[SlackChat, SlackHttpChat])
async def chat(request: Any, tmp_path: Path) -> AsyncIterator[SlackChat]:
    async with request.param.running(
        small_pack(), tmp_path, f"sqlite:///{tmp_path}/slack.db"
    ) as chat:
        yield chat


@pytest.fixture
async def ann(chat: SlackChat) -> AsyncIterator[Person]:
    """An admin, who gets no direct message unless a test says so."""
    ann = chat._person("ann")
    yield ann
    assert [message.words for message in ann.dm.messages if not message.files] == []


async def open_home(person: Person) -> View:
    await person.open_home()
    return await person.next_home()


def button(label: str, id_: str) -> dict[str, Any]:
    """A row with a button."""
    text = {"type": "plain_text", "text": label}
    return {"type": "actions", "elements": [{"type": "button", "action_id": id_, "text": text}]}


async def drill_from_home(chat: SlackChat, person: Person) -> Shown:
    """The first question of a drill in a modal."""
    await person.choose(await open_home(person), "topic|drill", "alpha")
    return _shown(await chat._loaded(person))


async def skip_to(chat: SlackChat, shown: Shown, *kinds: str) -> tuple[Shown, AnyQuestion]:
    """The next question of one of these kinds."""
    while (question := shown.question(chat.pack)) is None or question.kind not in kinds:
        shown = await chat.press(shown, "Skip")
    return shown, question


async def until_home_shows(person: Person, text: str) -> None:
    """Wait until Home was published with this text."""
    assert person.home
    while text not in person.home.words:
        await person.next_home()


async def test_a_drill_from_home_is_played_in_its_modal(chat: SlackChat, ann: Person) -> None:
    shown = await drill_from_home(chat, ann)
    view = shown.source.message
    while "Drill finished" not in shown.text:
        verdict = await chat.answer(shown)
        assert "Right" in verdict.text
        assert ann.stack == [view]
        shown = await chat.press(verdict, "Next")
    assert "7 of 7 answered" in shown.text
    await until_home_shows(ann, "7 (100%)")


async def test_a_form_is_pushed_on_its_modal_and_answered_in_it(
    chat: SlackChat, ann: Person
) -> None:
    shown, question = await skip_to(chat, await drill_from_home(chat, ann), "ordering")
    modal = shown.source.message
    await ann.press(modal, shown.source.buttons["Put in order"])
    form = await chat._loaded(ann)
    assert form.parent is modal
    assert [*form.inputs()] == ["1st", "2nd", "3rd", "4th"]
    options = {each.text[3:]: each.value for each in form.options("part0")}
    assert question.kind == "ordering"
    assert {*options} == {*question.items}

    places = [options[each] for each in question.items]
    given = {f"part{place}": value for place, value in enumerate([*places[:3], places[0]])}
    await ann.submit(form, given)
    left = next(each.text for each in form.options("part0") if each.value == places[3])
    said = f"You've already used this for “1st”. Not used yet: {left}."
    assert form.errors == {"part3": said}
    assert dump_rows(chat.bot.store.database.engine)["answer"] == []

    await ann.submit(form, {**given, "part3": places[3]})
    verdict = await ann.next_view()
    assert verdict is modal
    assert "Right · 10 points" in verdict.words
    await ann.press(verdict, verdict.buttons()["Report"])
    await ann.submit(await ann.next_view(), {"text": "It's too easy"})
    assert ann.view
    assert "Report sent" in ann.view.words
    await ann.close(ann.view)
    assert ann.stack == [modal]
    assert "Next" in modal.buttons()
    await ann.press(modal, modal.buttons()["Explain"])
    explained = await ann.next_view()
    while explained is modal or "About alpha" not in explained.words:
        explained = await ann.next_view()
    assert explained.parent == modal
    await until_home_shows(ann, "1 (100%)")


async def test_an_item_used_twice_is_reported_in_the_modal_and_nothing_is_saved(
    chat: SlackChat, ann: Person
) -> None:
    shown = await chat.call("drill", topic="alpha")
    shown, question = await skip_to(chat, shown, "matching")
    assert question.kind == "matching"
    before = len(ann.seen(chat.general))
    told = await chat.pick(shown, "ABA")
    first = question.pairs[0][0]
    assert f"You've already used this for “{first}”. Not used yet: C." in told.text
    assert dump_rows(chat.bot.store.database.engine)["answer"] == []
    assert len(ann.seen(chat.general)) == before
    assert ann.view
    assert [*ann.view.inputs()] == [left for left, _ in question.pairs]


async def test_a_modal_says_why_a_question_takes_no_answer(chat: SlackChat, ann: Person) -> None:
    shown, _ = await skip_to(chat, await chat.call("drill", topic="alpha"), "ordering")
    message, button = shown.source.message, shown.source.buttons["Put in order"]
    assert "Right" in (await chat.answer(shown)).text
    await ann.press(message, button, late=True)
    told = await chat._loaded(ann)
    assert "You've already answered this" in told.words
    assert "Next" in told.buttons()
    following = await chat.press(_shown(told), "Next")
    assert following.source.message is told


async def test_selections_in_an_old_message_are_still_an_answer(
    chat: SlackChat, ann: Person
) -> None:
    shown, question = await skip_to(chat, await chat.call("drill", topic="alpha"), "ordering")
    assert question.kind == "ordering"
    action = f"answer:{shown.source.buttons['Put in order'].rpartition(':')[2]}:"
    letters = shown.choices
    labels = {letter: text for text, letter in letters.items()}
    options = [
        {"text": {"type": "plain_text", "text": labels[letter]}, "value": str(value)}
        for value, letter in enumerate(OPTION_LETTERS[: len(labels)])
    ]
    parts = [
        {"type": "static_select", "action_id": f"{PART_PREFIX}{place}", "options": options}
        for place in range(len(options))
    ]
    submit = button("Submit", f"{SUBMIT_PREFIX}{action}")
    blocks = [{"type": "actions", "elements": parts}, submit]
    await chat.slack.client.chat_postMessage(
        channel=chat.general.id, text="from an earlier version", blocks=blocks
    )
    old = chat.general.messages[-1]
    for place, item in enumerate(question.items):
        value = str(OPTION_LETTERS.index(letters[item]))
        await ann.choose(old, f"{PART_PREFIX}{place}", value)
    ann.catch_up(chat.general)
    await ann.press(old, f"{SUBMIT_PREFIX}{action}")
    assert "Right · 10 points" in (await chat._private(ann)).words


async def test_a_notice_leaves_the_question_of_its_modal_there(
    chat: SlackChat, ann: Person
) -> None:
    modal = (await drill_from_home(chat, ann)).source.message
    modal.change({**modal.raw, "blocks": [*modal.blocks, button("Old", "oldverb:7f3a:2")]})
    await ann.press(modal, "oldverb:7f3a:2")
    told = await ann.next_view()
    assert told.parent == modal
    assert "This button is from an older version." in told.words
    await ann.close(told)
    assert ann.stack == [modal]
    assert "Skip" in modal.buttons()


async def test_an_answer_that_cannot_be_read_leaves_the_question_there(
    chat: SlackChat, ann: Person
) -> None:
    shown, _ = await skip_to(chat, await drill_from_home(chat, ann), "numeric")
    told = await chat.write(shown, "many")
    assert told.source.message.parent is shown.source.message
    assert "Type a number" in told.text
    assert dump_rows(chat.bot.store.database.engine)["answer"] == []
    await ann.close(told.source.message)
    assert "Right" in (await chat.answer(shown)).text


async def test_a_form_on_home_is_answered_in_its_modal(chat: SlackChat, ann: Person) -> None:
    await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    home = await open_home(ann)
    home.change({**home.raw, "blocks": [button("Report", "ask|report:1")]})
    await ann.press(home, "ask|report:1")
    form = await ann.next_view()
    await ann.submit(form, {"text": "It's too easy"})
    while "Loading" in form.words or form.raw.get("submit"):
        await ann.next_view()
    assert ann.view is form
    assert "Report sent" in form.words


async def test_a_copy_of_ones_data_is_in_messages_and_the_modal_says_so(
    chat: SlackChat, ann: Person
) -> None:
    await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    await ann.press(await open_home(ann), "call|privacy")
    told = await chat.press(_shown(await chat._loaded(ann)), "Get a copy")
    assert "Your file is in Messages" in told.text
    _, link = told.source.message.find(told.source.buttons["Open Messages"])
    team, app = chat.server.team.id, chat.server.app_id
    assert link["url"] == f"slack://app?team={team}&id={app}&tab=messages"
    assert (await ann.next_message(ann.dm)).files


async def test_an_answer_counts_even_if_its_modal_was_closed(
    chat: SlackChat, ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    shown, _ = await skip_to(chat, await drill_from_home(chat, ann), "single")
    view, chosen = shown.source.message, shown.source.buttons[shown.choices["green"]]
    chat.slow_down(0.2)
    await ann.press(view, chosen)
    await ann.close(view)
    await until_home_shows(ann, "1 (100%)")
    assert ann.stack == []
    assert "failed" not in caplog.text


async def test_home_says_so_if_no_modal_can_be_opened(chat: SlackChat, ann: Person) -> None:
    home = await open_home(ann)
    chat.server.fail("views.open", "expired_trigger_id")
    await ann.press(home, home.buttons()["Catch up"])
    await until_home_shows(ann, "Something went wrong. Please try again.")
    assert "Start a drill" in home.buttons()


@pytest.mark.parametrize(("refusals", "pictured"), [(2, True), (99, False)])
async def test_the_text_remains_in_a_modal_if_a_picture_never_gets_ready(
    chat: SlackChat, ann: Person, refusals: int, pictured: bool
) -> None:
    chat.server.file_refusals = refusals
    home = await open_home(ann)
    await ann.press(home, home.buttons()["Chart"])
    shown = _shown(await chat._loaded(ann))
    assert (shown.file is not None) is pictured
    assert ("Couldn't show the picture" in shown.text) is not pictured


async def test_who_submits_a_modal_is_not_taken_from_its_metadata(
    chat: SlackChat, ann: Person
) -> None:
    verdict = await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    bob = chat._person("bob")
    await ann.press(verdict.source.message, verdict.source.buttons["Report"])
    form = await ann.next_view()
    forged = {**json.loads(form.private_metadata), "user": bob.id, "loading": True}
    form.raw = {**form.raw, "private_metadata": json.dumps(forged)}
    ann.catch_up(chat.general)
    await ann.submit(form, {"text": "It's too easy"})
    assert "Report sent" in (await chat._private(ann)).words
    rows = dump_rows(chat.bot.store.database.engine)
    assert len(rows["report"]) == 1
    assert bob.id not in str(rows)
    assert ann.id in str(rows)


@pytest.mark.parametrize("breaks", [False, True])
async def test_a_slow_or_failed_reply_to_a_form_on_home_comes_in_its_modal(
    chat: SlackChat, ann: Person, monkeypatch: pytest.MonkeyPatch, breaks: bool
) -> None:
    await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    home = await open_home(ann)
    home.change({**home.raw, "blocks": [button("Report", "ask|report:1")]})
    await ann.press(home, "ask|report:1")
    form, handle = await ann.next_view(), chat.bot.desk.handle

    async def late(event: Event) -> Reply:
        if event.what != Call("home", {}):
            if breaks:
                raise ConnectionError
            await asyncio.sleep(listeners.FORM_REPLY_SECONDS + 0.3)
        return await handle(event)

    monkeypatch.setattr(chat.bot.desk, "handle", late)
    await ann.submit(form, {"text": "It's too easy"})
    assert ("Loading" in form.words) is not breaks
    while "Loading" in form.words:
        await ann.next_view()
    assert ("Something went wrong" if breaks else "Report sent") in form.words
    assert ann.stack == [form]
