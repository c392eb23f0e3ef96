"""Builds Discord's modals from forms, and reads them when they're submitted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import discord
from aiohttp import ClientError
from discord import CheckboxGroupOption, RadioGroupOption, SelectOption, TextStyle, ui
from discord.app_commands import AppCommandChannel, AppCommandThread, Namespace

from adapters.discord import PLATFORM
from adapters.discord.controls import POSTABLE_CHANNELS
from adapters.discord.markdown import shorten
from adapters.discord.tree import to_mention
from bot.engine.events import Channel, FieldValue, FileRefused, IncomingFile, Role
from bot.engine.screens import Field, Form

MAX_TITLE, MAX_LABEL, MAX_HINT, MAX_OPTION_LABEL, MAX_TEXT = 45, 45, 100, 100, 4000
"""Characters of a modal's parts. Source: Discord's documentation, "Modal" and "Component
Reference"."""

RADIO_COUNTS, CHECKBOX_COUNTS, MAX_OPTIONS = range(2, 11), range(1, 11), 25
"""How many choices radio buttons, checkboxes and a select can have."""

FILE_GONE = "Discord doesn't have that file anymore. Send it again."


def build_modal(form: Form, action: str) -> ui.Modal:
    """The form as a modal; its custom id is the form's action."""
    built = ui.Modal(title=shorten(form.title, MAX_TITLE), custom_id=action)
    for field in form.fields:
        built.add_item(
            ui.Label(
                text=shorten(field.label, MAX_LABEL),
                description=shorten(field.hint, MAX_HINT) or None,
                component=_build_component(field),
            )
        )
    # As with views: the library doesn't keep a stopped modal in memory.
    built.stop()
    return built


def read_fields(
    interaction: discord.Interaction[Any], data: Mapping[str, Any]
) -> dict[str, FieldValue]:
    """The values of a submitted modal, by field name."""
    resolved: Any = data.get("resolved", {})
    things = {
        key.id: thing for key, thing in Namespace._get_resolved_items(interaction, resolved).items()
    }
    parts = (row["component"] for row in data["components"])
    return {part["custom_id"]: _read_value(part, things) for part in parts}


def _build_component(field: Field) -> ui.Item[Any]:
    id_, required, filled = field.name, field.required, field.initial
    match field.kind:
        case "choice" if len(field.choices) in RADIO_COUNTS:
            radios = [RadioGroupOption(**each) for each in _build_options(field)]
            return ui.RadioGroup(custom_id=id_, required=required, options=radios)
        case "choices" if len(field.choices) in CHECKBOX_COUNTS:
            boxes = [CheckboxGroupOption(**each) for each in _build_options(field)]
            return ui.CheckboxGroup(
                custom_id=id_,
                required=required,
                options=boxes,
                min_values=int(required),
                max_values=len(boxes),
            )
        case "choice" | "choices":
            options = [SelectOption(**each) for each in _build_options(field)]
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
            return ui.ChannelSelect(
                custom_id=id_, required=required, channel_types=POSTABLE_CHANNELS
            )
        case "file":
            return ui.FileUpload(custom_id=id_, required=required)
        case _:
            return ui.TextInput(
                custom_id=id_,
                required=required,
                style=TextStyle.paragraph if field.multiline else TextStyle.short,
                default=filled[0] if filled else None,
                max_length=min(field.max_chars, MAX_TEXT),
            )


def _build_options(field: Field) -> Iterator[dict[str, Any]]:
    for choice in field.choices[:MAX_OPTIONS]:
        yield {
            "label": shorten(choice.label, MAX_OPTION_LABEL),
            "value": choice.value,
            "default": choice.value in field.initial,
        }


def _read_value(part: Mapping[str, Any], things: Mapping[str, Any]) -> FieldValue:
    if "values" not in part:
        return str(part.get("value") or "")
    values: Sequence[str] = part["values"]
    match things.get(values[0]) if len(values) == 1 else None:
        case discord.User() | discord.Member() as who:
            return to_mention(who)
        case discord.Role() as role:
            return Role(str(role.id), role.name)
        case discord.Attachment() as file:
            return _to_incoming_file(file)
        case AppCommandChannel() | AppCommandThread() as place:
            return Channel(PLATFORM, str(place.guild_id), str(place.id))
        case _:
            return tuple(values)


def _to_incoming_file(file: discord.Attachment) -> IncomingFile:
    async def fetch(_: int) -> bytes:
        try:
            return await file.read()
        except (discord.HTTPException, ClientError, OSError):
            raise FileRefused(FILE_GONE) from None

    return IncomingFile(file.filename, file.size, file.content_type or "", fetch)
