"""`explain`: show what the notes say about a topic, with its source and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.engine.actions import ExplainTopic, StartDrill, encode
from bot.engine.commands.base import (
    TOPIC_PLACEHOLDER,
    Command,
    Context,
    OnPress,
    Option,
    Options,
    complete_topic,
)
from bot.engine.library import IndexedPack
from bot.engine.screens import (
    Bullets,
    Button,
    Link,
    Menu,
    Reply,
    Screen,
    notice,
)
from bot.engine.search import Hit
from content.model import Note, Topic

NOTES_PER_PAGE = 5
"""The most notes on one screen."""

MAX_RELATED = 5
MAX_SUGGESTIONS = 3
"""The most topics suggested if nothing matches."""


async def explain(context: Context, options: Options) -> Reply:
    """Show the best match, or suggest the closest topics."""
    query = options["topic"].strip()
    pack = context.library.get("")
    if pack is None:
        return notice("No pack is loaded. Ask whoever runs this bot to add one.")
    hits = [Hit(query, 1.0)] if query in pack.topics else pack.index.search(query, MAX_SUGGESTIONS)
    if not hits:
        return _show_no_match(pack, query)
    return _show_topic(pack, hits, 0, query)


async def show_page(context: Context, action: ExplainTopic, _: tuple[str, ...]) -> Reply:
    """Show a page of a topic, from a button."""
    pack = context.library.get(action.pack)
    if pack is None or action.topic not in pack.topics:
        return notice("That topic is no longer in the pack.")
    return _show_topic(pack, [Hit(action.topic, 1.0)], action.page, action.topic)


def is_next_page(action: ExplainTopic) -> bool:
    """Whether the button turns a page, rather than opens a topic."""
    return action.page > 0


def group_notes(topic: Topic) -> list[tuple[str, Sequence[Note]]]:
    """Group a topic's notes: a lead, then key points, then code."""
    notes = topic.notes
    lead = next((note for note in notes if "`" not in note.text), notes[0] if notes else None)
    rest = [note for note in notes if note is not lead]
    groups = [
        ("", [lead] if lead else []),
        ("Key points", [note for note in rest if "`" not in note.text]),
        ("In code", [note for note in rest if "`" in note.text]),
    ]
    return [(title, members) for title, members in groups if members]


def _list_points(topic: Topic) -> list[tuple[str, str]]:
    """List each note with its heading; the lead has none."""
    return [(title, note.text) for title, members in group_notes(topic) for note in members]


def _format_page(lines: Sequence[tuple[str, str]]) -> tuple[str | Bullets, ...]:
    """Format a page: the lead, then a list under each heading."""
    return tuple(
        Bullets(title, tuple(line for _, line in members))
        if title
        else "\n".join(line for _, line in members)
        for title, members in groupby(lines, key=lambda line: line[0])
    )


def _show_topic(pack: IndexedPack, hits: Sequence[Hit], page: int, query: str) -> Reply:
    id_ = hits[0].topic
    spot = pack.topics[id_]
    lines = _list_points(spot.topic)
    pages = max(1, -(-len(lines) // NOTES_PER_PAGE))
    others = [hit.topic for hit in hits[1:]] + pack.index.related(id_, MAX_RELATED)
    others = [other for other in dict.fromkeys(others) if other != id_][:MAX_RELATED]
    controls: list[Button | Link | Menu] = []
    if page + 1 < pages:
        controls.append(
            Button("More", encode(ExplainTopic(pack.pack.id, id_, page + 1)), "primary")
        )
    if pack.questions_in(id_):
        controls.append(Button("Practice this", encode(StartDrill(pack.pack.id, id_))))
    if spot.topic.url:
        controls.append(Link("Source", spot.topic.url))
    if others:
        controls.append(Menu("See also", _link_topics(pack, others)))
    return Reply(
        Screen(
            title=spot.topic.title,
            text=_format_page(lines[page * NOTES_PER_PAGE : (page + 1) * NOTES_PER_PAGE]),
            fields=(("Chapter", spot.chapter.title), ("Unit", spot.unit.title)),
            controls=tuple(controls),
            note=f"Page {page + 1} of {pages}" if pages > 1 else "",
        ),
        data={
            "query": query,
            "answered": True,
            "topics": [_to_data(pack, hit) for hit in hits],
            "text": "\n".join(map(str, _format_page(lines))),
        },
    )


def _show_no_match(pack: IndexedPack, query: str) -> Reply:
    nearest = pack.index.nearest_titles(query, MAX_SUGGESTIONS)
    return Reply(
        Screen(
            title="Nothing about that in the notes",
            text=(
                "Try other words. Closest topics: "
                + "; ".join(pack.topics[topic].topic.title for topic in nearest),
            ),
            controls=_link_topics(pack, nearest),
        ),
        data={
            "query": query,
            "answered": False,
            "topics": [_to_data(pack, Hit(topic, 0.0)) for topic in nearest],
            "text": "",
        },
    )


def _link_topics(pack: IndexedPack, topics: Sequence[str]) -> tuple[Button, ...]:
    return tuple(
        Button(pack.topics[topic].topic.title, encode(ExplainTopic(pack.pack.id, topic)))
        for topic in topics
    )


def _to_data(pack: IndexedPack, hit: Hit) -> dict[str, str | float | None]:
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
    description="Read what the notes say about a topic, with its source",
    handler=explain,
    options=(Option("topic", "Topic, term or question", required=True, complete=complete_topic),),
    rest="topic",
    examples=({"topic": TOPIC_PLACEHOLDER},),
    presses=(OnPress(ExplainTopic, show_page, updates=is_next_page),),
)
