"""Checks single questions for wording that gives the key away or trips up the reader.

Each rule would rather miss a fault than flag a good question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from content.language.plural import count
from content.model import (
    LACKING,
    MultipleChoice,
    Option,
    Question,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
)
from content.placing import must_follow_others
from content.quality.report import Finding
from content.quality.texts import blank_out_code, fold

MAX_LENGTH_RATIO: Final = 1.6
MIN_REASON_WORDS: Final = 3

ABSOLUTE: Final = re.compile(
    r"\b(always|never|only|all|every|none|must|entirely|completely|any)\b", re.IGNORECASE
)
# A negation in a subordinate clause ("Which setting helps if a job does not start?") still asks
# for the positive, so nothing between it and the question word may open a clause.
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
# An hour, a unit, an SDK, but a SHAP value: the first sound depends on the pronunciation.
AMBIGUOUS_SOUND: Final = re.compile(
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
COUNT_WORDS: Final = ("two", "three", "four", "five", "six")


def _own_options(question: Question) -> Sequence[Option]:
    """The options without pinned ones, which refer to the others."""
    return [option for option in _all_options(question) if not option.pinned]


def _all_options(question: Question) -> Sequence[Option]:
    return question.options if isinstance(question, SingleChoice | MultipleChoice) else ()


def _check_option_length(question: Question) -> Iterator[str]:
    lengths = sorted(len(option.text) for option in _own_options(question))
    if lengths and lengths[-1] > MAX_LENGTH_RATIO * lengths[0]:
        yield (
            f"its options have {lengths[0]} to {lengths[-1]} characters; keep the longest within "
            f"{MAX_LENGTH_RATIO} times the shortest"
        )


def _check_forbidden_option(question: Question) -> Iterator[str]:
    for option in _own_options(question):
        if must_follow_others(option.text):
            yield (
                f"`{option.text}` refers to other options; spell out what it means, or keep it "
                "last with `pinned: last`"
            )


def _check_unmarked_negation(question: Question) -> Iterator[str]:
    if isinstance(question, TrueFalse):
        return
    *earlier, last = re.split(r"(?<=[.?!:])\s+", blank_out_code(question.stem))
    asking = [sentence for sentence in earlier if sentence.endswith("?")] + [last]
    if any(NEGATION.search(sentence) for sentence in asking):
        yield "asks what isn't true; ask for the positive, or write NOT in capitals"


def _check_absolute_words(question: Question) -> Iterator[str]:
    found = [
        (option.correct, word.casefold())
        for option in _own_options(question)
        for word in ABSOLUTE.findall(blank_out_code(option.text))
    ]
    if found and not any(correct for correct, _ in found):
        listed = ", ".join(sorted({word for _, word in found}))
        yield f"absolute words ({listed}) are in wrong options only; remove them"


def _check_article_cue(question: Question) -> Iterator[str]:
    if article := BLANK.search(question.stem):
        texts = [option.text.lstrip("`*_\"'") for option in _own_options(question)]
        clear = [text for text in texts if not AMBIGUOUS_SOUND.match(text)]
        if _mixed(text[0] in "AEIOaeio" for text in clear):
            yield f"`{article[1]}` before the blank fits only some options; write `a/an`"


def _check_option_form(question: Question) -> Iterator[str]:
    texts = [option.text for option in _own_options(question)]
    if _mixed(text.endswith(".") for text in texts if not text.endswith(("...", "etc."))):
        yield "some options end with a period and others don't; make them match"
    for form, name in ((INFINITIVE, "to do something"), (GERUND, "by doing something")):
        others = [text for text in texts if not form.match(text)]
        # Among phrases like "with a key" and "by signing in", the form doesn't stand out.
        if 0 < len(others) < len(texts) and not any(map(PREPOSITION.match, others)):
            yield f"some options start like `{name}` and others don't; make them match"
    # A name keeps its capital among lowercase options, but these words aren't names.
    if any(map(CAPITAL.match, texts)) and any(map(SMALL.match, texts)):
        yield "some options start with a capital letter and others don't; make them match"


def _mixed(flags: Iterable[bool]) -> bool:
    return len(set(flags)) > 1


def _check_choose_count(question: Question) -> Iterator[str]:
    if isinstance(question, MultipleChoice) and (found := CHOOSE.search(question.stem)):
        word = found[1].casefold()
        number = int(word) if word.isdigit() else COUNT_WORDS.index(word) + 2
        keys = sum(option.correct for option in question.options)
        if keys != number:
            verb = "is" if keys == 1 else "are"
            yield f"says `{found[0]}`, but {count(keys, 'option')} {verb} right; make them match"


def _check_missing_rationale(question: Question) -> Iterator[str]:
    for text, explained in list_reasons(question):
        if len(text.split()) < MIN_REASON_WORDS or fold(text) == fold(explained):
            yield f"`{text}` explains nothing; say why"


def list_reasons(question: Question) -> Iterator[tuple[str, str]]:
    """Each reason in a question, with the text that it explains."""
    if question.rationale:
        yield question.rationale, question.stem
    match question:
        case SingleChoice() | MultipleChoice():
            yield from ((option.why, option.text) for option in question.options if option.why)
        case TrueFalse() if question.why:
            yield question.why, question.stem
        case ShortAnswer():
            yield from ((wrong.why, wrong.text) for wrong in question.rejected)


def _check_unexplained(question: Question) -> Iterator[str]:
    lacking = [f"`{name}`" for name in LACKING if not getattr(question, name, True)]
    if reasons := sum(not (option.correct or option.why) for option in _all_options(question)):
        lacking.append(f"`why` in {count(reasons, 'wrong option')}")
    if lacking:
        yield f"lacks {', '.join(lacking)}; members see that it isn't explained, so add them"


Rule = Callable[[Question], Iterator[str]]
"""Yields what's wrong with a question."""

RULES: Final[Mapping[str, tuple[Rule, str]]] = MappingProxyType(
    {
        "option_length": (
            _check_option_length,
            f"The longest option is more than {MAX_LENGTH_RATIO} times as long as the shortest.",
        ),
        "missing_rationale": (
            _check_missing_rationale,
            f"A reason has fewer than {MIN_REASON_WORDS} words or repeats what it explains.",
        ),
        "unexplained": (
            _check_unexplained,
            "An imported or a member's question lacks reasons, notes, a level or a difficulty.",
        ),
        "option_form": (
            _check_option_form,
            "Options start or end differently, so that one stands out.",
        ),
    }
)
ENGLISH_RULES: Final[Mapping[str, tuple[Rule, str]]] = MappingProxyType(
    {
        "forbidden_option": (
            _check_forbidden_option,
            "An option refers to others (all of the above, both A and B) and isn't pinned.",
        ),
        "unmarked_negation": (
            _check_unmarked_negation,
            "The stem asks what isn't true, without NOT in capitals.",
        ),
        "absolute_words": (
            _check_absolute_words,
            "Absolute words (always, never, only, all ...) are in wrong options only.",
        ),
        "article_cue": (
            _check_article_cue,
            "The stem's `a` or `an` fits only some of the options.",
        ),
        "choose_count": (
            _check_choose_count,
            "The stem says how many to choose, and a different number is right.",
        ),
    }
)
CHECKS: Final[Mapping[str, str]] = MappingProxyType(
    {name: description for name, (_, description) in {**RULES, **ENGLISH_RULES}.items()}
)


def check_wording(questions: Sequence[Question], language: str) -> Iterator[Finding]:
    """What's wrong with each question; rules about English words apply to English packs only."""
    english = language.partition("-")[0] == "en"
    rules = {**RULES, **ENGLISH_RULES} if english else RULES
    for question in questions:
        for check, (rule, _) in rules.items():
            yield from (Finding(check, question.id, message) for message in rule(question))
