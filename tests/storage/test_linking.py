"""One person on two platforms: one memory, one streak, nothing counted twice, and back."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest

from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event, Member, Place, Press
from bot.engine.library import Library
from bot.engine.linking import (
    CODE_LENGTH,
    CODE_LETTERS,
    CODE_LIFETIME,
    MAX_WRONG_CODES,
    LinkClaimant,
    LinkOutcome,
    new_code,
    normalize_code,
)
from bot.engine.players import Preferences
from bot.engine.screens import Reply, Screen
from storage.store import SqlStore
from tests.engine.test_channel_rounds import words
from tests.engine.test_desk import button
from tests.samples import START, Clock, small_pack
from tests.stand_ins.memory_poster import MemoryPoster
from tests.storage.steps import accept, accepted_answer, start

DISCORD = Member("discord", "g1", "7")
ELSEWHERE = Member("discord", "g2", "7")
SLACK = Member("slack", "T1", "U7", realm="T1")
THIEF = Member("slack", "T1", "U9", realm="T1")
SOON = START + timedelta(minutes=1)


async def play(store: SqlStore) -> None:
    """Both answer the same question, and one of their own."""
    for member, questions in ((DISCORD, ("q1", "q2")), (SLACK, ("q1", "q3"))):
        days = 1 if member is SLACK else 0
        for round_, question in zip(await start(store, member, *questions), questions, strict=True):
            await accept(store, accepted_answer(round_, member, question=question, days=days))


async def claim(store: SqlStore, member: Member, code: str, now: datetime = SOON) -> LinkOutcome:
    result, *_ = await store.linking.claim(member, member.user, code, now + CODE_LIFETIME, now)
    return result


async def link(store: SqlStore) -> LinkClaimant | None:
    await store.linking.offer(DISCORD, "Ann", "CODE2345", START + CODE_LIFETIME)
    assert await claim(store, SLACK, "CODE2345") is LinkOutcome.ASKED
    newcomer = await store.linking.claimant(DISCORD, SOON)
    assert newcomer is not None
    return await store.linking.allow(DISCORD, newcomer.claim, SOON)


async def test_two_become_one_player_with_one_memory_and_streak(store: SqlStore) -> None:
    await play(store)
    assert await link(store)
    for member in (DISCORD, SLACK, ELSEWHERE):
        assert (await store.players.totals(member)).answered == 4
        assert (await store.players.totals(member)).streak.days == 2
        cards = await store.cards.of(member, "p")
        assert {question: card.seen for question, card in cards.items()} == {
            "q1": 2,
            "q2": 1,
            "q3": 1,
        }


async def test_unlinking_gives_each_back_what_was_theirs(store: SqlStore) -> None:
    await play(store)
    before = [
        (await store.players.totals(m), await store.cards.of(m, "p")) for m in (DISCORD, SLACK)
    ]
    await link(store)
    assert await store.linking.unlink(SLACK)
    assert not await store.linking.unlink(SLACK)
    after = [
        (await store.players.totals(m), await store.cards.of(m, "p")) for m in (DISCORD, SLACK)
    ]
    for (record, cards), (then, then_cards) in zip(after, before, strict=True):
        assert (record.points, record.answered) == (then.points, then.answered)
        assert cards == then_cards


async def test_a_zone_chosen_on_one_side_holds_on_both_and_after(store: SqlStore) -> None:
    await play(store)
    await store.players.set_preferences(
        SLACK, "ann", Preferences("Asia/Tokyo", hidden=True, starts=3)
    )
    await link(store)
    assert await store.players.preferences(DISCORD) == Preferences("Asia/Tokyo", starts=3)
    await store.linking.unlink(SLACK)
    assert await store.players.preferences(SLACK) == Preferences(
        "Asia/Tokyo", hidden=True, starts=3
    )


async def test_a_code_is_used_once_and_expires(store: SqlStore) -> None:
    assert await link(store)
    assert await claim(store, THIEF, "CODE2345") is LinkOutcome.UNKNOWN
    await store.linking.offer(DISCORD, "Ann", "OTHER234", START + CODE_LIFETIME)
    assert await claim(store, THIEF, "OTHER234", START + CODE_LIFETIME) is LinkOutcome.UNKNOWN


async def test_a_code_is_for_another_platform_and_another_player(store: SqlStore) -> None:
    await link(store)
    await store.linking.offer(DISCORD, "Ann", "AGAIN234", START + CODE_LIFETIME)
    assert await claim(store, SLACK, "AGAIN234") is LinkOutcome.OWN
    other = Member("discord", "g1", "8")
    assert await claim(store, other, "AGAIN234") is LinkOutcome.SAME_PLATFORM


async def test_guessing_is_stopped_for_a_while(store: SqlStore) -> None:
    await store.linking.offer(DISCORD, "Ann", "CODE2345", START + 2 * CODE_LIFETIME)
    for number in range(MAX_WRONG_CODES):
        assert await claim(store, THIEF, f"WRONG{number}", START) is LinkOutcome.UNKNOWN
    assert await claim(store, THIEF, "CODE2345") is LinkOutcome.TOO_MANY
    await store.linking.offer(THIEF, "t", "OWN12345", START + CODE_LIFETIME)
    assert await claim(store, THIEF, "CODE2345") is LinkOutcome.TOO_MANY
    assert await claim(store, THIEF, "CODE2345", START + CODE_LIFETIME) is LinkOutcome.ASKED


async def test_nobody_is_linked_before_the_owner_of_the_code_allows_it(store: SqlStore) -> None:
    await play(store)
    await store.linking.offer(DISCORD, "Ann", "CODE2345", START + CODE_LIFETIME)
    assert await store.linking.claimant(DISCORD, SOON) is None
    asked = await store.linking.claim(SLACK, "ann", "CODE2345", SOON + CODE_LIFETIME, SOON)
    assert asked == (LinkOutcome.ASKED, DISCORD, 1)
    assert await claim(store, THIEF, "CODE2345") is LinkOutcome.UNKNOWN  # a code works once
    newcomer = LinkClaimant(1, SLACK, "ann")
    assert await store.linking.claimant(DISCORD, SOON) == newcomer
    assert await store.linking.platforms(DISCORD) == await store.linking.platforms(SLACK) == set()
    for who, number, at in (
        (THIEF, 1, SOON),
        (DISCORD, 2, SOON),
        (DISCORD, 1, SOON + CODE_LIFETIME),
    ):
        assert await store.linking.allow(who, number, at) is None
    assert (await store.players.totals(DISCORD)).answered == 2
    assert await store.linking.allow(DISCORD, 1, SOON) == newcomer
    assert (await store.players.totals(DISCORD)).answered == 4
    assert (await store.linking.platforms(DISCORD), await store.linking.platforms(SLACK)) == (
        {"slack"},
        {"discord"},
    )
    assert await store.linking.allow(DISCORD, 1, SOON) is None


async def test_a_refused_claim_ends_and_a_later_one_has_another_number(
    store: SqlStore,
) -> None:
    await store.linking.offer(DISCORD, "Ann", "CODE2345", START + CODE_LIFETIME)
    await claim(store, THIEF, "CODE2345")
    refused = await store.linking.refuse(DISCORD, 1)
    assert refused is not None
    assert refused.member == THIEF
    assert await store.linking.claimant(DISCORD, SOON) is None
    assert await store.linking.allow(DISCORD, 1, SOON) is None
    await store.linking.offer(DISCORD, "Ann", "OTHER234", SOON + CODE_LIFETIME)
    assert (await store.linking.claim(SLACK, "ann", "OTHER234", SOON + CODE_LIFETIME, SOON))[2] == 2
    assert await store.linking.refuse(DISCORD, 1) is None


async def test_deleting_a_linked_player_deletes_both_sides(store: SqlStore) -> None:
    await play(store)
    await link(store)
    assert await store.players.forget(SLACK)
    assert (await store.players.totals(DISCORD)).answered == 0


def test_codes_are_easy_to_type() -> None:
    code = new_code(Random(1))
    assert len(code) == CODE_LENGTH
    assert set(code) <= set(CODE_LETTERS)
    assert normalize_code(f" {code[:4].lower()}-{code[4:].lower()} ") == code


class Two:
    """A desk on two platforms."""

    def __init__(self, store: SqlStore) -> None:
        self.posters = {"discord": MemoryPoster(), "slack": MemoryPoster()}
        self.desk = Desk(Library([small_pack()]), store, Clock(), Random(3), self.posters)

    async def say(self, member: Member, what: Call | Press) -> Reply:
        place = Place(member.platform, member.community, "c", private=False, realm=member.realm)
        return await self.desk.handle(Event(Actor(member.user, "Ann"), place, what))

    async def link(self, member: Member, code: str = "") -> str:
        return words((await self.say(member, Call("link", {"code": code}))).screen)

    async def press(self, member: Member, screen: Screen, label: str) -> str:
        return words((await self.say(member, Press(button(screen, label)))).screen)

    def last_dm(self, platform: str) -> Screen:
        """The last direct message to somebody."""
        return self.posters[platform].told[-1][1]


async def test_the_owner_of_a_code_allows_the_claimant_and_both_are_notified(
    store: SqlStore,
) -> None:
    two = Two(store)
    code = (await two.link(DISCORD)).split("`")[1]
    assert "is wrong or has expired" in await two.link(SLACK, "NONSENSE")
    assert "message on Discord" in await two.link(SLACK, code.lower())
    asked = two.last_dm("discord")
    assert "Ann on Slack entered your code" in words(asked)
    assert "no longer open" in await two.press(THIEF, asked, "Allow")
    assert "one player" in await two.press(DISCORD, asked, "Allow")
    assert "one player" in words(two.last_dm("slack"))
    assert "no longer open" in await two.press(DISCORD, asked, "Allow")
    unlink = Call("unlink", {})
    assert "a separate player" in words((await two.say(SLACK, unlink)).screen)
    assert "aren't linked" in words((await two.say(SLACK, unlink)).screen)


async def test_a_refused_claimant_is_notified_and_an_unreachable_owner_finds_the_question(
    store: SqlStore,
) -> None:
    two = Two(store)
    code = (await two.link(DISCORD)).split("`")[1]
    del two.posters["discord"]
    assert "again, and allow it there" in await two.link(SLACK, code)
    asked = (await two.say(DISCORD, Call("link", {}))).screen
    assert "Ann on Slack entered your code" in words(asked)
    assert "Nothing was linked" in await two.press(DISCORD, asked, "Refuse")
    assert "refused on Discord" in words(two.last_dm("slack"))
    assert "Your code" in await two.link(DISCORD)


@pytest.mark.parametrize(("side", "left"), [("Delete it all", 0), ("Only here", 2)])
async def test_a_linked_player_chooses_on_which_side_to_delete(
    store: SqlStore, side: str, left: int
) -> None:
    two = Two(store)
    await play(store)
    await link(store)
    privacy = (await two.say(SLACK, Call("privacy", {}))).screen
    asked = (await two.say(SLACK, Press(button(privacy, "Delete everything")))).screen
    assert asked.title == "Delete on Discord too?"
    assert "We've deleted everything" in await two.press(SLACK, asked, side)
    assert (await store.players.totals(SLACK)).answered == 0
    assert (await store.players.totals(DISCORD)).answered == left
