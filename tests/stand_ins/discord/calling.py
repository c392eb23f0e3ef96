"""What a person's app makes of a command and its options before it sends them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tests.stand_ins.discord.messages import Attachment
from tests.stand_ins.discord.world import ADMINISTRATOR, Channel, Guild, Json, Role

if TYPE_CHECKING:
    from tests.stand_ins.discord.people import Person

SUB_COMMAND, GROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 6, 7, 8, 9, 10, 11
IN_GUILDS, IN_DM = 0, 1

PLAIN: dict[int, type | tuple[type, ...]] = {
    STRING: str,
    INTEGER: int,
    BOOLEAN: bool,
    NUMBER: (int, float),
}


class NotOffered(Exception):
    """Discord does not let the person do this: it shows no such thing, or not to them."""


def find(commands: list[Json], kind: int, name: str) -> Json:
    """The command of a name. Raises NotOffered."""
    for command in commands:
        if (command["type"], command["name"]) == (kind, name):
            return command
    raise NotOffered(f"there is no {name}")


def check(command: Json, person: Person, channel: Channel) -> None:
    """Raises NotOffered where the command is not for this person or not for this place."""
    contexts = command.get("contexts")
    if contexts is None:
        anywhere = command.get("dm_permission") is not False
        contexts = [IN_GUILDS, IN_DM] if anywhere else [IN_GUILDS]
    if (IN_GUILDS if channel.guild else IN_DM) not in contexts:
        raise NotOffered(f"{command['name']} is not offered here")
    needed = command.get("default_member_permissions")
    if needed is None or channel.guild is None:
        return
    membership = channel.guild.membership(person)
    if channel.guild.allowed.get(command["name"]) in membership.roles:
        return
    allowed = membership.allowed()
    wanted = int(needed) or ADMINISTRATOR
    if allowed & wanted != wanted:
        raise NotOffered(f"{command['name']} is not offered to {person.name}")


def call(
    command: Json,
    words: list[str],
    given: Mapping[str, Any],
    guild: Guild | None,
    focused: str = "",
) -> Json:
    """What is sent of a call; `words` are those after the command's own. Raises NotOffered."""
    leaf = command
    for word in words:
        nested = [o for o in leaf.get("options") or () if o["type"] in (SUB_COMMAND, GROUP)]
        leaf = next((each for each in nested if each["name"] == word), {})
        if not leaf:
            raise NotOffered(f"{command['name']} has no {word}")
    declared = {option["name"]: option for option in leaf.get("options") or ()}
    if any(each["type"] in (SUB_COMMAND, GROUP) for each in declared.values()):
        raise NotOffered(f"{leaf['name']} wants one of {[*declared]}")
    _check_names(declared, given, focused)
    resolved: Json = {}
    options: list[Json] = []
    for name, value in given.items():
        option = declared[name]
        sent: Json = {"name": name, "type": option["type"]}
        if name == focused:
            sent |= {"value": value, "focused": True}
        else:
            sent["value"] = _value(option, value, guild, resolved)
        options.append(sent)
    kinds = [GROUP, SUB_COMMAND][-len(words) :] if words else []
    for word, kind in zip(reversed(words), reversed(kinds), strict=True):
        options = [{"name": word, "type": kind, "options": options}]
    data: Json = {
        "id": command["id"],
        "name": command["name"],
        "type": command["type"],
        "options": options,
    }
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    if resolved:
        data["resolved"] = resolved
    return data


def _check_names(declared: Mapping[str, Json], given: Mapping[str, Any], focused: str) -> None:
    if unknown := set(given) - set(declared):
        raise NotOffered(f"there are no options {unknown}")
    missing = {name for name, each in declared.items() if each.get("required")} - set(given)
    if missing and not focused:
        raise NotOffered(f"the options {missing} are required")
    if focused and not declared[focused].get("autocomplete"):
        raise NotOffered(f"{focused} is not completed")


def _value(option: Json, value: Any, guild: Guild | None, resolved: Json) -> Any:
    """The value as it is sent; people, channels, roles and files are sent along with it."""
    kind = option["type"]
    if kind in PLAIN:
        if problem := next(_unfit(option, value), None):
            raise NotOffered(f"{option['name']}: {problem}")
        return value
    found = dict(objects(kind, value, guild))
    if not found:
        raise NotOffered(f"{option['name']}: {value!r} cannot be chosen")
    for place, thing in found.items():
        resolved.setdefault(place, {})[value.id] = thing
    return value.id


def _unfit(option: Json, value: Any) -> Iterator[str]:
    wanted = PLAIN[option["type"]]
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        yield f"{value!r} is not of its type"
        return
    choices = option.get("choices")
    if choices and value not in [each["value"] for each in choices]:
        yield f"{value!r} is none of its choices"
    size = len(value) if isinstance(value, str) else value
    name = "length" if isinstance(value, str) else "value"
    least, most = option.get(f"min_{name}"), option.get(f"max_{name}")
    if (least is not None and size < least) or (most is not None and size > most):
        yield f"{value!r} is not between {least} and {most}"


def objects(kind: int, value: Any, guild: Guild | None) -> Iterator[tuple[str, Json]]:
    """What is told of something that was chosen, by its place among what is resolved; nothing of
    what is not of that kind."""
    if isinstance(value, Attachment) and kind == ATTACHMENT:
        yield "attachments", value.payload(ephemeral=True)
    elif isinstance(value, Channel) and kind == CHANNEL:
        yield "channels", value.payload(0)
    elif isinstance(value, Role) and kind in (ROLE, MENTIONABLE):
        yield "roles", value.payload()
    elif hasattr(value, "dm") and kind in (USER, MENTIONABLE):
        yield "users", value.payload()
        if guild is not None and not value.stranger:
            yield "members", guild.membership(value).payload()
