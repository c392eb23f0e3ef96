"""Links between notes: they make topics related."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from content.importing.outline import Chapter, Outline, Topic, Unit

MAX_RELATED = 20
"""The limit of content.model."""


def relate_topics(outline: Outline, titles: dict[str, str]) -> None:
    """Turn links into related topics; `titles` are the files' names with their titles."""
    topics = [topic for chapter in outline.chapters for topic in chapter.topics if topic.facts]
    targets = _Targets(outline, topics, titles)
    for topic in topics:
        found = (targets.find(link, topic.file) for link in topic.links)
        related = dict.fromkeys(each for each in found if each and each is not topic)
        topic.related = list(related)[:MAX_RELATED]


class _Targets:
    """What links can lead to, by file and by title."""

    def __init__(self, outline: Outline, topics: Sequence[Topic], titles: dict[str, str]) -> None:
        self._titles = titles
        self._by_file: defaultdict[str, dict[str, Topic]] = defaultdict(dict)
        self._first: dict[str, Topic] = {}
        self._by_title: dict[str, Topic] = {}
        for topic in topics:
            self._first.setdefault(topic.file, topic)
            self._by_file[topic.file].setdefault(_slug(topic.title), topic)
            self._by_title.setdefault(_slug(topic.title), topic)
        for chapter in outline.chapters:
            parts: list[Chapter | Unit] = [chapter, *chapter.units]
            for part in parts:
                filled = [each for each in part.topics if each.facts]
                if filled:
                    self._by_file[part.file].setdefault(_slug(part.title), filled[0])
                    self._by_title.setdefault(_slug(part.title), filled[0])
        for name, title in titles.items():
            if name in self._first:
                self._by_title.setdefault(_slug(title), self._first[name])
                self._by_title.setdefault(_slug(PurePosixPath(name).stem), self._first[name])

    def find(self, link: str, file: str) -> Topic | None:
        """The topic that a link in a file leads to."""
        is_wiki = link.startswith("[[")
        path, _, anchor = link.strip("[]").partition("#")
        if is_wiki and path:
            name = path.rsplit("/", 1)[-1]
            topic = self._by_title.get(_slug(name))
            within = self._by_file.get(topic.file, {}) if topic and topic.file else {}
            return within.get(_slug(anchor), topic) if anchor else topic
        target = resolve(path, file, self._titles) if path else file
        if target is None:
            return None
        if anchor:
            return self._by_file.get(target, {}).get(_slug(anchor)) or (
                self._first.get(target) if path else None
            )
        return self._first.get(target)


def resolve(path: str, file: str, names: Iterable[str]) -> str | None:
    """The name of the file that a relative address leads to, from a file."""
    if "://" in path:
        return None
    start = PurePosixPath() if path.startswith("/") else PurePosixPath(file).parent
    parts: list[str] = []
    for part in (start / path.lstrip("/")).parts:
        if part == ".." and parts:
            parts.pop()
        elif part not in (".", ".."):
            parts.append(part)
    wanted = "/".join(parts)
    known = set(names)
    return next((each for each in _spell(wanted) if each in known), None)


def _spell(path: str) -> Iterator[str]:
    """A path with what websites leave out of it."""
    yield path
    for suffix in (".md", ".mdx", ".qmd", "/index.md", "/README.md"):
        yield re.sub(r"\.html?$", "", path) + suffix


def _slug(title: str) -> str:
    """A title as it stands in an address."""
    return "-".join(re.findall(r"\w+", title.casefold()))
