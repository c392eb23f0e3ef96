"""Screens as Discord's messages: no text becomes markup, nothing exceeds a limit."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from discord import ui
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.controls import custom_ids
from adapters.discord.markdown import (
    ELLIPSIS,
    escape,
    fit,
    format_person,
    format_text,
    paginate,
    shorten,
)
from adapters.discord.markdown import Line as MarkdownLine
from adapters.discord.render import Layout, Message, lay_out, render
from adapters.discord.uploads import Upload
from bot.engine.actions import AnswerRound, encode
from bot.engine.kinds import kind_of
from bot.engine.screens import (
    Arrange,
    Bar,
    Bars,
    Bullets,
    Button,
    Choice,
    Code,
    CommandMention,
    Grid,
    Match,
    Menu,
    Moment,
    Person,
    Pick,
    Screen,
    Table,
    WebLink,
    Write,
)
from tests.samples import small_pack
from tests.stand_ins.discord import limits
from tests.stand_ins.discord.components import IS_COMPONENTS_V2

ACTION = encode(AnswerRound(2**31 - 1))
PIECES = [*"ab `*_~|<>@#[]()\\-1.\n", "@everyone", "<@123456789012345678>"]
hostile = st.lists(st.sampled_from(PIECES), max_size=120).map("".join)


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("snake_case and `snake_case`", "snake\\_case and `snake_case`"),
        ("**bold** [x](https://e.x/a_b)", "\\*\\*bold\\*\\* \\[x\\](https://e.x/a_b)"),
        ("<@123456789012345678> <t:1:R>", "\\<@\u200b123456789012345678> \\<t:1:R>"),
        ("@everyone", "@\u200beveryone"),
        ("# heading", "\\# heading"),
        ("> quote\n- item", "\\> quote\n\\- item"),
        ("a ` b", "a \\` b"),
        ("a - b > c # d", "a - b > c # d"),
    ],
)
def test_texts_are_shown_literally(text: str, markdown: str) -> None:
    assert escape(text) == markdown


@given(hostile)
def test_no_text_becomes_a_mention_or_markup(text: str) -> None:
    # As Discord reads it, from left to right: an escaped sign, code, an address.
    read = r"\\[^0-9A-Za-z\s]|`[^`\n]+`|https?://[^\s<>`]+"
    plain = re.sub(read, "", escape(text))
    assert not re.search(r"[*_~|`<\[\]]", plain)
    assert not re.search(r"@(everyone|here)\b", plain)


@given(hostile, st.integers(10, 60))
def test_a_shortened_text_is_within_its_limit_and_ends_with_an_ellipsis(
    text: str, limit: int
) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text or short.endswith(ELLIPSIS)


@given(st.lists(hostile, max_size=8))
def test_pages_hold_the_whole_text_within_their_limits(lines: list[str]) -> None:
    found = paginate([MarkdownLine(line) for line in lines], 80, 60, {})
    assert all(len(page) <= (80 if n == 0 else 60) for n, page in enumerate(found))
    letters = "".join(re.findall(r"[ab1]", "".join(lines)))
    kept = "".join(re.findall(r"[ab1]", re.sub(r"\u200b", "", "".join(found))))
    assert kept == letters


def test_people_are_named_and_times_follow_the_readers_clock() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    line = (Person("123", "**Ann**"), " until ", Moment(at), " *now*")
    named = "\\*\\*Ann\\*\\*"
    assert format_text(line, {}) == f"{named} until <t:{int(at.timestamp())}:R> \\*now\\*"


@pytest.mark.parametrize(
    ("name", "markdown"),
    [
        ("Ann Lee \N{OWL}", "Ann Lee \N{OWL}"),
        ("`ann`", "\\`ann\\`"),
        ("https://evil.example", "https\\:\\/\\/evil\\.example"),
        ("@everyone", "\\@\u200beveryone"),
        ("<@123456789012345678>", "\\<\\@\u200b123456789012345678\\>"),
        (":smile: # 1.", "\\:smile\\: \\# 1\\."),
        ("a\u202eb\nc", "ab c"),
    ],
)
def test_a_name_is_shown_as_it_is(name: str, markdown: str) -> None:
    assert format_person(Person("5", name)) == markdown


@given(hostile | st.text())
def test_no_name_becomes_a_mention_markup_or_code(name: str) -> None:
    shown = format_person(Person("5", name))
    plain = re.sub(r"\\[^0-9A-Za-z\s]", "", shown)
    assert not re.search(r"[*_~|`<>\[\]#:/\\]", plain)
    assert not re.search(r"@(everyone|here|[!&]?\d{17})", shown)
    assert "\n" not in shown


def test_each_line_of_a_table_names_its_figures() -> None:
    rows = (
        ("Rank", "Name", "Points", "Streak"),
        ("1", (Person("5", "x"), " (you)"), "30", "2 days"),
    )
    message = render(Screen(text=(Table(rows),)), {})
    assert message.embed.description == "**1.** x (you) · 30 points · 2 days streak"


DAILY = 123456789012345678


def test_a_command_is_mentioned_by_the_id_of_its_group_with_its_options_after_it() -> None:
    say = CommandMention("daily set", {"time": "09:00", "chapters": "snake_case"})
    assert format_text(("Set one: ", say), {"daily": DAILY}) == (
        f"Set one: </daily set:{DAILY}> time:09:00 chapters:snake\\_case"
    )


def test_a_command_without_an_id_is_shown_as_typed() -> None:
    say = CommandMention("team create", {"name": "`Owls`"})
    assert format_text((say,), {}) == "`/team create name:'Owls'`"


def test_a_note_is_small_text_with_command_mentions() -> None:
    note = ("Page 1\nTo go on: ", CommandMention("daily resume"))
    message = render(Screen(text=("Paused.",), note=note), {"daily": DAILY})
    small = f"-# Page 1\n-# To go on: </daily resume:{DAILY}>"
    assert message.embed.description == f"Paused.\n{small}"
    assert render(Screen(note=note), {"daily": DAILY}).embed.description == small
    long = Screen(text=(words(9000),), note=note, controls=(Button("Next", ACTION),))
    for shown_ in (render(long, {"daily": DAILY}), render(long, {"daily": DAILY}, single=True)):
        assert_accepted(shown_)
        assert (shown_.embed.description or "").endswith(f"\n{small}")


@given(st.integers(0, 120), st.integers(60, 200))
def test_no_mention_of_a_command_is_cut_in_two(before: int, limit: int) -> None:
    text = (
        "x" * before + " ",
        CommandMention("daily set"),
        " and ",
        CommandMention("daily skip"),
        " " + "y" * 200,
    )
    short = fit(text, {"daily": DAILY}, limit)
    assert len(short) <= limit
    assert short.endswith(ELLIPSIS)
    assert re.findall(r"<[^>]*>?", short) in (
        [],
        [f"</daily set:{DAILY}>"],
        [f"</daily set:{DAILY}>", f"</daily skip:{DAILY}>"],
    )


def test_a_list_of_commands_is_split_between_lines() -> None:
    line = (CommandMention("daily set"), f": {words(60)}\n")
    listed = tuple(span for _ in range(100) for span in line)
    message = render(Screen(text=(listed,)), {"daily": DAILY})
    assert_accepted(message)
    pages_ = [message.embed.description or "", *(more.description or "" for more in message.more)]
    lines = [line for page in pages_ for line in page.splitlines() if line]
    assert lines == [f"</daily set:{DAILY}>: {words(60)}"] * 100


def assert_accepted(message: Message) -> None:
    """Assert that Discord would accept the message."""
    body = {
        "embeds": [message.embed.to_dict()],
        "components": message.view.to_components() if message.view else [],
    }
    assert list(limits.message(body)) == []
    for more in message.more:
        assert list(limits.message({"embeds": [more.to_dict()]})) == []


def assert_layout_accepted(layout: Layout, files: tuple[str, ...] = ()) -> None:
    """Assert that Discord would accept the layout."""
    view: Any
    for view in (layout.view, *layout.more):
        body = {"flags": IS_COMPONENTS_V2, "components": view.to_components()}
        assert list(limits.message(body, new_files={name: name for name in files})) == []


def texts_of(view: ui.LayoutView) -> list[str]:
    return [each.content for each in view.walk_children() if isinstance(each, ui.TextDisplay)]


def labels_of(view: ui.View | ui.LayoutView | None) -> list[str | None]:
    assert view is not None
    return [each.label for each in view.walk_children() if isinstance(each, ui.Button)]


FENCED = re.compile(r"```(?:([a-z0-9_+\-.#]+?)\n)?\n*([^\n](?:.|\n)*?)\n*```", re.IGNORECASE)
"""Fenced code, as Discord's own apps find it: up to the very next fence."""


def extract_code(message: Message) -> tuple[list[str], str]:
    """Code as Discord shows it, and all other text."""
    texts = [message.embed.description or "", *(each.description or "" for each in message.more)]
    found = [code for text in texts for _, code in FENCED.findall(text)]
    return found, "".join(FENCED.sub("", text) for text in texts)


@given(hostile, st.sampled_from(["", "python", "c++", "x\n```", "`", "a b"]))
def test_no_code_ends_its_block_or_is_lost(text: str, language: str) -> None:
    message = render(Screen(text=("before", Code(text, language), "after")), {})
    found, beside = extract_code(message)
    assert re.sub(r"\s", "", beside) == "beforeafter"
    bare = re.sub(r"[\s\u200b]", "", "".join(found))
    assert bare == re.sub(r"\s", "", text)


def test_code_is_kept_literally_except_for_fences() -> None:
    text = "if a < b and `c`:\n\tprint('*x*', '``', '<@5>')"
    message = render(Screen(text=(Code(text, "python"),)), {})
    assert message.embed.description == f"```python\n{text}\n```"


@given(st.lists(hostile, max_size=8), st.booleans())
def test_long_code_continues_in_more_blocks(lines: list[str], single: bool) -> None:
    screen = Screen(title="t", text=("x" * 3000, Code("\n".join(lines * 30), "sh"), "end"))
    message = render(screen, {}, single=single)
    assert_accepted(message)
    assert "```" not in extract_code(message)[1]


def words(size: int, word: str = "word") -> str:
    return " ".join([word] * size)[:size].strip()


@pytest.mark.parametrize("word", ["word", "snake_case_", "`code_span`", "**", "\\", "x" * 300])
@pytest.mark.parametrize("count", [2, 8])
def test_the_longest_legal_question_fits(word: str, count: int) -> None:
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
            text=(words(1500, word),),
            fields=((words(150, word), words(150, word)),) * 3,
            controls=(control,),
            note=words(200, word),
        )
        assert_accepted(render(screen, {}))
        assert_accepted(render(screen, {}, single=True))
        assert_layout_accepted(lay_out(screen, {}))
        single = lay_out(screen, {}, single=True)
        assert_layout_accepted(single)
        assert not single.more


def test_a_table_keeps_its_place_among_paragraphs() -> None:
    rows = (("", "Name", "Points"), ("1", "Ann", "30"))
    message = render(Screen(text=("before", Table(rows), "after")), {})
    assert message.embed.description == "before\n\n**1.** Ann · 30 points\n\nafter"


def test_the_longest_legal_verdict_spans_several_messages_in_full() -> None:
    lines = (words(2400, "said"), *(words(800, "why") for _ in range(8)), words(1500, "reason"))
    message = render(Screen(title="Wrong", text=lines, controls=(Button("Next", ACTION),)), {})
    assert_accepted(message)
    assert message.more
    whole = (message.embed.description or "") + "".join(e.description or "" for e in message.more)
    assert whole.count("reason") == lines[-1].count("reason")
    layout = lay_out(Screen(title="Wrong", text=lines, controls=(Button("Next", ACTION),)), {})
    assert_layout_accepted(layout)
    pages = [text for view in (layout.view, *layout.more) for text in texts_of(view)]
    assert "".join(pages).count("reason") == lines[-1].count("reason")
    assert labels_of(layout.view) == ["Next"]


def test_a_single_message_that_is_cut_ends_with_an_ellipsis() -> None:
    screen = Screen(text=(words(9000),))
    assert render(screen, {}).more
    single = render(screen, {}, single=True)
    assert (single.embed.description or "").endswith(ELLIPSIS)
    assert not single.more


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_question_of_a_pack_can_be_shown(data: st.DataObject) -> None:
    question = data.draw(st.sampled_from(small_pack().questions))
    layout = kind_of(question).make_layout(question, data.draw(st.randoms()))
    control = kind_of(question).make_control(question, layout, ACTION)
    screen = Screen(title="t", text=(question.stem,), controls=(control,))
    assert_accepted(render(screen, {}))
    assert_layout_accepted(lay_out(screen, {}))


def test_a_multiple_choice_allows_up_to_the_number_of_right_options() -> None:
    choices = tuple(Choice(word, str(n)) for n, word in enumerate(("a", "b", "c", "d")))
    for count, said, most in ((2, "Choose 2", 2), (0, "Choose all that apply", 4)):
        message = render(Screen(controls=(Pick(ACTION, choices, several=True, count=count),)), {})
        assert_accepted(message)
        assert message.view is not None
        (select,) = message.view.children
        assert isinstance(select, ui.Select)
        assert (select.placeholder, select.min_values, select.max_values) == (said, 1, most)


COLOURS = (Choice("red", "0"), Choice("*blue*", "1"), Choice("`green`", "2"))


def test_each_option_is_beside_its_button() -> None:
    pick = Pick(ACTION, COLOURS)
    screen = Screen("T", ("Which?",), (("Kind", "Single"),), controls=(pick, Button("Skip", "s")))
    (box,) = lay_out(screen, {}).view.children
    assert isinstance(box, ui.Container)
    sections = [each for each in box.children if isinstance(each, ui.Section)]
    beside = [(each.children[0], each.accessory) for each in sections]
    assert [(text.content, button.label) for text, button in beside] == [  # type: ignore[attr-defined]
        ("**A.** red", "A"),
        ("**B.** \\*blue\\*", "B"),
        ("**C.** `green`", "C"),
    ]
    assert texts_of(lay_out(screen, {}).view)[0] == "### T\nWhich?"
    assert isinstance(box.children[-1], ui.ActionRow)
    assert labels_of(lay_out(screen, {}).view)[-1] == "Skip"


def test_options_without_room_beside_their_buttons_are_listed() -> None:
    pick = Pick(ACTION, tuple(Choice(words(290), str(n)) for n in range(8)))
    many = tuple(Button(str(n), f"b{n}") for n in range(9))
    for screen in (
        Screen(controls=(pick,)),
        Screen(controls=(Pick(ACTION, tuple(Choice("x", each) for each in "012345")), *many)),
    ):
        layout = lay_out(screen, {})
        assert_layout_accepted(layout)
        assert not any(isinstance(each, ui.Section) for each in layout.view.walk_children())
        letters = labels_of(layout.view)
        pages = [text for view in (layout.view, *layout.more) for text in texts_of(view)]
        for letter in "ABCDEF":
            assert any(f"**{letter}.** " in page for page in pages)
            assert letter in letters


def test_buttons_in_a_channel_say_letter_and_option() -> None:
    short = (Choice("red", "0"), Choice("blue", "1"))
    drawn = render(Screen(text=("Which?",), controls=(Pick(ACTION, short),)), {})
    assert labels_of(drawn.view) == ["A. red", "B. blue"]
    assert drawn.embed.description == "Which?"
    assert drawn.view is not None
    assert [each["components"][0]["label"] for each in drawn.view.to_components()] == [
        "A. red",
        "B. blue",
    ]


@pytest.mark.parametrize(
    ("texts", "labels"),
    [
        (("`x`", "y"), ["A. x", "B. y"]),
        (("x" * 60, "y"), [f"A. {'x' * 60}", "B. y"]),
        (("x" * 90, "y"), ["A", "B"]),
        (tuple("uvwxyz"), [*"ABCDEF"]),
    ],
)
def test_options_that_a_label_may_not_say_in_full_are_listed_as_well(
    texts: tuple[str, ...], labels: list[str]
) -> None:
    choices = tuple(Choice(text, str(n)) for n, text in enumerate(texts))
    drawn = render(Screen(controls=(Pick(ACTION, choices),)), {})
    assert labels_of(drawn.view) == labels
    listed = (drawn.embed.description or "").splitlines()
    assert listed == [f"**{a}.** {b}" for a, b in zip("ABCDEF", texts, strict=False)]


def test_answers_are_apart_from_other_buttons() -> None:
    truth = Pick(ACTION, (Choice("True", "0"), Choice("False", "1")), lettered=False)
    controls = (truth, Button("Skip", "s"), Button("Stop", "t"))
    for components in (
        render(Screen(controls=controls), {}).view,
        lay_out(Screen(controls=controls), {}).view,
    ):
        assert components is not None
        found = components.to_components()
        rows = [row for row in found[0].get("components", ()) if row["type"] == 1] or found
        labels = [[each["label"] for each in row["components"]] for row in rows]
        assert labels == [["True", "False"], ["Skip", "Stop"]]


def test_a_layout_shows_its_files_and_describes_its_picture() -> None:
    uploads = (Upload("data.json", b"{}"), Upload("picture.png", b"", "Ann leads."))
    layout = lay_out(Screen(text=("x",)), {}, uploads=uploads)
    assert_layout_accepted(layout, ("data.json", "picture.png"))
    (file,) = (each for each in layout.view.walk_children() if isinstance(each, ui.File))
    assert file.media.url == "attachment://data.json"
    (gallery,) = (each for each in layout.view.walk_children() if isinstance(each, ui.MediaGallery))
    (item,) = gallery.items
    assert (item.media.url, item.description) == ("attachment://picture.png", "Ann leads.")


def test_bars_say_letter_text_and_share_before_the_drawing() -> None:
    bars = Bars((Bar("a_b", (3,), 4, "3 of 4 (75%)", "A"), Bar("no", (1,), 4, "1 of 4 (25%)")))
    drawn = render(Screen(text=(bars,)), {})
    assert (drawn.embed.description or "").splitlines() == [
        "**A.** a\\_b · 3 of 4 (75%)",
        "████████░░",
        "no · 1 of 4 (25%)",
        "██░░░░░░░░",
    ]


def test_a_list_has_its_title_and_a_menu_its_buttons() -> None:
    menu = Menu("See also", (Button("Other", "explain:p:t:0"), Button("Report", "report:1")))
    screen = Screen(text=(Bullets("Points", ("a", "*b*")),), controls=(menu,))
    (select,) = (
        each for each in lay_out(screen, {}).view.walk_children() if isinstance(each, ui.Select)
    )
    assert select.placeholder == "See also"
    assert [(each.label, each.value) for each in select.options] == [
        ("Other", "explain:p:t:0"),
        ("Report", "ask|report:1"),
    ]
    assert texts_of(lay_out(screen, {}).view) == ["**Points**\n- a\n- \\*b\\*"]
    assert custom_ids(lay_out(screen, {}).view) == {"explain:p:t:0", "ask|report:1"}


def test_a_link_has_its_label_and_is_never_cut() -> None:
    link = WebLink("See [it]", "https://discord.com/channels/1/2/3")
    message = render(Screen(text=(("1 of 2. ", link),), fields=(("Last time", (link,)),)), {})
    shown = r"[See \[it\]](https://discord.com/channels/1/2/3)"
    assert message.embed.description == f"1 of 2. {shown}\n\n**Last time:** {shown}"
    assert fit(("x" * 20, link), {}, 60) == "x" * 20 + ELLIPSIS


def test_parentheses_in_an_address_do_not_end_its_link() -> None:
    link = ("See ", WebLink("dogs", "https://x.org/a_(b)"))
    assert (
        render(Screen(text=(link,)), {}).embed.description == "See [dogs](https://x.org/a_%28b%29)"
    )


def test_a_narrow_table_has_columns_and_a_wide_one_is_a_list() -> None:
    narrow = Grid(("Dog", "狗"), (("`cat`", "猫"),))
    assert render(Screen(text=(narrow,)), {}).embed.description == (
        "```\nDog  狗\n───  ──\ncat  猫\n```"
    )
    wide = Grid(("Dog", "Perro"), (("*cat*" * 9, ""), ("cow", "vaca")))
    escaped = r"\*cat\*" * 9
    assert render(Screen(text=(wide,)), {}).embed.description == (
        f"- Dog: {escaped}\n- Dog: cow · Perro: vaca"
    )
