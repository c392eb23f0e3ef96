"""Members' presence: asked for once, in time, and not forever."""

from __future__ import annotations

import asyncio

from adapters.presence import DAY_SECONDS, PresenceCache
from bot.engine.platform import Presence


class Server:
    """A platform that counts look-ups; `down` makes them fail."""

    def __init__(self) -> None:
        self.now, self.asked, self.down = 0.0, 0, False
        self.cache = PresenceCache(self.look_up, lambda: self.now)

    async def look_up(self, _: str, user: str) -> Presence:
        self.asked += 1
        await asyncio.sleep(0)
        if self.down:
            raise ConnectionError
        return Presence.LEFT if user == "bob" else Presence.HERE


BOTH = {"ann": Presence.HERE, "bob": Presence.LEFT}


async def test_presence_is_cached_for_a_day() -> None:
    server = Server()
    assert await server.cache.of("home", ["ann", "bob"]) == BOTH
    server.now = DAY_SECONDS - 1
    assert await server.cache.of("home", ["ann", "bob"]) == BOTH
    assert server.asked == 2
    server.now = DAY_SECONDS
    assert await server.cache.of("home", ["ann"]) == {"ann": Presence.HERE}
    assert await server.cache.of("elsewhere", ["ann"]) == {"ann": Presence.HERE}
    assert server.asked == 4


async def test_a_member_who_changed_is_asked_for_again() -> None:
    server = Server()
    await server.cache.of("home", ["bob"])
    server.cache.forget("home", "bob")
    await server.cache.of("home", ["bob"])
    assert server.asked == 2


async def test_boards_at_the_same_time_share_their_look_ups() -> None:
    server = Server()
    found = await asyncio.gather(*(server.cache.of("home", ["ann", "bob"]) for _ in range(3)))
    assert found == [BOTH] * 3
    assert server.asked == 2


async def test_a_failed_look_up_says_nothing_about_the_member() -> None:
    server = Server()
    server.down = True
    assert await server.cache.of("home", ["ann", "bob"]) == {}
    server.down = False
    assert await server.cache.of("home", ["ann", "bob"]) == BOTH
