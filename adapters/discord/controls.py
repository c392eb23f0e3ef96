"""Controls as Discord's components. The custom id says what a component does, so it works after a
restart and on any replica. Ordering takes several selections; the custom id also holds the ones
made so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import discord
from discord import ButtonStyle, SelectDefaultValue, SelectOption, ui

from adapters.discord.markdown import shorten
from bot.engine.actions import add_choice
from bot.engine.commands import opens_form
from bot.engine.screens import (
    OPTION_LETTERS,
    Arrange,
    Button,
    Choice,
    ChooseChannel,
    Control,
    Link,
    Match,
    Open,
    Pick,
    Search,
    Select,
    Write,
)

MAX_BUTTON_LABEL, MAX_OPTION_LABEL = 80, 100
"""Characters on a button and on an option. Source for these and all other limits: Discord's
documentation, "Component Reference"."""

AnyView = ui.View | ui.LayoutView
BUTTONS_PER_ROW, MAX_ROWS = 5, 5
FORM_PREFIX = "ask|"
"""Starts the custom id of a button that opens a form before its action is sent."""

POSTABLE_CHANNELS = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
]
"""Channels that the bot can post in."""

_STYLES = {
    "plain": ButtonStyle.secondary,
    "primary": ButtonStyle.primary,
    "danger": ButtonStyle.danger,
}
_STEP = "step"
_STEP_PLACEHOLDERS = {
    "order": "Choose item {place} of {count}",
    "match": "Choose the match for {place}",
}


def build_view(controls: Iterable[Control]) -> ui.View | None:
    """The components of a screen; None if it has none."""
    items: list[ui.Item[ui.View]] = []
    for control in controls:
        items += _build_items(control)
    return _arrange_rows(items)


def read_view(message: discord.Message) -> AnyView:
    """The components of a message that was sent."""
    view: AnyView
    if message.flags.components_v2:
        view = ui.LayoutView.from_message(message, timeout=None)
    else:
        view = ui.View.from_message(message, timeout=None)
    view.stop()
    return view


def custom_ids(view: AnyView | None) -> set[str]:
    """The custom ids of all components, however deeply nested."""
    items = view.walk_children() if view else ()
    return {id_ for each in items if (id_ := getattr(each, "custom_id", None))}


def format_label(place: int, choice: Choice) -> str:
    """A choice with its letter."""
    return f"{OPTION_LETTERS[place]}. {choice.label}"


def _arrange_rows(items: Sequence[ui.Item[ui.View]]) -> ui.View | None:
    """Items in rows: buttons side by side, each select on its own row. Drops duplicates, and the
    last items if there isn't room."""
    if not items:
        return None
    view = ui.View(timeout=None)
    row, free, seen = -1, 0, set[str]()
    for item in items:
        id_ = getattr(item, "custom_id", None) or str(getattr(item, "url", ""))
        if id_ in seen:
            continue
        alone = not isinstance(item, ui.Button)
        if alone or not free:
            row, free = row + 1, BUTTONS_PER_ROW
        if row == MAX_ROWS:
            break
        seen.add(id_)
        item.row = row
        free = 0 if alone else free - 1
        view.add_item(item)
    # The library doesn't keep stopped views in memory, and we need none there.
    view.stop()
    return view


def _build_items(control: Control) -> list[ui.Item[ui.View]]:
    match control:
        case Button(text, action, style):
            id_ = f"{FORM_PREFIX}{action}" if opens_form(action) else action
            button = ui.Button[ui.View](
                label=shorten(text, MAX_BUTTON_LABEL), custom_id=id_, style=_STYLES[style]
            )
            return [button]
        case Link(text, url):
            return [ui.Button(label=shorten(text, MAX_BUTTON_LABEL), url=url)]
        case Pick(action, choices, several=True, count=count):
            return [
                ui.Select(
                    custom_id=action,
                    placeholder=f"Choose {count or 'all that apply'}",
                    max_values=count or len(choices),
                    options=_build_options(choices),
                )
            ]
        case Pick(action, choices, lettered=lettered):
            return [
                ui.Button(
                    label=OPTION_LETTERS[place]
                    if lettered
                    else shorten(choice.label, MAX_BUTTON_LABEL),
                    custom_id=add_choice(action, choice.value),
                    style=ButtonStyle.primary,
                )
                for place, choice in enumerate(choices)
            ]
        case Arrange(action, choices):
            return [_build_step("order", "", action, _build_options(choices))]
        case Match(action, _, choices):
            return [_build_step("match", "", action, _build_options(choices))]
        case Write(action, text):
            return [
                ui.Button(label=text, custom_id=f"{FORM_PREFIX}{action}", style=ButtonStyle.primary)
            ]
        case Select():
            return [_build_select(control)]
        case Open() | Search() | ChooseChannel():
            return []  # Commands are typed.


def _build_select(select: Select) -> ui.Item[ui.View]:
    named = [discord.Object(int(select.chosen))] if select.chosen.isdecimal() else []
    match select.kind:
        case "role":
            return ui.RoleSelect(
                custom_id=select.action,
                placeholder=select.label,
                min_values=0,
                default_values=[SelectDefaultValue.from_role(each) for each in named],
            )
        case "channel":
            return ui.ChannelSelect(
                custom_id=select.action,
                placeholder=select.label,
                channel_types=POSTABLE_CHANNELS,
                default_values=[SelectDefaultValue.from_channel(each) for each in named],
            )
        case _:
            choices = [*select.choices]
            if select.other:
                choices.append(Choice("Other…", f"{FORM_PREFIX}{select.other}"))
            options = [
                SelectOption(
                    label=shorten(choice.label, MAX_OPTION_LABEL),
                    value=choice.value,
                    default=choice.value == select.chosen,
                )
                for choice in choices
            ]
            return ui.Select(custom_id=select.action, placeholder=select.label, options=options)


def _build_options(choices: Sequence[Choice]) -> list[SelectOption]:
    return [
        SelectOption(
            label=shorten(format_label(place, choice), MAX_OPTION_LABEL), value=choice.value
        )
        for place, choice in enumerate(choices)
    ]


def _build_step(
    way: str, picked: str, action: str, options: Sequence[SelectOption]
) -> ui.Select[ui.View]:
    """The next selection of several. Options that were selected before say so, and can be
    undone."""
    for option in options:
        place = picked.find(option.value) + 1
        option.description = f"Item {place}. Choose it again to undo." if place else None
    place = len(picked) + 1
    return ui.Select(
        custom_id=f"{_STEP}|{way}|{picked}|{action}",
        placeholder=_STEP_PLACEHOLDERS[way].format(place=place, count=len(options)),
        options=list(options),
    )


def is_step(custom_id: str) -> bool:
    """Whether the component makes one selection of several."""
    return custom_id.startswith(f"{_STEP}|")


def take_step(
    message: discord.Message, custom_id: str, value: str
) -> tuple[str, tuple[str, ...]] | AnyView:
    """Apply one more selection. Returns the message's components with the next selection, or the
    action with all its values once only one option is left."""
    _, way, picked, action = custom_id.split("|", 3)
    picked = picked[: picked.index(value)] if value in picked else picked + value
    view = read_view(message)
    for item in view.walk_children():
        if isinstance(item, ui.Select) and item.custom_id == custom_id:
            left = [option.value for option in item.options if option.value not in picked]
            if len(left) == 1:
                return action, (*picked, *left)
            following = _build_step(way, picked, action, item.options)
            item.custom_id, item.options = following.custom_id, following.options
            item.placeholder = following.placeholder
    return view


def keep_steps(view: AnyView) -> ui.View:
    """Only the selections: they continue in private, without the channel message's other
    controls."""
    steps = ui.View(timeout=None)
    for item in view.walk_children():
        if isinstance(item, ui.Select) and is_step(item.custom_id):
            steps.add_item(item)
    steps.stop()
    return steps


def copy_embeds(message: discord.Message, view: AnyView) -> list[discord.Embed]:
    """A message's texts as embeds, for a copy that isn't a layout: layouts have texts, not
    embeds."""
    texts = [item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay)]
    return message.embeds or [discord.Embed(description="\n".join(texts))]
