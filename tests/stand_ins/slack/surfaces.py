"""What is on people's screens: messages and views."""

from __future__ import annotations

import copy
import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tests.stand_ins.slack.blocks import JSON, State, Surface, first_state, named
from tests.stand_ins.slack.files import File

if TYPE_CHECKING:
    from tests.stand_ins.slack.people import Person
    from tests.stand_ins.slack.workspace import Channel


class Edit(NamedTuple):
    """What a message said before it was changed."""

    text: str
    blocks: list[JSON]


@dataclass(eq=False)
class Message(Surface):
    """A message, public or shown to one person only."""

    channel: Channel
    ts: str
    author: str
    text: str = ""
    blocks: list[JSON] = field(default_factory=list)
    visible_to: Person | None = None
    metadata: JSON | None = None
    files: list[File] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    """Whether a reply is shown in the channel, too."""
    edits: list[Edit] = field(default_factory=list)
    deleted: bool = False
    states: dict[str, State] = field(default_factory=dict)
    noticed: dict[str, int] = field(default_factory=dict)

    @property
    def ephemeral(self) -> bool:
        """Whether one person alone sees it."""
        return self.visible_to is not None

    @property
    def words(self) -> str:
        """What a reader sees: the text of the blocks, or the text where there are none."""
        return super().words if self.blocks else html.unescape(self.text)

    def state(self, person: Person) -> State:
        """What the person has chosen in the message's controls."""
        return self.states.setdefault(person.id, first_state(self.blocks))

    def change(self, text: str, blocks: list[JSON], metadata: JSON | None = None) -> None:
        """Put other content in its place; its metadata stays unless there is other, even empty."""
        self.edits.append(Edit(self.text, self.blocks))
        self.text, self.blocks = text, named(blocks)
        self.metadata = self.metadata if metadata is None else metadata
        self.states.clear()
        self.channel.bell.ring()

    def delete(self) -> None:
        """Take it off the screen."""
        self.deleted = True
        self.channel.forget(self)

    def shown(self, with_metadata: bool = False) -> JSON:
        """The message as the Web API shows it."""
        shown: JSON = {
            "type": "message",
            "ts": self.ts,
            "user": self.author,
            "text": self.text,
            "team": self.channel.team.id,
        }
        if self.author == self.channel.team.bot_user:
            shown |= {"bot_id": self.channel.team.bot_id, "app_id": self.channel.team.server.app_id}
        if self.blocks:
            shown["blocks"] = self.blocks
        if self.files:
            shown["files"] = [file.told() for file in self.files]
        if self.thread_ts or self.channel.has_thread(self.ts):
            shown["thread_ts"] = self.thread_ts or self.ts
        if self.broadcast:
            # Source: Slack's documentation of the event `thread_broadcast`.
            root = self.channel.get(self.thread_ts or "")
            shown |= {"subtype": "thread_broadcast", "root": root.shown() if root else {}}
        if self.edits:
            shown["edited"] = {"user": self.author, "ts": self.ts}
        if with_metadata and self.metadata:
            shown["metadata"] = self.metadata
        return shown


@dataclass(eq=False)
class View(Surface):
    """A modal or a Home tab."""

    person: Person
    id: str
    raw: JSON
    blocks: list[JSON]
    state: State
    parent: View | None = None
    hash: str = ""
    open: bool = True
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, raw: JSON, person: Person, parent: View | None = None) -> View:
        """A view as it first comes on the screen."""
        blocks = named(raw["blocks"])
        server = person.team.server
        identity = f"V{server.number()}"
        return cls(person, identity, raw, blocks, first_state(blocks), parent, server.stamp())

    @property
    def title(self) -> str:
        """The words at the top of a modal."""
        return str(self.raw.get("title", {}).get("text", ""))

    @property
    def callback_id(self) -> str:
        """What the app calls it."""
        return str(self.raw.get("callback_id", ""))

    @property
    def private_metadata(self) -> str:
        """What the app keeps in it."""
        return str(self.raw.get("private_metadata", ""))

    @property
    def root(self) -> View:
        """The first view of the stack it is in."""
        return self.parent.root if self.parent else self

    def change(self, raw: JSON) -> None:
        """Put other content in its place; controls with the same ids keep what was put in them."""
        self.raw, self.blocks, self.errors = raw, named(raw["blocks"]), {}
        fresh = first_state(self.blocks)
        for block, held in fresh.items():
            for action, value in held.items():
                before = self.state.get(block, {}).get(action)
                if before and before["type"] == value["type"]:
                    held[action] = before
        self.state = fresh
        self.hash = self.person.team.server.stamp()

    def shown(self) -> JSON:
        """The view as payloads and the Web API show it."""
        team = self.person.team
        shown: JSON = {
            "id": self.id,
            "team_id": team.id,
            "type": self.raw["type"],
            "blocks": self.blocks,
            "private_metadata": self.private_metadata,
            "callback_id": self.callback_id,
            "state": {"values": copy.deepcopy(self.state)},
            "hash": self.hash,
            "title": self.raw.get("title"),
            "submit": self.raw.get("submit"),
            "close": self.raw.get("close"),
            "clear_on_close": self.raw.get("clear_on_close", False),
            "notify_on_close": self.raw.get("notify_on_close", False),
            "previous_view_id": self.parent.id if self.parent else None,
            "root_view_id": self.root.id,
            "app_id": team.server.app_id,
            "external_id": self.raw.get("external_id", ""),
            "app_installed_team_id": team.id,
            "bot_id": team.bot_id,
        }
        return shown
