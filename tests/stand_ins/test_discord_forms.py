"""Modals with fields of every kind and files, as discord.py opens them and is told of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest
from discord import ui

from tests.stand_ins.discord import modal_limits
from tests.stand_ins.discord.calling import NotOffered
from tests.stand_ins.discord.interactions import Interaction
from tests.stand_ins.discord.server import DiscordServer
from tests.stand_ins.discord.wire import UPLOAD
from tests.stand_ins.discord.world import Json
from tests.stand_ins.test_discord import Client, Given, Place, _server, logged_in

OPTIONS = [discord.SelectOption(label=each.upper(), value=each) for each in "abc"]
MEGABYTE = 2**20


class Words(ui.Modal, title="Words and boxes"):
    """What is typed, chosen and checked."""

    about = ui.TextDisplay[Any]("All of it can be changed *later*.")
    name = ui.Label[Any](text="Name", component=ui.TextInput(custom_id="name", max_length=20))
    choice = ui.Label[Any](
        text="Chapters", component=ui.Select(custom_id="chapters", options=OPTIONS, max_values=2)
    )
    boxes = ui.Label[Any](
        text="Days", component=ui.CheckboxGroup(custom_id="days", required=False, max_values=2)
    )
    sound = ui.Label[Any](text="Ping", component=ui.Checkbox(custom_id="ping", default=True))

    def __init__(self) -> None:
        super().__init__(custom_id="words")
        boxes: Any = self.boxes.component
        for day in ("mon", "tue", "wed"):
            boxes.add_option(label=day.title(), value=day, default=day == "mon")

    async def on_submit(self, given: Given) -> None:
        name, choice, boxes, sound = map(_value, (self.name, self.choice, self.boxes, self.sound))
        await given.response.send_message(f"{name} {choice} {boxes} {sound}")


class Things(ui.Modal, title="People and places"):
    """What Discord offers of its own, and a file."""

    who = ui.Label[Any](text="Who", component=ui.UserSelect(custom_id="who", max_values=2))
    role = ui.Label[Any](text="Role", component=ui.RoleSelect(custom_id="role", required=False))
    where = ui.Label[Any](
        text="Where",
        component=ui.ChannelSelect(custom_id="where", channel_types=[discord.ChannelType.text]),
    )
    either = ui.Label[Any](text="Either", component=ui.MentionableSelect(custom_id="either"))
    notes = ui.Label[Any](
        text="Notes", component=ui.FileUpload(custom_id="notes", required=False, max_values=2)
    )

    async def on_submit(self, given: Given) -> None:
        files: Any = self.notes.component
        read = [f"{each.filename}: {(await each.read()).decode()}" for each in files.values]
        labels = (self.who, self.role, self.where, self.either)
        named = [[str(each) for each in _value(label)] for label in labels]
        await given.response.send_message(f"{named} {read}")


class Level(ui.Modal, title="How hard"):
    """A radio button, which may be left alone."""

    def __init__(self, *, required: bool) -> None:
        super().__init__(custom_id="level")
        self.level: ui.RadioGroup[Any] = ui.RadioGroup(custom_id="level", required=required)
        for value in ("easy", "hard"):
            self.level.add_option(label=value.title(), value=value)
        self.add_item(ui.Label(text="Level", component=self.level))

    async def on_submit(self, given: Given) -> None:
        await given.response.send_message(f"level {self.level.value}")


def _value(label: ui.Label[Any]) -> Any:
    field: Any = label.component
    return field.value if hasattr(field, "value") else field.values


class FormClient(Client):
    """A bot that opens modals."""

    async def setup_hook(self) -> None:
        @self.tree.command()
        async def words(given: Given) -> None:
            """Ask for words."""
            await given.response.send_modal(Words())

        @self.tree.command()
        async def things(given: Given) -> None:
            """Ask for things."""
            await given.response.send_modal(Things())

        @self.tree.command()
        async def level(given: Given, *, required: bool) -> None:
            """Ask how hard it may be."""
            await given.response.send_modal(Level(required=required))

        @self.tree.command()
        async def read(given: Given, notes: discord.Attachment) -> None:
            """Read a file."""
            await given.response.send_message((await notes.read()).decode())

        @self.tree.command()
        async def pick(given: Given) -> None:
            """Show a select that Discord fills."""
            view = ui.View(timeout=None)
            view.add_item(ui.UserSelect[ui.View](custom_id="who"))
            await given.response.send_message(view=view)

        await super().setup_hook()

    async def on_interaction(self, given: Given) -> None:
        data: Any = given.data
        if given.type is discord.InteractionType.component:
            await given.response.send_message(f"{data['values']} {[*data['resolved']['users']]}")


@pytest.fixture
async def place(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    async with _server(monkeypatch) as server:
        place = Place(server, FormClient())
        async with logged_in(place):
            yield place
        assert server.violations == []


async def open_(place: Place, command: str) -> Interaction:
    return await place.ann.slash(place.channel, command)


async def test_texts_options_and_boxes_are_submitted(place: Place) -> None:
    opened = await open_(place, "words")
    assert opened.inputs() == {
        "Name": "name",
        "Chapters": "chapters",
        "Days": "days",
        "Ping": "ping",
    }

    filled = {"name": "Ann", "chapters": ["a", "c"], "days": [], "ping": False}
    sent = await place.ann.submit(opened, filled)
    assert (await sent.settled()).content == "Ann ['a', 'c'] [] False"
    # What is not touched is sent as it was opened.
    sent = await place.ann.submit(await open_(place, "words"), {"name": "Ann", "chapters": ["b"]})
    assert (await sent.settled()).content == "Ann ['b'] ['mon'] True"


@pytest.mark.parametrize(
    "changed",
    [
        {"name": ""},
        {"name": "x" * 21},
        {"name": ["x"]},
        {"chapters": []},
        {"chapters": ["a", "b", "c"]},
        {"chapters": ["d"]},
        {"chapters": "a"},
        {"days": ["mon", "tue", "wed"]},
        {"days": ["sun"]},
        {"ping": "yes"},
        {"more": "x"},
    ],
)
async def test_what_a_modal_does_not_take_is_not_sent(place: Place, changed: Json) -> None:
    opened = await open_(place, "words")
    with pytest.raises(NotOffered):
        await place.ann.submit(opened, {"name": "Ann", "chapters": ["a"], **changed})
    assert len(place.server.interactions) == 1


@pytest.mark.parametrize("required", [True, False])
async def test_a_radio_button_is_chosen(place: Place, required: bool) -> None:
    opened = await place.ann.slash(place.channel, "level", required=required)
    with pytest.raises(NotOffered):
        await place.ann.submit(opened, {"level": "fair"})
    sent = await place.ann.submit(opened, {"level": "hard"})
    assert (await sent.settled()).content == "level hard"
    opened = await place.ann.slash(place.channel, "level", required=required)
    if required:
        with pytest.raises(NotOffered):
            await place.ann.submit(opened, {})
    else:
        assert (await (await place.ann.submit(opened, {})).settled()).content == "level None"


async def test_people_roles_channels_and_files_are_submitted(place: Place) -> None:
    ben = place.server.add_person("Ben")
    role = place.guild.add_role("Tutors")
    opened = await open_(place, "things")

    notes = place.ann.upload("notes.md", b"# Dogs")
    more = place.ann.upload("more.csv", b"a,b")
    filled = {
        "who": [ben, place.ann],
        "role": [role],
        "where": [place.channel],
        "either": [role],
        "notes": [notes, more],
    }
    sent = await place.ann.submit(opened, filled)
    assert (await sent.settled()).content == (
        "[['ben', 'ann'], ['Tutors'], ['general'], ['Tutors']] "
        "['notes.md: # Dogs', 'more.csv: a,b']"
    )
    filled = {"who": [ben], "where": [place.channel], "either": [ben]}
    sent = await place.ann.submit(await open_(place, "things"), filled)
    assert (await sent.settled()).content == "[['ben'], [], ['general'], ['ben']] []"


async def test_only_what_fits_can_be_chosen(place: Place) -> None:
    role, thread = place.guild.add_role("Tutors"), place.guild.add_thread(place.channel)
    good = {"who": [place.ann], "where": [place.channel], "either": [role]}
    files = [place.ann.upload(f"{number}.md", b"x") for number in range(3)]
    opened = await open_(place, "things")
    for changed in (
        {"who": [role]},
        {"role": [place.ann]},
        {"where": [thread]},
        {"either": [place.channel]},
        {"notes": files},
        {"notes": [place.ann]},
    ):
        with pytest.raises(NotOffered):
            await place.ann.submit(opened, good | changed)
    with pytest.raises(NotOffered):
        place.ann.upload("big.md", b"x" * (UPLOAD + 1))


async def test_files_come_with_commands_and_people_with_selects(place: Place) -> None:
    sent = await place.ann.slash(
        place.channel, "read", notes=place.ann.upload("notes.md", b"# Cats")
    )
    assert (await sent.settled()).content == "# Cats"

    shown = await (await open_(place, "pick")).settled()
    sent = await place.ann.select(shown, "who", [place.ann])
    assert (await sent.settled()).content == f"{[place.ann.id]} {[place.ann.id]}"
    with pytest.raises(NotOffered):
        await place.ann.select(shown, "who", [place.channel])


async def test_a_file_is_found_at_its_address_alone_and_not_for_ever(place: Place) -> None:
    file = place.ann.upload("my notes.md", b"# Dogs")
    told = file.payload(ephemeral=True)
    assert (told["size"], told["ephemeral"]) == (6, True)
    assert told["content_type"] == "text/markdown; charset=utf-8"
    async with aiohttp.ClientSession() as session:
        async with session.get(told["url"]) as found:
            assert (found.status, await found.read()) == (200, b"# Dogs")
        async with session.get(told["url"].partition("?")[0]) as found:
            assert found.status == 404
        del place.server.files[file.id]
        async with session.get(told["url"]) as found:
            assert found.status == 404


async def test_what_the_bot_posts_can_be_read_again(place: Place) -> None:
    posted = await place.target.send(file=discord.File(__file__, "a.txt", description="This"))
    fetched = await place.target.fetch_message(posted.id)
    (file,) = fetched.attachments
    assert (file.filename, file.description) == ("a.txt", "This")
    assert await file.read() == place.channel.messages[0].files["a.txt"]


async def test_few_files_are_kept_where_nothing_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.stand_ins.discord.server.RECENT_FILES", 3)
    async with DiscordServer(keep=False) as server:
        ann = server.add_person("Ann")
        files = [ann.upload(f"{number}.md", b"x") for number in range(5)]
        assert [*server.files] == [each.id for each in files[2:]]


def _modal(component: Json, **changed: Any) -> Json:
    label = {"type": 18, "label": "L", "component": {"custom_id": "c", **component}}
    return {"title": "Q", "custom_id": "q", "components": [label], **changed}


def _options(count: int, **changed: Any) -> list[Json]:
    return [{"label": str(each), "value": str(each), **changed} for each in range(count)]


TEXT = {"type": 10, "content": "x"}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (_modal({"type": 19, "min_values": 1, "max_values": 10}), ""),
        (_modal({"type": 19, "file_types": ["image", ".md"]}), ""),
        (_modal({"type": 21, "options": _options(10)}), ""),
        (_modal({"type": 22, "options": _options(10), "max_values": 10}), ""),
        (_modal({"type": 23, "default": True}), ""),
        (_modal({"type": 3, "options": _options(2), "required": False, "min_values": 0}), ""),
        (_modal({"type": 6, "default_values": [{"id": "1", "type": "role"}]}), ""),
        (_modal({"type": 23}, components=[TEXT]), ""),
        (_modal({"type": 19, "max_values": 11}), "max_values"),
        (_modal({"type": 19, "min_values": 2}), "min_values"),
        (_modal({"type": 19, "min_values": 0}), "min_values"),
        (_modal({"type": 19, "file_types": ["md"]}), "file_types"),
        (_modal({"type": 19, "file_types": [".md"] * 11}), "file_types"),
        (_modal({"type": 19, "custom_id": "x" * 101}), "custom_id"),
        (_modal({"type": 21, "options": _options(1)}), "options"),
        (_modal({"type": 21, "options": _options(11)}), "options"),
        (_modal({"type": 21, "options": _options(2, default=True)}), "options"),
        (_modal({"type": 21, "options": _options(2, description="x" * 101)}), "options.0.desc"),
        (_modal({"type": 22, "options": _options(11)}), "options"),
        (_modal({"type": 22, "options": _options(2), "max_values": 3}), "max_values"),
        (_modal({"type": 22, "options": _options(2), "min_values": 0}), "min_values"),
        (_modal({"type": 22, "options": _options(3), "min_values": 3, "max_values": 2}), "min_val"),
        (_modal({"type": 22, "options": _options(2, default=True), "max_values": 1}), "options"),
        (_modal({"type": 23, "custom_id": None}), "custom_id"),
        (_modal({"type": 3, "options": _options(2), "disabled": True}), "disabled"),
        (_modal({"type": 3, "options": _options(2), "min_values": 0}), "min_values"),
        (_modal({"type": 6, "default_values": [{"id": "1", "type": "user"}]}), "default_values"),
        (_modal({"type": 5, "default_values": [{"id": "1", "type": "user"}] * 2}), "default_val"),
        (_modal({"type": 13}), "type"),
    ],
)
def test_fields_are_checked(body: Json, place: str) -> None:
    found = [".".join(map(str, each.path)) for each in modal_limits.modal(body)]
    if place:
        assert any(each.startswith(f"components.0.component.{place}") for each in found)
    else:
        assert found == []


def test_ids_are_there_once() -> None:
    body = _modal({"type": 23}, components=[{**TEXT, "id": 7}, {**TEXT, "id": 7}])
    assert [each.path for each in modal_limits.modal(body)] == [("components",)]
    body = _modal({"type": 23}, components=[{**TEXT, "id": 0}, {**TEXT, "id": 0}])
    assert [*modal_limits.modal(body)] == []
