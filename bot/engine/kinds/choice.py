"""Single choice, multiple choice and true/false: pick from options."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from random import Random

from bot.engine.kinds.base import UnreadableAnswer, format_share, read_positions
from bot.engine.screens import OPTION_LETTERS, Bar, Bars, Choice, Part, Pick
from content.model import MultipleChoice, SingleChoice, TrueFalse
from content.placing import fixes_option_order, must_follow_others

Options = SingleChoice | MultipleChoice | TrueFalse


@dataclass(frozen=True, slots=True)
class ChoiceKind:
    """Pick one option or several; True and False keep their order."""

    name: str
    scoring: str = "all or nothing"
    several: bool = False
    shuffles: bool = True

    def make_layout(self, question: Options, rng: Random) -> tuple[int, ...]:
        """Shuffle the options unless their order means something; options that refer to others
        ("all of the above") stay last."""
        order = range(len(question.options))
        texts = [option.text for option in question.options]
        if not self.shuffles or any(map(fixes_option_order, texts)):
            return tuple(order)
        last = [i for i in order if question.options[i].pinned or must_follow_others(texts[i])]
        free = [i for i in order if i not in last]
        return (*rng.sample(free, len(free)), *last)

    def make_control(self, question: Options, layout: tuple[int, ...], action: str) -> Pick:
        """Offer the options; values are positions as shown."""
        options = question.options
        choices = tuple(Choice(options[i].text, str(place)) for place, i in enumerate(layout))
        count = count_keys(question) if self.several else 0
        return Pick(action, choices, several=self.several, lettered=self.shuffles, count=count)

    def read(
        self, question: Options, layout: tuple[int, ...], values: Sequence[str]
    ) -> tuple[int, ...]:
        """Convert positions as shown to stored indices, ascending."""
        places = read_positions(values, len(layout), "options")
        picked = [place for place in places if place is not None]
        if not picked or (len(picked) > 1 and not self.several):
            raise UnreadableAnswer(
                "Pick at least one option." if self.several else "Pick one option."
            )
        return tuple(sorted(layout[place] for place in picked))

    def grade(self, question: Options, given: tuple[int, ...], terms: AbstractSet[str]) -> float:
        """Right picks minus wrong picks, divided by the number of right options; at least zero."""
        right = sum(question.options[i].correct for i in given)
        return max(0, right - (len(given) - right)) / count_keys(question)

    def format_answer(
        self, question: Options, layout: tuple[int, ...], given: tuple[int, ...]
    ) -> str:
        """List the letters and texts of the picks."""
        return "; ".join(self._format_option(question, layout, i) for i in given)

    def find_spelling(self, question: Options, given: tuple[int, ...]) -> str:
        """Return "": nothing is typed."""
        return ""

    def format_key(self, question: Options, layout: tuple[int, ...]) -> tuple[str, ...]:
        """List the letters and texts of the right options, in the order shown."""
        return tuple(
            self._format_option(question, layout, i) for i in layout if question.options[i].correct
        )

    def explain_mistakes(
        self, question: Options, layout: tuple[int, ...], given: tuple[int, ...]
    ) -> tuple[str, ...]:
        """Explain why each wrong pick is wrong, if the pack does."""
        wrong = [i for i in given if question.options[i].why and not question.options[i].correct]
        return tuple(f"{self._letter_prefix(layout, i)}{question.options[i].why}" for i in wrong)

    def tally(
        self, question: Options, layout: tuple[int, ...], answers: Sequence[tuple[int, ...]]
    ) -> tuple[Part, ...]:
        """Draw a bar for each option: how many members picked it."""
        picked = [sum(i in each for each in answers) for i in layout]
        bars = (
            Bar(
                question.options[i].text,
                (by,),
                len(answers),
                format_share(by, len(answers)),
                OPTION_LETTERS[place] if self.shuffles else "",
            )
            for place, (i, by) in enumerate(zip(layout, picked, strict=True))
        )
        return (Bars(tuple(bars)),)

    def _letter_prefix(self, layout: tuple[int, ...], index: int) -> str:
        return f"{OPTION_LETTERS[layout.index(index)]}: " if self.shuffles else ""

    def _format_option(self, question: Options, layout: tuple[int, ...], index: int) -> str:
        return f"{self._letter_prefix(layout, index)}{question.options[index].text}"


def count_keys(question: Options) -> int:
    """Count the right options."""
    return sum(option.correct for option in question.options)


SINGLE = ChoiceKind("Single choice")
MULTIPLE = ChoiceKind(
    "Multiple choice",
    "(right picks − wrong picks) ÷ number of right options, never below zero",
    several=True,
)
TRUE_FALSE = ChoiceKind("True or false", shuffles=False)
