"""Installing the app from a browser: the state that says who started, and the page if it fails."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from html import escape
from typing import Any

from slack_bolt.response import BoltResponse
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

STATE_SECONDS = 600
"""How long somebody has to approve an installation they started. The library's cookie lasts as
long."""

PROBLEMS = {
    "access_denied": "You canceled the installation.",
    "invalid_browser": "This installation was started in another browser, or too long ago.",
    "invalid_code": "Slack no longer accepts this installation.",
    "invalid_state": "This installation was started more than ten minutes ago.",
    "missing_code": "Slack didn't confirm this installation.",
    "unavailable": "Studyhall can't save installations right now. Try again in a minute.",
}
"""What a failed installation's page says, by the library's or Slack's reason."""

OTHER_PROBLEM = "Slack couldn't install Studyhall."

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Studyhall</title></head>
<body>
<h1>Studyhall isn't installed yet</h1>
<p>{problem}</p>
<p><a href="install">Start again</a></p>
</body>
</html>
"""


class SignedStates(AsyncOAuthStateStore):
    """States that say themselves until when they're valid. Nothing is stored, so strangers who
    start installations fill no database, and any replica can complete one. The library accepts a
    state only together with its cookie, so only in the browser that started."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    async def async_issue(self, *_: Any, **__: Any) -> str:
        claim = f"{int(time.time()) + STATE_SECONDS}-{secrets.token_hex(16)}"
        return f"{claim}-{self._sign(claim)}"

    async def async_consume(self, state: str) -> bool:
        claim, _, signature = state.rpartition("-")
        if not hmac.compare_digest(self._sign(claim).encode(), signature.encode()):
            return False
        return int(claim.partition("-")[0]) > time.time()

    def _sign(self, claim: str) -> str:
        signed = f"installation state {claim}".encode()
        return hmac.new(self._secret, signed, hashlib.sha256).hexdigest()


def build_failure_page(reason: str, status: int) -> BoltResponse:
    """Say why an installation failed, with a link to start again."""
    page = _PAGE.format(problem=escape(PROBLEMS.get(reason, OTHER_PROBLEM)))
    return BoltResponse(
        status=status, body=page, headers={"Content-Type": "text/html; charset=utf-8"}
    )
