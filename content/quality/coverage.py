"""Checks that questions cover the notes, and that topics link to their sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from content.model import Question, Topic
from content.quality.report import Finding, Measures

MIN_RICH_TOPIC_NOTES: Final = 4
MIN_RICH_TOPIC_QUESTIONS: Final = 6

CHECKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "topic_without_questions": "A topic has notes but no questions.",
        "untested_note": "No question tests a note.",
        "thin_topic": (
            f"A topic with at least {MIN_RICH_TOPIC_NOTES} notes has fewer than "
            f"{MIN_RICH_TOPIC_QUESTIONS} questions."
        ),
        "topic_link": (
            "A topic's link isn't a complete web address, or is missing when most topics have one."
        ),
    }
)


def find_gaps(topics: Sequence[Topic], questions: Sequence[Question]) -> dict[str, tuple[str, ...]]:
    """The topics and notes that the questions leave out, as fields of Measures.

    `questions` are the whole pack's, since another chapter may test a note.
    """
    asked = Counter(question.topic for question in questions)
    cited = {note for question in questions for note in question.notes}
    return {
        "topics_without_questions": tuple(t.id for t in topics if t.notes and not asked[t.id]),
        "notes_untested": tuple(n.id for t in topics for n in t.notes if n.id not in cited),
        "thin_topics": tuple(
            topic.id
            for topic in topics
            if len(topic.notes) >= MIN_RICH_TOPIC_NOTES
            and 0 < asked[topic.id] < MIN_RICH_TOPIC_QUESTIONS
        ),
    }


def check_gaps(measures: Measures) -> Iterator[Finding]:
    """A finding for each gap."""
    for topic in measures.topics_without_questions:
        message = "has notes but no questions; add at least one"
        yield Finding("topic_without_questions", topic, message)
    for note in measures.notes_untested:
        yield Finding(
            "untested_note", note, "no question tests it; cite it in a question's `notes`"
        )
    for topic in measures.thin_topics:
        message = (
            f"has too few questions for its notes; add some, it needs {MIN_RICH_TOPIC_QUESTIONS}"
        )
        yield Finding("thin_topic", topic, message)


def check_links(topics: Sequence[Topic]) -> Iterator[Finding]:
    """A finding for each topic whose link is malformed or conspicuously missing."""
    expected = sum(topic.url is not None for topic in topics) > len(topics) / 2
    for topic in topics:
        if topic.url is None:
            if expected:
                message = "has no `url`, but most topics in the pack do; link its source"
                yield Finding("topic_link", topic.id, message)
        elif not _is_web_address(topic.url):
            message = f"`{topic.url}` isn't a web address; use `https://host.domain/path`"
            yield Finding("topic_link", topic.id, message)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    # urlsplit silently drops tabs and line breaks, so look for spaces in the text itself.
    spaced = any(char.isspace() for char in url)
    return parts.scheme in {"http", "https"} and all(host.split(".")) and "." in host and not spaced
