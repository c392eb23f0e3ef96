"""Faults one can see in a question by itself: forms that give the key away or trip the reader.

Each rule prefers missing a fault to blaming a good question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from content.model import MultipleChoice, Option, Question, ShortAnswer, SingleChoice, TrueFalse
from content.placing import speaks_of_others
from content.quality.report import Finding
from content.quality.texts import fold, without_code

LENGTH_RATIO: Final = 1.6
FEWEST_WORDS: Final = 3

ABSOLUTE: Final = re.compile(
    r"\b(always|never|only|all|every|none|must|entirely|completely|any)\b", re.IGNORECASE
)
# A negation in a subordinate clause ("Which setting helps if a job does not start?") asks for
# the positive, so nothing that opens a clause may stand between the question word and it.
CLAUSE: Final = (
    r"that|who|whom|whose|which|what|where|when|why|how|if|so|because|since|while|although|though"
    r"|until|before|after|and|but|or|to"
)
NOT: Final = (
    r"(?:\b(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|must|need)"
    rf"(?: (?!(?:{CLAUSE})\b)\w+){{0,2}} (?:not|never)\b|\b\w+n['’]t\b)"
)
NEGATION: Final = re.compile(
    r"^(?:(?:When|If|For|Of|In|On|At|With|To|From|Among|As|After|Before)\b[^,]*, )?(?:\w+ )?"
    rf"(?:[Ww]hich|[Ww]hat|[Ww]ho)\b(?:(?!\b(?:{CLAUSE})\b)[^;:,])*?{NOT}"
    rf"|^(?:Choose|Select|Pick|Find|Mark|Name)(?: \w+){{1,4}} (?:that|which) {NOT}"
    r"|\b(?:these|those|following|them)\b.*\bexcept\b(?! for)|\bexcept\W*$"
)
BLANK: Final = re.compile(r"(?<![\w/])(an?) *(?:_{2,}|…|\.{3}|:?$)")
# an hour, a unit, an SDK but a SHAP value: how these begin depends on how they are spoken
UNCLEAR_SOUND: Final = re.compile(
    r"[FHLMNRSX][A-Z\d]|[Uu]|[Ee]u|[Oo]n(?:e|ce)|[Hh](?:ou|on|ei)|[^A-Za-z]"
)
INFINITIVE: Final = re.compile(r"[Tt]o (?!(?:the|an?|its|their|your|his|her|each|one)\b)[a-z]")
GERUND: Final = re.compile(r"[Bb]y \w+ing\b")
PREPOSITION: Final = re.compile(
    r"(?:in|on|at|from|into|by|with|through|via|as|under|for|to)\b", re.IGNORECASE
)
CAPITAL: Final = re.compile(
    r"(?:An?|The|Its?|They|This|That|Each|One|No|In|On|At|By|With|To|For|From|Use)\b"
)
SMALL: Final = re.compile(r"[a-z]+(?![\w.-])")
CHOOSE: Final = re.compile(
    r"\b(?:choose|select|pick) (two|three|four|five|six|[2-6])\b", re.IGNORECASE
)
NUMBERS: Final = ("two", "three", "four", "five", "six")


def _options(question: Question) -> Sequence[Option]:
    """The options that say something by themselves; one that is pinned speaks of those."""
    return [option for option in _all_options(question) if not option.pinned]


def _all_options(question: Question) -> Sequence[Option]:
    return question.options if isinstance(question, SingleChoice | MultipleChoice) else ()


def _option_length(question: Question) -> Iterator[str]:
    lengths = sorted(len(option.text) for option in _options(question))
    if lengths and lengths[-1] > LENGTH_RATIO * lengths[0]:
        yield (
            f"its options have {lengths[0]} to {lengths[-1]} characters; keep the longest within "
            f"{LENGTH_RATIO} times the shortest"
        )


def _forbidden_option(question: Question) -> Iterator[str]:
    for option in _options(question):
        if speaks_of_others(option.text):
            yield (
                f"`{option.text}` speaks of the other options; say what is meant, or keep it in "
                "its place with `pinned: last`"
            )


def _unmarked_negation(question: Question) -> Iterator[str]:
    if isinstance(question, TrueFalse):
        return
    *earlier, last = re.split(r"(?<=[.?!:])\s+", without_code(question.stem))
    asking = [sentence for sentence in earlier if sentence.endswith("?")] + [last]
    if any(NEGATION.search(sentence) for sentence in asking):
        yield "asks for what is not so; ask for the positive, or write NOT in capitals"


def _absolute_words(question: Question) -> Iterator[str]:
    found = [
        (option.correct, word.casefold())
        for option in _options(question)
        for word in ABSOLUTE.findall(without_code(option.text))
    ]
    if found and not any(correct for correct, _ in found):
        listed = ", ".join(sorted({word for _, word in found}))
        yield f"absolute words ({listed}) stand in wrong options only; drop them"


def _article_cue(question: Question) -> Iterator[str]:
    if article := BLANK.search(question.stem):
        texts = [option.text.lstrip("`*_\"'") for option in _options(question)]
        clear = [text for text in texts if not UNCLEAR_SOUND.match(text)]
        if _mixed(text[0] in "AEIOaeio" for text in clear):
            yield f"`{article[1]}` before the gap fits some options only; write `a/an`"


def _option_form(question: Question) -> Iterator[str]:
    texts = [option.text for option in _options(question)]
    if _mixed(text.endswith(".") for text in texts if not text.endswith(("...", "etc."))):
        yield "some options end with a full stop and others don't; let all end alike"
    for form, name in ((INFINITIVE, "to do something"), (GERUND, "by doing something")):
        others = [text for text in texts if not form.match(text)]
        # among places and means, as "with a key, by signing in", such a form is one of many
        if 0 < len(others) < len(texts) and not any(map(PREPOSITION.match, others)):
            yield f"some options say `{name}` and others don't; give all the same form"
    # a name keeps its capital among small letters, but these words are none
    if any(map(CAPITAL.match, texts)) and any(map(SMALL.match, texts)):
        yield "some options begin with a capital and others don't; let all begin alike"


def _mixed(flags: Iterable[bool]) -> bool:
    return len(set(flags)) > 1


def _choose_count(question: Question) -> Iterator[str]:
    if isinstance(question, MultipleChoice) and (told := CHOOSE.search(question.stem)):
        word = told[1].casefold()
        number = int(word) if word.isdigit() else NUMBERS.index(word) + 2
        keys = sum(option.correct for option in question.options)
        if keys != number:
            yield f"says `{told[0]}`, but {keys} options are right; let them agree"


def _missing_rationale(question: Question) -> Iterator[str]:
    for text, explained in reasons(question):
        if len(text.split()) < FEWEST_WORDS or fold(text) == fold(explained):
            yield f"`{text}` explains nothing; say why it is so"


def reasons(question: Question) -> Iterator[tuple[str, str]]:
    """Each reason that a question gives, with the text it is a reason for."""
    yield question.rationale, question.stem
    match question:
        case SingleChoice() | MultipleChoice():
            yield from ((o.why, o.text) for o in question.options if o.why or not o.correct)
        case TrueFalse():
            yield question.why, question.stem
        case ShortAnswer():
            yield from ((wrong.why, wrong.text) for wrong in question.rejected)


Rule = Callable[[Question], Iterator[str]]
"""Says what is wrong with a question, if anything."""

RULES: Final[Mapping[str, tuple[Rule, str]]] = MappingProxyType(
    {
        "option_length": (
            _option_length,
            f"The longest option is more than {LENGTH_RATIO} times as long as the shortest.",
        ),
        "missing_rationale": (
            _missing_rationale,
            f"A reason has fewer than {FEWEST_WORDS} words or repeats what it should explain.",
        ),
        "option_form": (
            _option_form,
            "Options differ in how they begin or end, so that one stands out.",
        ),
    }
)
ENGLISH_RULES: Final[Mapping[str, tuple[Rule, str]]] = MappingProxyType(
    {
        "forbidden_option": (
            _forbidden_option,
            "An option is about the others (all of the above, both A and B) and isn't pinned.",
        ),
        "unmarked_negation": (
            _unmarked_negation,
            "The stem asks for what is not so, without capitals that say it.",
        ),
        "absolute_words": (
            _absolute_words,
            "Absolute words (always, never, only, all ...) stand in wrong options only.",
        ),
        "article_cue": (
            _article_cue,
            "The stem's `a` or `an` fits some of the options only.",
        ),
        "choose_count": (
            _choose_count,
            "The stem tells how many to choose, and another number of options is right.",
        ),
    }
)
CHECKS: Final[Mapping[str, str]] = MappingProxyType(
    {name: description for name, (_, description) in {**RULES, **ENGLISH_RULES}.items()}
)


def wording_findings(questions: Sequence[Question], language: str) -> Iterator[Finding]:
    """What is wrong with each question by itself; rules about English words need English."""
    english = language.partition("-")[0] == "en"
    rules = {**RULES, **ENGLISH_RULES} if english else RULES
    for question in questions:
        for check, (rule, _) in rules.items():
            yield from (Finding(check, question.id, message) for message in rule(question))
