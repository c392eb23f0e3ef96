"""Modals with fields of every kind and files, as a real Bolt app opens them and is told of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp

from tests.stand_ins.slack import File, Hop, SlackServer, View
from tests.stand_ins.slack.blocks import JSON
from tests.stand_ins.slack.limits import VIEW_SIZE, view_problems
from tests.stand_ins.test_slack import (
    Room,
    build,
    field,
    in_socket_mode,
    marked,
    modal,
    options,
    plain,
    refusal,
)

FORM = modal(
    field("name", max_length=20, min_length=2),
    field("chapter", type="static_select", options=options("One", "Two")),
    field("chapters", type="multi_static_select", options=options("One", "Two", "Three")),
    field("zone", type="external_select", min_query_length=1),
    field("time", type="timepicker", initial_time="09:00"),
    field("day", type="datepicker"),
    field("who", type="users_select"),
    field("team", type="multi_users_select", max_selected_items=2),
    field("where", type="conversations_select", filter={"include": ["public"]}),
    field("days", type="checkboxes", options=options("Mon", "Tue")) | {"optional": True},
    field("kind", type="radio_buttons", options=options("Easy", "Hard")),
    field("notes", type="file_input", filetypes=["md", "csv"], max_files=2),
) | {"callback_id": "form"}

LOADING = {"type": "modal", "title": plain("A question"), "blocks": [marked("Loading…")]}


class Forms(Room):
    """A room whose app opens modals."""

    def __init__(self, slack: SlackServer) -> None:
        super().__init__(slack)
        self.submitted: list[JSON] = []

    def build(self) -> AsyncApp:
        app = build(self.slack, self.log)

        @app.command("/form")
        async def form(ack: Any, client: Any, command: JSON) -> None:
            await ack()
            opened = await client.views_open(trigger_id=command["trigger_id"], view=LOADING)
            view = opened["view"]
            await client.views_update(view_id=view["id"], hash=view["hash"], view=FORM)

        @app.options("zone")
        async def zones(ack: Any, payload: JSON) -> None:
            await ack(options=options("Berlin", "Bern"))

        @app.view("form")
        async def submitted(ack: Any, view: JSON) -> None:
            self.submitted.append(view["state"]["values"])
            await ack(response_action="clear")

        return app

    async def open(self) -> View:
        await self.ann.command(self.channel, "/form")
        return await self.ann.next_form()

    def values(self, **changed: Any) -> JSON:
        """What fills the form in."""
        return {
            "name": "Dogs",
            "chapter": "one",
            "chapters": ["one", "three"],
            "zone": "berlin",
            "day": "2026-11-30",
            "who": self.bob,
            "team": [self.ann, self.bob],
            "where": self.channel,
            "kind": "hard",
            "notes": [self.ann.upload("dogs.md", b"# Dogs")],
            **changed,
        }


@pytest.fixture
async def it() -> AsyncIterator[Forms]:
    async with SlackServer() as slack:
        it = Forms(slack)
        async with in_socket_mode(slack, it.build()):
            yield it


async def test_every_field_is_submitted(it: Forms) -> None:
    view = await it.open()
    opened = [each for method, each in it.slack.calls if method == "views.open"]
    assert [each["view"] for each in opened] == [LOADING]
    assert view.inputs()["Your notes"] == "notes"
    assert [each.value for each in view.options("chapter")] == ["one", "two"]

    await it.ann.submit(view, it.values(days=["tue"]))
    assert it.ann.view is None
    held: JSON = {}
    for block in it.submitted[0].values():
        held |= {action: {**value} for action, value in block.items()}
    assert [each.pop("type") for each in held.values()][:3] == [
        "plain_text_input",
        "static_select",
        "multi_static_select",
    ]
    assert held["name"] == {"value": "Dogs"}
    assert held["chapter"]["selected_option"]["value"] == "one"
    assert [each["value"] for each in held["chapters"]["selected_options"]] == ["one", "three"]
    assert held["zone"]["selected_option"]["text"]["text"] == "Berlin"
    assert held["time"] == {"selected_time": "09:00"}
    assert held["day"] == {"selected_date": "2026-11-30"}
    assert held["who"] == {"selected_user": it.bob.id}
    assert held["team"] == {"selected_users": [it.ann.id, it.bob.id]}
    assert held["where"] == {"selected_conversation": it.channel.id}
    assert [each["value"] for each in held["days"]["selected_options"]] == ["tue"]
    assert held["kind"]["selected_option"]["value"] == "hard"
    (file,) = held["notes"]["files"]
    assert (file["name"], file["size"], file["user"]) == ("dogs.md", 6, it.ann.id)
    assert (file["mimetype"], file["filetype"]) == ("text/markdown", "md")
    assert not it.slack.violations


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "D"},
        {"name": "D" * 21},
        {"name": ""},
        {"chapter": "three"},
        {"chapters": []},
        {"zone": "paris"},
        {"time": "24:00"},
        {"day": "2026-02-30"},
        {"who": "U0"},
        {"where": "C0"},
        {"kind": "fair"},
        {"notes": []},
    ],
)
async def test_what_slacks_apps_do_not_take_is_not_submitted(it: Forms, changed: JSON) -> None:
    view = await it.open()
    with pytest.raises(AssertionError):
        await it.ann.submit(view, it.values(**changed))
    assert it.submitted == []


async def test_too_many_too_large_and_other_files_are_not_submitted(it: Forms) -> None:
    view = await it.open()
    file, other = it.ann.upload("a.md", b"a"), it.slack.team.add_channel("x", private=True)
    for changed in (
        {"notes": [file, file, file]},
        {"notes": [it.ann.upload("a.exe", b"a")]},
        {"notes": [it.ann.upload("a.md", b"a" * 10_000_001)]},
        {"team": [it.ann, it.bob, it.slack.team.add_person("Cas")]},
        {"where": other},
        {"where": it.ann.dm},
    ):
        with pytest.raises(AssertionError):
            await it.ann.submit(view, it.values(**changed))
    assert it.submitted == []


async def test_a_view_is_updated_once_it_is_known(it: Forms) -> None:
    view = await it.open()
    old, client = view.hash, it.client
    await client.views_update(view_id=view.id, hash=old, view=FORM)
    assert await refusal(client.views_update(view_id=view.id, hash=old, view=FORM)) == (
        "hash_conflict"
    )
    large = FORM | {"blocks": [marked("m" * 2900) for _ in range(90)]}
    assert len(str(large)) > VIEW_SIZE
    assert await refusal(client.views_update(view_id=view.id, view=large)) == "view_too_large"
    await it.ann.close(view)
    assert await refusal(client.views_update(view_id=view.id, view=FORM)) == "not_found"


async def get(url: str, token: str = "", *, steps: int = 0) -> tuple[int, str, bytes]:
    """Status, type and body; where a redirect leads, that many times with the token as well."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession() as session:
        for _ in range(steps):
            async with session.get(url, headers=headers, allow_redirects=False) as told:
                assert told.status == 302
                url = told.headers["Location"]
        async with session.get(url, headers=headers) as told:
            return told.status, told.content_type, await told.read()


async def test_a_file_is_downloaded_with_the_token_at_each_step(it: Forms) -> None:
    file = it.ann.upload("dogs.md", b"# Dogs")
    url, token = file.shown()["url_private_download"], it.slack.bot_token
    assert await get(url, token, steps=1) == (200, "text/markdown", b"# Dogs")
    # A client that drops the token where the origin changes gets the page to log in.
    for given in ("", "wrong", token):
        status, kind, body = await get(url, given)
        assert (status, kind) == (200, "text/html")
        assert b"Sign in to Acme" in body
    file.hops = ()
    assert await get(url, token) == (200, "text/markdown", b"# Dogs")
    it.slack.missing_scopes.add("files:read")
    assert (await get(url, token))[1] == "text/html"


async def test_a_token_stays_with_slack(it: Forms) -> None:
    file = it.ann.upload("dogs.md", b"# Dogs")
    url, token = file.shown()["url_private_download"], it.slack.bot_token
    file.hops = (Hop.SLACK, Hop.CACHE)
    assert await get(url, token, steps=1) == (200, "text/markdown", b"# Dogs")
    assert not it.slack.violations
    await get(url, token, steps=2)
    assert [each.problems for each in it.slack.violations] == [
        ("a token was sent to a host that is not Slack's",)
    ]


async def test_files_are_told_of_and_looked_up(it: Forms) -> None:
    file = it.ann.upload("dogs.md", b"# Dogs")
    told = (await it.client.files_info(file=file.id))["file"]
    assert (told["name"], told["size"], told["is_external"]) == ("dogs.md", 6, False)
    await it.ann.say(it.ann.dm, "Here", [file])
    event = it.log[-1]["event"]
    assert (event["subtype"], event["text"]) == ("file_share", "Here")
    assert event["files"] == [file.shown()]

    file.ask = True
    await it.ann.say(it.ann.dm, "", [file])
    (named,) = it.log[-1]["event"]["files"]
    assert (named["id"], named["file_access"]) == (file.id, "check_file_info")
    assert "url_private" not in named
    assert (await it.client.files_info(file=file.id))["file"]["url_private_download"]

    theirs = it.ann.upload("drive.md", b"")
    theirs.elsewhere = "https://drive.example.org/drive.md"
    told = (await it.client.files_info(file=theirs.id))["file"]
    assert (told["url_private"], told["is_external"]) == (theirs.elsewhere, True)
    assert "url_private_download" not in told


async def test_files_that_cannot_be_had(it: Forms) -> None:
    file = it.ann.upload("dogs.md", b"# Dogs")
    other = File(it.slack.add_team("Other"), "cats.md")
    it.slack.files[other.id] = other
    file.deleted = True
    assert await refusal(it.client.files_info(file=file.id)) == "file_deleted"
    assert await refusal(it.client.files_info(file=other.id)) == "file_not_found"
    assert await refusal(it.client.files_info(file="F0")) == "file_not_found"
    url = file.shown()["url_private_download"]
    assert (await get(url, it.slack.bot_token))[1] == "text/html"
    it.slack.missing_scopes.add("files:read")
    assert await refusal(it.client.files_info(file=file.id)) == "missing_scope"
    trigger = it.slack.triggers.new(it.ann)
    assert await refusal(it.client.views_open(trigger_id=trigger, view=FORM)) == "missing_scope"


@pytest.mark.parametrize(
    ("element", "sound"),
    [
        ({"type": "file_input"}, True),
        ({"type": "file_input", "filetypes": ["md"], "max_files": 10}, True),
        ({"type": "file_input", "max_files": 0}, False),
        ({"type": "file_input", "max_files": 11}, False),
        ({"type": "file_input", "filetypes": []}, False),
        ({"type": "file_input", "filetypes": [".md"]}, False),
        ({"type": "file_input", "placeholder": plain("File")}, False),
        ({"type": "timepicker", "initial_time": "09:00"}, True),
        ({"type": "timepicker", "initial_time": "9:00"}, False),
        ({"type": "datepicker", "initial_date": "2026-11-30"}, True),
        ({"type": "datepicker", "initial_date": "30.11.2026"}, False),
    ],
)
def test_fields_are_checked(element: JSON, sound: bool) -> None:
    assert (view_problems(modal(field(**element)), "modal") == []) is sound


def test_files_are_put_into_the_inputs_of_modals_alone() -> None:
    files = field(type="file_input")
    home = {"type": "home", "blocks": [files]}
    assert any("file_input" in each for each in view_problems(home, "home"))
    actions = {"type": "actions", "elements": [files["element"]]}
    assert any("file_input" in each for each in view_problems(modal(actions), "modal"))
