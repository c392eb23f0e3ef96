"""A local Discord: enough of its REST API and gateway for an unmodified client to live in.

`rest`, `responding` and `gateway` are Discord's API v10 as documented, `limits` and
`command_limits` what it refuses, `faults` what can go wrong with it, `people` those who use it.
A test starts a `DiscordServer`, arranges guilds and people, and lets them act.
"""
