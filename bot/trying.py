"""`studyhall pack try`: what a typed answer would earn, for people who write packs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bot.engine.kinds import UnreadableAnswer, numeric, short_answer
from bot.engine.library import IndexedPack
from bot.engine.typed_answers.verdict import Verdict
from content.model import Numeric, ShortAnswer
from content.problems import suggest


class NotTyped(Exception):
    """The question isn't there, or isn't answered by typing; the message says so."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A text with what it would earn."""

    question: str
    text: str
    credit: float
    rule: str
    why: str
    spelled: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As JSON-able data."""
        return asdict(self)

    def __str__(self) -> str:
        word = "Right" if self.credit == 1 else "Wrong"
        spelled = f" It's spelled “{self.spelled}”." if self.spelled else ""
        return f"{word} ({self.rule}): {self.why}{spelled}"


def try_answer(pack: IndexedPack, id_: str, text: str) -> Tried:
    """How a text would be graded as an answer to a question; raises NotTyped."""
    question = pack.questions.get(id_)
    if question is None:
        near = suggest(id_, pack.questions)
        hint = f"; did you mean `{near}`?" if near else ""
        raise NotTyped(f"there is no question `{id_}` in {pack.pack.id}{hint}")
    try:
        match question:
            case ShortAnswer():
                kind = short_answer.SHORT_ANSWER
                verdict = kind.judge(question, kind.read(question, (), [text]), pack.terms)
            case Numeric():
                number = numeric.NUMERIC
                verdict = number.judge(question, number.read(question, (), [text]), pack.terms)
            case _:
                raise NotTyped(
                    f"`{id_}` is of the kind {question.kind}, which isn't answered by typing"
                )
    except UnreadableAnswer as unreadable:
        return Tried(id_, text, 0, "unreadable", f"It's not taken as an answer: {unreadable}")
    return _tried(id_, text, verdict)


def _tried(id_: str, text: str, verdict: Verdict) -> Tried:
    why = f"{verdict.why} {verdict.rejected.why}" if verdict.rejected else verdict.why
    return Tried(id_, text, verdict.credit, verdict.rule, why, verdict.spelled)
