"""One person on two platforms: one memory, one streak, nothing counted twice, and undone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event, Member, Place
from bot.engine.library import Library
from bot.engine.linking import LENGTH, LETTERS, TRIES, VALID, Linked, Newcomer, new_code, tidied
from bot.engine.ports import Preferences
from storage.store import SqlStore
from tests.samples import START, Clock, small_pack
from tests.storage.test_store import accept, acceptance, start

DISCORD = Member("discord", "g1", "7")
ELSEWHERE = Member("discord", "g2", "7")
SLACK = Member("slack", "T1", "U7", realm="T1")
THIEF = Member("slack", "T1", "U9", realm="T1")
SOON = START + timedelta(minutes=1)


async def played(store: SqlStore) -> None:
    """Both have answered the same question and one of their own."""
    for member, questions in ((DISCORD, ("q1", "q2")), (SLACK, ("q1", "q3"))):
        days = 1 if member is SLACK else 0
        for round_, question in zip(await start(store, member, *questions), questions, strict=True):
            await accept(store, acceptance(round_, member, question=question, days=days))


async def claim(store: SqlStore, member: Member, code: str, now: datetime = SOON) -> Linked:
    result, *_ = await store.claim_link(member, member.user, code, now + VALID, now)
    return result


async def linked(store: SqlStore) -> Newcomer | None:
    await store.offer_link(DISCORD, "Ann", "CODE2345", START + VALID)
    assert await claim(store, SLACK, "CODE2345") is Linked.ASKED
    newcomer = await store.claimed_link(DISCORD, SOON)
    assert newcomer is not None
    return await store.allow_link(DISCORD, newcomer.claim, SOON)


async def test_two_become_one_player_with_one_memory_and_streak(store: SqlStore) -> None:
    await played(store)
    assert await linked(store)
    for member in (DISCORD, SLACK, ELSEWHERE):
        assert (await store.record(member)).answered == 4
        assert (await store.record(member)).streak.days == 2
        cards = await store.cards(member, "p")
        assert {question: card.seen for question, card in cards.items()} == {
            "q1": 2,
            "q2": 1,
            "q3": 1,
        }


async def test_unlinking_gives_each_back_what_was_theirs(store: SqlStore) -> None:
    await played(store)
    before = [(await store.record(m), await store.cards(m, "p")) for m in (DISCORD, SLACK)]
    await linked(store)
    assert await store.unlink(SLACK)
    assert not await store.unlink(SLACK)
    after = [(await store.record(m), await store.cards(m, "p")) for m in (DISCORD, SLACK)]
    for (record, cards), (then, then_cards) in zip(after, before, strict=True):
        assert (record.points, record.answered) == (then.points, then.answered)
        assert cards == then_cards


async def test_a_zone_chosen_on_one_side_holds_on_both_and_after(store: SqlStore) -> None:
    await played(store)
    await store.set_preferences(SLACK, "ann", Preferences("Asia/Tokyo", hidden=True, starts=3))
    await linked(store)
    assert await store.preferences(DISCORD) == Preferences("Asia/Tokyo", starts=3)
    await store.unlink(SLACK)
    assert await store.preferences(SLACK) == Preferences("Asia/Tokyo", hidden=True, starts=3)


async def test_a_code_is_used_once_and_expires(store: SqlStore) -> None:
    assert await linked(store)
    assert await claim(store, THIEF, "CODE2345") is Linked.UNKNOWN
    await store.offer_link(DISCORD, "Ann", "OTHER234", START + VALID)
    assert await claim(store, THIEF, "OTHER234", START + VALID) is Linked.UNKNOWN


async def test_a_code_is_for_another_platform_and_another_player(store: SqlStore) -> None:
    await linked(store)
    await store.offer_link(DISCORD, "Ann", "AGAIN234", START + VALID)
    assert await claim(store, SLACK, "AGAIN234") is Linked.OWN
    other = Member("discord", "g1", "8")
    assert await claim(store, other, "AGAIN234") is Linked.SAME_PLATFORM


async def test_guessing_is_stopped_for_a_while(store: SqlStore) -> None:
    await store.offer_link(DISCORD, "Ann", "CODE2345", START + 2 * VALID)
    for number in range(TRIES):
        assert await claim(store, THIEF, f"WRONG{number}", START) is Linked.UNKNOWN
    assert await claim(store, THIEF, "CODE2345") is Linked.TOO_MANY
    await store.offer_link(THIEF, "t", "OWN12345", START + VALID)
    assert await claim(store, THIEF, "CODE2345") is Linked.TOO_MANY
    assert await claim(store, THIEF, "CODE2345", START + VALID) is Linked.ASKED


async def test_nobody_is_linked_before_who_was_shown_the_code_allows_it(store: SqlStore) -> None:
    await played(store)
    await store.offer_link(DISCORD, "Ann", "CODE2345", START + VALID)
    assert await store.claimed_link(DISCORD, SOON) is None
    asked = await store.claim_link(SLACK, "ann", "CODE2345", SOON + VALID, SOON)
    assert asked == (Linked.ASKED, DISCORD, 1)
    assert await claim(store, THIEF, "CODE2345") is Linked.UNKNOWN  # it is used up
    newcomer = Newcomer(1, SLACK, "ann")
    assert await store.claimed_link(DISCORD, SOON) == newcomer
    assert await store.linked(DISCORD) == await store.linked(SLACK) == set()
    for who, number, at in ((THIEF, 1, SOON), (DISCORD, 2, SOON), (DISCORD, 1, SOON + VALID)):
        assert await store.allow_link(who, number, at) is None
    assert (await store.record(DISCORD)).answered == 2
    assert await store.allow_link(DISCORD, 1, SOON) == newcomer
    assert (await store.record(DISCORD)).answered == 4
    assert (await store.linked(DISCORD), await store.linked(SLACK)) == ({"slack"}, {"discord"})
    assert await store.allow_link(DISCORD, 1, SOON) is None


async def test_who_is_refused_waits_no_more_and_a_later_claim_has_another_number(
    store: SqlStore,
) -> None:
    await store.offer_link(DISCORD, "Ann", "CODE2345", START + VALID)
    await claim(store, THIEF, "CODE2345")
    refused = await store.refuse_link(DISCORD, 1)
    assert refused is not None
    assert refused.member == THIEF
    assert await store.claimed_link(DISCORD, SOON) is None
    assert await store.allow_link(DISCORD, 1, SOON) is None
    await store.offer_link(DISCORD, "Ann", "OTHER234", SOON + VALID)
    assert (await store.claim_link(SLACK, "ann", "OTHER234", SOON + VALID, SOON))[2] == 2
    assert await store.refuse_link(DISCORD, 1) is None


async def test_deleting_a_linked_player_deletes_both_sides(store: SqlStore) -> None:
    await played(store)
    await linked(store)
    assert await store.forget(SLACK)
    assert (await store.record(DISCORD)).answered == 0


def test_codes_are_easy_to_type() -> None:
    code = new_code(Random(1))
    assert len(code) == LENGTH
    assert set(code) <= set(LETTERS)
    assert tidied(f" {code[:4].lower()}-{code[4:].lower()} ") == code


@pytest.mark.parametrize("typed", ["{}", "{}-{}"])
async def test_members_link_by_command(store: SqlStore, typed: str, tmp_path: Path) -> None:
    desk = Desk(Library([small_pack()]), store, Clock(), Random(3), {})

    async def say(member: Member, command: str, **options: str) -> str:
        place = Place(member.platform, member.community, "c", private=False, realm=member.realm)
        event = Event(Actor(member.user, "Ann"), place, Call(command, options))
        return str((await desk.handle(event)).screen.text)

    shown = await say(DISCORD, "link")
    code = shown.split("`")[1]
    assert "not valid" in await say(SLACK, "link", code="NONSENSE")
    assert "one player" in await say(SLACK, "link", code=code)
    assert "of your own" in await say(SLACK, "unlink")
    assert "not linked" in await say(SLACK, "unlink")
