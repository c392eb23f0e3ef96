"""Requests and answers as Discord's REST API reads and writes them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from aiohttp import BodyPartReader, web

from tests.stand_ins.discord.messages import Attachment
from tests.stand_ins.discord.world import Json

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Routes = Iterator[tuple[str, str, Handler]]

UPLOAD = 10 * 2**20
"""Bytes that the files of one request may have together."""


class Refused(Exception):
    """An error as Discord answers it."""

    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message, "code": code, **more}


class Body(NamedTuple):
    """A request's JSON, and the files that came with it by their number."""

    data: Any
    files: Mapping[str, Attachment]


def answer(
    data: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """JSON as Discord sends it: without a charset, by which the client knows it."""
    body = json.dumps(data).encode()
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


async def read(request: web.Request) -> Body:
    """What a request says. Raises Refused."""
    if not request.content_type.startswith("multipart/"):
        try:
            return Body(json.loads(await request.read() or b"{}"), {})
        except ValueError:
            raise Refused(400, 50109, "The request body contains invalid JSON.") from None
    data: Json = {}
    files: dict[str, Attachment] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        name = part.name or ""
        if name == "payload_json":
            data = json.loads(await part.read())
        elif name.startswith("files["):
            number = name.removeprefix("files[").removesuffix("]")
            content = bytes(await part.read())
            cdn = str(request.url.origin())
            files[number] = Attachment(part.filename or name, content, cdn)
    named = (data.get("data") or data).get("attachments") or ()
    said = {str(each.get("id")): each.get("description") or "" for each in named}
    files = {key: replace(file, description=said.get(key, "")) for key, file in files.items()}
    if sum(len(each.data) for each in files.values()) > UPLOAD:
        raise Refused(413, 40005, "Request entity too large")
    return Body(data, files)
