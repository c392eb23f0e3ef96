"""Code, tables, pictures, cases and spares: shown whole on every platform, whatever is in them."""

from __future__ import annotations

from typing import Any

import pytest

from content.model import Pack
from tests.conformance.chat import Chat
from tests.conformance.discord import DiscordChat
from tests.samples import questions_about, small_pack

HOSTILE = "def bark(`dogs`):\n\treturn '''```'''  # *all* <!channel> @everyone\n````\n~~~ </code>"
CASE = " ".join(f"Sentence {number} of the case." for number in range(1, 121))
WIDE = "A cell that is far too long to stand beside others on a phone"


def _pick(kind: str) -> dict[str, Any]:
    return next(each for each in questions_about("alpha") if each["kind"] == kind)


@pytest.fixture
def pack() -> Pack:
    data = small_pack().model_dump()
    topic = data["chapters"][0]["units"][0]["topics"][0]
    topic["notes"] = [
        {"id": "alpha-n1", "text": "Dogs bark."},
        {"id": "alpha-n2", "table": {"head": ["Dog", "Perro"], "rows": [["`cat`", "gato"]]}},
        {"id": "alpha-n3", "table": {"head": ["Long", "Short"], "rows": [[WIDE, "*no*"]]}},
        {
            "id": "alpha-n4",
            "text": "A picture says more.",
            "picture": {"alt": "Two [dogs]", "url": "https://example.org/a_(dog)_b.png"},
        },
        {"id": "alpha-n5", "code": {"lang": "python", "text": HOSTILE}},
    ]
    data["questions"] = [
        _pick("matching")
        | {"spares": ["sings", "roars"], "case": {"id": "zoo", "text": CASE}}
        | {"code": {"lang": "python", "text": HOSTILE}}
    ]
    return small_pack(**data)


def lines_of(text: str) -> list[str]:
    """The lines as a member reads them: without what only keeps a sign from being markup."""
    return [line.strip() for line in text.replace("\u200b", "").expandtabs(4).splitlines()]


CODE_LINES = ["def bark(`dogs`):", "return '''```'''  # *all* <!channel> @everyone", "````"]


async def test_a_topic_shows_its_code_tables_and_pictures(chat: Chat) -> None:
    shown = await chat.call("explain", topic="alpha")
    said = lines_of(shown.text)
    for line in CODE_LINES:
        assert any(line in each for each in said), shown.text
    assert any(each.split() == ["Dog", "Perro"] for each in said), shown.text
    assert any(each.replace("`", "").split() == ["cat", "gato"] for each in said), shown.text
    whole = " ".join(" ".join(said).replace("\\", "").split())
    assert all(word in whole for word in WIDE.split())
    assert "*no*" in whole
    assert "dog" in whole
    assert "_b.png" in whole or isinstance(chat, DiscordChat)
    if "members" in chat.can:
        assert chat.pings() == []


async def test_a_questions_case_and_code_are_shown_and_its_spares_never_right(chat: Chat) -> None:
    first = await chat.call("drill")
    said = lines_of(first.text)
    for line in CODE_LINES:
        assert any(line in each for each in said), first.text
    assert "Sentence 1 of the case." in " ".join(said)
    assert "Sentence 120" not in first.text
    assert {"sings", "roars"} < first.choices.keys()
    assert "2 letters are left over." in first.text
    whole = await chat.press(first, "Read the case")
    assert "120 of the case." in whole.text
    letters = first.choices
    wrong = [letters[each] for each in ("meows", "sings", "moos")]
    verdict = await chat.pick(first, wrong)
    assert "Partly right · 6 points" in verdict.text
    assert "Left over: sings; roars" in verdict.text


@pytest.mark.needs("channels")
async def test_a_channels_question_with_spares_is_answered_rightly_and_revealed(
    chat: Chat,
) -> None:
    await chat.call("question", topic="alpha", minutes=1)
    open_ = await chat.channel()
    assert "Sentence 1 of the case." in " ".join(open_.text.split())
    verdict = await chat.answer(open_, user="bob")
    assert "Right · 10 points" in verdict.text
    whole = await chat.press(open_, "Read the case", user="bob")
    assert whole.private
    await chat.passes(61)
    result = await chat.channel()
    assert "Result" in result.text
    said = lines_of(result.text)
    for line in CODE_LINES:
        assert any(line in each for each in said), result.text
    assert "roars" in result.text
    assert chat.pings() == []
