"""What comes in over HTTP: only at our own paths, and parsed only once its signature is checked."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from time import time

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from adapters.slack.installing import build_failure_page
from adapters.slack.workspaces import EVENTS, INSTALL, REDIRECT

log = logging.getLogger(__name__)

MAX_AGE_SECONDS = 300
"""How far a request's timestamp may be from our clock, so that nobody can send it again later.
Source: Slack's documentation, "Verifying requests from Slack"."""

SSL_CHECK = "ssl_check=1"
"""Slack's check of our certificate, which the library answers though it may not be signed."""

Respond = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]


class HttpRequests:
    """Answers the requests of Slack, and of browsers that install the app."""

    def __init__(self, app: AsyncApp, signing_secret: str) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret)
        self._pages: dict[str, Respond] = {}
        if flow := app.oauth_flow:
            self._pages = {INSTALL: flow.handle_installation, REDIRECT: flow.handle_callback}

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request. Raises HTTPException if it's refused."""
        if request.path == EVENTS:
            _check_method(request, "POST")
            response = await self._take_event(request)
        elif page := self._pages.get(request.path):
            _check_method(request, "GET")
            response = await _show(page, request)
        else:
            raise web.HTTPNotFound
        return await to_aiohttp_response(response)

    async def _take_event(self, request: web.BaseRequest) -> BoltResponse:
        try:
            text = (await request.read()).decode()
        except UnicodeDecodeError:
            raise _refuse(web.HTTPBadRequest, "it isn't UTF-8") from None
        if SSL_CHECK in text.split("&"):
            return BoltResponse(status=200)
        self._verify(text, request.headers)
        try:
            event = AsyncBoltRequest(
                body=text, query=request.query_string, headers=dict(request.headers)
            )
        except Exception:  # the library's parser expects a JSON object, and fails in many ways
            raise _refuse(web.HTTPBadRequest, "it can't be read") from None
        return await self._app.async_dispatch(event)

    def _verify(self, text: str, headers: Mapping[str, str]) -> None:
        stamp = headers.get("X-Slack-Request-Timestamp", "")
        signature = headers.get("X-Slack-Signature", "")
        try:
            age = time() - int(stamp)
        except (ValueError, OverflowError):
            raise _refuse(web.HTTPUnauthorized, "it has no timestamp") from None
        if abs(age) > MAX_AGE_SECONDS:
            raise _refuse(web.HTTPUnauthorized, "its time is off by more than five minutes")
        if not (signature.isascii() and self._verifier.is_valid(text, stamp, signature)):
            raise _refuse(web.HTTPUnauthorized, "its signature is wrong")


def _check_method(request: web.BaseRequest, allowed: str) -> None:
    if request.method != allowed:
        raise web.HTTPMethodNotAllowed(request.method, [allowed])


def _refuse(status: type[web.HTTPException], reason: str) -> web.HTTPException:
    """Refuse without a word to the sender. The log names the reason, so that it's one of few."""
    log.warning("refused a request: %s", reason)
    return status(text="")


async def _show(page: Respond, request: web.BaseRequest) -> BoltResponse:
    asked = AsyncBoltRequest(body="", query=request.query_string, headers=dict(request.headers))
    try:
        return await page(asked)
    except Exception:
        log.exception("an installation failed")
        return build_failure_page("unavailable", web.HTTPServiceUnavailable.status_code)
