"""The form that asks for all parts of an ordering or matching answer."""

from __future__ import annotations

import pytest

from bot.engine.actions import ArrangeRound, encode
from bot.engine.events import Press
from bot.engine.rounds import Round
from bot.engine.screens import Form, Reply
from content.model import Question
from tests.engine.test_desk import Table
from tests.samples import event, values_of
from tests.texts import to_plain_text


async def start(*kinds: str) -> tuple[Table, Round, Question]:
    """A drill of ann's with each kind of question, and its round of one of these kinds."""
    table = Table()
    await table.call("drill", topic="alpha", questions=7)
    pack = table.desk.library.get("")
    assert pack
    for round_ in table.store.state.rounds.values():
        question = pack.questions[round_.question]
        if question.kind in kinds:
            return table, round_, question
    raise AssertionError(f"no question of {kinds}")


async def opened(table: Table, round_: Round, user: str = "ann") -> Form | Reply:
    return await table.desk.form(event(Press(encode(ArrangeRound(round_.id))), user))


async def send(table: Table, round_: Round, *values: str, user: str = "ann") -> Reply:
    fields = {f"part{place}": value for place, value in enumerate(values)}
    press = Press(encode(ArrangeRound(round_.id)), fields=fields)
    return await table.desk.handle(event(press, user))


def said(reply: Form | Reply) -> str:
    assert isinstance(reply, Reply)
    return " ".join(to_plain_text(part) for part in (reply.screen.title, *reply.screen.text))


@pytest.mark.parametrize("kind", ["ordering", "matching"])
@pytest.mark.parametrize("rightly", [True, False])
async def test_the_form_is_another_way_to_the_same_answer(kind: str, rightly: bool) -> None:
    table, round_, question = await start(kind)
    form = await opened(table, round_)
    assert isinstance(form, Form)
    assert form.distinct
    choices = {field.choices for field in form.fields}
    assert len(choices) == 1
    values = values_of(question, round_.layout, rightly=rightly)
    assert len(form.fields) == len(values)
    if question.kind == "ordering":
        assert [each.label for each in form.fields] == ["1st", "2nd", "3rd", "4th"]
    verdict = await send(table, round_, *values)
    assert ("Right · 10 points" in verdict.screen.title) is rightly
    assert verdict.updates
    table.clock.pass_days(1)
    again = await send(table, round_, *reversed(values))
    assert "You've already answered this" in said(again)
    assert again.updates
    assert "You've already answered this" in said(await opened(table, round_))


@pytest.mark.parametrize("kind", ["ordering", "matching"])
async def test_what_is_unfinished_or_used_twice_is_not_saved(kind: str) -> None:
    table, round_, question = await start(kind)
    values = values_of(question, round_.layout, rightly=True)
    for given in (values[:-1], [*values[:-1], values[0]], [*values[:-1], "9"], []):
        assert "Nothing has been saved yet." in said(await send(table, round_, *given))
    assert "Right" in (await send(table, round_, *values)).screen.title


async def test_others_and_other_kinds_get_no_form() -> None:
    table, round_, question = await start("ordering")
    values = values_of(question, round_.layout, rightly=True)
    assert "belongs to someone else" in said(await opened(table, round_, "bob"))
    assert "belongs to someone else" in said(await send(table, round_, *values, user="bob"))
    table, round_, _ = await start("single")
    assert "older version" in said(await opened(table, round_))
    assert "older version" in said(await send(table, round_, "0"))
