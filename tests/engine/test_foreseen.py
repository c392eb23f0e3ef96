"""Problems with a daily question, reported while they can still be fixed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.engine.communities import ChannelSettings
from bot.engine.daily_planner import BY_ADMIN
from bot.engine.events import Channel
from bot.engine.library import IndexedPack
from bot.engine.platform import Unpostable
from bot.engine.screens import Reply, Tone
from content.model import Pack
from tests.engine.test_channel_rounds import words
from tests.engine.test_dailies import NINE, SET, Room, fields
from tests.engine.test_desk import button
from tests.samples import small_pack

SHUT = Unpostable("I can't post here. Open the door.")
SILENT = "Nobody is notified: the role is shy."
HERE = Channel("terminal", "local", "general")


async def previewed(room: Room, **options: Any) -> Reply:
    return await room.call("daily set", **(SET | options))


def use(room: Room, *packs: Pack) -> None:
    """Install these packs, as after a restart."""
    room.desk.library._packs = {each.id: IndexedPack(each) for each in packs}


def without_chapter_two() -> Pack:
    whole = small_pack()
    questions = [each for each in whole.questions if each.topic in ("alpha", "beta")]
    return whole.model_copy(update={"chapters": whole.chapters[:1], "questions": questions})


async def test_a_preview_says_what_is_in_the_way_and_save_saves_once_it_is_mended() -> None:
    room = Room()
    room.poster.foreseen = SHUT
    shown = (await previewed(room)).screen
    assert f"{SHUT} Then press Save." in words(shown)
    assert shown.tone is Tone.PROBLEM
    refused = await room.press(button(shown, "Save"))
    assert f"{SHUT} Then press Save again." in words(refused.screen)
    assert refused.keeps_message, "the preview stays, with its button"
    assert not await room.store.dailies.of(HERE)
    room.poster.foreseen = ""
    saved = await room.press(button(shown, "Save"))
    assert saved.screen.title == "Saved"
    assert not saved.keeps_message


async def test_where_nobody_would_be_notified_it_is_saved_all_the_same() -> None:
    room = Room()
    room.poster.foreseen = SILENT
    shown = (await previewed(room, mention="Learners")).screen
    saved = (await room.press(button(shown, "Save"))).screen
    assert (shown.tone, saved.tone) == (Tone.PLAIN, Tone.RIGHT)
    for screen in (
        shown,
        saved,
        (await room.call("daily show")).screen,
        (await room.call("daily now")).screen,
    ):
        assert SILENT in words(screen)


async def test_resuming_waits_until_a_question_can_come() -> None:
    room = Room()
    await room.set()
    paused = (await room.call("daily pause")).screen
    room.poster.foreseen = SHUT
    for reply in (await room.call("daily resume"), await room.press(button(paused, "Resume"))):
        assert reply.keeps_message
        assert str(SHUT) in words(reply.screen)
        assert "daily resume" in words(reply.screen)
    assert room.daily.paused == BY_ADMIN
    room.poster.foreseen = ""
    await room.press(button(paused, "Resume"))
    assert not room.daily.paused


async def test_asking_now_takes_no_date_away_where_it_cannot_be_posted() -> None:
    room = Room()
    await room.set()
    before = room.daily
    room.poster.foreseen = SHUT
    assert str(SHUT) in words((await room.call("daily now")).screen)
    assert room.daily == before
    assert room.store.state.posts == {}


async def test_a_line_to_find_out_is_shown_to_who_may_mend_it_and_only_then() -> None:
    room = Room()
    shown = (await previewed(room)).screen
    assert room.poster.askers == ["ann"]
    await room.press(button(shown, "Save"))
    assert room.poster.askers == ["ann"] * 2
    await room.call("daily show")
    await room.call("daily now")
    await room.call("daily pause")
    assert set(room.poster.askers[2:]) == {""}
    await room.call("daily resume")
    assert room.poster.askers.count("ann") == 3


async def test_members_are_told_nothing_of_it() -> None:
    room = Room()
    await room.set()
    room.poster.foreseen = SHUT
    asked = len(room.poster.askers)
    assert "can't post" not in words((await room.call("daily show", user="bob")).screen)
    assert len(room.poster.askers) == asked


@pytest.mark.parametrize("trouble", [ConnectionError("the line is dead"), "hangs"])
async def test_what_a_platform_does_not_tell_is_no_obstacle(
    trouble: Exception | str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    room = Room()
    if isinstance(trouble, Exception):
        room.poster.foreseen = trouble
    else:

        async def hang(*_: Any) -> str:
            await asyncio.sleep(60)
            raise AssertionError

        monkeypatch.setattr("bot.engine.daily_planner.REHEARSAL", 0.01)
        monkeypatch.setattr(room.poster, "check_postable", hang)
    assert (await room.set()).screen.title == "Saved"
    assert "unknown whether channel general can be posted in" in caplog.text


async def test_topics_that_are_gone_are_named_as_far_as_they_are_known() -> None:
    room = Room()
    await room.set(chapters="one, gamma")
    other = small_pack(id="other", title="Other")
    use(room, without_chapter_two(), other)
    shown = await room.call("daily show")
    assert "Not in Sample anymore, so not asked about: About gamma." in words(shown.screen)
    assert fields(shown)["Chapters"] == "Chapter one; About gamma"
    use(room, without_chapter_two())
    shown = await room.call("daily show")
    assert "not asked about: `gamma`." in words(shown.screen)
    await room.at(NINE)
    assert len(room.posts) == 1, "the others are asked"


async def test_a_daily_all_of_whose_chapters_are_gone_is_neither_saved_nor_resumed() -> None:
    room = Room()
    shown = (await previewed(room, chapters="two")).screen
    use(room, without_chapter_two())
    refused = words((await room.press(button(shown, "Save"))).screen)
    assert "no questions in the chosen chapters" in refused
    assert "not asked about: `two`." in refused
    use(room, small_pack())
    await room.press(button(shown, "Save"))
    await room.call("daily pause")
    use(room, without_chapter_two())
    assert "no questions" in words((await room.call("daily resume")).screen)
    assert "no questions" in words((await room.call("daily now")).screen)
    assert room.daily.paused == BY_ADMIN


async def test_a_pack_that_is_gone_is_named_with_how_to_choose_another() -> None:
    room = Room()
    shown = (await previewed(room)).screen
    await room.store.communities.set_channel_settings(HERE, ChannelSettings(pack="lost"))
    refused = words((await room.press(button(shown, "Save"))).screen)
    assert "The pack lost isn't here anymore." in refused
    assert "settings sample" in refused
    await room.store.communities.set_channel_settings(HERE, ChannelSettings())
    assert (await room.press(button(shown, "Save"))).screen.title == "Saved"


async def test_why_it_is_paused_is_not_said_twice() -> None:
    room = Room()
    await room.set()
    room.store.state.dailies_set[1] = replace(
        room.daily, paused=str(SHUT), next_on=None, next_due=None
    )
    room.poster.foreseen = SHUT
    assert words((await room.call("daily show")).screen).count(str(SHUT)) == 1
