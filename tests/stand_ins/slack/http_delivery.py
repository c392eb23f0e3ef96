"""HTTP mode: signed requests to the app's own URL."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from urllib.parse import urlencode

import aiohttp

from tests.stand_ins.slack.blocks import JSON
from tests.stand_ins.slack.delivery import Copy
from tests.stand_ins.slack.waiting import PATIENCE


class HttpDelivery:
    """Posts to the app as Slack does, or badly when a test asks for it."""

    def __init__(self, url: str, signing_secret: str) -> None:
        self.url, self._secret = url, signing_secret
        self._session: aiohttp.ClientSession | None = None
        self.forgeries = 0
        self.age = 0.0

    def forge_next(self, times: int = 1) -> None:
        """Sign the next requests with another secret."""
        self.forgeries += times

    async def carry(self, copy: Copy, deadline: float) -> None:
        """Post a copy and note the app's answer."""
        body, content_type = _encoded(copy)
        headers = {"Content-Type": content_type}
        if copy.attempt:
            headers |= {
                "X-Slack-Retry-Num": str(copy.attempt),
                "X-Slack-Retry-Reason": copy.reason,
            }
        copy.sent_at = time.monotonic()
        try:
            status, text, answered = await self.post(body, headers, deadline)
        except TimeoutError:
            copy.problem = "http_timeout"
        except aiohttp.ClientError:
            copy.problem = "connection_failed"
        else:
            copy.status = status
            copy.retry = answered.get("X-Slack-No-Retry") != "1"
            if 200 <= status < 300:
                copy.answer(_decoded(text))
            else:
                copy.problem = "http_error"

    async def post(
        self, body: str, headers: dict[str, str], deadline: float
    ) -> tuple[int, str, Mapping[str, str]]:
        """Post a signed body; the status, text and headers of the answer."""
        self._session = self._session or aiohttp.ClientSession()
        timeout = aiohttp.ClientTimeout(total=deadline)
        signed = headers | self._signature(body)
        async with self._session.post(
            self.url, data=body.encode(), headers=signed, timeout=timeout
        ) as answer:
            return answer.status, await answer.text(), answer.headers

    async def verify_url(self, deadline: float = PATIENCE) -> bool:
        """Whether the app answers the challenge that Slack sends when it is given the URL."""
        body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a", "token": "t"})
        headers = {"Content-Type": "application/json"}
        status, text, _ = await self.post(body, headers, deadline)
        return status == 200 and "3eZbrw1a" in text

    async def close(self) -> None:
        """Let the connections go."""
        if self._session:
            await self._session.close()

    def _signature(self, body: str) -> dict[str, str]:
        secret = self._secret
        if self.forgeries:
            self.forgeries -= 1
            secret = "not-the-secret"
        stamp = str(int(time.time() - self.age))
        digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256)
        return {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest.hexdigest()}",
        }


def _encoded(copy: Copy) -> tuple[str, str]:
    form = "application/x-www-form-urlencoded"
    match copy.kind:
        case "slash_commands":
            # UTF-8 carries no lone surrogates.
            return urlencode(copy.payload, errors="ignore"), form
        case "interactive":
            return urlencode({"payload": json.dumps(copy.payload)}), form
        case _:
            return json.dumps(copy.payload), "application/json"


def _decoded(text: str) -> JSON:
    if not text:
        return {}
    try:
        answer = json.loads(text)
    except ValueError:
        return {"text": text}
    return answer if isinstance(answer, dict) else {"text": text}
