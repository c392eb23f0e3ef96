"""A small pack with every kind of question, and people to play it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.engine.events import Actor, Call, Event, Place, Press
from content.model import Pack

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOW = datetime.fromisoformat(os.environ.get("STUDYHALL_TEST_NOW", START.isoformat()))
"""When chats begin by default: tests must pass at any instant."""


def _question(kind: str, topic: str, number: int, **parts: Any) -> dict[str, Any]:
    return {
        "id": f"{topic}-q{number}",
        "kind": kind,
        "topic": topic,
        "notes": [f"{topic}-n1"],
        "level": "apply",
        "difficulty": number % 5 + 1,
        "stem": f"Question {number} about {topic}?",
        "rationale": f"The notes on {topic} say so ({number}).",
        **parts,
    }


def questions_about(topic: str) -> list[dict[str, Any]]:
    """Make one question of each kind."""
    return [
        _question(
            "single",
            topic,
            1,
            options=[
                {"text": "red", "why": "Red is for stop."},
                {"text": "green", "correct": True},
                {"text": "blue", "why": "Blue is for sky."},
                {"text": "grey", "why": "Grey is for rain."},
            ],
        ),
        _question(
            "multiple",
            topic,
            2,
            options=[
                {"text": "two", "correct": True},
                {"text": "three", "correct": True},
                {"text": "four", "why": "Four is not prime."},
                {"text": "six", "why": "Six is not prime."},
            ],
        ),
        _question("true_false", topic, 3, answer=True, why="It is so."),
        _question("ordering", topic, 4, items=["plan", "build", "test", "ship"]),
        _question(
            "matching", topic, 5, pairs=[["cat", "meows"], ["dog", "barks"], ["cow", "moos"]]
        ),
        _question(
            "short_answer",
            topic,
            6,
            accepted=["compute cluster", "AmlCompute"],
            rejected=[{"text": "compute instance", "why": "That one has a single user."}],
        ),
        _question("numeric", topic, 7, value=250, tolerance=5, unit="ms"),
    ]


def small_pack(**changes: Any) -> Pack:
    """Make a pack of two chapters: one unit of two topics each, seven questions per topic."""
    topics = {"alpha": ["first"], "beta": ["hpo"], "gamma": [], "delta": []}
    chapters = [
        {
            "id": chapter,
            "title": f"Chapter {chapter}",
            "weight": 50.0,
            "units": [
                {
                    "id": f"{chapter}-unit",
                    "title": f"Unit of {chapter}",
                    "topics": [
                        {
                            "id": topic,
                            "title": f"About {topic}",
                            "url": f"https://learn.microsoft.com/{topic}",
                            "aliases": topics[topic],
                            "notes": [
                                {"id": f"{topic}-n{n}", "text": f"Fact {n} of `{topic}`."}
                                for n in range(1, 11)
                            ],
                        }
                        for topic in members
                    ],
                }
            ],
        }
        for chapter, members in (("one", ("alpha", "beta")), ("two", ("gamma", "delta")))
    ]
    return Pack.model_validate(
        {
            "id": "sample",
            "title": "Sample",
            "exam": None,
            "version": "1",
            "language": "en",
            "license": "MIT",
            "drafts": False,
            "chapters": chapters,
            "questions": [q for topic in topics for q in questions_about(topic)],
        }
        | changes
    )


def save_pack(pack: Pack, folder: Path) -> Path:
    """Write a pack's files to a folder."""
    data = pack.model_dump(exclude_none=True, exclude_unset=True)
    questions = data.pop("questions")
    for chapter in data["chapters"]:
        topics = {t["id"] for unit in chapter["units"] for t in unit["topics"]}
        parts = {
            "notes": {"units": chapter.pop("units")},
            "questions": {"questions": [q for q in questions if q["topic"] in topics]},
        }
        for name, content in parts.items():
            (folder / name).mkdir(parents=True, exist_ok=True)
            file = folder / name / f"{chapter['id']}.yaml"
            file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    (folder / "pack.yaml").write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return folder


class Clock:
    """A clock that tests move."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_days(self, days: int) -> None:
        self.now += timedelta(days=days)


class TickingClock(Clock):
    """A clock that also moves by a millisecond per read, so that no two things happen at once."""

    def __init__(self, now: datetime = NOW) -> None:
        super().__init__(now)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def elapsed(self) -> float:
        """Return seconds since some instant."""
        return self.now.timestamp()

    def timestamp(self) -> float:
        """Return seconds since 1970, as platforms count them."""
        return self().timestamp()


PLACE = Place("terminal", "local", "here", private=True)


def event(what: Call | Press, user: str = "ann", place: Place = PLACE) -> Event:
    return Event(Actor(user, user.capitalize()), place, what)


def values_of(question: Any, layout: Sequence[int], *, rightly: bool) -> list[str]:
    """Return the values of a press that answers a question with this layout."""
    match question.kind:
        case "short_answer":
            return [question.accepted[0] if rightly else "zebra"]
        case "numeric":
            return [f"{question.value:g} {question.unit}" if rightly else "7"]
        case "ordering" | "matching":
            values = [str(layout.index(i)) for i in range(len(layout))]
            return values if rightly else [*values[1:], values[0]]
        case _:
            meant = [
                str(place)
                for place, i in enumerate(layout)
                if question.options[i].correct is rightly
            ]
            return meant if question.kind == "multiple" else meant[:1]
