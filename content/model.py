"""The words of a pack as data: what a pack author may write, and nothing else.

Limits on lengths and counts exist so that any legal pack fits what chat platforms can show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

Id = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40),
    Field(description="Lower-case words joined by hyphens, at most 40 characters; never changes."),
]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1500)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$", max_length=500)]
Level = Literal["remember", "understand", "apply"]


def _distinct(what: str, field: str, texts: Sequence[str]) -> None:
    """Raise where two texts differ in nothing but case and spacing; says where the second is."""
    seen = set[str]()
    for place, text in enumerate(texts):
        folded = " ".join(text.casefold().split())
        if folded in seen:
            raise PydanticCustomError(
                "twice",
                "the {what} `{text}` stands here twice; change or remove one",
                {"what": what, "text": text, "at": (field, place)},
            )
        seen.add(folded)


class Strict(BaseModel):
    """Base of everything in a pack: immutable, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Note(Strict):
    """One atomic statement of a topic; what questions cite."""

    id: Id
    text: Annotated[Long, Field(description="One statement; `backticks` mark code.")]
    line: Annotated[int | None, Field(ge=1, description="Line in the notes it came from.")] = None


class Topic(Strict):
    """The smallest thing one can study, with its source link."""

    id: Id
    title: Title
    url: Url | None = None
    aliases: Annotated[
        list[Short], Field(description="Other names, acronyms, synonyms a learner would type.")
    ] = []
    asks: Annotated[
        list[Short], Field(description="Ways to ask about it in words its notes do not use.")
    ] = []
    notes: list[Note] = []


class Unit(Strict):
    """Topics that belong together."""

    id: Id
    title: Title
    topics: Annotated[list[Topic], Field(min_length=1)]


class Option(Strict):
    """One thing a member may pick; a wrong one says why it is wrong."""

    text: Short
    correct: bool = False
    why: Annotated[str, StringConstraints(strip_whitespace=True, max_length=800)] = ""
    pinned: Annotated[
        Literal["last"] | None,
        Field(
            # Where it isn't set, a question's version is what it was before there was such a field.
            exclude_if=lambda pinned: pinned is None,
            description="`last` keeps it after the others, whose order is shuffled.",
        ),
    ] = None

    @model_validator(mode="after")
    def _wrong_options_explain_themselves(self) -> Self:
        if not self.correct and not self.why:
            raise ValueError("a wrong option needs `why`: say why it is wrong")
        return self


class Rejected(Strict):
    """An answer that looks close to an accepted one but means something else."""

    text: Short
    why: Short


NOT_UNLESS_SET = ("exact",)
"""Fields that came later: where one isn't set, a question's version is what it was without it."""

NOT_SHOWN = {"notes", "level", "difficulty", "draft", "rule", "recheck", "waive"}
"""What may be edited of a question without making it another one."""


class QuestionBase(Strict):
    """What every kind of question has."""

    id: Id
    topic: Annotated[Id, Field(description="Id of the topic it asks about.")]
    notes: Annotated[list[Id], Field(min_length=1, description="Ids of the notes it rests on.")]
    level: Level
    difficulty: Annotated[int, Field(ge=1, le=5, description="1 easy to 5 hard, before any data.")]
    stem: Long
    rationale: Annotated[Long, Field(description="Why the key is right.")]
    draft: Annotated[bool, Field(description="Made by a rule and not yet read by a person.")] = (
        False
    )
    rule: Annotated[str, Field(max_length=40, description="The rule that drafted it.")] = ""
    recheck: Annotated[bool, Field(description="A note it rests on has changed since.")] = False
    waive: Annotated[
        dict[str, Short], Field(description="Quality checks it may fail, each with the reason.")
    ] = {}

    @cached_property
    def version(self) -> str:
        """A short fingerprint of what members see: it changes when the question does."""
        unset = {name for name in NOT_UNLESS_SET if not getattr(self, name, None)}
        seen = self.model_dump_json(exclude=NOT_SHOWN | unset)
        return hashlib.blake2b(seen.encode(), digest_size=6).hexdigest()

    @model_validator(mode="after")
    def _notes_once(self) -> Self:
        _distinct("note", "notes", self.notes)
        return self


class SingleChoice(QuestionBase):
    """One best answer among several options."""

    kind: Literal["single"]
    options: Annotated[list[Option], Field(min_length=2, max_length=8)]

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        _distinct("option", "options", [option.text for option in self.options])
        if (keys := sum(option.correct for option in self.options)) != 1:
            raise ValueError(f"mark exactly one option `correct: true`; {keys} are marked")
        return self


class MultipleChoice(QuestionBase):
    """Several options are right, and at least one is wrong."""

    kind: Literal["multiple"]
    options: Annotated[list[Option], Field(min_length=3, max_length=8)]

    @model_validator(mode="after")
    def _some_keys(self) -> Self:
        _distinct("option", "options", [option.text for option in self.options])
        keys = sum(option.correct for option in self.options)
        if not 1 < keys < len(self.options):
            raise ValueError(
                "mark at least two options `correct: true` and leave at least one wrong; "
                f"{keys} of {len(self.options)} are marked"
            )
        return self


class TrueFalse(QuestionBase):
    """A statement that holds or does not."""

    kind: Literal["true_false"]
    answer: bool
    why: Annotated[Long, Field(description="Why the other answer is wrong.")]

    @property
    def options(self) -> list[Option]:
        """True, then False, each with its reason."""
        return [
            Option(
                text=str(value),
                correct=value is self.answer,
                why="" if value is self.answer else self.why,
            )
            for value in (True, False)
        ]


class Ordering(QuestionBase):
    """Items to be put into their one right order."""

    kind: Literal["ordering"]
    items: Annotated[
        list[Short], Field(min_length=3, max_length=8, description="In the right order.")
    ]

    @model_validator(mode="after")
    def _items_once(self) -> Self:
        _distinct("item", "items", self.items)
        return self


class Matching(QuestionBase):
    """Left sides to be joined with their right sides."""

    kind: Literal["matching"]
    pairs: Annotated[
        list[Annotated[list[Short], Field(min_length=2, max_length=2)]],
        Field(min_length=3, max_length=8, description="Each pair as [left, right]."),
    ]

    @model_validator(mode="after")
    def _sides_once(self) -> Self:
        _distinct("left side", "pairs", [left for left, _ in self.pairs])
        _distinct("right side", "pairs", [right for _, right in self.pairs])
        return self


class ShortAnswer(QuestionBase):
    """A term to be typed; the first accepted text is the one that is shown."""

    kind: Literal["short_answer"]
    accepted: Annotated[list[Short], Field(min_length=1, max_length=20)]
    rejected: Annotated[
        list[Rejected], Field(max_length=20, description="Near misses that are something else.")
    ] = []
    exact: Annotated[
        bool, Field(description="Only an accepted text letter by letter is right.")
    ] = False

    @model_validator(mode="after")
    def _texts_once(self) -> Self:
        _distinct("accepted text", "accepted", self.accepted)
        fold = str if self.exact else str.casefold
        accepted = {" ".join(fold(text).split()) for text in self.accepted}
        for place, wrong in enumerate(self.rejected):
            if " ".join(fold(wrong.text).split()) in accepted:
                raise PydanticCustomError(
                    "twice",
                    "`{text}` is accepted and rejected; remove it from one of the two",
                    {"text": wrong.text, "at": ("rejected", place)},
                )
        return self


class Numeric(QuestionBase):
    """A number to be typed, right within a tolerance and in any unit that measures the same."""

    kind: Literal["numeric"]
    value: Annotated[float, Field(allow_inf_nan=False)]
    tolerance: Annotated[
        float, Field(ge=0, allow_inf_nan=False, description="How far off is right, in the unit.")
    ] = 0
    relative_tolerance: Annotated[
        float, Field(ge=0, lt=1, description="How far off is right, as a share: 0.02 is 2 %.")
    ] = 0
    unit: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)] = ""
    unit_synonyms: Annotated[
        list[Short], Field(max_length=20, description="Other ways to write the unit.")
    ] = []

    @model_validator(mode="after")
    def _one_tolerance(self) -> Self:
        if self.tolerance and self.relative_tolerance:
            raise ValueError("write `tolerance` or `relative_tolerance`, not both")
        if self.unit_synonyms and not self.unit:
            raise ValueError("`unit_synonyms` needs a `unit`: write what is shown")
        _distinct("unit", "unit_synonyms", [*self.unit_synonyms, self.unit])
        return self


AnyQuestion = (
    SingleChoice | MultipleChoice | TrueFalse | Ordering | Matching | ShortAnswer | Numeric
)
Question = Annotated[AnyQuestion, Field(discriminator="kind")]


class ChapterEntry(Strict):
    """A chapter as `pack.yaml` lists it; its content is in notes/ID.yaml and questions/ID.yaml."""

    id: Id
    title: Title
    weight: Annotated[
        float, Field(gt=0, le=100, strict=False, description="Share of the exam, in per cent.")
    ]


class PackFile(Strict):
    """`pack.yaml`."""

    id: Id
    title: Title
    exam: Title | None = None
    version: Title
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    licence: Title
    drafts: Annotated[bool, Field(description="Whether drafted questions are asked.")] = False
    chapters: Annotated[list[ChapterEntry], Field(min_length=1, max_length=50)]


class NotesFile(Strict):
    """`notes/CHAPTER.yaml`."""

    units: Annotated[list[Unit], Field(min_length=1)]


class QuestionsFile(Strict):
    """`questions/CHAPTER.yaml`."""

    questions: list[Question]


class Chapter(Strict):
    """A chapter with its outline."""

    id: Id
    title: Title
    weight: float
    units: list[Unit]


class Pack(Strict):
    """A whole pack; ids in it are unique within their sort."""

    id: Id
    title: Title
    exam: Title | None
    version: Title
    language: str
    licence: Title
    drafts: bool
    chapters: list[Chapter]
    questions: list[Question]
