"""Controls as Discord's components. The custom id says what a component does, so it works after a
restart and on any replica. Ordering takes several selections; the custom id also holds the ones
made so far."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from string import ascii_letters, digits
from typing import Any, TypeGuard

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
    Menu,
    Open,
    Pick,
    Search,
    Select,
    Write,
)

MAX_BUTTON_LABEL, MAX_OPTION_LABEL = 80, 100
"""Characters on a button and on an option. Source for these and all other limits: Discord's
documentation, "Component Reference"."""

MAX_SAFE_LABEL = 38
"""Characters of a label that no app cuts. Source: Discord's documentation, "Button Design
Guidelines"."""

AnyView = ui.View | ui.LayoutView
BUTTONS_PER_ROW, MAX_ROWS = 5, 5
FORM_PREFIX = "ask|"
"""Starts the custom id of a button that opens a form before its action is sent."""

MENU_PREFIX = "menu|"
"""Starts the custom id of a list of buttons: its options' values are the buttons' custom ids."""

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
_STEP_ID = re.compile(rf"{_STEP}\|({'|'.join(_STEP_PLACEHOLDERS)})\d?\|\d*\|.*")


def build_view(controls: Iterable[Control]) -> ui.View | None:
    """The components of a screen that's an embed; None if it has none."""
    rows = arrange_rows(controls)
    if not rows:
        return None
    view = ui.View(timeout=None)
    for place, row in enumerate(rows):
        for item in row:
            item.row = place
            view.add_item(item)
    # The library doesn't keep stopped views in memory, and we need none there.
    view.stop()
    return view


def arrange_rows(controls: Iterable[Control]) -> list[list[ui.Item[Any]]]:
    """The components of controls in rows: buttons side by side, but answers apart from other
    buttons, and each select and each answer in words on its own row. Drops duplicates, and the last
    items if there isn't room."""
    rows: list[list[ui.Item[Any]]] = []
    seen = set[str]()
    free = 0
    for control in controls:
        answers = isinstance(control, Pick)
        in_words = isinstance(control, Pick) and label_options(control) is not None
        free = 0 if answers else free
        for item in _build_items(control):
            id_ = getattr(item, "custom_id", None) or str(getattr(item, "url", ""))
            if id_ in seen:
                continue
            seen.add(id_)
            wide = in_words or not isinstance(item, ui.Button)
            if wide or not free:
                rows.append([])
                free = BUTTONS_PER_ROW
            rows[-1].append(item)
            free = 0 if wide else free - 1
        free = 0 if answers else free
    return rows[:MAX_ROWS]


def is_lettered(control: Control) -> TypeGuard[Pick]:
    """Whether exactly one of several lettered choices has to be picked."""
    return isinstance(control, Pick) and control.lettered and not control.several


def label_options(control: Pick) -> list[str] | None:
    """The labels of buttons that say the options in full, with their letters; None if they don't
    fit. A label can't show code as code."""
    if not is_lettered(control) or len(control.choices) > MAX_ROWS:
        return None
    labels = [
        format_label(place, choice).replace("`", "") for place, choice in enumerate(control.choices)
    ]
    return labels if all(len(label) <= MAX_BUTTON_LABEL for label in labels) else None


def says_options(control: Pick) -> bool:
    """Whether the buttons alone say what can be picked: even a phone shows labels this short in
    full, and there's no code in them."""
    labels = label_options(control) or ()
    short = all(len(label) <= MAX_SAFE_LABEL for label in labels)
    return bool(labels) and short and not any("`" in each.label for each in control.choices)


def build_option_buttons(control: Pick, labels: Iterable[str]) -> list[ui.Button[Any]]:
    """A button for each choice."""
    return [
        ui.Button(
            label=label,
            custom_id=add_choice(control.action, choice.value),
            style=ButtonStyle.primary,
        )
        for label, choice in zip(labels, control.choices, strict=False)
    ]


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
    """The custom ids of all components, however deeply nested, and of buttons in a list."""
    ids = set[str]()
    for each in view.walk_children() if view else ():
        id_ = getattr(each, "custom_id", None) or ""
        if isinstance(each, ui.Select) and id_.startswith(MENU_PREFIX):
            ids |= {option.value for option in each.options}
        elif id_:
            ids.add(id_)
    return ids


def format_label(place: int, choice: Choice) -> str:
    """A choice with its letter."""
    return f"{OPTION_LETTERS[place]}. {choice.label}"


def _build_items(control: Control) -> Sequence[ui.Item[Any]]:
    match control:
        case Button(text, action, style):
            return [
                ui.Button(
                    label=shorten(text, MAX_BUTTON_LABEL),
                    custom_id=_to_custom_id(action),
                    style=_STYLES[style],
                )
            ]
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
        case Pick(lettered=True):
            return build_option_buttons(control, label_options(control) or OPTION_LETTERS)
        case Pick(choices=choices):
            labels = (shorten(choice.label, MAX_BUTTON_LABEL) for choice in choices)
            return build_option_buttons(control, labels)
        case Menu(text, buttons):
            options = [
                SelectOption(
                    label=shorten(each.label, MAX_OPTION_LABEL), value=_to_custom_id(each.action)
                )
                for each in buttons
            ]
            return [ui.Select(custom_id=f"{MENU_PREFIX}{text}", placeholder=text, options=options)]
        case Arrange(action, choices):
            return [_build_step("order", "", action, _build_options(choices))]
        case Match(action, lefts, choices):
            way = f"match{len(choices) - len(lefts) or ''}"
            return [_build_step(way, "", action, _build_options(choices))]
        case Write(action, text):
            return [
                ui.Button(label=text, custom_id=f"{FORM_PREFIX}{action}", style=ButtonStyle.primary)
            ]
        case Select():
            return [_build_select(control)]
        case Open() | Search() | ChooseChannel():
            return []  # Commands are typed.


def _build_select(select: Select) -> ui.Item[Any]:
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


def _to_custom_id(action: str) -> str:
    return f"{FORM_PREFIX}{action}" if opens_form(action) else action


def _build_options(choices: Sequence[Choice]) -> list[SelectOption]:
    return [
        SelectOption(
            label=shorten(format_label(place, choice), MAX_OPTION_LABEL), value=choice.value
        )
        for place, choice in enumerate(choices)
    ]


def _build_step(
    way: str, picked: str, action: str, options: Sequence[SelectOption]
) -> ui.Select[Any]:
    """The next selection of several. Options that were selected before say so, and can be
    undone. The number of options that stay unselected, if there are any, follows the way."""
    for option in options:
        place = picked.find(option.value) + 1
        option.description = f"Item {place}. Choose it again to undo." if place else None
    place = len(picked) + 1
    return ui.Select(
        custom_id=f"{_STEP}|{way}|{picked}|{action}",
        placeholder=_STEP_PLACEHOLDERS[way.rstrip(digits)].format(place=place, count=len(options)),
        options=list(options),
    )


def is_step(custom_id: str) -> bool:
    """Whether the component makes one selection of several."""
    return bool(_STEP_ID.fullmatch(custom_id))


def take_step(
    message: discord.Message, custom_id: str, value: str
) -> tuple[str, tuple[str, ...]] | AnyView:
    """Apply one more selection. Returns the message's components with the next selection, or the
    action with all its values once only one option is left, or as many as match nothing."""
    _, way, picked, action = custom_id.split("|", 3)
    picked = picked[: picked.index(value)] if value in picked else picked + value
    view = read_view(message)
    for item in view.walk_children():
        if isinstance(item, ui.Select) and item.custom_id == custom_id:
            left = [option.value for option in item.options if option.value not in picked]
            spares = int(way.lstrip(ascii_letters) or 0)
            if len(left) == spares:
                return action, tuple(picked)
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
