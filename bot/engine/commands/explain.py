"""`explain`: what the notes say about a topic, with its source and the way on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.engine.actions import ExplainTopic, StartDrill, encode
from bot.engine.commands.base import (
    A_TOPIC,
    Command,
    Context,
    OnPress,
    Option,
    Options,
    complete_topic,
    example,
)
from bot.engine.library import IndexedPack
from bot.engine.screens import Button, Link, Reply, Screen, notice
from bot.engine.search import Hit
from content.model import Note, Topic

PAGE = 7
"""Points on one screen."""

RELATED = 3
OFFERED = 3
"""Titles offered where nothing fits."""


async def explain(context: Context, options: Options) -> Reply:
    """The topic that fits the words best, or the nearest titles."""
    query = options["topic"].strip()
    pack = context.library.get("")
    if pack is None:
        return notice("No pack is loaded.")
    if not query:
        topic = example(context, "explain", {"topic": A_TOPIC})
        return notice(("Which topic should I explain? For example: ", topic))
    hits = [Hit(query, 1.0)] if query in pack.topics else pack.index.search(query, OFFERED)
    if not hits:
        return _nothing(pack, query)
    return _topic(pack, hits, 0, query)


async def turn(context: Context, action: ExplainTopic, _: tuple[str, ...]) -> Reply:
    """A page of a topic, from a control."""
    pack = context.library.get(action.pack)
    if pack is None or action.topic not in pack.topics:
        return notice("That topic is not in the pack any more.")
    return _topic(pack, [Hit(action.topic, 1.0)], action.page, action.topic)


def turns(action: ExplainTopic) -> bool:
    """Whether it leads from one page of a topic to the next."""
    return action.page > 0


def points(topic: Topic) -> list[tuple[str, Sequence[Note]]]:
    """The topic's notes as an explanation: a lead, then what holds, then how it is done in code."""
    notes = topic.notes
    lead = next((note for note in notes if "`" not in note.text), notes[0] if notes else None)
    rest = [note for note in notes if note is not lead]
    groups = [
        ("", [lead] if lead else []),
        ("Key points", [note for note in rest if "`" not in note.text]),
        ("In code", [note for note in rest if "`" in note.text]),
    ]
    return [(title, members) for title, members in groups if members]


def _lines(topic: Topic) -> list[tuple[str, str]]:
    """Each point with the heading it stands under; the lead has none."""
    return [(title, note.text) for title, members in points(topic) for note in members]


def _shown(lines: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Paragraphs of a page: the lead, then a list under each heading."""
    groups = groupby(lines, key=lambda line: line[0])
    return tuple(
        "\n".join([f"{title}:", *(f"• {line}" for _, line in members)])
        if title
        else "\n".join(line for _, line in members)
        for title, members in groups
    )


def _topic(pack: IndexedPack, hits: Sequence[Hit], page: int, query: str) -> Reply:
    id_ = hits[0].topic
    spot = pack.topics[id_]
    lines = _lines(spot.topic)
    pages = max(1, -(-len(lines) // PAGE))
    others = [hit.topic for hit in hits[1:]] + pack.index.related(id_)
    controls: list[Button | Link] = []
    if page + 1 < pages:
        controls.append(
            Button("More", encode(ExplainTopic(pack.pack.id, id_, page + 1)), "primary")
        )
    if pack.questions_in(id_):
        controls.append(Button("Practise this", encode(StartDrill(pack.pack.id, id_))))
    controls += [
        Button(
            f"See also: {pack.topics[other].topic.title}", encode(ExplainTopic(pack.pack.id, other))
        )
        for other in list(dict.fromkeys(others))[:RELATED]
    ]
    if spot.topic.url:
        controls.append(Link("Source", spot.topic.url))
    return Reply(
        Screen(
            title=spot.topic.title,
            text=_shown(lines[page * PAGE : (page + 1) * PAGE]),
            fields=(("Chapter", spot.chapter.title), ("Unit", spot.unit.title)),
            controls=tuple(controls),
            note=f"Page {page + 1} of {pages}" if pages > 1 else "",
        ),
        data={
            "query": query,
            "answered": True,
            "topics": [_data(pack, hit) for hit in hits],
            "text": "\n".join(_shown(lines)),
        },
    )


def _nothing(pack: IndexedPack, query: str) -> Reply:
    nearest = pack.index.nearest_titles(query, OFFERED)
    return Reply(
        Screen(
            title="Nothing on that in the notes",
            text=(
                "Try other words. The nearest titles: "
                + "; ".join(pack.topics[topic].topic.title for topic in nearest),
            ),
            controls=tuple(
                Button(pack.topics[topic].topic.title, encode(ExplainTopic(pack.pack.id, topic)))
                for topic in nearest
            ),
        ),
        data={
            "query": query,
            "answered": False,
            "topics": [_data(pack, Hit(topic, 0.0)) for topic in nearest],
            "text": "",
        },
    )


def _data(pack: IndexedPack, hit: Hit) -> dict[str, str | float | None]:
    spot = pack.topics[hit.topic]
    return {
        "id": hit.topic,
        "title": spot.topic.title,
        "chapter": spot.chapter.title,
        "unit": spot.unit.title,
        "url": spot.topic.url,
        "score": round(hit.score, 3),
    }


EXPLAIN = Command(
    name="explain",
    description="What the notes say about a topic, with its source",
    handler=explain,
    options=(Option("topic", "A topic, term or question", complete=complete_topic),),
    rest="topic",
    examples=({"topic": A_TOPIC},),
    presses=(OnPress(ExplainTopic, turn, updates=turns),),
)
