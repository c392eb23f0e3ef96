"""`explain`: what the notes say about a topic, with its source and the way on."""

from __future__ import annotations

from bot.engine.actions import Explain, Practise, encode
from bot.engine.commands.base import Command, Context, Option, Options, complete_topic
from bot.engine.library import IndexedPack
from bot.engine.screens import Button, Link, Reply, Screen, Visibility, notice

PAGE = 8
"""Notes on one screen."""

NEIGHBOURS = 3


async def explain(context: Context, options: Options) -> Reply:
    """The topic that fits the words best, or the nearest titles."""
    query = options["topic"].strip()
    pack = context.library.get("")
    if pack is None:
        return notice("No pack is loaded.")
    if not query:
        return notice("Say what to explain, for example: explain compute cluster")
    if query in pack.topics:
        return _topic(pack, query, 0, Visibility.PRIVATE)
    hits = pack.index.search(query, limit=1)
    if not hits:
        return _nothing(pack, query)
    return _topic(pack, hits[0].topic, 0, Visibility.PRIVATE)


async def turn(context: Context, action: Explain, _: tuple[str, ...]) -> Reply:
    """A page of a topic, from a control."""
    pack = context.library.get(action.pack)
    if pack is None or action.topic not in pack.topics:
        return notice("That topic is not in the pack any more.")
    visibility = Visibility.UPDATE if action.page else Visibility.PRIVATE
    return _topic(pack, action.topic, action.page, visibility)


def _topic(pack: IndexedPack, topic_id: str, page: int, visibility: Visibility) -> Reply:
    spot = pack.topics[topic_id]
    notes = spot.topic.notes
    shown = notes[page * PAGE : (page + 1) * PAGE]
    pages = max(1, -(-len(notes) // PAGE))
    neighbours = [other for other in spot.unit.topics if other.id != topic_id][:NEIGHBOURS]
    controls: list[Button | Link] = []
    if page + 1 < pages:
        more = encode(Explain(pack.pack.id, topic_id, page + 1))
        controls.append(Button("More", more, style="primary"))
    if pack.questions_in(topic_id):
        controls.append(Button("Practise this", encode(Practise(pack.pack.id, topic_id))))
    controls += [
        Button(f"Explain: {other.title}", encode(Explain(pack.pack.id, other.id)))
        for other in neighbours
    ]
    if spot.topic.url:
        controls.append(
            Link("Microsoft Learn" if "microsoft" in spot.topic.url else "Source", spot.topic.url)
        )
    return Reply(
        Screen(
            title=spot.topic.title,
            text=tuple(f"• {note.text}" for note in shown),
            fields=(("Chapter", spot.chapter.title), ("Unit", spot.unit.title)),
            controls=tuple(controls),
            note=f"Page {page + 1} of {pages}" if pages > 1 else "",
        ),
        visibility,
        data={
            "answered": True,
            "topics": [_data(pack, topic_id)],
            "text": "\n".join(note.text for note in notes),
        },
    )


def _nothing(pack: IndexedPack, query: str) -> Reply:
    nearest = pack.index.nearest_titles(query)
    return Reply(
        Screen(
            title="Nothing on that in the notes",
            text=(
                "Try other words. The nearest titles: "
                + "; ".join(pack.topics[topic].topic.title for topic in nearest),
            ),
            controls=tuple(
                Button(pack.topics[topic].topic.title, encode(Explain(pack.pack.id, topic)))
                for topic in nearest
            ),
        ),
        data={"answered": False, "topics": [_data(pack, topic) for topic in nearest], "text": ""},
    )


def _data(pack: IndexedPack, topic_id: str) -> dict[str, str | None]:
    spot = pack.topics[topic_id]
    return {
        "id": topic_id,
        "title": spot.topic.title,
        "chapter": spot.chapter.title,
        "unit": spot.unit.title,
        "url": spot.topic.url,
    }


EXPLAIN = Command(
    name="explain",
    description="What the notes say about a topic, with its source",
    handler=explain,
    options=(Option("topic", "A topic, term or question", complete=complete_topic),),
    rest="topic",
    examples=("explain sweep job", "explain blue green"),
    presses={Explain: turn},
)
