"""Responding to interactions: the callback, and the messages that the interaction's token allows.

Source: Discord's documentation, "Receiving and Responding".
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.stand_ins.discord import command_limits, modal_limits
from tests.stand_ins.discord.checks import at, wrong
from tests.stand_ins.discord.interactions import Interaction, Kind, Response
from tests.stand_ins.discord.messages import EPHEMERAL, KEPT_FLAGS, LOADING, Message
from tests.stand_ins.discord.wire import Body, Refused, Routes, answer, read
from tests.stand_ins.discord.world import BOT_ID, Json

if TYPE_CHECKING:
    from tests.stand_ins.discord.server import DiscordServer

POSSIBLE = {
    Kind.COMMAND: {Response.ANSWER, Response.DEFERRED_ANSWER, Response.MODAL},
    Kind.COMPONENT: set(Response) - {Response.CHOICES},
    Kind.COMPLETION: {Response.CHOICES},
    Kind.SUBMIT: {Response.ANSWER, Response.DEFERRED_ANSWER},
}
"""Which responses each kind of interaction takes; a modal opened from a message can change it."""


class Responding:
    """The routes that need an interaction's token only."""

    def __init__(self, server: DiscordServer) -> None:
        self._server = server

    def routes(self) -> Routes:
        yield "POST", "/interactions/{interaction}/{token}/callback", self._callback
        yield "POST", "/webhooks/{app}/{token}", self._follow_up
        one = "/webhooks/{app}/{token}/messages/{message}"
        yield "GET", one, self._look
        yield "PATCH", one, self._edit
        yield "DELETE", one, self._delete

    async def _callback(self, request: web.Request) -> web.Response:
        interaction = self._server.by_token.get(request.match_info["token"])
        if interaction is None or interaction.id != request.match_info["interaction"]:
            raise Refused(404, 10062, "Unknown interaction")
        elapsed = monotonic() - interaction.sent_at
        body = await read(request)
        if interaction.response is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        if elapsed > self._server.deadline:
            interaction.late = elapsed
            raise Refused(404, 10062, "Unknown interaction")
        data = Body(body.data.get("data") or {}, body.files)
        kind = self._inspect(request, interaction, body.data.get("type"), data)
        interaction.response, interaction.elapsed = body.data, elapsed
        match kind:
            case Response.ANSWER:
                self._answer(interaction, data)
            case Response.DEFERRED_ANSWER:
                # Of flags, a promise takes this one only.
                flags = int(data.data.get("flags") or 0) & EPHEMERAL
                promised = Body({"flags": flags}, {})
                interaction.original = self._new(interaction, promised, LOADING)
            case Response.DEFERRED_UPDATE:
                interaction.original = interaction.used
            case Response.UPDATE if interaction.used is not None:
                interaction.original = interaction.used
                interaction.used.edit(data.data, [*data.files.values()], self._server.clock())
                interaction.show(interaction.used)
        interaction.acknowledged.set()
        if request.query.get("with_response") not in ("1", "true"):
            return web.Response(status=204)
        return answer(_told(interaction, kind))

    def _inspect(
        self, request: web.Request, interaction: Interaction, kind: Any, data: Body
    ) -> Response:
        """The kind of a response that is in order."""
        possible = POSSIBLE[interaction.kind]
        if interaction.kind is Kind.SUBMIT and interaction.used is not None:
            possible = possible | {Response.DEFERRED_UPDATE, Response.UPDATE}
        if kind not in possible:
            text = f"{kind} does not respond to an interaction of type {interaction.kind}"
            self._server.inspect(request, iter([wrong(text, "type")]))
        match kind:
            case Response.ANSWER:
                self._server.inspect_message(request, data, within="data")
            case Response.UPDATE:
                self._server.inspect_message(request, data, interaction.used, within="data")
            case Response.CHOICES:
                self._server.inspect(request, at("data", command_limits.choices(data.data)))
            case Response.MODAL:
                self._server.inspect(request, at("data", modal_limits.modal(data.data)))
        return Response(kind)

    def _answer(self, interaction: Interaction, body: Body) -> None:
        interaction.original = self._new(interaction, body)
        interaction.original.fill(body.data, [*body.files.values()])
        interaction.show(interaction.original)

    def _new(self, interaction: Interaction, body: Body, flags: int = 0) -> Message:
        """A message that answers; for one person if it says so."""
        flags |= int(body.data.get("flags") or 0) & KEPT_FLAGS
        message = Message(
            interaction.channel,
            flags=flags,
            origin=interaction.origin(),
            visible_to=interaction.person if flags & EPHEMERAL else None,
            id=self._server.new_id(),
        )
        self._server.keep_message(message)
        return message

    async def _follow_up(self, request: web.Request) -> web.Response:
        interaction, body = self._of_token(request), await read(request)
        if interaction.response is None:
            raise Refused(404, 10015, "Unknown Webhook")
        original = interaction.original
        self._server.inspect_message(request, body)
        if original is not None and original.flags & LOADING:
            original.fill(body.data, [*body.files.values()])
            message = original
        else:
            message = self._new(interaction, body)
            message.fill(body.data, [*body.files.values()])
            interaction.followups.append(message)
        interaction.show(message)
        return answer(message.payload())

    async def _look(self, request: web.Request) -> web.Response:
        return answer(self._named(request, self._of_token(request)).payload())

    async def _edit(self, request: web.Request) -> web.Response:
        interaction, body = self._of_token(request), await read(request)
        message = self._named(request, interaction)
        self._server.inspect_message(request, body, message)
        files = [*body.files.values()]
        if message.flags & LOADING:
            message.fill(body.data, files)
        else:
            message.edit(body.data, files, self._server.clock())
        interaction.show(message)
        return answer(message.payload())

    async def _delete(self, request: web.Request) -> web.Response:
        self._named(request, self._of_token(request)).delete()
        return web.Response(status=204)

    def _of_token(self, request: web.Request) -> Interaction:
        interaction = self._server.by_token.get(request.match_info["token"])
        if interaction is None or request.match_info["app"] != BOT_ID:
            raise Refused(404, 10015, "Unknown Webhook")
        if not interaction.valid(self._server.clock()):
            raise Refused(401, 50027, "Invalid Webhook Token")
        return interaction

    def _named(self, request: web.Request, interaction: Interaction) -> Message:
        """The answer that a request means."""
        name, original = request.match_info["message"], interaction.original
        if name == "@original":
            message = original
        else:
            ours = [*interaction.followups, *([original] if original else [])]
            message = next((each for each in ours if each.id == name), None)
        if message is None or message.deleted:
            raise Refused(404, 10008, "Unknown Message")
        return message


def _told(interaction: Interaction, kind: Response) -> Json:
    """What Discord tells of a response to who asks."""
    told: Json = {"id": interaction.id, "type": interaction.kind}
    resource: Json = {"type": kind}
    if interaction.original is not None:
        told |= {
            "response_message_id": interaction.original.id,
            "response_message_loading": kind is Response.DEFERRED_ANSWER,
            "response_message_ephemeral": interaction.original.ephemeral,
        }
        if kind in (Response.ANSWER, Response.UPDATE):
            resource["message"] = interaction.original.payload()
    return {"interaction": told, "resource": resource}
