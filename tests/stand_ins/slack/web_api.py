"""The Web API: the methods a bot calls, with Slack's answers and refusals."""

from __future__ import annotations

import json
import math
import time
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from aiohttp import web

from tests.stand_ins.slack.blocks import JSON
from tests.stand_ins.slack.faults import rate_limited
from tests.stand_ins.slack.files import SCOPE, File
from tests.stand_ins.slack.limits import VIEW_SIZE, Where, view_problems
from tests.stand_ins.slack.refusals import RateLimited, Refusal
from tests.stand_ins.slack.surfaces import Message, View
from tests.stand_ins.slack.workspace import Channel, Team

if TYPE_CHECKING:
    from tests.stand_ins.slack.people import Person
    from tests.stand_ins.slack.server import SlackServer

OTHER_SCOPES = {"commands", "groups:history", "groups:read", "im:history"}
"""The scopes that commands, events and private channels need."""

NESTED = ("blocks", "attachments", "metadata", "view", "files")


Handler = Callable[[Team, JSON], JSON]


class Method(NamedTuple):
    """A method and the scope it needs."""

    handle: Handler
    scope: str = ""


class WebApi:
    """Answers `/api/<method>`."""

    def __init__(self, server: SlackServer) -> None:
        self._server = server
        self._uploads: dict[str, File] = {}
        self._methods = {
            "auth.test": Method(self._auth_test),
            "auth.revoke": Method(self._auth_revoke),
            "bots.info": Method(self._bots_info, "users:read"),
            "chat.delete": Method(self._delete, "chat:write"),
            "chat.getPermalink": Method(self._permalink),
            "chat.postEphemeral": Method(self._post_ephemeral, "chat:write"),
            "chat.postMessage": Method(self._post, "chat:write"),
            "chat.update": Method(self._update, "chat:write"),
            "conversations.history": Method(self._history, "channels:history"),
            "conversations.info": Method(self._info, "channels:read"),
            "conversations.members": Method(self._members, "channels:read"),
            "conversations.open": Method(self._open, "im:write"),
            "conversations.replies": Method(self._replies, "channels:history"),
            "files.completeUploadExternal": Method(self._complete_upload, "files:write"),
            "files.getUploadURLExternal": Method(self._start_upload, "files:write"),
            "files.info": Method(self._file, SCOPE),
            "team.info": Method(self._team_info, "team:read"),
            "usergroups.list": Method(self._groups, "usergroups:read"),
            "usergroups.users.list": Method(self._group_users, "usergroups:read"),
            "users.conversations": Method(self._conversations, "channels:read"),
            "users.info": Method(self._user, "users:read"),
            "users.list": Method(self._users, "users:read"),
            "views.open": Method(self._open_view),
            "views.publish": Method(self._publish),
            "views.push": Method(self._push_view),
            "views.update": Method(self._update_view),
        }

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one call."""
        method = request.match_info["method"]
        return await self._server.faults.around(method, request, self._serve)

    async def handle_upload(self, request: web.Request) -> web.StreamResponse:
        """Take the bytes of a file, raw or as a form's file."""
        file = self._uploads.get(request.match_info["key"])
        if file is None:
            return web.Response(status=404, text="not found")
        if request.content_type == "multipart/form-data":
            form = await request.post()
            parts = [each for each in form.values() if isinstance(each, web.FileField)]
            file.content = parts[0].file.read() if parts else b""
        else:
            file.content = await request.read()
        return web.Response(text=f"OK - {len(file.content)}")

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = await _arguments(request)
        self._server.calls.append((method, arguments))
        try:
            body = self._answer(method, request, arguments)
        except Refusal as refusal:
            body = refusal.body
        except RateLimited as limit:
            return rate_limited(limit.retry_after)
        return web.json_response(body, headers=self._say_scopes())

    def _say_scopes(self) -> dict[str, str]:
        """The scopes of the token, which Slack names in each response."""
        scopes = {each.scope for each in self._methods.values()} | OTHER_SCOPES
        return {"X-OAuth-Scopes": ",".join(sorted(scopes - {""} - self._server.missing_scopes))}

    def _answer(self, method: str, request: web.Request, arguments: JSON) -> JSON:
        if method == "oauth.v2.access":
            return {"ok": True} | self._oauth(request, arguments)
        token = _token(request, arguments)
        if method == "apps.connections.open":
            if token != self._server.app_token:
                raise Refusal("not_allowed_token_type" if self._team(token) else "invalid_auth")
            return {"ok": True, "url": self._server.socket_mode.ticket()}
        team = self._team(token)
        if team is None:
            app = token == self._server.app_token
            raise Refusal("not_allowed_token_type" if app else "invalid_auth")
        if not team.installed:
            raise Refusal("token_revoked")
        if method not in self._methods:
            raise Refusal("unknown_method", req_method=method)
        handler, scope = self._methods[method]
        named = team.find(str(arguments.get("channel", "")))
        if named and named.private:
            # Source: Slack's documentation of `conversations.info` and `conversations.history`.
            scope = scope.replace("channels:", "groups:")
        if scope and scope in self._server.missing_scopes:
            raise Refusal("missing_scope", needed=scope, provided="commands")
        return {"ok": True} | handler(team, arguments)

    def _team(self, token: str) -> Team | None:
        return next((each for each in self._server.teams if each.bot_token == token), None)

    # The app and its workspace

    def _auth_test(self, team: Team, _: JSON) -> JSON:
        return {
            "url": f"{self._server.address}/",
            "team": team.name,
            "team_id": team.id,
            "user": "studyhall",
            "user_id": team.bot_user,
            "bot_id": team.bot_id,
            "is_enterprise_install": False,
        }

    def _auth_revoke(self, team: Team, arguments: JSON) -> JSON:
        testing = _true(arguments.get("test"))
        team.installed = team.installed and testing
        return {"revoked": not testing}

    def _oauth(self, request: web.Request, arguments: JSON) -> JSON:
        given = arguments.get("client_id"), arguments.get("client_secret")
        header = request.headers.get("Authorization", "")
        if header.startswith("Basic "):
            login, _, password = b64decode(header.removeprefix("Basic ")).decode().partition(":")
            given = login, password
        if given[0] != self._server.client_id:
            raise Refusal("invalid_client_id")
        if given[1] != self._server.client_secret:
            raise Refusal("bad_client_secret")
        issued = self._server.codes.pop(str(arguments.get("code")), None)
        if issued is None:
            raise Refusal("invalid_code")
        team, person = issued
        team.installed = True
        return {
            "access_token": team.bot_token,
            "token_type": "bot",
            "scope": ",".join(sorted({each.scope for each in self._methods.values()} - {""})),
            "bot_user_id": team.bot_user,
            "app_id": self._server.app_id,
            "team": {"id": team.id, "name": team.name},
            "enterprise": None,
            "authed_user": {"id": person.id},
            "is_enterprise_install": False,
        }

    def _team_info(self, team: Team, _: JSON) -> JSON:
        return {"team": team.shown()}

    def _bots_info(self, team: Team, arguments: JSON) -> JSON:
        if arguments.get("bot", team.bot_id) != team.bot_id:
            raise Refusal("bot_not_found")
        return {
            "bot": {
                "id": team.bot_id,
                "deleted": False,
                "name": "studyhall",
                "app_id": self._server.app_id,
                "user_id": team.bot_user,
            }
        }

    # Messages

    def _channel(
        self, team: Team, arguments: JSON, *, writing: bool = True, of_user: bool = False
    ) -> Channel:
        wanted = str(arguments.get("channel", ""))
        channel = None if wanted in team.people and not of_user else team.find(wanted)
        if channel is None or (channel.private and not channel.has_bot):
            raise Refusal("channel_not_found")
        if not channel.has_bot:
            raise Refusal("not_in_channel")
        if writing and channel.archived:
            raise Refusal("is_archived")
        return channel

    def _content(self, method: str, arguments: JSON) -> None:
        if isinstance(arguments.get("blocks"), str):
            raise Refusal("invalid_blocks_format")
        if problem := self._files_problem(arguments.get("blocks"), "/blocks"):
            raise Refusal("invalid_blocks", errors=[problem])
        has_text = isinstance(arguments.get("text"), str) and arguments["text"]
        if not has_text and not arguments.get("blocks") and not arguments.get("attachments"):
            raise Refusal("no_text")
        problems = self._server.inspect_message(method, arguments)
        if problems:
            blocks = any("/blocks" in each for each in problems)
            raise Refusal(
                "invalid_blocks" if blocks else "invalid_arguments",
                errors=problems,
                response_metadata={"messages": problems},
            )

    def _files_problem(self, blocks: Any, at: str) -> str:
        """Where blocks have a file that is not there, or not ready yet."""
        for place, block in enumerate(blocks or ()):
            shown = block.get("slack_file")
            file = self._server.files.get(shown.get("id")) if shown else None
            if shown and (file is None or file.refusals):
                if file:
                    file.refusals -= 1
                return f"invalid slack file [json-pointer:{at}/{place}/slack_file]"
        return ""

    def _post(self, team: Team, arguments: JSON) -> JSON:
        channel = self._channel(team, arguments, of_user=True)
        client_id = self._server.knows_repeats and arguments.get("client_msg_id")
        if client_id and (earlier := channel.client_ids.get(client_id)):
            return _posted(earlier)
        if arguments.get("thread_ts") and not channel.threadable:
            raise Refusal("restricted_action_non_threadable_channel")
        self._content("chat.postMessage", arguments)
        self._limit(channel)
        message = self._server.show(channel, arguments)
        if client_id:
            channel.client_ids[client_id] = message
        return _posted(message)

    def _limit(self, channel: Channel) -> None:
        rate = self._server.post_rate
        now = time.monotonic()
        if rate and (left := channel.last_post + 1 / rate - now) > 0:
            raise RateLimited(math.ceil(left))
        channel.last_post = now

    def _post_ephemeral(self, team: Team, arguments: JSON) -> JSON:
        channel = self._channel(team, arguments)
        person = team.people.get(str(arguments.get("user")))
        if person is None:
            raise Refusal("user_not_in_channel")
        self._content("chat.postEphemeral", arguments)
        thread = str(arguments.get("thread_ts") or "")
        if thread and not channel.has_thread(thread):
            # Slack accepts it, and shows it to nobody.
            return {"message_ts": self._server.stamp()}
        return {"message_ts": self._server.show(channel, arguments, visible_to=person).ts}

    def _message(self, channel: Channel, arguments: JSON) -> Message:
        message = channel.get(str(arguments.get("ts")))
        if message is None:
            raise Refusal("message_not_found")
        return message

    def _permalink(self, team: Team, arguments: JSON) -> JSON:
        channel = self._channel(team, arguments, writing=False)
        message = channel.get(str(arguments.get("message_ts")))
        if message is None:
            raise Refusal("message_not_found")
        number = message.ts.replace(".", "")
        where = f"{self._server.address}/archives/{channel.id}/p{number}"
        return {"channel": channel.id, "permalink": where}

    def _update(self, team: Team, arguments: JSON) -> JSON:
        channel = self._channel(team, arguments)
        message = self._message(channel, arguments)
        if message.author != team.bot_user:
            raise Refusal("cant_update_message")
        if "blocks" not in arguments and "text" not in arguments:
            raise Refusal("no_text")
        self._content("chat.update", arguments)
        kept = arguments.get("blocks", [] if arguments.get("text") else message.blocks)
        message.change(arguments.get("text", message.text), kept, arguments.get("metadata"))
        return _posted(message) | {"text": message.text}

    def _delete(self, team: Team, arguments: JSON) -> JSON:
        channel = self._channel(team, arguments)
        message = self._message(channel, arguments)
        if message.author != team.bot_user:
            raise Refusal("cant_delete_message")
        message.delete()
        return {"channel": channel.id, "ts": message.ts}

    # Conversations

    def _open(self, team: Team, arguments: JSON) -> JSON:
        wanted = arguments.get("users") or ""
        person = team.people.get(wanted if isinstance(wanted, str) else ",".join(wanted))
        if person is None:
            raise Refusal("user_not_found")
        channel = team.dm(person)
        full = _true(arguments.get("return_im"))
        return {"channel": channel.shown() if full else {"id": channel.id}}

    def _info(self, team: Team, arguments: JSON) -> JSON:
        channel = team.find(str(arguments.get("channel", "")))
        if channel is None or (channel.private and not channel.has_bot):
            raise Refusal("channel_not_found")
        return {"channel": channel.shown()}

    def _conversations(self, team: Team, arguments: JSON) -> JSON:
        types = str(arguments.get("types") or "public_channel").split(",")
        if "private_channel" in types and "groups:read" in self._server.missing_scopes:
            raise Refusal("missing_scope", needed="groups:read", provided="commands")
        wanted = [{"private_channel": True, "public_channel": False}[each] for each in types]
        archived = not _true(arguments.get("exclude_archived"))
        joined = [
            each.shown()
            for each in team.channels.values()
            if each.has_bot and not each.dm_with and each.private in wanted
            if archived or not each.archived
        ]
        return _page(arguments, "channels", joined)

    def _members(self, team: Team, arguments: JSON) -> JSON:
        channel = self._channel(team, arguments, writing=False)
        members = [channel.dm_with.id] if channel.dm_with else list(team.people)
        return _page(arguments, "members", [*members, team.bot_user])

    def _history(self, team: Team, arguments: JSON) -> JSON:
        channel = self._channel(team, arguments, writing=False)
        oldest = str(arguments.get("oldest", "0"))
        latest = str(arguments.get("latest", "9"))
        inclusive = _true(arguments.get("inclusive"))
        whole = _true(arguments.get("include_all_metadata"))
        found = [
            message.shown(whole)
            for message in reversed(channel.messages)
            if message.thread_ts is None or message.broadcast
            if oldest < message.ts < latest or (inclusive and message.ts in {oldest, latest})
        ]
        page = _page(arguments, "messages", found, usual=100)
        return page | {"has_more": bool(page["response_metadata"]["next_cursor"])}

    def _replies(self, team: Team, arguments: JSON) -> JSON:
        channel = self._channel(team, arguments, writing=False)
        parent = channel.get(str(arguments.get("ts")))
        if parent is None:
            raise Refusal("thread_not_found")
        whole = _true(arguments.get("include_all_metadata"))
        oldest = str(arguments.get("oldest", "0"))
        replies = [
            each for each in channel.messages if each.thread_ts == parent.ts and each.ts > oldest
        ]
        return _page(arguments, "messages", [each.shown(whole) for each in (parent, *replies)])

    # People

    def _user(self, team: Team, arguments: JSON) -> JSON:
        person = team.people.get(str(arguments.get("user")))
        if person is None:
            raise Refusal("user_not_found")
        return {"user": _shown(person, _true(arguments.get("include_locale")))}

    def _users(self, team: Team, arguments: JSON) -> JSON:
        locale = _true(arguments.get("include_locale"))
        people = [_shown(person, locale) for person in team.people.values()]
        return _page(arguments, "members", people, usual=1000)

    def _groups(self, team: Team, arguments: JSON) -> JSON:
        shown = []
        for group in team.groups.values():
            each: JSON = {"id": group.id, "handle": group.handle, "name": group.handle}
            if _true(arguments.get("include_users")):
                each["users"] = [person.id for person in group.members]
            shown.append(each)
        return {"usergroups": shown}

    def _group_users(self, team: Team, arguments: JSON) -> JSON:
        group = team.groups.get(str(arguments.get("usergroup")))
        if group is None:
            raise Refusal("no_such_subteam")
        return {"users": [person.id for person in group.members]}

    # Views

    def _view_argument(self, method: str, arguments: JSON, where: Where) -> JSON:
        view = arguments.get("view")
        problems = self._server.inspect(method, arguments, view_problems(view, where))
        if problems:
            raise Refusal("invalid_arguments", response_metadata={"messages": problems})
        assert isinstance(view, dict)
        if problem := self._files_problem(view["blocks"], "/view/blocks"):
            raise Refusal("invalid_arguments", response_metadata={"messages": [problem]})
        if len(json.dumps(view)) > VIEW_SIZE:
            raise Refusal("view_too_large")
        if SCOPE in self._server.missing_scopes and '"file_input"' in json.dumps(view):
            raise Refusal("missing_scope", needed=SCOPE, provided="commands")
        return view

    def _open_view(self, team: Team, arguments: JSON) -> JSON:
        raw = self._view_argument("views.open", arguments, "modal")
        person = self._server.triggers.exchange(arguments)
        return {"view": person.show_modal(raw, fresh=True).shown()}

    def _push_view(self, team: Team, arguments: JSON) -> JSON:
        raw = self._view_argument("views.push", arguments, "modal")
        person = self._server.triggers.exchange(arguments)
        if not person.stack:
            raise Refusal("not_found")
        if len(person.stack) >= 3:
            raise Refusal("push_limit_reached")
        return {"view": person.show_modal(raw).shown()}

    def _update_view(self, team: Team, arguments: JSON) -> JSON:
        view = self._find_view(team, arguments)
        if view is None:
            raise Refusal("not_found")
        raw = self._view_argument("views.update", arguments, view.raw["type"])
        _match_hash(view, arguments)
        view.person.change_view(view, raw)
        return {"view": view.shown()}

    def _publish(self, team: Team, arguments: JSON) -> JSON:
        person = team.people.get(str(arguments.get("user_id")))
        if person is None:
            raise Refusal("invalid_arguments", response_metadata={"messages": ["no such user"]})
        raw = self._view_argument("views.publish", arguments, "home")
        if person.home:
            _match_hash(person.home, arguments)
        return {"view": person.show_home(raw).shown()}

    def _find_view(self, team: Team, arguments: JSON) -> View | None:
        identity, external = arguments.get("view_id"), arguments.get("external_id")
        if identity:
            found = self._server.views.get(str(identity))
            return found if found and found.open else None
        shown = (view for person in team.people.values() for view in person.stack)
        return next((each for each in shown if each.raw.get("external_id") == external), None)

    # Files

    def _file(self, team: Team, arguments: JSON) -> JSON:
        file = self._server.files.get(str(arguments.get("file")))
        if file is None or file.team is not team:
            raise Refusal("file_not_found")
        if file.deleted:
            raise Refusal("file_deleted")
        return {"file": file.shown(), "comments": []}

    def _start_upload(self, team: Team, arguments: JSON) -> JSON:
        name, length = arguments.get("filename"), arguments.get("length")
        if not name or not length:
            raise Refusal("invalid_arguments")
        alt = str(arguments.get("alt_txt") or "")
        if len(alt) > 1000:
            raise Refusal("alt_txt_too_large")
        file = File(team, str(name), user=team.bot_user, alt=alt)
        self._uploads[file.id] = file
        return {"upload_url": f"{self._server.address}/upload/{file.id}", "file_id": file.id}

    def _complete_upload(self, team: Team, arguments: JSON) -> JSON:
        wanted = arguments.get("files") or []
        files = [self._uploads.get(each.get("id")) for each in wanted]
        if not files or not all(files):
            raise Refusal("file_not_found")
        ready = [file for file in files if file]
        for file, each in zip(ready, wanted, strict=True):
            file.title = each.get("title") or file.name
            file.refusals = self._server.file_refusals
            self._server.files[self._uploads.pop(file.id).id] = file
        channels = str(arguments.get("channel_id") or arguments.get("channels") or "")
        body = {"text": arguments.get("initial_comment") or ""} | {
            key: arguments[key] for key in ("blocks", "thread_ts") if key in arguments
        }
        places = [self._channel(team, {"channel": each}) for each in channels.split(",") if each]
        self._server.inspect_message("files.completeUploadExternal", body)
        for channel in places:
            self._server.show(channel, body, files=ready)
        return {"files": [file.shown() for file in ready]}


async def _arguments(request: web.Request) -> JSON:
    arguments: JSON = dict(request.query)
    if request.content_type == "application/json":
        arguments |= await request.json()
    elif request.can_read_body:
        arguments |= dict(await request.post())
    for key in NESTED:
        value = arguments.get(key)
        if isinstance(value, str) and value[:1] in {"[", "{"}:
            try:
                arguments[key] = json.loads(value)
            except ValueError:
                continue
    return arguments


def _token(request: web.Request, arguments: JSON) -> str:
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return str(arguments.pop("token", "") or bearer)


def _true(value: Any) -> bool:
    return value in {True, "1", "true", "True"}


def _posted(message: Message) -> JSON:
    return {"channel": message.channel.id, "ts": message.ts, "message": message.shown(True)}


def _match_hash(view: View, arguments: JSON) -> None:
    given = arguments.get("hash")
    if given and given != view.hash:
        raise Refusal("hash_conflict")


def _page(arguments: JSON, key: str, items: list[Any], usual: int = 100) -> JSON:
    start = int(arguments.get("cursor") or 0)
    limit = int(arguments.get("limit") or usual)
    end = start + limit
    cursor = str(end) if end < len(items) else ""
    return {key: items[start:end], "response_metadata": {"next_cursor": cursor}}


def _shown(person: Person, with_locale: bool) -> JSON:
    shown: JSON = {
        "id": person.id,
        "team_id": person.team.id,
        "name": person.handle,
        "real_name": person.name,
        "deleted": person.deactivated,
        "profile": {"real_name": person.name, "display_name": person.name},
        "is_admin": person.admin,
        "is_owner": False,
        "is_bot": person.app,
        "is_app_user": False,
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": _offset(person.tz, person.team.server.clock()),
    }
    return shown | ({"locale": person.locale} if with_locale else {})


def _offset(zone: str, now: float) -> int:
    """Seconds before UTC; none for a zone that Slack alone knows."""
    try:
        offset = datetime.fromtimestamp(now, ZoneInfo(zone)).utcoffset()
    except (OSError, ValueError, KeyError):
        return 0
    return int(offset.total_seconds()) if offset else 0
