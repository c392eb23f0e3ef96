"""What a person's app makes of a modal before it sends it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from tests.stand_ins.discord import calling, components
from tests.stand_ins.discord.calling import NotOffered
from tests.stand_ins.discord.components import (
    CHANNELS,
    CHECKBOX,
    CHECKBOXES,
    INPUT,
    MENTIONABLES,
    RADIO,
    ROLES,
    SELECT,
    UPLOAD,
    USERS,
    numbered,
)
from tests.stand_ins.discord.control_limits import bounds
from tests.stand_ins.discord.messages import Attachment
from tests.stand_ins.discord.modal_limits import FILE_GROUPS
from tests.stand_ins.discord.world import Guild, Json

KINDS = {
    USERS: calling.USER,
    ROLES: calling.ROLE,
    MENTIONABLES: calling.MENTIONABLE,
    CHANNELS: calling.CHANNEL,
    UPLOAD: calling.ATTACHMENT,
}
"""What can be chosen in a field, as the option of a command that takes the same."""


def submitted(modal: Json, values: Mapping[str, Any], guild: Guild | None) -> Json:
    """What is sent of a modal with these values by the custom ids of its fields; a field that has
    none is left as it was opened. Raises NotOffered."""
    left, resolved = dict(values), dict[str, Json]()

    def filled(field: Json) -> Json:
        told = {"type": field["type"], "id": field["id"], "custom_id": field["custom_id"]}
        value = left.pop(field["custom_id"], _first(field))
        if problem := next(_unfit(field, value), None):
            raise NotOffered(f"{field['custom_id']}: {problem}")
        if field["type"] in (INPUT, RADIO, CHECKBOX):
            return {**told, "value": value}
        return {**told, "values": chosen(field, value, guild, resolved)}

    parts: list[Json] = []
    for part in numbered(modal["components"]):
        told: Json = {"type": part["type"], "id": part["id"]}
        if "components" in part:
            told["components"] = [filled(each) for each in part["components"]]
        elif "component" in part:
            told["component"] = filled(part["component"])
        parts.append(told)
    if left:
        raise NotOffered(f"the modal has no fields {[*left]}")
    data: Json = {"custom_id": modal["custom_id"], "components": parts}
    return {**data, "resolved": resolved} if resolved else data


def chosen(
    field: Json, values: Iterable[Any], guild: Guild | None, resolved: dict[str, Json]
) -> list[str]:
    """What is sent of the values of a select or an upload: ids, of which more is told in
    `resolved`; of options, their values. Raises NotOffered."""
    values = [*values]
    _check_count(field, len(values))
    if field["type"] in (SELECT, CHECKBOXES):
        offered = [option["value"] for option in field["options"]]
        if strange := [each for each in values if each not in offered]:
            raise NotOffered(f"there are no options {strange}")
        return values
    kind, sent = KINDS[field["type"]], list[str]()
    for value in values:
        objects = dict(calling.objects(kind, value, guild))
        if not objects or not _offers(field, value, objects):
            raise NotOffered(f"{field['custom_id']}: {value!r} cannot be chosen")
        for place, thing in objects.items():
            resolved.setdefault(place, {})[value.id] = thing
        sent.append(value.id)
    return sent


def _check_count(field: Json, count: int) -> None:
    """Nothing at all is fine where nothing is required, whatever the least number."""
    if not count and not field.get("required", True):
        return
    least, most = bounds(field)
    if not least <= count <= most:
        raise NotOffered(f"{count} values where {least} to {most} can be chosen")


def _offers(field: Json, value: Any, objects: Mapping[str, Json]) -> bool:
    kinds = field.get("channel_types")
    if kinds and "channels" in objects and objects["channels"]["type"] not in kinds:
        return False
    if isinstance(value, Attachment) and field.get("file_types"):
        endings = [end for kind in field["file_types"] for end in FILE_GROUPS.get(kind, (kind,))]
        return PurePath(value.name).suffix.lower() in [each.lower() for each in endings]
    return True


def _first(field: Json) -> Any:
    """What a field holds when the modal opens; people and the like that are named in advance are
    not known here."""
    marked = [each["value"] for each in field.get("options") or () if each.get("default")]
    match field["type"]:
        case components.INPUT:
            return field.get("value") or ""
        case components.RADIO:
            return next(iter(marked), None)
        case components.CHECKBOX:
            return bool(field.get("default"))
    return marked


def _unfit(field: Json, value: Any) -> Iterator[str]:
    required = field.get("required", True)
    match field["type"]:
        case components.INPUT:
            if not isinstance(value, str):
                yield "not a text"
            elif not value and required:
                yield "required"
            elif value and not (field.get("min_length") or 0) <= len(value) <= (
                field.get("max_length") or 4000
            ):
                yield f"{len(value)} characters"
        case components.RADIO:
            if value is None and required:
                yield "required"
            elif value is not None and value not in [each["value"] for each in field["options"]]:
                yield f"there is no option {value!r}"
        case components.CHECKBOX:
            if not isinstance(value, bool):
                yield "neither checked nor unchecked"
        case _:
            if isinstance(value, str):
                yield "not a list"
