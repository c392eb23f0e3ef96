"""The help on scoring, with its numbers taken from the rules."""

from __future__ import annotations

from bot.engine.commands.base import Context
from bot.engine.kinds import KINDS
from bot.engine.rounds import POINTS, Board
from bot.engine.screens import CommandMention, Screen
from bot.engine.standings import TEAM_BEST, TEAM_BONUS, Window, score_team
from bot.engine.streaks import FREEZE_DAYS, MAX_FREEZES
from bot.engine.zones.labels import label
from content.language.plural import count

EXAMPLE_POINTS, EXAMPLE_TEAM_SIZE = (50, 40, 33, 10), 5
"""An example: the points of the members who took part, and the team's size."""


async def explain_scoring(context: Context) -> Screen:
    """Explain the rules, with the community's own settings."""
    place = context.event.place
    settings = await context.store.communities.settings(place.platform, place.community)
    zone = label(context.community_zone(settings.zone).key)
    boards = ", ".join(board.label for board in Board)
    windows = ", ".join(
        "the current season" if window is Window.SEASON else window.label for window in Window
    )
    return Screen(
        title="How points are counted",
        text=(
            f"A right answer is worth {count(POINTS, 'point')}. A partly right one earns its "
            "share, rounded down. Speed doesn't matter. Only your first answer to a question "
            "counts.",
        ),
        fields=(
            *((kind.name, kind.scoring) for kind in KINDS.values()),
            (
                "In drills",
                "A question earns points the first time you see it, and when it's due for review. "
                "Repeating it sooner earns nothing.",
            ),
            ("Leaderboards", f"{boards}: each keeps its own points."),
            (
                "Periods",
                f"{windows}. Days end at midnight in {zone}, weeks on Sunday.",
            ),
            (
                "Ranks",
                "Equal points share a rank, and the next rank skips. Ties go to whoever reached "
                f"the score first; for teams, to the one whose best {TEAM_BEST} had theirs first.",
            ),
            ("Teams", explain_team_score()),
            (
                "Streaks",
                "Days in a row with an answer, in your own time zone. You earn a freeze for "
                f"{FREEZE_DAYS} active days in a week, Monday to Sunday. A missed day uses one, "
                f"and you can hold {MAX_FREEZES}. A longer gap ends your streak, but you keep your "
                "freezes.",
            ),
        ),
        note=("To set your time zone or hide from leaderboards: ", CommandMention("preferences")),
    )


def explain_team_score() -> str:
    """Explain how a team's score is calculated, with an example."""
    best, active, size = EXAMPLE_POINTS[:TEAM_BEST], len(EXAMPLE_POINTS), EXAMPLE_TEAM_SIZE
    points, sum_ = ", ".join(map(str, EXAMPLE_POINTS)), " + ".join(map(str, best))
    return (
        f"The points of the best {TEAM_BEST} added up ÷ {TEAM_BEST} (in a smaller team: ÷ its "
        f"size) × (1 + {TEAM_BONUS:g} × the share of members who took part), rounded to whole "
        "points, halves up. Members without an answer count as 0, and members who took part and "
        "left since still count. Example: points of "
        f"{points} in a team of {size} make ({sum_}) ÷ {min(TEAM_BEST, size)} × "
        f"(1 + {TEAM_BONUS:g} × {active} ÷ {size}), rounded: {score_team(sum(best), active, size)}."
    )
