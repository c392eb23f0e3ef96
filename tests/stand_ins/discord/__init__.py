"""A local Discord: enough of its REST API and gateway for an unmodified client to live in.

`rest`, `responding` and `gateway` are Discord's API v10 as documented, `limits` and all that end so
what it refuses, `faults` what can go wrong with it, `people` those who use it, whose apps `calling`
and `filling` are.
A test starts a `DiscordServer`, arranges guilds and people, and lets them act.
"""

from tests.stand_ins.discord.calling import NotOffered
from tests.stand_ins.discord.interactions import Interaction
from tests.stand_ins.discord.messages import Message
from tests.stand_ins.discord.people import Person
from tests.stand_ins.discord.server import DiscordServer
from tests.stand_ins.discord.world import Channel, Guild

__all__ = ["Channel", "DiscordServer", "Guild", "Interaction", "Message", "NotOffered", "Person"]
