"""The pack model: everything that pack authors may write, and nothing else.

Lengths and counts are limited so that chat platforms can show any valid pack.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

Id = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40),
    Field(description="Lowercase words joined by hyphens, up to 40 characters; never changes."),
]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150)]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1500)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$", max_length=500)]
License = Annotated[
    Title,
    Field(validation_alias=AliasChoices("license", "licence"), description="Also `licence`."),
]
Level = Literal["remember", "understand", "apply"]


def _require_distinct(what: str, field: str, texts: Sequence[str]) -> None:
    """Raise if two texts differ only in case and spacing; the error says where the second is."""
    seen = set[str]()
    for place, text in enumerate(texts):
        folded = " ".join(text.casefold().split())
        if folded in seen:
            raise PydanticCustomError(
                "duplicate",
                "the {what} `{text}` is duplicated; change or remove one",
                {"what": what, "text": text, "at": (field, place)},
            )
        seen.add(folded)


class StrictModel(BaseModel):
    """Base of everything in a pack: immutable, and unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Note(StrictModel):
    """One atomic statement about a topic, which questions cite."""

    id: Id
    text: Annotated[LongText, Field(description="One statement; `backticks` mark code.")]
    line: Annotated[int | None, Field(ge=1, description="Its line in the imported notes.")] = None


class Topic(StrictModel):
    """The smallest thing to study, with a link to its source."""

    id: Id
    title: Title
    url: Url | None = None
    aliases: Annotated[
        list[ShortText], Field(description="Other names, acronyms and synonyms that learners type.")
    ] = []
    asks: Annotated[
        list[ShortText], Field(description="Questions about it in words its notes don't use.")
    ] = []
    notes: list[Note] = []


class Unit(StrictModel):
    """Topics that belong together."""

    id: Id
    title: Title
    topics: Annotated[list[Topic], Field(min_length=1)]


class Option(StrictModel):
    """One choice for members; a wrong one says why it's wrong."""

    text: ShortText
    correct: bool = False
    why: Annotated[str, StringConstraints(strip_whitespace=True, max_length=800)] = ""
    pinned: Annotated[
        Literal["last"] | None,
        Field(
            # Unset, it's left out, so that older questions keep their version.
            exclude_if=lambda pinned: pinned is None,
            description="`last` keeps it after the other options, which are shuffled.",
        ),
    ] = None

    @model_validator(mode="after")
    def _wrong_options_explain_themselves(self) -> Self:
        if not self.correct and not self.why:
            raise ValueError("a wrong option needs `why`: explain why it's wrong")
        return self


class RejectedAnswer(StrictModel):
    """A near miss: it looks like an accepted answer but means something else."""

    text: ShortText
    why: ShortText


VERSIONED_IF_SET = ("exact",)
"""Fields added later: unset, they don't count, so that older questions keep their version."""

UNVERSIONED = {"notes", "level", "difficulty", "draft", "rule", "recheck", "waive"}
"""Fields of a question that can be edited without giving it a new version."""


class QuestionBase(StrictModel):
    """The fields of every kind of question."""

    id: Id
    topic: Annotated[Id, Field(description="Id of its topic.")]
    notes: Annotated[list[Id], Field(min_length=1, description="Ids of the notes it tests.")]
    level: Level
    difficulty: Annotated[
        int, Field(ge=1, le=5, description="The author's estimate, 1 easy to 5 hard.")
    ]
    stem: LongText
    rationale: Annotated[LongText, Field(description="Why the key is right.")]
    draft: Annotated[bool, Field(description="Drafted by a rule and not reviewed yet.")] = False
    rule: Annotated[str, Field(max_length=40, description="The rule that drafted it.")] = ""
    recheck: Annotated[bool, Field(description="One of its notes has changed since.")] = False
    waive: Annotated[
        dict[str, ShortText], Field(description="Quality checks to skip, each with the reason.")
    ] = {}

    @cached_property
    def version(self) -> str:
        """A short hash of what members see, which changes when the question does."""
        unset = {name for name in VERSIONED_IF_SET if not getattr(self, name, None)}
        visible = self.model_dump_json(exclude=UNVERSIONED | unset)
        return hashlib.blake2b(visible.encode(), digest_size=6).hexdigest()

    @model_validator(mode="after")
    def _notes_once(self) -> Self:
        _require_distinct("note", "notes", self.notes)
        return self


class SingleChoice(QuestionBase):
    """One best answer among several options."""

    kind: Literal["single"]
    options: Annotated[list[Option], Field(min_length=2, max_length=8)]

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        _require_distinct("option", "options", [option.text for option in self.options])
        if (keys := sum(option.correct for option in self.options)) != 1:
            raise ValueError(f"mark exactly one option `correct: true`; {keys} are marked")
        return self


class MultipleChoice(QuestionBase):
    """Two or more right options, and at least one wrong."""

    kind: Literal["multiple"]
    options: Annotated[list[Option], Field(min_length=3, max_length=8)]

    @model_validator(mode="after")
    def _some_keys(self) -> Self:
        _require_distinct("option", "options", [option.text for option in self.options])
        keys = sum(option.correct for option in self.options)
        if not 1 < keys < len(self.options):
            raise ValueError(
                "mark at least two options `correct: true` and leave at least one wrong; "
                f"{keys} of {len(self.options)} are marked"
            )
        return self


class TrueFalse(QuestionBase):
    """A statement that's true or false."""

    kind: Literal["true_false"]
    answer: bool
    why: Annotated[LongText, Field(description="Why the other answer is wrong.")]

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
    """Items to put into the right order."""

    kind: Literal["ordering"]
    items: Annotated[
        list[ShortText], Field(min_length=3, max_length=8, description="In the right order.")
    ]

    @model_validator(mode="after")
    def _items_once(self) -> Self:
        _require_distinct("item", "items", self.items)
        return self


class Matching(QuestionBase):
    """Left sides to match with right sides."""

    kind: Literal["matching"]
    pairs: Annotated[
        list[Annotated[list[ShortText], Field(min_length=2, max_length=2)]],
        Field(min_length=3, max_length=8, description="Each pair as [left, right]."),
    ]

    @model_validator(mode="after")
    def _sides_once(self) -> Self:
        _require_distinct("left side", "pairs", [left for left, _ in self.pairs])
        _require_distinct("right side", "pairs", [right for _, right in self.pairs])
        return self


class ShortAnswer(QuestionBase):
    """A term to type; the first accepted text is the one shown."""

    kind: Literal["short_answer"]
    accepted: Annotated[list[ShortText], Field(min_length=1, max_length=20)]
    rejected: Annotated[
        list[RejectedAnswer],
        Field(max_length=20, description="Near misses that mean something else."),
    ] = []
    exact: Annotated[bool, Field(description="Accept only the exact text, letter by letter.")] = (
        False
    )

    @model_validator(mode="after")
    def _texts_once(self) -> Self:
        _require_distinct("accepted text", "accepted", self.accepted)
        fold = str if self.exact else str.casefold
        accepted = {" ".join(fold(text).split()) for text in self.accepted}
        for place, wrong in enumerate(self.rejected):
            if " ".join(fold(wrong.text).split()) in accepted:
                raise PydanticCustomError(
                    "duplicate",
                    "`{text}` is both accepted and rejected; remove one",
                    {"text": wrong.text, "at": ("rejected", place)},
                )
        return self


class Numeric(QuestionBase):
    """A number to type, right within a tolerance and in any unit of the same measure."""

    kind: Literal["numeric"]
    value: Annotated[float, Field(allow_inf_nan=False)]
    tolerance: Annotated[
        float, Field(ge=0, allow_inf_nan=False, description="Accepted deviation, in the unit.")
    ] = 0
    relative_tolerance: Annotated[
        float, Field(ge=0, lt=1, description="Accepted deviation, as a share: 0.02 is 2%.")
    ] = 0
    unit: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)] = ""
    unit_synonyms: Annotated[
        list[ShortText], Field(max_length=20, description="Other ways to write the unit.")
    ] = []

    @model_validator(mode="after")
    def _one_tolerance(self) -> Self:
        if self.tolerance and self.relative_tolerance:
            raise ValueError("use `tolerance` or `relative_tolerance`, not both")
        if self.unit_synonyms and not self.unit:
            raise ValueError("`unit_synonyms` needs a `unit`; add the unit to show")
        _require_distinct("unit", "unit_synonyms", [*self.unit_synonyms, self.unit])
        return self


AnyQuestion = (
    SingleChoice | MultipleChoice | TrueFalse | Ordering | Matching | ShortAnswer | Numeric
)
Question = Annotated[AnyQuestion, Field(discriminator="kind")]


class ChapterEntry(StrictModel):
    """A chapter in `pack.yaml`; its content is in notes/ID.yaml and questions/ID.yaml."""

    id: Id
    title: Title
    weight: Annotated[
        float, Field(gt=0, le=100, strict=False, description="Share of the exam, in percent.")
    ]


class PackFile(StrictModel):
    """`pack.yaml`."""

    id: Id
    title: Title
    exam: Title | None = None
    version: Title
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    license: License
    drafts: Annotated[bool, Field(description="Whether to ask drafted questions.")] = False
    chapters: Annotated[list[ChapterEntry], Field(min_length=1, max_length=50)]


class NotesFile(StrictModel):
    """`notes/CHAPTER.yaml`."""

    units: Annotated[list[Unit], Field(min_length=1)]


class QuestionsFile(StrictModel):
    """`questions/CHAPTER.yaml`."""

    questions: list[Question]


class Chapter(StrictModel):
    """A chapter with its outline."""

    id: Id
    title: Title
    weight: float
    units: list[Unit]


class Pack(StrictModel):
    """A whole pack; ids are unique among units, topics, notes and so on."""

    id: Id
    title: Title
    exam: Title | None
    version: Title
    language: str
    license: License
    drafts: bool
    chapters: list[Chapter]
    questions: list[Question]
