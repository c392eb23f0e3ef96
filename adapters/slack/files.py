"""Files that members send, downloaded only when they're read."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import ClientError, ClientResponse, ClientSession
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from bot.engine.events import FileRefused, IncomingFile

log = logging.getLogger(__name__)

MAX_REDIRECTS = 5
"""Redirects followed to reach a file."""

CHUNK_BYTES = 2**16

NOT_IN_SLACK = "That file isn't stored in Slack. Download it, then upload it here."
UNREADABLE = "Slack doesn't let me read that file. Ask an admin to reinstall the app."
UNREACHABLE = "Couldn't download that file from Slack. Try again in a minute."


async def to_incoming_file(
    file: Mapping[str, Any], client: AsyncWebClient, session: ClientSession
) -> IncomingFile:
    """The file that Slack describes; for some files, that takes a request. Raises SlackApiError."""
    if file.get("file_access") == "check_file_info":
        file = (await client.files_info(file=file["id"]))["file"]
    name, size, kind = str(file["name"]), int(file["size"]), str(file.get("mimetype") or "")
    url = str(file.get("url_private_download") or file.get("url_private") or "")

    async def fetch(_: int) -> bytes:
        try:
            content = await _download(URL(url), client, session, size + 1)
        except (ClientError, OSError):
            raise FileRefused(UNREACHABLE) from None
        # Without the scope to read files, Slack responds with its login page and status 200.
        if len(content) != size:
            log.warning("slack sent %d bytes of a file of %d", len(content), size)
            raise FileRefused(UNREADABLE)
        return content

    return IncomingFile(name, size, kind, fetch)


async def _download(url: URL, client: AsyncWebClient, session: ClientSession, limit: int) -> bytes:
    """Up to `limit` bytes from a URL. Raises FileRefused."""
    if not _is_slack_url(url, client):
        raise FileRefused(NOT_IN_SLACK)
    for _ in range(MAX_REDIRECTS):
        # Only to Slack: whoever has the token can do whatever the app can.
        headers = {"Authorization": f"Bearer {client.token}"} if _is_slack_url(url, client) else {}
        async with session.get(url, headers=headers, allow_redirects=False) as response:
            if response.status == HTTPStatus.OK:
                return await _read_up_to(response, limit)
            if "Location" not in response.headers:
                log.warning("slack refused a download: HTTP %d", response.status)
                break
            url = url.join(URL(response.headers["Location"]))
    raise FileRefused(UNREADABLE)


def _is_slack_url(url: URL, client: AsyncWebClient) -> bool:
    """Whether a URL is on the host of Slack's API, or on a subdomain."""
    api = URL(client.base_url)
    host = url.host or ""
    return url.scheme == api.scheme and (host == api.host or host.endswith(f".{api.host}"))


async def _read_up_to(response: ClientResponse, limit: int) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        content += chunk
        if len(content) >= limit:
            break
    return bytes(content[:limit])
