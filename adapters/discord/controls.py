"""Controls as Discord's components. What a component does is in its custom id, so that it works
after a restart and on any replica; putting several things in order takes several selections, and
what was selected so far is in the custom id, too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import discord
from discord import ButtonStyle, SelectOption, ui

from adapters.discord.markdown import shortened
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
    Write,
)

LABEL, OPTION = 80, 100
"""Characters on a button and on an option. These and all other limits: Discord's documentation,
"Component Reference"."""

AnyView = ui.View | ui.LayoutView
IN_ROW, ROWS = 5, 5
ASK = "ask|"
"""Begins the custom id of a button that opens a form before its action is sent."""

_STYLES = {
    "plain": ButtonStyle.secondary,
    "primary": ButtonStyle.primary,
    "danger": ButtonStyle.danger,
}
_STEP = "step"
_PLACES = {
    "order": "Choose number {place} of {count}",
    "match": "Choose what goes with {place}",
}


def view_of(controls: Iterable[Control]) -> ui.View | None:
    """The components of a screen; None where it has none."""
    items: list[ui.Item[ui.View]] = []
    for control in controls:
        items += _items(control)
    return _view(items)


def view_from(message: discord.Message) -> AnyView:
    """The components that a message has."""
    view: AnyView
    if message.flags.components_v2:
        view = ui.LayoutView.from_message(message, timeout=None)
    else:
        view = ui.View.from_message(message, timeout=None)
    view.stop()
    return view


def ids(view: AnyView | None) -> set[str]:
    """The custom ids of a message's components, however deep they are nested."""
    items = view.walk_children() if view else ()
    return {id_ for each in items if (id_ := getattr(each, "custom_id", None))}


def label(place: int, choice: Choice) -> str:
    """A choice with its letter."""
    return f"{OPTION_LETTERS[place]}. {choice.label}"


def _view(items: Sequence[ui.Item[ui.View]]) -> ui.View | None:
    """Items in rows: buttons side by side, selects alone; what repeats or does not fit is left
    out, the last first."""
    if not items:
        return None
    view = ui.View(timeout=None)
    row, free, known = -1, 0, set[str]()
    for item in items:
        id_ = getattr(item, "custom_id", None) or str(getattr(item, "url", ""))
        if id_ in known:
            continue
        if isinstance(item, ui.Select) or not free:
            row, free = row + 1, IN_ROW
        if row == ROWS:
            break
        known.add(id_)
        item.row = row
        free = 0 if isinstance(item, ui.Select) else free - 1
        view.add_item(item)
    # A stopped view is not kept by the library: nothing of it is needed in memory.
    view.stop()
    return view


def _items(control: Control) -> list[ui.Item[ui.View]]:
    match control:
        case Button(text, action, style):
            id_ = f"{ASK}{action}" if opens_form(action) else action
            button = ui.Button[ui.View](
                label=shortened(text, LABEL), custom_id=id_, style=_STYLES[style]
            )
            return [button]
        case Link(text, url):
            return [ui.Button(label=shortened(text, LABEL), url=url)]
        case Pick(action, choices, several=True, count=count):
            return [
                ui.Select(
                    custom_id=action,
                    placeholder=f"Choose {count or 'all that are right'}",
                    max_values=count or len(choices),
                    options=_options(choices),
                )
            ]
        case Pick(action, choices, lettered=lettered):
            return [
                ui.Button(
                    label=OPTION_LETTERS[place] if lettered else shortened(choice.label, LABEL),
                    custom_id=add_choice(action, choice.value),
                    style=ButtonStyle.primary,
                )
                for place, choice in enumerate(choices)
            ]
        case Arrange(action, choices):
            return [_step("order", "", action, _options(choices))]
        case Match(action, _, choices):
            return [_step("match", "", action, _options(choices))]
        case Write(action, text):
            return [ui.Button(label=text, custom_id=f"{ASK}{action}", style=ButtonStyle.primary)]
        case Open() | Search() | ChooseChannel():
            return []  # Commands are typed.


def _options(choices: Sequence[Choice]) -> list[SelectOption]:
    return [
        SelectOption(label=shortened(label(place, choice), OPTION), value=choice.value)
        for place, choice in enumerate(choices)
    ]


def _step(
    way: str, picked: str, action: str, options: Sequence[SelectOption]
) -> ui.Select[ui.View]:
    """The next selection of several; what was selected before says so, and can be taken back."""
    for option in options:
        place = picked.find(option.value) + 1
        option.description = f"Number {place}; choose it again to take it back" if place else None
    place = len(picked) + 1
    return ui.Select(
        custom_id=f"{_STEP}|{way}|{picked}|{action}",
        placeholder=_PLACES[way].format(place=place, count=len(options)),
        options=list(options),
    )


def is_step(custom_id: str) -> bool:
    """Whether it is one selection of several."""
    return custom_id.startswith(f"{_STEP}|")


def step(
    message: discord.Message, custom_id: str, value: str
) -> tuple[str, tuple[str, ...]] | AnyView:
    """What one more selection leads to: the action with all values once only one place is left,
    else the message's components with the selection that comes next."""
    _, way, picked, action = custom_id.split("|", 3)
    picked = picked[: picked.index(value)] if value in picked else picked + value
    view = view_from(message)
    for item in view.walk_children():
        if isinstance(item, ui.Select) and item.custom_id == custom_id:
            left = [option.value for option in item.options if option.value not in picked]
            if len(left) == 1:
                return action, (*picked, *left)
            following = _step(way, picked, action, item.options)
            item.custom_id, item.options = following.custom_id, following.options
            item.placeholder = following.placeholder
    return view


def only_steps(view: AnyView) -> ui.View:
    """Without what belongs to the channel's message: the selection alone goes on in private."""
    alone = ui.View(timeout=None)
    for item in view.walk_children():
        if isinstance(item, ui.Select) and is_step(item.custom_id):
            alone.add_item(item)
    alone.stop()
    return alone


def embeds(message: discord.Message, view: AnyView) -> list[discord.Embed]:
    """What a message says, for one that can't be a layout; a layout has no embeds, but texts."""
    texts = [item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay)]
    return message.embeds or [discord.Embed(description="\n".join(texts))]
