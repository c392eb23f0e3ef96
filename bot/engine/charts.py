"""Charts of what screens say in text, with sentences for screen readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.engine.screens import Bar, BarChart

RIGHT, SEEN = "Right when last asked", "Seen, wrong last time"


def chart_standings(title: str, board: Mapping[str, Any]) -> BarChart | None:
    """Chart a leaderboard's lines, including the reader's own; None if there are none."""
    own, lines = board["own"], list(board["lines"])
    lines += [own] if own and own not in lines else []
    if not lines:
        return None
    mine = "yours" if board["by"] == "teams" else "you"
    best = max(line["points"] for line in lines)
    bars = tuple(
        Bar(
            label=f"{line['name']}{' (left)' if line.get('left') else ''}",
            parts=(max(0, line["points"]),),
            total=max(1, best),
            note=_formatcount(line["points"], "point"),
            place=str(line["rank"]),
            own=mine if line == own else "",
        )
        for line in lines
    )
    sentences = (
        f"{bar.place}. {bar.label}{f' ({bar.own})' if bar.own else ''}, {bar.note}" for bar in bars
    )
    return BarChart(title, f"Bar chart. {title}: {'; '.join(sentences)}.", bars)


def chart_progress(chapters: Sequence[Mapping[str, Any]]) -> BarChart:
    """Chart how much of each chapter a member has seen, and got right when last asked."""
    title = "My progress by chapter"
    bars = tuple(
        Bar(
            label=chapter["title"],
            parts=(chapter["right"], chapter["seen"] - chapter["right"]),
            total=max(1, chapter["questions"]),
            note=f"{chapter['right']} right · {chapter['seen']} of {chapter['questions']} seen",
        )
        for chapter in chapters
    )
    sentences = (
        f"{each['title']}, {each['seen']} of {_formatcount(each['questions'], 'question')} seen "
        f"and {each['right']} right when last asked"
        for each in chapters
    )
    return BarChart(title, f"Bar chart. {title}: {'; '.join(sentences)}.", bars, (RIGHT, SEEN))


def _formatcount(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
