"""Whether what the notes say is asked, and each topic links to its source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from content.model import Question, Topic
from content.quality.report import Finding, Measures

RICH_TOPIC_NOTES: Final = 4
RICH_TOPIC_QUESTIONS: Final = 6

CHECKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "topic_without_questions": "A topic has notes, but no question asks about it.",
        "untested_note": "No question rests on a note.",
        "thin_topic": (
            f"A topic with {RICH_TOPIC_NOTES} notes or more has fewer than "
            f"{RICH_TOPIC_QUESTIONS} questions."
        ),
        "topic_link": (
            "A topic's link is no complete web address, or is missing where most topics have one."
        ),
    }
)


def gaps(topics: Sequence[Topic], questions: Sequence[Question]) -> dict[str, tuple[str, ...]]:
    """What of the topics the questions leave out, by the names the measures have for it.

    `questions` are those of the whole pack: a note may be tested from another chapter.
    """
    asked = Counter(question.topic for question in questions)
    cited = {note for question in questions for note in question.notes}
    return {
        "topics_without_questions": tuple(t.id for t in topics if t.notes and not asked[t.id]),
        "notes_untested": tuple(n.id for t in topics for n in t.notes if n.id not in cited),
        "thin_topics": tuple(
            topic.id
            for topic in topics
            if len(topic.notes) >= RICH_TOPIC_NOTES and 0 < asked[topic.id] < RICH_TOPIC_QUESTIONS
        ),
    }


def gap_findings(measures: Measures) -> Iterator[Finding]:
    """A finding for each gap."""
    for topic in measures.topics_without_questions:
        message = "has notes, but no question; ask at least one"
        yield Finding("topic_without_questions", topic, message)
    for note in measures.notes_untested:
        yield Finding("untested_note", note, "no question rests on it; let one cite it in `notes`")
    for topic in measures.thin_topics:
        message = f"has too few questions for its notes; ask at least {RICH_TOPIC_QUESTIONS}"
        yield Finding("thin_topic", topic, message)


def link_findings(topics: Sequence[Topic]) -> Iterator[Finding]:
    """A finding for each topic whose link is malformed or conspicuously missing."""
    expected = sum(topic.url is not None for topic in topics) > len(topics) / 2
    for topic in topics:
        if topic.url is None:
            if expected:
                message = "has no `url`, but most topics of the pack do; link its source"
                yield Finding("topic_link", topic.id, message)
        elif not _is_web_address(topic.url):
            message = f"`{topic.url}` is no web address; write `https://host.domain/path`"
            yield Finding("topic_link", topic.id, message)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    # urlsplit drops tabs and line breaks silently, so spaces are looked for in the text itself
    spaced = any(char.isspace() for char in url)
    return parts.scheme in {"http", "https"} and all(host.split(".")) and "." in host and not spaced
