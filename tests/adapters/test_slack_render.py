"""Screens as Slack's messages: no text becomes markup, nothing exceeds a limit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.forms import build_modal
from adapters.slack.mrkdwn import (
    ELLIPSIS,
    ZERO_WIDTH_SPACE,
    escape,
    join_sections,
    shorten,
    unescape,
)
from adapters.slack.render import Message, render, render_view
from bot.engine.actions import AnswerRound, encode
from bot.engine.asked import take_question
from bot.engine.commands.answer import build_parts_form
from bot.engine.kinds import kind_of
from bot.engine.library import IndexedPack
from bot.engine.question_screens import draw_drill_step
from bot.engine.rounds import Round
from bot.engine.screens import (
    Arrange,
    Bar,
    Bars,
    Bullets,
    Button,
    ChannelMention,
    Choice,
    Code,
    CommandMention,
    Entry,
    Match,
    Menu,
    Person,
    Pick,
    Screen,
    Table,
    Tone,
    WebLink,
    Write,
)
from content import loader
from tests.samples import NOW
from tests.stand_ins.slack.limits import message_problems, view_problems
from tests.stand_ins.slack.pings import pings

ACTION = encode(AnswerRound(2**31 - 1))
PIECES = [*"ab `*_~<>&@!|#\n", "<!channel>", "@here", "<@U123>", "<https://e.x|x>"]
hostile = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


@pytest.mark.parametrize(
    ("text", "mrkdwn"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("`**kwargs` and **bold**", f"`**kwargs` and *{ZERO_WIDTH_SPACE}*{ZERO_WIDTH_SPACE}bold**"),
        ("snake_case", "snake_case"),
        ("> quote", f"{ZERO_WIDTH_SPACE}&gt; quote"),
        ("@here", f"@{ZERO_WIDTH_SPACE}here"),
    ],
)
def test_texts_are_shown_literally(text: str, mrkdwn: str) -> None:
    assert escape(text) == mrkdwn


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("R&amp;D &lt;3", "R&D <3"),
        ("&amp;lt;", "&lt;"),
        ("see <https://e.x/a|the docs> or <https://e.x>", "see the docs or https://e.x"),
        ("a < b", "a < b"),
        ("<!channel> <@U1>", "<!channel> <@U1>"),
    ],
)
def test_typed_text_is_unescaped(sent: str, meant: str) -> None:
    assert unescape(sent) == meant


@given(hostile, hostile)
def test_no_text_notifies_anyone_or_becomes_a_link(text: str, label: str) -> None:
    controls = (Button(label or "x", ACTION),)
    screen = Screen(title=label, text=(text,), fields=((label, text),), controls=controls)
    body = render(screen).body()
    assert list(pings(body)) == []
    for block in body["blocks"]:
        if block["type"] == "section" and "text" in block:
            assert not re.search(r"<[^>]*>", block["text"]["text"])


def extract_code(message: Message) -> list[str]:
    """Code as Slack shows it: literal text."""
    return [
        piece["text"]
        for each in (message, *message.more)
        for block in each.blocks
        if block["type"] == "rich_text"
        for code in block["elements"]
        if code["type"] == "rich_text_preformatted"
        for piece in code["elements"]
        if piece["type"] == "text"
    ]


@given(hostile)
def test_code_is_shown_literally_and_notifies_no_one(text: str) -> None:
    message = render(Screen(title="t", text=("before", Code(text, "sh"), "after")))
    assert list(message_problems({"channel": "C1", **message.body()})) == []
    assert list(pings(message.body())) == []
    assert extract_code(message) == ([text.strip("\n")] if text.strip() else [])
    said = [block["text"]["text"] for block in message.blocks if block["type"] == "section"]
    assert " ".join(said).split() == ["before", "after"]


@pytest.mark.parametrize("single", [False, True])
def test_long_code_continues_in_more_messages(single: bool) -> None:
    text = "\n".join(f"line {n} & <!channel> {'x' * 80}" for n in range(400))
    message = render(Screen(text=("before", Code(text)), tone=Tone.RIGHT), single=single)
    for each in (message, *message.more):
        assert list(message_problems({"channel": "C1", **each.body()})) == []
        assert list(pings(each.body())) == []
        assert len(json.dumps(each.blocks, ensure_ascii=False)) <= 12_000
    if single:
        assert message.more == ()
        assert extract_code(message)[-1].endswith(ELLIPSIS)
    else:
        assert "\n".join(extract_code(message)) == text


def test_code_and_tables_keep_their_place() -> None:
    rows = (("", "Name", "Points"), ("1", "Ann", "30"))
    text = (Code("a"), "b", Table(rows), "c", Code("d"))
    message = render(Screen(text=text, tone=Tone.WRONG))
    kinds = [block["type"] for block in message.blocks]
    assert kinds == ["section", "rich_text", "section", "rich_text"]
    assert message.blocks[0]["text"]["text"].strip() == ":x:"
    assert message.blocks[2]["text"]["text"] == "b\n\n*1.* Ann · 30 points\n\nc"


@given(st.lists(hostile, max_size=6))
def test_sections_hold_the_whole_text(lines: list[str]) -> None:
    found = join_sections([escape(line) for line in lines], 80)
    assert all(len(text) <= 80 for text in found)


@given(st.text(max_size=60), st.integers(10, 40))
def test_a_shortened_text_ends_with_an_ellipsis(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text or short.endswith(ELLIPSIS)


def words(size: int, word: str) -> str:
    return " ".join([word] * size)[:size].strip()


@pytest.mark.parametrize("word", ["word", "snake_case_", "`code_span`", "**", "&<>", "x" * 300])
@pytest.mark.parametrize("count", [2, 8])
def test_the_longest_legal_question_and_verdict_fit(word: str, count: int) -> None:
    choices = tuple(Choice(words(300, word), str(n)) for n in range(count))
    for control in (
        Pick(ACTION, choices),
        Pick(ACTION, choices, several=True),
        Arrange(ACTION, choices),
        Match(ACTION, tuple(choice.label for choice in choices), choices),
        Write(ACTION, "Your answer"),
    ):
        screen = Screen(
            title=words(400, word),
            text=(words(1500, word), *(words(800, word),) * 8, words(1500, word)),
            fields=((words(150, word), words(150, word)),) * 13,
            controls=(control, Button("Stop", ACTION + "0")),
            note=words(200, word),
        )
        message = render(screen)
        for each in (message, *message.more, render(screen, single=True)):
            assert list(message_problems({"channel": "C1", **each.body()})) == []
            assert len(json.dumps(each.blocks, ensure_ascii=False)) <= 12_000
        assert render(screen, single=True).more == ()


def plain_texts(found: Any) -> Iterator[str]:
    """All texts that Slack shows as they are."""
    match found:
        case {"type": "plain_text", "text": text}:
            yield text
        case dict():
            yield from (found[key] for key in ("accessibility_label",) if key in found)
            yield from (text for each in found.values() for text in plain_texts(each))
        case list():
            yield from (text for each in found for text in plain_texts(each))


def test_no_backtick_of_the_bundled_pack_is_shown_where_nothing_is_marked_up() -> None:
    pack = IndexedPack(loader.load(loader.find_pack("dp100"), cache=None))
    rng, marked = Random(1), 0
    for question in pack.pack.questions:
        kind = kind_of(question)
        layout = kind.make_layout(question, rng)
        round_ = Round(1, pack.pack.id, question.id, question.version, layout, NOW, drill=1)
        control = kind.make_control(question, layout, encode(AnswerRound(1)))
        choices = getattr(control, "choices", ()) + getattr(control, "lefts", ())
        marked += "`" in str(choices)
        asked = draw_drill_step(take_question(pack, question), round_, "All of it")
        shown: list[Any] = [render(asked).blocks, render_view(replace(asked, title=question.stem))]
        if form := build_parts_form(question, layout):
            shown.append(build_modal(form, "arrange:1", "{}"))
            assert view_problems(shown[-1], "modal") == []
        texts = [*plain_texts(shown)]
        assert texts
        assert not any("`" in text for text in texts)
    assert marked > 10


def test_a_view_holds_more_than_a_message_and_cuts_the_rest() -> None:
    for size, whole in ((60, True), (400, False)):
        text = tuple(Code(f"line {number} {'x' * 900}") for number in range(size))
        screen = Screen("Title", text, controls=(Button("Next", ACTION),), note="The end")
        blocks = render_view(screen)
        assert view_problems({"type": "home", "blocks": blocks}, "home") == []
        assert (ELLIPSIS in json.dumps(blocks, ensure_ascii=False)) is not whole
        assert blocks[-1]["type"] == "context"
        assert len(blocks) == min(size + 3, 100)


def test_editing_a_message_keeps_its_selections() -> None:
    control = Pick(ACTION, (Choice("a", "0"), Choice("b", "1")), several=True)
    ids = {render(Screen(text=(note,), controls=(control,))).blocks[1]["block_id"] for note in "xy"}
    assert len(ids) == 1


def test_text_that_does_not_fit_continues_in_the_next_message() -> None:
    text = " ".join(f"word{number}" for number in range(4000))
    screen = Screen(title="Long", text=(text,), controls=(Button("Next", ACTION),))
    message = render(screen)
    blocks = [block for each in (message, *message.more) for block in each.blocks]
    said = " ".join(block["text"]["text"] for block in blocks if block["type"] == "section")
    assert said.replace(ELLIPSIS, "") == text
    assert message.blocks[-1]["type"] == "actions"
    (*_, last, _) = render(screen, single=True).blocks
    assert last["text"]["text"].endswith(ELLIPSIS)


def test_screen_readers_get_everything() -> None:
    pick = Pick(ACTION, (Choice("first & best", "0"), Choice("other", "1")))
    rows = (("Rank", "Name", "Points"), ("1", (Person("U5", "Eve"),), "30"))
    text = ("stem", Code("a < b"), Table(rows))
    screen = Screen("T", text, (("Right", "2"),), controls=(pick,), note="n")
    message = render(screen)
    said = ["T", "stem", "Code:", "a &lt; b", "End of code.", "1. Eve · 30 points"]
    said += ["A. first &amp; best", "B. other", "Right: 2", "n"]
    assert message.text.splitlines() == said
    sections = [block for block in message.blocks if "accessory" in block]
    assert [each["text"]["text"] for each in sections] == ["*A.* first &amp; best", "*B.* other"]
    labels = [each["accessory"]["accessibility_label"] for each in sections]
    assert labels == ["A. first & best", "B. other"]


@given(st.integers(0, 80), st.integers(24, 60))
def test_no_mention_is_cut_in_two(before: int, limit: int) -> None:
    (*pieces,) = join_sections(["x" * before + " <@U123> said it"], limit)
    assert sum("<@U123>" in piece for piece in pieces) == 1


def test_people_are_mentioned_and_figures_say_what_they_are() -> None:
    rows = (("Rank", "Name", "Points"), ("1", (Person("U5", "x"), " (you)"), "30"))
    (block,) = render(Screen(text=(Table(rows),))).blocks
    assert block["text"]["text"] == "*1.* <@U5> (you) · 30 points"


def test_commands_are_shown_as_typed_in_texts_fields_and_notes() -> None:
    say = CommandMention("daily set", {"time": "09:00", "chapters": "R&D `x`"})
    typed_ = "/quiz daily set 09:00 chapters:\"R&amp;D 'x'\""
    screen = Screen(text=((say, "\nor not"),), fields=(("How", (say,)),), note=("Do: ", say))
    message = render(screen)
    text, field, note = message.blocks
    assert text["text"]["text"] == f"`{typed_}`\nor not"
    assert field["fields"][0]["text"] == f"*How*\n`{typed_}`"
    assert note["elements"][0]["text"] == f"Do: `{typed_}`"
    assert message.text == f"{typed_}\nor not\nHow: {typed_}\nDo: {typed_}"


def test_every_message_has_a_fallback_text() -> None:
    assert render(Screen()).text == "Studyhall"
    assert render(Screen(title="Right", text=("Because & so",))).text == "Right\nBecause &amp; so"


def test_each_option_is_beside_its_button() -> None:
    pick = Pick(ACTION, (Choice("`a`", "0"), Choice("b & c", "1")))
    blocks = render(Screen(text=("Which?",), controls=(pick, Button("Skip", "skip:1:1")))).blocks
    assert [block["type"] for block in blocks] == ["section", "section", "section", "actions"]
    assert blocks[0]["text"]["text"] == "Which?"
    assert [(b["text"]["text"], b["accessory"]["text"]["text"]) for b in blocks[1:3]] == [
        ("*A.* `a`", "A"),
        ("*B.* b &amp; c", "B"),
    ]
    assert blocks[1]["accessory"]["action_id"] == f"{ACTION}0"


def test_options_without_room_beside_their_buttons_are_listed() -> None:
    pick = Pick(ACTION, tuple(Choice("&" * 300, str(n)) for n in range(8)))
    message = render(Screen(text=("Which?",), controls=(pick,)))
    assert list(message_problems({"channel": "C1", **message.body()})) == []
    assert not any("accessory" in block for block in message.blocks)
    labels = [e["text"]["text"] for b in message.blocks for e in b.get("elements", ())]
    assert labels == [*"ABCDEFGH"]


def test_answers_are_apart_from_other_buttons() -> None:
    truth = Pick(ACTION, (Choice("True", "0"), Choice("False", "1")), lettered=False)
    rows = render(Screen(controls=(truth, Button("Skip", "s"), Button("Stop", "t")))).blocks
    labels = [[each["text"]["text"] for each in row["elements"]] for row in rows]
    assert labels == [["True", "False"], ["Skip", "Stop"]]


def test_bars_say_letter_text_and_share_and_screen_readers_hear_no_drawing() -> None:
    bars = Bars((Bar("a & b", (3,), 4, "3 of 4 (75%)", "A"), Bar("no", (1,), 4, "1 of 4 (25%)")))
    message = render(Screen(text=(bars,)))
    (block,) = message.blocks
    assert block["text"]["text"].splitlines() == [
        "*A.* a &amp; b · 3 of 4 (75%)",
        "████████░░",
        "no · 1 of 4 (25%)",
        "██░░░░░░░░",
    ]
    assert message.text == "A. a &amp; b · 3 of 4 (75%)\nno · 1 of 4 (25%)"


def test_a_menu_holds_buttons_and_a_list_its_title() -> None:
    menu = Menu("See also", (Button("Other", "explain:p:t:0"), Button("Report", "report:1")))
    message = render(Screen(text=(Bullets("Points", ("a", "b")),), controls=(menu,)))
    assert list(message_problems({"channel": "C1", **message.body()})) == []
    text, row = message.blocks
    assert text["text"]["text"] == "*Points*\n• a\n• b"
    (element,) = row["elements"]
    assert [(each["text"]["text"], each["value"]) for each in element["options"]] == [
        ("Other", "explain:p:t:0"),
        ("Report", "ask|report:1"),
    ]


def test_an_entry_has_its_button_at_its_side_between_the_paragraphs() -> None:
    button = Button("Answer", "why:7")
    screen = Screen(
        text=("Before", Entry(("<one>", " in ", ChannelMention("C1")), button), "After")
    )
    before, entry, after = render(screen).blocks
    assert [each["text"]["text"] for each in (before, after)] == ["Before", "After"]
    assert entry["text"]["text"] == "&lt;one&gt; in <#C1>"
    assert (entry["accessory"]["type"], entry["accessory"]["action_id"]) == ("button", "why:7")
    assert entry["accessory"]["accessibility_label"].startswith("Answer: <one> in ")
    long = Screen(text=tuple(Entry("x" * 9000, Button("Go", f"why:{n}")) for n in range(60)))
    assert message_problems(render(long, single=True).body()) == []


def test_a_link_has_its_label_and_nothing_more_in_notifications() -> None:
    link = WebLink("See <it> & more", "https://acme.slack.com/archives/C1/p1?a=1&b=2")
    message = render(Screen(text=(("1 of 2. ", link),), fields=(("Last time", (link,)),)))
    address = "https://acme.slack.com/archives/C1/p1?a=1&amp;b=2"
    section, fields = message.blocks
    shown = f"<{address}|See &lt;it&gt; &amp; more>"
    assert section["text"]["text"] == f"1 of 2. {shown}"
    assert fields["fields"][0]["text"] == f"*Last time*\n{shown}"
    assert "slack.com" not in message.text


def test_a_links_address_stays_whole() -> None:
    link = ("See ", WebLink("a_b", "https://x.org/_a_(b)?c=1&d=<2>|3"))
    (section,) = render(Screen(text=(link,))).blocks
    assert section["text"]["text"] == "See <https://x.org/_a_(b)?c=1&amp;d=%3C2%3E%7C3|a_b>"
