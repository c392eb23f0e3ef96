"""A member's home page, on platforms that have one."""

from __future__ import annotations

from bot.engine.commands import COMMANDS
from bot.engine.screens import ChooseChannel, Open, Screen, Search
from tests.engine.test_channel_rounds import Channel, words
from tests.engine.test_desk import button


def calls(screen: Screen) -> list[str]:
    """List the commands that the screen's controls call."""
    return [c.command for c in screen.controls if isinstance(c, Open | Search | ChooseChannel)]


async def test_home_has_the_members_figures_and_standing_and_leads_on() -> None:
    channel = Channel()
    assert "not on the board yet" in words((await channel.call("home", "bob")).screen)
    drill = await channel.press(button((await channel.call("home", "bob")).screen, "Start a drill"))
    await channel.answer(drill.screen, rightly=True)
    screen = (await channel.call("home")).screen
    assert "1 of 1 this week" in words(screen)
    assert "1 (100%)" in words(screen)
    assert calls(screen) == ["privacy", "drill", "explain", "settings"]
    await channel.call("preferences", boards="hidden")
    assert "you're hidden" in words((await channel.call("home")).screen)


async def test_only_admins_choose_a_channel_at_home_and_every_control_means_a_command() -> None:
    channel = Channel()
    assert calls((await channel.call("home", "bob")).screen) == ["privacy", "drill", "explain"]
    for control in (await channel.call("home")).screen.controls:
        match control:
            case Search(command, option):
                assert option in {each.name for each in COMMANDS[command].options}
            case Open(command) | ChooseChannel(command):
                assert command in COMMANDS
            case _:
                pass


async def test_home_is_in_no_help_and_is_not_what_somebody_meant() -> None:
    channel = Channel()
    assert "home" not in dict((await channel.call("help")).screen.fields)
    assert "`home`" not in words((await channel.call("hom")).screen)
