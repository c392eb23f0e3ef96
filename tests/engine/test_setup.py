"""`setup`: menus that change a preview, which is saved as a whole."""

from __future__ import annotations

from datetime import time
from random import Random

from bot.engine.commands.setup import NOT_YOURS
from bot.engine.commands.zones import COMMON_ZONES
from bot.engine.desk import MAX_COMPLETIONS, Desk
from bot.engine.events import Channel as Place
from bot.engine.events import Press
from bot.engine.library import Library
from bot.engine.platform import Unpostable
from bot.engine.screens import ChannelMention, Form, Reply, Screen, Select, Tone
from content.model import Pack
from tests.engine.test_boards import labels
from tests.engine.test_channel_rounds import words
from tests.engine.test_dailies import Room, fields
from tests.engine.test_desk import button
from tests.samples import small_pack
from tests.texts import to_plain_text

GENERAL, OTHER = Place("terminal", "local", "general"), Place("terminal", "local", "quiz")


class Studio(Room):
    """A room with two packs, and another channel to set up."""

    def __init__(self) -> None:
        super().__init__()
        packs = [small_pack(), small_pack(id="other", title="Other")]
        posters = {"terminal": self.poster}
        self.desk = Desk(Library(packs), self.store, self.clock, Random(1), posters)

    async def start(self) -> Reply:
        return await self.call("setup")

    async def pick(self, shown: Reply, label: str, *values: str, user: str = "ann") -> Reply:
        return await self.press(menu(shown.screen, label).action, *values, user=user)

    async def pick_pack(self, shown: Reply, pack: str) -> Reply:
        press = Press(button(shown.screen, "Change pack"), fields={"pack": pack})
        return await self.desk.handle(self.event(press, "ann"))

    async def save(self, shown: Reply) -> Reply:
        return await self.press(button(shown.screen, "Save"))


def menu(screen: Screen, label: str) -> Select:
    return next(
        each for each in screen.controls if isinstance(each, Select) and each.label == label
    )


def offered(screen: Screen) -> dict[str, str]:
    """The chosen value of each menu."""
    return {each.label: each.chosen for each in screen.controls if isinstance(each, Select)}


async def test_what_most_channels_want_is_suggested_and_nothing_is_saved() -> None:
    studio = Studio()
    shown = await studio.start()
    assert shown.screen.title == "Set up a daily question"
    assert fields(shown)["When"] == "every day at 09:00 in UTC"
    assert offered(shown.screen) == {
        "Channel": "general",
        "Time": "09:00",
        "Time zone": "UTC",
        "Role to notify": "none",
    }
    assert "UTC is a guess" in to_plain_text(shown.screen.note)
    assert "Nothing is posted until you save." in to_plain_text(shown.screen.note)
    assert not studio.store.state.dailies_set
    assert not studio.posts


async def test_each_menu_changes_the_preview_and_save_saves_all_of_it() -> None:
    studio = Studio()
    shown = await studio.start()
    for label, value in (
        ("Time", "17:00"),
        ("Time zone", "Europe/Berlin"),
        ("Role to notify", "r1"),
    ):
        shown = await studio.pick(shown, label, value)
        assert shown.updates
        assert offered(shown.screen)[label] == value
    shown = await studio.pick_pack(shown, "other")
    assert shown.updates
    assert fields(shown)["When"] == "every day at 17:00 in Berlin (Europe/Berlin)"
    assert (fields(shown)["Notifies"], fields(shown)["Pack"]) == ("Learners", "Other")
    assert not studio.store.state.dailies_set
    assert (await studio.store.communities.channel_settings(GENERAL)).pack == ""
    saved = await studio.save(shown)
    assert saved.screen.tone is Tone.RIGHT
    assert "posted here every day at 17:00" in words(saved.screen)
    schedule = studio.daily.schedule
    assert (schedule.at, schedule.zone, schedule.role) == (time(17), "Europe/Berlin", "r1")
    assert (await studio.store.communities.channel_settings(GENERAL)).pack == "other"


async def test_what_is_set_already_is_where_the_menus_begin() -> None:
    studio = Studio()
    await studio.set(time="9:30", days="mon-fri", hours=4, mention="Learners")
    shown = await studio.start()
    assert offered(shown.screen)["Time"] == "09:30"
    assert offered(shown.screen)["Role to notify"] == "r1"
    assert "guess" not in to_plain_text(shown.screen.note)
    shown = await studio.pick(await studio.pick(shown, "Time", "08:00"), "Role to notify")
    await studio.save(shown)
    schedule = studio.daily.schedule
    assert (schedule.at, schedule.role, schedule.seconds) == (time(8), "", 4 * 3600)
    assert schedule.weekdays == frozenset(range(5))


async def test_another_channel_is_set_up_from_here() -> None:
    studio = Studio()
    shown = await studio.pick(await studio.start(), "Channel", "quiz")
    assert dict(shown.screen.fields)["Channel"] == (ChannelMention("quiz"),)
    saved = await studio.save(shown)
    first = saved.screen.text[0]
    assert isinstance(first, tuple)
    assert ChannelMention("quiz") in first
    assert await studio.store.dailies.of(GENERAL) is None
    assert await studio.store.dailies.of(OTHER)


async def test_a_channel_where_one_may_not_post_is_not_set_up_from_elsewhere() -> None:
    studio = Studio()
    studio.poster.closed = {"quiz", "general"}
    shown = await studio.start()
    refused = await studio.pick(shown, "Channel", "quiz")
    assert words(refused.screen) == NOT_YOURS
    assert refused.keeps_message
    assert studio.store.state.proposals.keys() == {1}
    studio.poster.closed = set()
    there = await studio.pick(shown, "Channel", "quiz")
    studio.poster.closed = {"quiz"}
    assert words((await studio.save(there)).screen) == NOT_YOURS
    assert not studio.store.state.dailies_set
    here = await studio.pick(await studio.start(), "Time", "10:00")
    assert (await studio.save(here)).screen.title == "Saved", "they're in this one"


async def test_a_channel_where_the_bot_cannot_post_says_why_before_and_at_the_save() -> None:
    studio = Studio()
    studio.poster.foreseen = Unpostable("I can't post in this channel.")
    shown = await studio.start()
    assert shown.screen.tone is Tone.PROBLEM
    assert "can't post" in words(shown.screen)
    chosen = await studio.pick_pack(shown, "other")
    assert "can't post" in words((await studio.save(chosen)).screen)
    assert not studio.store.state.dailies_set
    assert (await studio.store.communities.channel_settings(GENERAL)).pack == "", "nothing saved"


async def test_only_a_new_channel_is_tried_before_the_save() -> None:
    studio = Studio()
    shown = await studio.pick(await studio.start(), "Time", "10:00")
    shown = await studio.pick(shown, "Channel", "quiz")
    await studio.save(await studio.pick(shown, "Time", "11:00"))
    assert studio.poster.askers == ["ann", "", "ann", "", "ann"]


async def test_any_other_zone_is_typed() -> None:
    studio = Studio()
    shown = await studio.start()
    zones = menu(shown.screen, "Time zone")
    assert len(COMMON_ZONES) == 23
    assert len(zones.choices) + 1 <= MAX_COMPLETIONS
    typed = Press(zones.other, fields={"zone": "Kathmandu"})
    shown = await studio.desk.handle(studio.event(typed, "ann"))
    assert fields(shown)["When"] == "every day at 09:00 in Kathmandu (Asia/Kathmandu)"
    zones = menu(shown.screen, "Time zone")
    assert zones.chosen == zones.choices[0].value == "Asia/Kathmandu"
    assert len(zones.choices) == 24
    wrong = Press(zones.other, fields={"zone": "Narnia"})
    said = await studio.desk.handle(studio.event(wrong, "ann"))
    assert "no such time zone" in words(said.screen)


async def test_an_old_preview_is_refused() -> None:
    studio = Studio()
    first = await studio.start()
    second = await studio.pick(first, "Time", "10:00")
    for reply in (
        await studio.pick(first, "Time", "11:00"),
        await studio.save(first),
        await studio.press(menu(first.screen, "Time zone").other),
    ):
        assert words(reply.screen) == "This preview is out of date. Start again: `setup`"
    assert (await studio.save(second)).screen.title == "Saved"
    assert studio.daily.schedule.at == time(10)


async def test_what_no_menu_offers_is_refused() -> None:
    studio = Studio()
    shown = await studio.start()
    for label, value, said in (
        ("Time", "09:17", "older version"),
        ("Time zone", "Narnia", "older version"),
        ("Channel", "", "older version"),
        ("Role to notify", "admins", "can't be notified"),
    ):
        reply = await studio.pick(shown, label, value)
        assert said in words(reply.screen), label
    assert "Choose one of the options" in words((await studio.pick_pack(shown, "x")).screen)
    assert (await studio.save(shown)).screen.title == "Saved"


async def test_the_pack_that_is_shown_is_chosen_in_its_form() -> None:
    studio = Studio()
    shown = await studio.start()
    for chosen in ("sample", "other"):
        shown = await studio.pick_pack(shown, chosen)
        press = Press(button(shown.screen, "Change pack"))
        form = await studio.desk.form(studio.event(press, "ann"))
        assert isinstance(form, Form)
        (field,) = form.fields
        assert field.initial == (chosen,)
        assert [each.value for each in field.choices] == ["sample", "other"]


async def test_menus_offer_a_choice_or_are_left_out() -> None:
    room = Room()
    room.poster.given.clear()
    shown = (await room.call("setup")).screen
    assert offered(shown).keys() == {"Channel", "Time", "Time zone"}
    assert labels(Reply(shown)) == ["Save"], "there's just one pack"


async def test_a_pack_that_is_gone_is_replaced_by_the_default_one() -> None:
    studio = Studio()
    await studio.call("settings", pack="other")
    studio.desk.library._packs.pop("other")
    shown = await studio.start()
    assert fields(shown)["Pack"] == "Sample"
    await studio.save(shown)
    assert (await studio.store.communities.channel_settings(GENERAL)).pack == "sample"


async def test_chapters_that_the_new_pack_lacks_are_dropped() -> None:
    studio = Studio()
    smaller = Library([small_of_one()]).get("other")
    assert smaller
    studio.desk.library._packs["other"] = smaller
    await studio.set(chapters="one,two")
    shown = await studio.pick_pack(await studio.start(), "other")
    assert fields(shown)["Chapters"] == "Chapter one"


def small_of_one() -> Pack:
    """A pack without the second chapter."""
    pack = small_pack(id="other", title="Other")
    (first, _) = pack.chapters
    topics = {topic.id for unit in first.units for topic in unit.topics}
    questions = [each for each in pack.questions if each.topic in topics]
    return pack.model_copy(update={"chapters": [first], "questions": questions})


async def test_only_admins_set_up() -> None:
    studio = Studio()
    assert "Only admins" in words((await studio.call("setup", "bob")).screen)
    shown = await studio.start()
    assert "Only admins" in words((await studio.pick(shown, "Time", "10:00", user="bob")).screen)
