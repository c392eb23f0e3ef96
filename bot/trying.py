"""`studyhall pack try`: shows pack authors how a typed answer would be graded."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bot.engine.kinds import UnreadableAnswer, numeric, short_answer
from bot.engine.library import IndexedPack
from bot.engine.typed_answers.verdict import Verdict
from content.model import Numeric, ShortAnswer
from content.problems import suggest


class NotTypeable(Exception):
    """There's no such question, or it isn't answered by typing; the message says which."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A typed answer and how it would be graded."""

    question: str
    text: str
    credit: float
    rule: str
    why: str
    spelled: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The trial as JSON-compatible data."""
        return asdict(self)

    def __str__(self) -> str:
        word = "Right" if self.credit == 1 else "Wrong"
        spelled = f" It's spelled “{self.spelled}”." if self.spelled else ""
        return f"{word} ({self.rule}): {self.why}{spelled}"


def try_answer(pack: IndexedPack, id_: str, text: str) -> Trial:
    """How a text would be graded as an answer to a question. Raises NotTypeable."""
    question = pack.questions.get(id_)
    if question is None:
        near = suggest(id_, pack.questions)
        hint = f"; did you mean `{near}`?" if near else ""
        raise NotTypeable(f"no question `{id_}` in {pack.pack.id}{hint}")
    try:
        match question:
            case ShortAnswer():
                kind = short_answer.SHORT_ANSWER
                verdict = kind.judge(question, kind.read(question, (), [text]), pack.terms)
            case Numeric():
                number = numeric.NUMERIC
                verdict = number.judge(question, number.read(question, (), [text]), pack.terms)
            case _:
                raise NotTypeable(
                    f"`{id_}` is a {question.kind} question: it isn't answered by typing"
                )
    except UnreadableAnswer as unreadable:
        return Trial(id_, text, 0, "unreadable", f"Not accepted as an answer: {unreadable}")
    return _trial_of(id_, text, verdict)


def _trial_of(id_: str, text: str, verdict: Verdict) -> Trial:
    why = f"{verdict.why} {verdict.rejected.why}" if verdict.rejected else verdict.why
    return Trial(id_, text, verdict.credit, verdict.rule, why, verdict.spelled)
