"""Messages that are made of components alone, as discord.py sends and reads them."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
from discord import ui
from discord.http import handle_message_parameters

from tests.stand_ins.discord import limits
from tests.stand_ins.discord.components import IS_COMPONENTS_V2
from tests.stand_ins.discord.world import Json
from tests.stand_ins.test_discord import Client, Given, Place, _server, logged_in

PNG = b"\x89PNG"


def a_layout(text: str = "What is a dog?") -> ui.LayoutView:
    """One of everything."""
    box: ui.Container[Any] = ui.Container(accent_color=discord.Color.blue())
    box.add_item(ui.TextDisplay(text))
    box.add_item(ui.Section("An animal", accessory=ui.Button[Any](label="A", custom_id="answer:a")))
    box.add_item(ui.Separator(spacing=discord.SeparatorSpacing.large))
    box.add_item(
        ui.ActionRow(
            ui.Button(label="B", custom_id="answer:b"),
            ui.Button(label="There", url="https://example.org/"),
        )
    )
    options = [discord.SelectOption(label=each.upper(), value=each) for each in "ab"]
    box.add_item(ui.ActionRow(ui.Select(custom_id="pick", options=options)))
    box.add_item(ui.Section("A picture", accessory=ui.Thumbnail[Any]("attachment://dog.png")))
    gallery: ui.MediaGallery[Any] = ui.MediaGallery()
    gallery.add_item(media="attachment://dog.png", description="A dog")
    gallery.add_item(media="https://example.org/cat.png")
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    view.add_item(gallery)
    view.add_item(ui.File("attachment://notes.md"))
    view.stop()
    return view


def files(*names: str) -> list[discord.File]:
    return [discord.File(io.BytesIO(PNG), name) for name in names]


class LayoutClient(Client):
    """A bot that answers with layouts."""

    async def setup_hook(self) -> None:
        @self.tree.command()
        async def late(given: Given) -> None:
            """Promise an answer, and make it a layout."""
            await given.response.defer()
            view = ui.LayoutView(timeout=None)
            view.add_item(ui.TextDisplay("late"))
            view.stop()
            await given.edit_original_response(view=view)

        await super().setup_hook()

    async def on_interaction(self, given: Given) -> None:
        data: Any = given.data
        if given.type is discord.InteractionType.component:
            said = data.get("values", data["custom_id"])
            view = ui.LayoutView(timeout=None)
            view.add_item(ui.TextDisplay(f"You chose {said}"))
            view.stop()
            await given.response.edit_message(view=view, attachments=[])


@pytest.fixture
async def place(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    async with _server(monkeypatch) as server:
        place = Place(server, LayoutClient())
        async with logged_in(place):
            yield place


async def test_a_layout_is_posted_seen_and_read_again(place: Place) -> None:
    posted = await place.target.send(
        view=a_layout(), files=files("dog.png", "notes.md", "hidden.txt")
    )
    (message,) = place.channel.messages
    assert message.flags & IS_COMPONENTS_V2
    assert message.text == "What is a dog?\nAn animal\nA picture"
    assert message.buttons() == {"A": "answer:a", "B": "answer:b", "There": "https://example.org/"}
    assert message.selects() == {"pick": {"A": "a", "B": "b"}}
    # What no component names is not shown.
    assert message.files == {"dog.png": PNG, "notes.md": PNG}

    fetched = await place.target.fetch_message(posted.id)
    view = ui.LayoutView.from_message(fetched, timeout=None)
    view.stop()
    found = [getattr(each, "custom_id", None) for each in view.walk_children()]
    assert [each for each in found if each] == ["answer:a", "answer:b", "pick"]
    thumbnail = next(each for each in view.walk_children() if isinstance(each, ui.Thumbnail))
    assert await place.client.http.get_from_cdn(thumbnail.media.url) == PNG
    assert [each.filename for each in fetched.attachments] == ["dog.png", "notes.md", "hidden.txt"]
    (file,) = (each for each in fetched.components if isinstance(each, discord.FileComponent))
    assert (file.name, file.size) == ("notes.md", len(PNG))
    assert place.server.violations == []


@pytest.mark.parametrize("id_", ["answer:a", "answer:b"])
async def test_buttons_in_a_layout_are_pressed(place: Place, id_: str) -> None:
    await place.target.send(view=a_layout(), files=files("dog.png", "notes.md"))
    (message,) = place.channel.messages
    await place.ann.press(message, id_)
    assert (message.text, message.files) == (f"You chose {id_}", {})


async def test_selects_in_a_layout_are_chosen_from(place: Place) -> None:
    await place.target.send(view=a_layout(), files=files("dog.png", "notes.md"))
    (message,) = place.channel.messages
    await place.ann.select(message, "pick", ["b"])
    assert message.text == "You chose ['b']"


async def test_a_promised_answer_becomes_a_layout(place: Place) -> None:
    sent = await place.ann.slash(place.channel, "late")
    message = await sent.settled()
    assert (message.text, bool(message.flags & IS_COMPONENTS_V2)) == ("late", True)


async def test_a_layout_stays_one(place: Place) -> None:
    posted = await place.target.send(view=a_layout(), files=files("dog.png", "notes.md"))
    (message,) = place.channel.messages
    with pytest.raises(discord.HTTPException) as refused:
        await posted.edit(embed=discord.Embed(title="x"))
    assert (refused.value.status, refused.value.code) == (400, 50035)
    assert "In embeds: The 'embeds' field cannot be used" in refused.value.text
    changes: list[dict[str, Any]] = [{"content": "x"}, {"view": None}, {"attachments": []}]
    for change in changes:
        with pytest.raises(discord.HTTPException):
            await posted.edit(**change)
    no_flags = handle_message_parameters(flags=discord.MessageFlags())
    with pytest.raises(discord.HTTPException, match="In flags: IS_COMPONENTS_V2 cannot be removed"):
        await place.client.http.edit_message(posted.channel.id, posted.id, params=no_flags)
    assert message.text == "What is a dog?\nAn animal\nA picture"

    # Rows of buttons are fine, as they are; they are a layout still.
    plain = ui.View(timeout=None)
    plain.add_item(ui.Button[ui.View](label="More", custom_id="more"))
    plain.stop()
    await posted.edit(view=plain, attachments=[])
    assert message.buttons() == {"More": "more"}
    assert message.flags & IS_COMPONENTS_V2


async def test_a_message_becomes_a_layout_once_it_is_emptied(place: Place) -> None:
    posted = await place.target.send("dog", embed=discord.Embed(title="x"))
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay("cat"))
    view.stop()
    with pytest.raises(discord.HTTPException):
        await posted.edit(view=view)
    await posted.edit(content=None, embeds=[], view=view)
    (message,) = place.channel.messages
    assert (message.text, bool(message.flags & IS_COMPONENTS_V2)) == ("cat", True)


async def test_a_text_in_a_layout_pings(place: Place) -> None:
    for allowed in (None, discord.AllowedMentions.none()):
        view = ui.LayoutView(timeout=None)
        view.add_item(ui.TextDisplay("@everyone"))
        view.stop()
        await place.target.send(view=view, allowed_mentions=allowed or discord.utils.MISSING)
    assert place.server.pings == ["@everyone"]


def _text(content: str = "x", **changed: Any) -> Json:
    return {"type": 10, "content": content, **changed}


def _button(number: int = 1, **changed: Any) -> Json:
    return {"type": 2, "style": 1, "label": "B", "custom_id": f"b{number}", **changed}


def _section(*texts: Json, **changed: Any) -> Json:
    return {"type": 9, "components": list(texts), "accessory": _button(), **changed}


def _box(*inner: Json, **changed: Any) -> Json:
    return {"type": 17, "components": list(inner), **changed}


def _row(*buttons: Json) -> Json:
    return {"type": 1, "components": list(buttons)}


def _picture(url: str = "attachment://a.png", **changed: Any) -> Json:
    return {"media": {"url": url}, **changed}


ROWS = [_row(*(_button(place * 5 + each) for each in range(5))) for place in range(6)]
"""36 components."""


def _problems(*parts: Json, **beside: Any) -> list[str]:
    body = {"flags": IS_COMPONENTS_V2, "components": list(parts), **beside}
    found = limits.message(body, new_files={"0": "a.png"})
    return [".".join(map(str, each.path)) for each in found]


@pytest.mark.parametrize(
    "parts",
    [
        [_text("x" * 4000)],
        [_text()] * 40,
        [_box(*ROWS, *[_text()] * 3)],
        [_section(_text(), _text(), _text())],
        [_section(_text(), accessory={"type": 11, **_picture(description="x" * 1024)})],
        [_box({"type": 14, "spacing": 2}, _text(), accent_color=0xFFFFFF, spoiler=True)],
        [{"type": 12, "items": [_picture()] * 10}],
        [_box({"type": 13, "file": {"url": "attachment://a.png"}})],
        [_text(id=7), _text(id=8), _text(id=0), _text(id=0)],
    ],
)
def test_layouts_within_the_limits_are_fine(parts: list[Json]) -> None:
    assert _problems(*parts, content=None, embeds=[]) == []


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ([], "content"),
        ([_text()] * 41, "components"),
        ([_box(*ROWS, *[_text()] * 4)], "components"),
        ([_box(*ROWS, _section(_text(), _text(), accessory=_button(99)))], "components"),
        ([_text("x" * 4001)], "components.0.content"),
        ([_text("x" * 2000), _box(_section(_text("x" * 2001)))], "components"),
        ([_text("")], "components.0.content"),
        ([_button()], "components.0.type"),
        ([{"type": 11, **_picture()}], "components.0.type"),
        ([_row(_text())], "components.0.components.0.type"),
        ([_box(_box(_text()))], "components.0.components.0.type"),
        ([_box()], "components.0.components"),
        ([_box(_text(), accent_color=0x1000000)], "components.0.accent_color"),
        ([_section()], "components.0.components"),
        ([_section(*[_text()] * 4)], "components.0.components"),
        ([_section(_button(2))], "components.0.components.0.type"),
        ([_section(_text(), accessory=None)], "components.0.accessory"),
        ([_section(_text(), accessory=_text())], "components.0.accessory.type"),
        ([_section(_text(), accessory=_button(label=""))], "components.0.accessory.label"),
        ([_section(_text()), _row(_button())], "components"),
        ([{"type": 12, "items": []}], "components.0.items"),
        ([{"type": 12, "items": [_picture()] * 11}], "components.0.items"),
        ([{"type": 12, "items": [_picture("attachment://b.png")]}], "components.0.items.0.media"),
        ([{"type": 12, "items": [_picture("b.png")]}], "components.0.items.0.media.url"),
        (
            [{"type": 12, "items": [_picture(description="x" * 1025)]}],
            "components.0.items.0.description",
        ),
        ([{"type": 13, "file": {"url": "https://example.org/a.png"}}], "components.0.file.url"),
        ([{"type": 13, "file": {"url": "attachment://b.png"}}], "components.0.file.url"),
        ([{"type": 14, "spacing": 3}], "components.0.spacing"),
        ([_text(id=7), _text(id=7)], "components"),
        ([_text(id=2**31)], "id"),
    ],
)
def test_layouts_beyond_the_limits_are_refused(parts: list[Json], place: str) -> None:
    assert any(each.startswith(place) for each in _problems(*parts))


@pytest.mark.parametrize("key", ["content", "embeds", "sticker_ids", "poll"])
def test_nothing_stands_beside_a_layout(key: str) -> None:
    beside: Json = {
        "content": "x",
        "embeds": [{"title": "x"}],
        "sticker_ids": ["1"],
        "poll": {1: 1},
    }
    assert _problems(_text(), **{key: beside[key]}) == [key]


@pytest.mark.parametrize("part", [_text(), _box(_text()), _section(_text())])
def test_layouts_want_their_flag(part: Json) -> None:
    assert _problems(part, flags=0, content="x")[0] == "components.0.type"
