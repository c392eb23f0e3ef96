"""response_url: five answers within half an hour to something a person did."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from tests.stand_ins.slack.blocks import JSON
from tests.stand_ins.slack.waiting import Memory

if TYPE_CHECKING:
    from tests.stand_ins.slack.people import Person
    from tests.stand_ins.slack.server import SlackServer
    from tests.stand_ins.slack.surfaces import Message
    from tests.stand_ins.slack.workspace import Channel

USES = 5
LIFE = 30 * 60.0


@dataclass(eq=False)
class ResponseUrl:
    """What one response_url may answer to."""

    url: str
    channel: Channel
    person: Person
    original: Message | None
    expires: float
    uses: int = 0


class ResponseUrls:
    """Hands the URLs out and serves them."""

    def __init__(self, server: SlackServer) -> None:
        self._server = server
        self._known: Memory[ResponseUrl] = Memory(server.keep)

    def new(self, channel: Channel, person: Person, original: Message | None = None) -> str:
        """A URL for answering the person in the channel."""
        key = secrets.token_hex(12)
        url = f"{self._server.address}/response/{key}"
        expires = self._server.clock() + LIFE
        self._known[key] = ResponseUrl(url, channel, person, original, expires)
        return url

    def expire(self, url: str | None = None) -> None:
        """Let half an hour pass for one URL, or for all."""
        for known in self._known.values():
            if url in {None, known.url}:
                known.expires = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one answer."""
        return await self._server.faults.around("response_url", request, self._serve)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        known = self._known.get(request.match_info["key"])
        if known is None or known.expires <= self._server.clock():
            return _refused("expired_url", 404)
        if known.uses >= USES:
            return _refused("used_url", 404)
        body: JSON = await request.json()
        self._server.calls.append(("response_url", body))
        if not body.get("delete_original"):
            if not body.get("text") and not body.get("blocks"):
                return _refused("no_text", 400)
            if any("slack_file" in block for block in body.get("blocks") or ()):
                # Nobody's token comes with it, so nobody's files can be shown.
                return _refused("invalid_blocks", 404)
            if self._server.inspect_message("response_url", body):
                return _refused("invalid_blocks", 400)
        known.uses += 1
        self.apply(known.channel, known.person, known.original, body)
        return web.Response(text="ok")

    def apply(self, channel: Channel, person: Person, original: Message | None, body: JSON) -> None:
        """Show an answer: in the place of the original, to all, or to the person alone."""
        blocks = body.get("blocks") or []
        if original and body.get("delete_original"):
            original.delete()
        elif original and body.get("replace_original"):
            if not original.deleted:
                original.change(body.get("text", ""), blocks, body.get("metadata"))
        elif not body.get("delete_original"):
            public = body.get("response_type") == "in_channel"
            if not public:
                # Only what everyone sees can go to a thread.
                body = {key: value for key, value in body.items() if key != "thread_ts"}
            self._server.show(channel, body, visible_to=None if public else person)


def _refused(error: str, status: int) -> web.Response:
    return web.json_response({"ok": False, "error": error}, status=status)
