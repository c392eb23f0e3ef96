"""How points are counted, in words that are made of the rules themselves."""

from __future__ import annotations

from bot.engine.commands.base import Context
from bot.engine.kinds import KINDS
from bot.engine.rounds import POINTS, Board
from bot.engine.screens import CommandMention, Screen
from bot.engine.standings import TEAM_BEST, TEAM_BONUS, Window, score_team
from bot.engine.streaks import FREEZE_DAYS, MAX_FREEZES
from bot.engine.zones.labels import label

TEAM, MEMBERS = (50, 40, 33, 10), 5
"""The points of those who took part, in a team of so many: an example."""


async def scoring(context: Context) -> Screen:
    """The rules, with what was chosen for the community."""
    place = context.event.place
    settings = await context.store.communities.settings(place.platform, place.community)
    zone = label(context.community_zone(settings.zone).key)
    boards = ", ".join(board.label for board in Board)
    windows = ", ".join(
        "the season that runs" if window is Window.SEASON else window.label for window in Window
    )
    return Screen(
        title="How points are counted",
        text=(
            f"A right answer is worth {POINTS} points, and a partly right one its share of them, "
            "rounded down. Time plays no part. Only the first answer to a question that was posed "
            "counts.",
        ),
        fields=(
            *((kind.name, kind.scoring) for kind in KINDS.values()),
            (
                "In drills",
                "A question earns points when you first meet it, and when it is due for review. "
                "Repeating earns nothing.",
            ),
            ("Boards", f"{boards}: each is apart from the others."),
            (
                "Windows",
                f"{windows}. Days end at midnight in {zone}, weeks on Sunday.",
            ),
            (
                "Ranks",
                "Equal points share a rank, and the next rank skips. Among equals, who was first "
                "to have so many stands first; of teams, the one whose best "
                f"{TEAM_BEST} had theirs first.",
            ),
            ("Teams", team_formula()),
            (
                "Streaks",
                "Days in a row with an answer, by your own time zone. "
                f"{FREEZE_DAYS} active days in a week, Monday to Sunday, earn a freeze; a missed "
                f"day uses one, and {MAX_FREEZES} can be held. A longer gap ends the streak and "
                "leaves you your freezes.",
            ),
        ),
        note=("To set your time zone, or hide from leaderboards: ", CommandMention("preferences")),
    )


def team_formula() -> str:
    """How a team's score is made, with an example."""
    best, active = TEAM[:TEAM_BEST], len(TEAM)
    return (
        f"The points of the best {TEAM_BEST} added up ÷ {TEAM_BEST} (in a smaller team: ÷ its "
        f"members) × (1 + {TEAM_BONUS:g} × the share of members who took part), rounded to "
        "whole points, a half upwards. Who has not answered counts as 0. Members are who is in the "
        "team now, and who took part and has left it since. Points of "
        f"{', '.join(map(str, TEAM))} in a team of {MEMBERS}: ({' + '.join(map(str, best))}) ÷ "
        f"{min(TEAM_BEST, MEMBERS)} × (1 + {TEAM_BONUS:g} × {active} ÷ {MEMBERS}), rounded: "
        f"{score_team(sum(best), active, MEMBERS)}."
    )
