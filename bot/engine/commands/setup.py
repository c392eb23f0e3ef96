"""`setup`: a channel's daily question with menus instead of options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time
from functools import partial

from bot.engine.actions import Action, UnknownAction, encode
from bot.engine.commands.base import Command, Context, OnPress, Options, always, no_such_pack
from bot.engine.commands.daily import draw_preview, save_proposal
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.settings_form import ask_pack
from bot.engine.commands.zones import COMMON_ZONES, default_zone, to_choice
from bot.engine.dailies import Daily
from bot.engine.events import Channel, Role
from bot.engine.schedules import USUAL_TIME, Schedule
from bot.engine.screens import (
    Button,
    Choice,
    CommandMention,
    Control,
    Field,
    Form,
    Reply,
    Select,
    notice,
)
from bot.engine.zones.finding import filter_available

NOBODY = Choice("Notify nobody", "none")
MAX_ROLES, MAX_PACKS = 99, 25
"""How many roles and packs are listed: Slack's menus hold 100 choices, Discord's 25. On Discord,
the app lists the roles."""

OUTDATED = ("This preview is out of date. Start again: ", CommandMention("setup"))
NOT_YOURS = (
    "I can't tell that you may post in that channel yourself. Choose another one, or ask someone "
    "who can post there."
)
ZONE = Form("Time zone", (Field("zone", "City, country or offset", "zone"),), submit="Choose")


@dataclass(frozen=True, slots=True)
class ChangeSetup(Action):
    """Change a part of the proposal with that number: `channel`, `hour`, `zone` or `role`,
    whose value comes with the press. An empty pack is the channel's own."""

    verb = "setup"
    daily: int
    number: int
    pack: str
    part: str


@dataclass(frozen=True, slots=True)
class FillSetup(Action):
    """Change a part of the proposal with that number by a form: any time `zone`, or the `pack`."""

    verb = "setupform"
    daily: int
    number: int
    pack: str
    part: str


@dataclass(frozen=True, slots=True)
class SaveSetup(Action):
    """Save the proposal with that number, and the pack if one was chosen."""

    verb = "savesetup"
    daily: int
    number: int
    pack: str


async def set_up(context: Context, _: Options) -> Reply:
    """Preview the channel's daily question as it is, or as most channels want it."""
    before = await context.store.dailies.of(context.channel)
    zone, guessed = await default_zone(context)
    settings = await context.store.communities.channel_settings(context.channel)
    schedule = before.schedule if before else Schedule(USUAL_TIME, zone, reveal=settings.reveal)
    return await _show(
        context, context.channel, schedule, guessed=guessed and schedule.zone == zone
    )


async def change(context: Context, action: ChangeSetup, values: tuple[str, ...]) -> Reply:
    """Change a part of the proposal and preview it again."""
    proposed = await _find(context, action)
    if proposed is None:
        return notice(OUTDATED)
    channel, schedule = proposed.channel, proposed.schedule
    value = values[0] if values else ""
    match action.part:
        case "channel" if value:
            channel = replace(channel, id=value)
            if not await _may_set_up(context, channel):
                return notice(NOT_YOURS)
            there = await context.store.dailies.of(channel)
            schedule = replace(schedule, skips=there.schedule.skips if there else frozenset())
        case "hour" if value in HOURS:
            schedule = replace(schedule, at=HOURS[value])
        case "zone" if filter_available([value]):
            schedule = replace(schedule, zone=value)
        case "role":
            role = "" if value == NOBODY.value else value
            if role and role not in {
                each.id for each in await context.role_teams.roles(context.member)
            }:
                return notice(f"That {context.role_word} can't be notified. Choose another one.")
            schedule = replace(schedule, role=role)
        case part:
            raise UnknownAction(f"{part} {value}")
    return await _show(context, channel, schedule, action.pack, quiet=action.part != "channel")


async def build_form(context: Context, action: FillSetup) -> Form | Reply:
    """Ask for any time zone, or for one of the packs."""
    match action.part:
        case "zone":
            return ZONE
        case "pack":
            settings = await context.store.communities.channel_settings(context.channel)
            shown = context.library.get(action.pack or settings.pack)
            field = ask_pack("Pack", context.library.packs[:MAX_PACKS], shown)
            return Form("Pack", (field,), submit="Choose")
        case part:
            raise UnknownAction(part)


async def fill(context: Context, action: FillSetup, _: tuple[str, ...]) -> Reply:
    """Change the proposal by what was filled in, and preview it again."""
    proposed = await _find(context, action)
    if proposed is None:
        return notice(OUTDATED)
    schedule, chosen = proposed.schedule, context.fields.get("pack") or action.pack
    schedule = replace(schedule, zone=context.fields.get("zone") or schedule.zone)
    if chosen != action.pack and (pack := context.library.get(chosen)):
        chapters = tuple(each for each in schedule.chapters if pack.topics_in(each))
        schedule = replace(schedule, chapters=chapters)
    return await _show(context, proposed.channel, schedule, chosen, quiet=True)


async def save(context: Context, action: SaveSetup, _: tuple[str, ...]) -> Reply:
    """Save the daily as previewed."""
    proposed = await _find(context, action)
    if proposed is None:
        return notice(OUTDATED)
    if not await _may_set_up(context, proposed.channel):
        return notice(NOT_YOURS)
    return await save_proposal(context, action.daily, action.number, action.pack)


async def _find(context: Context, action: ChangeSetup | FillSetup | SaveSetup) -> Daily | None:
    return await context.store.dailies.proposal(action.daily, action.number, context.member)


async def _may_set_up(context: Context, channel: Channel) -> bool:
    """Whether the member may set up a channel: the one they're in, or one where they may post."""
    here = channel == context.channel
    return here or await context.dailies.may_post(channel, context.member.user)


async def _show(
    context: Context,
    channel: Channel,
    schedule: Schedule,
    chosen: str = "",
    *,
    guessed: bool = False,
    quiet: bool = False,
) -> Reply:
    """Propose a schedule for a channel, and show it with menus to change it."""
    settings = await context.store.communities.channel_settings(channel)
    pack = context.library.get(chosen or settings.pack)
    if pack is None:  # the channel's own is gone: suggest the default one
        pack = context.library.get("")
        if pack is None:
            return no_such_pack(context.library)
        chosen = pack.pack.id
    roles = await context.role_teams.roles(context.member)
    controls = partial(_make_controls, context, channel, schedule, roles, chosen)
    screen = await draw_preview(
        context, channel, pack, schedule, guessed=guessed, quiet=quiet, controls=controls
    )
    return Reply(
        replace(
            screen,
            title="Set up a daily question",
            fields=(
                ("Pack", pack.pack.title),
                *screen.fields,
            ),
            note=(f"{screen.note} For weekdays, chapters and more: ", CommandMention("daily set")),
        )
    )


def _make_controls(
    context: Context,
    channel: Channel,
    schedule: Schedule,
    roles: Sequence[Role],
    chosen: str,
    daily: int,
    number: int,
) -> tuple[Control, ...]:
    def action(part: str) -> str:
        return encode(ChangeSetup(daily, number, chosen, part))

    at, role = schedule.at.isoformat("minutes"), schedule.role
    hours = sorted({*HOURS, at})
    zones = dict.fromkeys((schedule.zone, *filter_available(COMMON_ZONES)))
    menus = (
        Select(action("channel"), "Channel", kind="channel", chosen=channel.id),
        Select(action("hour"), "Time", tuple(Choice(each, each) for each in hours), chosen=at),
        Select(
            action("zone"),
            "Time zone",
            tuple(to_choice(each, context.now) for each in zones),
            chosen=schedule.zone,
            other=encode(FillSetup(daily, number, chosen, "zone")),
        ),
        Select(
            action("role"),
            f"{context.role_word.capitalize()} to notify",
            (NOBODY, *(Choice(f"Notify {r.name}", r.id) for r in roles[:MAX_ROLES])),
            kind="role",
            chosen=role or NOBODY.value,
        ),
    )
    buttons = [Button("Save", encode(SaveSetup(daily, number, chosen)), "primary")]
    if len(context.library.packs) > 1:
        # Not a fifth menu: Discord has room for five rows, of which the buttons take one.
        buttons.append(Button("Change pack", encode(FillSetup(daily, number, chosen, "pack"))))
    return (*buttons, *(each for each in menus if each.kind != "role" or roles))


HOURS = {f"{hour:02}:00": time(hour) for hour in range(24)}

SETUP = Command(
    name="setup",
    description="Set up a daily question with menus: channel, time, time zone, {role} and pack",
    handler=set_up,
    presses=(
        OnPress(ChangeSetup, change, right=MANAGER, updates=always),
        OnPress(FillSetup, fill, right=MANAGER, form=build_form, updates=always),
        OnPress(SaveSetup, save, right=MANAGER, updates=always),
    ),
    needs="channel",
    right=MANAGER,
)
