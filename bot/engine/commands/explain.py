"""`explain`: show what the notes say about a topic, with its source and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    Code,
    Grid,
    Link,
    Menu,
    Part,
    Reply,
    Screen,
    Text,
    WebLink,
    list_lines,
    notice,
    to_spans,
)
from bot.engine.search import Hit
from content.language.formulas import show_formulas
from content.model import Note, Topic

NOTES_PER_PAGE, CHARS_PER_PAGE = 5, 3000
"""The most on one screen; a note that's longer has one of its own."""

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
    prose = [note for note in notes if note.text and not _is_about_code(note)]
    lead = next(iter(prose or notes), None)
    rest = [note for note in notes if note is not lead]
    groups = [
        ("", [lead] if lead else []),
        ("Key points", [note for note in rest if not _is_about_code(note)]),
        ("In code", [note for note in rest if _is_about_code(note)]),
    ]
    return [(title, members) for title, members in groups if members]


def _is_about_code(note: Note) -> bool:
    return note.code is not None or "`" in note.text


Point = tuple[str, Note]
"""A note with its heading; the lead has none."""


def _split_pages(topic: Topic) -> list[list[Point]]:
    """Split a topic's notes into pages; there is at least one."""
    pages: list[list[Point]] = [[]]
    chars = 0
    for title, members in group_notes(topic):
        for note in members:
            chars += len(note.words)
            if pages[-1] and (len(pages[-1]) == NOTES_PER_PAGE or chars > CHARS_PER_PAGE):
                pages.append([])
                chars = len(note.words)
            pages[-1].append((title, note))
    return pages


def format_points(points: Sequence[Point]) -> tuple[Part, ...]:
    """Format notes: the lead, then a list under each heading. What a note shows follows its
    text."""
    return tuple(
        part
        for title, members in groupby(points, key=lambda point: point[0])
        for part in _format_group(title, [note for _, note in members])
    )


def _format_group(title: str, notes: Sequence[Note]) -> Iterator[Part]:
    heading, texts = title, list[str]()
    for note in notes:
        texts += [show_formulas(note.text)] if note.text else []
        if shown := list_shown(note):
            yield from _format_texts(title, heading, texts)
            yield from shown
            heading, texts = "", []
    yield from _format_texts(title, heading, texts)


def _format_texts(title: str, heading: str, texts: Sequence[str]) -> Iterator[Part]:
    if title and (heading or texts):
        yield Bullets(heading, tuple(texts))
    elif texts:
        yield "\n".join(texts)


def list_shown(note: Note) -> list[Part]:
    """List what a note shows besides its text."""
    parts: list[Part] = []
    if note.code:
        parts.append(Code(note.code.text, note.code.lang))
    if note.table:
        parts.append(Grid(tuple(note.table.head), tuple(map(tuple, note.table.rows))))
    if note.picture:
        parts.append(("Picture: ", WebLink(note.picture.alt, note.picture.url)))
    return parts


def _show_topic(pack: IndexedPack, hits: Sequence[Hit], page: int, query: str) -> Reply:
    id_ = hits[0].topic
    spot = pack.topics[id_]
    split = _split_pages(spot.topic)
    pages = len(split)
    others = [hit.topic for hit in hits[1:]]
    others += [*spot.topic.related, *pack.index.related(id_, MAX_RELATED)]
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
            text=format_points(split[page] if page < pages else ()),
            fields=(("Chapter", spot.chapter.title), ("Unit", spot.unit.title)),
            controls=tuple(controls),
            note=f"Page {page + 1} of {pages}" if pages > 1 else "",
        ),
        data={
            "query": query,
            "answered": True,
            "topics": [_to_data(pack, hit) for hit in hits],
            "text": "\n".join(
                _write_line(line)
                for part in format_points([point for each in split for point in each])
                for line in list_lines(part)
            ),
        },
    )


def _write_line(line: Text) -> str:
    return "".join(
        f"{span.label} ({span.url})" if isinstance(span, WebLink) else str(span)
        for span in to_spans(line)
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
