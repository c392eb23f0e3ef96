"""Forms as Discord's modals, and what comes back of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import discord
from aiohttp import ClientError
from discord import CheckboxGroupOption, RadioGroupOption, SelectOption, TextStyle, ui
from discord.app_commands import AppCommandChannel, AppCommandThread, Namespace

from adapters.discord import PLATFORM
from adapters.discord.markdown import shortened
from adapters.discord.tree import mention
from bot.engine.events import Channel, FieldValue, FileRefused, IncomingFile, Role
from bot.engine.screens import Field, Form

TITLE, LABEL, HINT, OPTION, TEXT = 45, 45, 100, 100, 4000
"""Characters of a modal's parts. Source: Discord's documentation, "Modal" and "Component
Reference"."""

RADIOS, BOXES, OPTIONS = range(2, 11), range(1, 11), 25
"""Choices that radio buttons, boxes and a select can have."""

CHANNELS = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
]
"""Where something can be posted."""

GONE = "Discord doesn't have that file anymore. Send it again."


def modal(form: Form, action: str) -> ui.Modal:
    """The form as a modal; its custom id is the action that it belongs to."""
    shown = ui.Modal(title=shortened(form.title, TITLE), custom_id=action)
    for field in form.fields:
        shown.add_item(
            ui.Label(
                text=shortened(field.label, LABEL),
                description=shortened(field.hint, HINT) or None,
                component=_component(field),
            )
        )
    # As with views: a stopped modal is not kept by the library.
    shown.stop()
    return shown


def fields_of(
    interaction: discord.Interaction[Any], data: Mapping[str, Any]
) -> dict[str, FieldValue]:
    """What a submitted modal holds, by the names of its fields."""
    resolved: Any = data.get("resolved", {})
    things = {
        key.id: thing for key, thing in Namespace._get_resolved_items(interaction, resolved).items()
    }
    parts = (row["component"] for row in data["components"])
    return {part["custom_id"]: _value(part, things) for part in parts}


def _component(field: Field) -> ui.Item[Any]:
    id_, required, filled = field.name, field.required, field.initial
    match field.kind:
        case "choice" if len(field.choices) in RADIOS:
            radios = [RadioGroupOption(**each) for each in _options(field)]
            return ui.RadioGroup(custom_id=id_, required=required, options=radios)
        case "choices" if len(field.choices) in BOXES:
            boxes = [CheckboxGroupOption(**each) for each in _options(field)]
            return ui.CheckboxGroup(
                custom_id=id_,
                required=required,
                options=boxes,
                min_values=int(required),
                max_values=len(boxes),
            )
        case "choice" | "choices":
            options = [SelectOption(**each) for each in _options(field)]
            return ui.Select(
                custom_id=id_,
                required=required,
                options=options,
                min_values=int(required),
                max_values=len(options) if field.kind == "choices" else 1,
            )
        case "member":
            return ui.UserSelect(custom_id=id_, required=required)
        case "role":
            return ui.RoleSelect(custom_id=id_, required=required)
        case "channel":
            return ui.ChannelSelect(custom_id=id_, required=required, channel_types=CHANNELS)
        case "file":
            return ui.FileUpload(custom_id=id_, required=required)
        case _:
            return ui.TextInput(
                custom_id=id_,
                required=required,
                style=TextStyle.paragraph if field.multiline else TextStyle.short,
                default=filled[0] if filled else None,
                max_length=min(field.max_chars, TEXT),
            )


def _options(field: Field) -> Iterator[dict[str, Any]]:
    for choice in field.choices[:OPTIONS]:
        yield {
            "label": shortened(choice.label, OPTION),
            "value": choice.value,
            "default": choice.value in field.initial,
        }


def _value(part: Mapping[str, Any], things: Mapping[str, Any]) -> FieldValue:
    if "values" not in part:
        return str(part.get("value") or "")
    values: Sequence[str] = part["values"]
    match things.get(values[0]) if len(values) == 1 else None:
        case discord.User() | discord.Member() as who:
            return mention(who)
        case discord.Role() as role:
            return Role(str(role.id), role.name)
        case discord.Attachment() as file:
            return _incoming(file)
        case AppCommandChannel() | AppCommandThread() as place:
            return Channel(PLATFORM, str(place.guild_id), str(place.id))
        case _:
            return tuple(values)


def _incoming(file: discord.Attachment) -> IncomingFile:
    async def fetch(_: int) -> bytes:
        try:
            return await file.read()
        except (discord.HTTPException, ClientError, OSError):
            raise FileRefused(GONE) from None

    return IncomingFile(file.filename, file.size, file.content_type or "", fetch)
