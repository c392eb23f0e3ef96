"""Uploaded files, and the ways to their bytes.

Sources: Slack's documentation, "File object", "files.info", "File input element"; for what is on
the way to a file, what clients report: a redirect within Slack still wants the token, one to where
Slack's files are cached brings its own key, and without the right token a page to log in comes,
with status 200.
"""

from __future__ import annotations

import mimetypes
import secrets
from dataclasses import dataclass, field
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web

from tests.stand_ins.slack.blocks import JSON
from tests.stand_ins.slack.limits import Violation

if TYPE_CHECKING:
    from tests.stand_ins.slack.server import SlackServer
    from tests.stand_ins.slack.workspace import Team

LOGIN = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in to {}</body></html>"
SCOPE = "files:read"


class Hop(Enum):
    """Where a download is redirected to."""

    SLACK = "another host of Slack's, which wants the token as well"
    CACHE = "a host that is not Slack's, which wants no token and must get none"


@dataclass(eq=False)
class File:
    """An uploaded file with its bytes."""

    team: Team
    name: str
    content: bytes = b""
    user: str = ""
    title: str = ""
    alt: str = ""
    id: str = ""
    refusals: int = 0
    """How often blocks with it are still refused, because it is being made ready."""
    hops: tuple[Hop, ...] = (Hop.SLACK,)
    """What a download goes through."""
    elsewhere: str = ""
    """Where it is if Slack does not have it: what people share from a drive of theirs."""
    ask: bool = False
    """Whether events name it only, as in channels of two workspaces: `files.info` tells more."""
    deleted: bool = False
    key: str = field(default_factory=lambda: secrets.token_hex(8))
    created: int = 0

    def __post_init__(self) -> None:
        server = self.team.server
        self.id = self.id or f"F{server.number()}"
        self.created = int(server.clock())

    def told(self) -> JSON:
        """The file as an event or a submitted view tells of it."""
        if not self.ask:
            return self.shown()
        return {
            "id": self.id,
            "mode": "file_access",
            "file_access": "check_file_info",
            "created": 0,
            "timestamp": 0,
            "user": "",
        }

    def shown(self) -> JSON:
        """The file as the Web API shows it."""
        server, path = self.team.server, f"files-pri/{self.team.id}-{self.id}"
        name = quote(self.name.lower())
        shown: JSON = {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.type,
            "filetype": PurePath(self.name).suffix.lstrip(".").lower(),
            "user": self.user,
            "user_team": self.team.id,
            "size": len(self.content),
            "mode": "external" if self.elsewhere else "hosted",
            "is_external": bool(self.elsewhere),
            "external_type": "",
            "is_public": False,
            "file_access": "visible",
            "permalink": f"{server.address}/files/{self.user}/{self.id}/{name}",
        }
        if self.elsewhere:
            return shown | {"url_private": self.elsewhere}
        return shown | {
            "url_private": f"{server.files_address}/{path}/{name}",
            "url_private_download": f"{server.files_address}/{path}/download/{name}",
        }

    @property
    def type(self) -> str:
        """Its media type, told by its name."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


class Downloads:
    """Hands files out to whoever may have them."""

    def __init__(self, server: SlackServer) -> None:
        self._server = server

    def add_to(self, app: web.Application) -> None:
        """Answer where files are."""
        for path in ("/files-pri/{file}/{name}", "/files-pri/{file}/download/{name}"):
            app.router.add_get(path, self.handle)
        app.router.add_get("/cache/{file}/{key}", self.handle_cache)
        app.router.add_get("/", self.handle_login)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One step on the way to a file: each wants the token."""
        file = self._server.files.get(request.match_info["file"].partition("-")[2])
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not self._may_have(file, token) or file is None:
            raise web.HTTPFound(f"{self._server.address}/?redir={quote(request.path)}")
        step = int(request.query.get("step", "0"))
        if step >= len(file.hops):
            return _bytes(file)
        if file.hops[step] is Hop.CACHE:
            host = self._server.address.replace("127.0.0.1", "localhost")
            raise web.HTTPFound(f"{host}/cache/{file.id}/{file.key}")
        hosts = self._server.address, self._server.files_address
        raise web.HTTPFound(f"{hosts[step % 2]}{request.path}?step={step + 1}")

    async def handle_cache(self, request: web.Request) -> web.StreamResponse:
        """A file for whoever has its key."""
        if "Authorization" in request.headers:
            problem = "a token was sent to a host that is not Slack's"
            self._server.violations.append(Violation("download", (problem,), {}))
        file = self._server.files.get(request.match_info["file"])
        if file is None or file.deleted or file.key != request.match_info["key"]:
            raise web.HTTPNotFound
        return _bytes(file)

    async def handle_login(self, request: web.Request) -> web.StreamResponse:
        """The page that everybody else gets."""
        return web.Response(text=LOGIN.format(self._server.team.name), content_type="text/html")

    def _may_have(self, file: File | None, token: str) -> bool:
        return (
            file is not None
            and not file.deleted
            and file.team.installed
            and token == file.team.bot_token
            and SCOPE not in self._server.missing_scopes
        )


def _bytes(file: File) -> web.Response:
    given = {"Content-Disposition": f'attachment; filename="{quote(file.name)}"'}
    return web.Response(body=file.content, content_type=file.type, headers=given)
