"""The pack model: everything that pack authors may write, and nothing else.

Lengths and counts are limited so that chat platforms can show any valid pack.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, Literal, LiteralString, Self

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

SCHEMA_VERSION = 1
"""The form of the packs that this program writes, and the newest that it reads. It grows when an
older program would misread a pack: that program then asks for an update."""

MAX_TEXT_CHARS, MAX_CODE_CHARS, MAX_CASE_CHARS = 1500, 3000, 4000
"""A stem with its code shares the first limit, so that a question fits one message."""

MAX_SIDES = 8
"""Right sides of a matching: each gets a letter and a digit."""

Id = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40),
    Field(description="Lowercase words joined by hyphens, up to 40 characters; never changes."),
]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150)]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
LongText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT_CHARS)
]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$", max_length=500)]
License = Annotated[
    Title,
    Field(validation_alias=AliasChoices("license", "licence"), description="Also `licence`."),
]
Level = Literal["remember", "understand", "apply"]
Origin = Literal["written", "drafted", "imported", "member"]
UNEXPLAINED_ORIGINS = frozenset({"imported", "member"})
"""Where questions come from that may lack what explains and rates them."""


def _refuse(message: LiteralString, at: tuple[str | int, ...], **named: object) -> Exception:
    """An error about a part of a model, whose message is shown as it is."""
    return PydanticCustomError("explained", message, {**named, "at": at})


def _require_distinct(what: str, field: str, texts: Sequence[str]) -> None:
    """Raise if two texts differ only in case and spacing; the error says where the second is."""
    seen = set[str]()
    for place, text in enumerate(texts):
        folded = " ".join(text.casefold().split())
        if folded in seen:
            message: LiteralString = "the {what} `{text}` is duplicated; change or remove one"
            raise _refuse(message, (field, place), what=what, text=text)
        seen.add(folded)


class StrictModel(BaseModel):
    """Base of everything in a pack: immutable, and unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _is_unset(value: object) -> bool:
    """Whether a field added later is left out of what's written, so that older packs and the
    versions of their questions stay as they were."""
    return not value


class Code(StrictModel):
    """Lines of code, kept as they are."""

    lang: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z0-9_+.#-]*$", max_length=20),
        Field(exclude_if=_is_unset, description="Its language, such as `python`."),
    ] = ""
    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_CODE_CHARS)]

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.text.strip():
            raise _refuse("`text` is empty; write some code", ("text",))
        return self


Cell = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]


class Table(StrictModel):
    """A small table: a row of headings, and rows with a cell for each."""

    head: Annotated[list[Cell], Field(min_length=1, max_length=8, description="The headings.")]
    rows: Annotated[list[list[Cell]], Field(min_length=1, max_length=40)]

    @model_validator(mode="after")
    def _is_even(self) -> Self:
        for place, row in enumerate(self.rows):
            if len(row) != len(self.head):
                raise _refuse(
                    "this row and `head` differ in length: {cells} and {headings}; give each "
                    "heading a cell, which can be empty",
                    ("rows", place),
                    cells=len(row),
                    headings=len(self.head),
                )
        if (chars := sum(map(len, self._cells()))) > MAX_CODE_CHARS:
            raise _refuse(
                "the table has {chars} characters; split it, the limit is {limit}",
                ("rows",),
                chars=chars,
                limit=MAX_CODE_CHARS,
            )
        if not any(cell for row in self.rows for cell in row):
            raise _refuse("the table's cells are all empty; fill some", ("rows",))
        return self

    def _cells(self) -> Iterator[str]:
        for row in (self.head, *self.rows):
            yield from row

    @property
    def text(self) -> str:
        """The cells in reading order, one row a line."""
        return "\n".join(" | ".join(row) for row in (self.head, *self.rows))


class Picture(StrictModel):
    """A picture on the web, which is linked and never fetched."""

    alt: Annotated[ShortText, Field(description="What it shows, in words.")]
    url: Url


class Note(StrictModel):
    """One atomic statement about a topic, which questions cite. It has a text or something to
    show, or both."""

    id: Id
    text: Annotated[LongText, Field(description="One statement; `backticks` mark code.")] = ""
    code: Annotated[Code | None, Field(exclude_if=_is_unset, description="Code to show.")] = None
    table: Annotated[Table | None, Field(exclude_if=_is_unset, description="A small table.")] = None
    picture: Annotated[
        Picture | None, Field(exclude_if=_is_unset, description="A picture to link.")
    ] = None
    line: Annotated[int | None, Field(ge=1, description="Its line in the imported notes.")] = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.words:
            raise ValueError("a note needs `text`, `code`, a `table` or a `picture`; add one")
        return self

    @property
    def words(self) -> str:
        """Everything it says, as text."""
        shown = (self.code and self.code.text, self.table and self.table.text)
        alt = self.picture and self.picture.alt
        return "\n".join(part for part in (self.text, *shown, alt) if part)


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
    related: Annotated[
        list[Id], Field(max_length=20, description="Ids of topics that its notes link to.")
    ] = []
    notes: list[Note] = []


class Unit(StrictModel):
    """Topics that belong together."""

    id: Id
    title: Title
    topics: Annotated[list[Topic], Field(min_length=1)]


class Option(StrictModel):
    """One choice for members; a wrong one says why it's wrong, unless its question comes from
    elsewhere."""

    text: ShortText
    correct: bool = False
    why: Annotated[str, StringConstraints(strip_whitespace=True, max_length=800)] = ""
    pinned: Annotated[
        Literal["last"] | None,
        Field(
            exclude_if=_is_unset,
            description="`last` keeps it after the other options, which are shuffled.",
        ),
    ] = None


class RejectedAnswer(StrictModel):
    """A near miss: it looks like an accepted answer but means something else."""

    text: ShortText
    why: ShortText


class Case(StrictModel):
    """A text that several questions share."""

    id: Id
    text: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_CASE_CHARS),
        Field(description="The situation that its questions are about."),
    ]


def _require_case(case: object) -> object:
    if isinstance(case, str):
        raise PydanticCustomError(
            "explained",
            "there's no case `{case}` in this file; add it to `cases` or change the id",
            {"case": case},
        )
    return case


def _allow_lacking(
    value: object, validate: ValidatorFunctionWrapHandler, info: ValidationInfo
) -> Any:
    """Accept nothing if the question comes from elsewhere."""
    lacking = LACKING[info.field_name or ""]
    if info.data.get("origin") in UNEXPLAINED_ORIGINS and value in (None, lacking):
        return copy(lacking)
    if value is None:
        raise PydanticKnownError("missing")
    return validate(value)


LACKING: Mapping[str, Any] = MappingProxyType(
    {"notes": [], "level": None, "difficulty": None, "rationale": "", "why": ""}
)
"""What a question from elsewhere may lack, and what stands for it."""

UNVERSIONED = {"notes", "level", "difficulty", "draft", "rule", "recheck", "waive", "apart"}
"""Fields of a question that can be edited without giving it a new version."""


def _describe_lackable(schema: dict[str, Any]) -> None:
    """Say in a JSON Schema which fields only questions from elsewhere may lack."""
    lackable = [name for name in schema["required"] if name in LACKING]
    schema["required"] = [name for name in schema["required"] if name not in LACKING]
    origin = {"properties": {"origin": {"enum": sorted(UNEXPLAINED_ORIGINS)}}}
    schema["if"] = {**origin, "required": ["origin"]}
    schema["else"] = {"required": lackable}


class QuestionBase(StrictModel):
    """The fields of every kind of question."""

    model_config = ConfigDict(json_schema_extra=_describe_lackable)

    id: Id
    topic: Annotated[Id, Field(description="Id of its topic.")]
    origin: Annotated[
        Origin,
        Field(
            exclude_if=lambda origin: origin == "written",
            description="How it came to be; `imported` and `member` may lack explanations.",
        ),
    ] = "written"
    source: Annotated[
        ShortText, Field(exclude_if=_is_unset, description="Where it's from: a link or words.")
    ] = ""
    notes: Annotated[
        list[Id],
        Field(min_length=1, description="Ids of the notes it tests."),
        WrapValidator(_allow_lacking),
    ]
    level: Annotated[Level | None, WrapValidator(_allow_lacking)]
    difficulty: Annotated[
        Annotated[int, Field(ge=1, le=5)] | None,
        Field(description="The author's estimate, 1 easy to 5 hard."),
        WrapValidator(_allow_lacking),
    ]
    case: Annotated[
        Case | None,
        Field(exclude_if=_is_unset),
        BeforeValidator(_require_case),
        WithJsonSchema({"type": "string", "description": "Id of its case in this file."}),
    ] = None
    stem: LongText
    code: Annotated[
        Code | None, Field(exclude_if=_is_unset, description="Code that the stem is about.")
    ] = None
    rationale: Annotated[
        LongText, Field(description="Why the key is right."), WrapValidator(_allow_lacking)
    ]
    draft: Annotated[bool, Field(description="Drafted by a rule and not reviewed yet.")] = False
    rule: Annotated[str, Field(max_length=40, description="The rule that drafted it.")] = ""
    recheck: Annotated[bool, Field(description="One of its notes has changed since.")] = False
    waive: Annotated[
        dict[str, ShortText], Field(description="Quality checks to skip, each with the reason.")
    ] = {}
    apart: Annotated[
        list[Id],
        Field(
            exclude_if=_is_unset,
            max_length=20,
            description="Ids of questions that one drill never asks together with it.",
        ),
    ] = []

    @cached_property
    def version(self) -> str:
        """A short hash of what members see, which changes when the question does."""
        hidden: dict[str, Any] = dict.fromkeys(UNVERSIONED, True)
        visible = self.model_dump_json(exclude=hidden | {"case": {"id"}})
        return hashlib.blake2b(visible.encode(), digest_size=6).hexdigest()

    @property
    def subject(self) -> tuple[str, ...]:
        """What tells it from questions with the same words: its case and its code."""
        return (self.case.id if self.case else "", self.code.text if self.code else "")

    @property
    def needs_reasons(self) -> bool:
        """Whether each wrong option has to say why it's wrong."""
        return self.origin not in UNEXPLAINED_ORIGINS

    @model_validator(mode="before")
    @classmethod
    def _leave_room_for_explanations(cls, data: Any) -> Any:
        match data:
            case {"origin": str(origin)} if origin in UNEXPLAINED_ORIGINS:
                return {k: v for k, v in LACKING.items() if k in cls.model_fields} | data
            case _:
                return data

    @model_validator(mode="after")
    def _fits_one_message(self) -> Self:
        if self.code and (chars := len(self.stem) + len(self.code.text)) > MAX_TEXT_CHARS:
            raise _refuse(
                "`stem` and `code` have {chars} characters together; shorten them to {limit}",
                ("code",),
                chars=chars,
                limit=MAX_TEXT_CHARS,
            )
        return self

    @model_validator(mode="after")
    def _notes_once(self) -> Self:
        _require_distinct("note", "notes", self.notes)
        return self


def _check_options(question: SingleChoice | MultipleChoice) -> None:
    """Raise if two options are the same, or a wrong one doesn't say why it's wrong."""
    _require_distinct("option", "options", [option.text for option in question.options])
    for place, option in enumerate(question.options):
        if question.needs_reasons and not option.correct and not option.why:
            raise _refuse("a wrong option needs `why`: explain why it's wrong", ("options", place))


class SingleChoice(QuestionBase):
    """One best answer among several options."""

    kind: Literal["single"]
    options: Annotated[list[Option], Field(min_length=2, max_length=8)]

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        _check_options(self)
        if (keys := sum(option.correct for option in self.options)) != 1:
            raise ValueError(f"mark exactly one option `correct: true`; {keys} are marked")
        return self


class MultipleChoice(QuestionBase):
    """Two or more right options, and at least one wrong."""

    kind: Literal["multiple"]
    options: Annotated[list[Option], Field(min_length=3, max_length=8)]

    @model_validator(mode="after")
    def _some_keys(self) -> Self:
        _check_options(self)
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
    why: Annotated[
        LongText,
        Field(description="Why the other answer is wrong."),
        WrapValidator(_allow_lacking),
    ]

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
        Field(min_length=3, max_length=MAX_SIDES, description="Each pair as [left, right]."),
    ]
    spares: Annotated[
        list[ShortText],
        Field(
            exclude_if=_is_unset,
            max_length=MAX_SIDES - 3,
            description=f"More right sides, which match nothing; {MAX_SIDES} in all.",
        ),
    ] = []

    @model_validator(mode="after")
    def _sides_once(self) -> Self:
        _require_distinct("left side", "pairs", [left for left, _ in self.pairs])
        rights = [right for _, right in self.pairs]
        _require_distinct("right side", "pairs", rights)
        _require_distinct("right side", "spares", self.rights)
        if (count := len(rights) + len(self.spares)) > MAX_SIDES:
            raise _refuse(
                "`pairs` and `spares` have {count} right sides; remove some, the limit is {limit}",
                ("spares",),
                count=count,
                limit=MAX_SIDES,
            )
        return self

    @property
    def rights(self) -> list[str]:
        """The right sides of the pairs, in their order, then the spares."""
        return [*(right for _, right in self.pairs), *self.spares]


class ShortAnswer(QuestionBase):
    """A term to type; the first accepted text is the one shown."""

    kind: Literal["short_answer"]
    accepted: Annotated[list[ShortText], Field(min_length=1, max_length=20)]
    rejected: Annotated[
        list[RejectedAnswer],
        Field(max_length=20, description="Near misses that mean something else."),
    ] = []
    exact: Annotated[
        bool,
        Field(exclude_if=_is_unset, description="Accept only the exact text, letter by letter."),
    ] = False

    @model_validator(mode="after")
    def _texts_once(self) -> Self:
        _require_distinct("accepted text", "accepted", self.accepted)
        fold = str if self.exact else str.casefold
        accepted = {" ".join(fold(text).split()) for text in self.accepted}
        for place, wrong in enumerate(self.rejected):
            if " ".join(fold(wrong.text).split()) in accepted:
                raise _refuse(
                    "`{text}` is both accepted and rejected; remove one",
                    ("rejected", place),
                    text=wrong.text,
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

    schema_version: Annotated[
        int, Field(ge=1, le=SCHEMA_VERSION, description="The form of the pack's files.")
    ] = SCHEMA_VERSION
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

    cases: Annotated[
        list[Case], Field(description="Texts that several questions of this file share.")
    ] = []
    questions: list[Question]

    @model_validator(mode="before")
    @classmethod
    def _put_cases_into_questions(cls, data: Any) -> Any:
        """A case is part of what its questions ask, so each holds it whole."""
        match data:
            case {"cases": list(cases), "questions": list(questions)}:
                known = dict(map(_read_case, filter(_has_id, cases)))
                whole = [
                    {**each, "case": known.get(each["case"], each["case"])}
                    if isinstance(each, dict) and isinstance(each.get("case"), str)
                    else each
                    for each in questions
                ]
                return {**data, "questions": whole}
            case _:
                return data


def _has_id(case: object) -> bool:
    return isinstance(case, dict) and isinstance(case.get("id"), str)


def _read_case(data: dict[str, Any]) -> tuple[str, Case | None]:
    """A case by its id; none if it's invalid, which isn't said again for each of its questions."""
    try:
        return data["id"], Case.model_validate(data)
    except ValidationError:
        return data["id"], None


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
