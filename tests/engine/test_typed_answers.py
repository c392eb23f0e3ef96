"""Typed answers: what people type is read for its meaning, and near misses stay wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.engine.kinds import UnreadableAnswer, kind_of
from bot.engine.kinds.numeric import NUMERIC
from bot.engine.kinds.short_answer import SHORT_ANSWER
from bot.engine.library import IndexedPack
from bot.engine.typed_answers.verdict import RULES, Verdict, judge
from content import loader
from content.language.reading import are_equivalent, canonicalize
from content.model import Numeric, RejectedAnswer, ShortAnswer
from tests.samples import small_pack

DATA = Path(__file__).parents[1] / "data"
NONE = frozenset[str]()


def make_question(
    *accepted: str, rejected: Sequence[str] = (), stem: str = "What is it called?", **more: Any
) -> ShortAnswer:
    """Make a question that accepts and rejects these texts."""
    return ShortAnswer(
        id="q",
        kind="short_answer",
        topic="topic",
        notes=["note"],
        level="apply",
        difficulty=1,
        stem=stem,
        rationale="The notes say so.",
        accepted=list(accepted),
        rejected=[RejectedAnswer(text=text, why=f"Not {text}.") for text in rejected],
        **more,
    )


def make_number(value: float, **more: Any) -> Numeric:
    """Make a question for a number."""
    return Numeric(
        id="q",
        kind="numeric",
        topic="topic",
        notes=["note"],
        level="apply",
        difficulty=1,
        stem="How much is it?",
        rationale="The notes say so.",
        value=value,
        **more,
    )


def verdict(question: ShortAnswer, typed: str, terms: frozenset[str] = NONE) -> Verdict:
    """Grade a text after reading it, as in chat."""
    try:
        return judge(question, SHORT_ANSWER.read(question, (), [typed]), terms)
    except UnreadableAnswer:
        return Verdict(0, "different")


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return found


@cache
def dp100() -> IndexedPack:
    return IndexedPack(loader.load(loader.find_pack("dp100"), cache=None))


def errors(found: Sequence[tuple[dict[str, Any], float]]) -> tuple[int, int]:
    """Count wrong answers accepted, and right ones refused."""
    accepted = sum(credit == 1 for case, credit in found if not case["accept"])
    refused = sum(credit == 0 for case, credit in found if case["accept"])
    return accepted, refused


def test_hard_answers_are_told_apart_where_no_other_term_is_known() -> None:
    hard = [case for case in cases("typed_answers.json") if case["sure"]]
    assert sum(case["accept"] for case in hard) == 182
    assert len(hard) == 182 + 147
    accepted, refused = errors(
        [(each, verdict(make_question(*each["accepted"]), each["typed"]).credit) for each in hard]
    )
    assert accepted <= 8
    assert refused <= 25


def test_answers_to_the_bundled_packs_own_questions_are_told_apart() -> None:
    hard = cases("typed_dp100.json")
    pack = dp100()
    found = []
    for each in hard:
        question = pack.questions[each["question"]]
        assert isinstance(question, ShortAnswer)
        found.append((each, verdict(question, each["typed"], pack.terms).credit))
    accepted, refused = errors(found)
    assert accepted <= 1
    assert refused <= 4


@pytest.mark.parametrize("case", cases("typed_reports.json"), ids=lambda case: case["typed"])
def test_what_other_bots_got_wrong_is_right_here(case: dict[str, Any]) -> None:
    if "question" in case:
        question = dp100().questions[case["question"]]
        terms = dp100().terms
    else:
        question = make_question(*case["accepted"], rejected=case.get("rejected", ()))
        terms = frozenset(map(canonicalize, case.get("terms", ())))
    assert isinstance(question, ShortAnswer)
    assert (verdict(question, case["typed"], terms).credit == 1) is case["accept"]


@pytest.mark.parametrize(
    ("accepted", "typed"),
    [
        ("42", ["forty-two", "42.0", "+42", "４２", "٤٢"]),
        ("0.5", [".5", "0,5", "50%", "1/2", "½", "one half", "5e-1"]),
        ("1 million", ["1M", "1,000,000", "one million", "1 000 000", "10^6"]),
        ("10 GB", ["10GB", "ten gigabytes", "10 gb", "10 gigs"]),
        ("3.5", ["3½", "3 1/2", "seven halves"]),
        ("95%", ["95 per cent", "95 percent", "95", "0.95"]),
        ("1969", ["in 1969", "in the year 1969"]),
        ("79 AD", ["AD 79", "79", "79 CE"]),
        ("21st century", ["the twenty-first century"]),
        ("24 hours", ["24h", "1 day", "twenty-four hours"]),
        ("100 °C", ["100 C", "100 degrees Celsius", "100°c"]),
        ("$100", ["100 dollars", "USD 100", "100$", "100"]),
        ("World War II", ["world war 2", "World War Two", "world war ii"]),
        ("Henry VIII", ["Henry 8", "Henry the Eighth", "henry the 8th"]),
        ("July 20, 1969", ["20 July 1969", "1969-07-20", "7/20/1969", "20th of July 1969"]),
        ("C#", ["c#", "C sharp"]),
        ("x²", ["x^2", "x2"]),
        ("José", ["Jose", "JOSÉ"]),
        ("Ørsted", ["Orsted", "Oersted"]),
        ("Ёлка", ["елка"]),
        ("optimization", ["optimisation"]),
        ("labeling", ["labelling"]),
        ("anesthesia", ["anaesthesia"]),
        ("matrix", ["matrices"]),
        ("status", ["statuses"]),
        ("batch", ["batches"]),
        ("precision", ["it's precision", "I think it is precision.", "precision, I believe"]),
        ("AmlCompute", ["the class AmlCompute", "azure.ai.ml.entities.AmlCompute()"]),
        ("begin_create", ["`begin_create` method", "ml_client.workspaces.begin_create(ws)"]),
        ("argparse", ["import argparse", "the argparse module"]),
        ("key vault", ["Azure Key Vault", "a key vault in Azure"]),
        ("model version", ["the version of the model"]),
        ("virtual network (VNet)", ["VNet", "virtual network", "virtual networks (VNets)"]),
        ("Simon and Garfunkel", ["Garfunkel & Simon"]),
        ("London", ["London, England"]),
        ("hyperparameter", ["hyperparamter", "hyper paramaters"]),
        ("Ludwig van Beethoven", ["Beethoven", "bethoven", "van Beethoven"]),
        ("Gaddafi", ["Qaddafi", "Kadhafi"]),
        ("cluster", ["custer"]),
    ],
)
def test_right_answers_in_their_usual_dress_are_right(accepted: str, typed: list[str]) -> None:
    assert {text: verdict(make_question(accepted), text).credit for text in typed} == dict.fromkeys(
        typed, 1
    )


@pytest.mark.parametrize(
    ("accepted", "typed"),
    [
        ("1.5", ["15", "-1.5", "1.05"]),
        ("10 GB", ["10 TB", "10 GiB", "100 GB"]),
        ("$100", ["€100", "100 euros", "$1000"]),
        ("10²", ["102", "20"]),
        ("2:1", ["1:2", "21"]),
        ("44 BC", ["44 AD", "44"]),
        ("£50", ["$50"]),
        ("A*", ["A", "B*"]),
        ("Azure AD", ["Azure"]),
        ("Python 3.10", ["Python 3.1", "Python 310"]),
        ("Vitamin A", ["Vitamin B", "vitamin", "a"]),
        ("Henry VIII", ["Henry VII", "VIII", "Henry"]),
        ("Louis XVIII", ["Louis XXIII", "Louis XVII"]),
        ("kilograms", ["kilogram meter", "milligrams"]),
        ("George W. Bush", ["George H. W. Bush"]),
        ("C", ["C++", "C#"]),
        ("==", ["=", "===", "!="]),
        ("supervised learning", ["unsupervised learning", "not supervised learning"]),
        ("hypertension", ["hypotension"]),
        ("min_instances", ["max_instances"]),
        ("get_default", ["set_default", "get_defaults"]),
        ("nitrate", ["nitrite"]),
        ("Slovenia", ["Slovakia"]),
        ("Monet", ["Manet"]),
        ("variance", ["variants"]),
        ("uniform", ["quniform"]),
        ("June", ["July"]),
        ("คน", ["คืน"]),
        ("precision", ["precision and recall", "precision, recall", "not precision", "recall"]),
        ("precision", ["it is not precision", "precision (recall)"]),
        ("Mexico City", ["Mexico"]),
        ("Virginia Beach", ["Beach", "Virginia"]),
        ("primary key", ["primary", "foreign key"]),
        ("Marie Curie", ["Pierre Curie"]),
        ("Lake Victoria", ["Queen Victoria"]),
        ("machine learning", ["machine", "deep learning"]),
    ],
)
def test_near_misses_stay_wrong(accepted: str, typed: list[str]) -> None:
    assert {text: verdict(make_question(accepted), text).credit for text in typed} == dict.fromkeys(
        typed, 0
    )


def test_an_exact_question_forgives_nothing() -> None:
    question = make_question("my_File", exact=True, rejected=["my_file"])
    assert verdict(question, " my_File ").rule == "exact"
    for text in ("My_File", "my File", "my_Fil", "it is my_File"):
        assert verdict(question, text).rule == "not exact"
    assert verdict(question, "my_file").rejected == question.rejected[0]


def test_what_is_rejected_is_wrong_in_whatever_dress() -> None:
    question = make_question("C++", rejected=["C", "C#"])
    for text in ("C", "c", "it is C", "the C language", "C sharp"):
        assert verdict(question, text).rule == "rejected", text
    assert verdict(question, "cpp").credit == 1
    near = make_question("log_metric", rejected=["log_metrics"])
    assert verdict(near, "mlflow.log_metrics()").rejected == near.rejected[0]
    assert verdict(near, "log_metrik").credit == 1


def test_a_term_of_the_pack_is_that_term_and_not_a_slip() -> None:
    question = make_question("uniform")
    assert verdict(question, "uniforn").rule == "slip"
    assert verdict(question, "uniforn", frozenset({"uniforn"})).rule == "other term"


def test_a_method_of_another_object_is_another_method() -> None:
    question = make_question(
        "create_or_update", stem="Which method of `ml_client.environments` does it?"
    )
    for text in ("create_or_update(env)", "ml_client.environments.create_or_update(env)"):
        assert verdict(question, text).credit == 1, text
    assert verdict(question, "ml_client.models.create_or_update()").rule == "other path"


def test_one_and_many_of_a_thing_are_two_terms_only_side_by_side() -> None:
    def terms(*options: str) -> frozenset[str]:
        pack = small_pack()
        first, *rest = pack.questions
        single = first.model_copy(
            update={
                "options": [
                    option.model_copy(update={"text": text})
                    for option, text in zip(first.options, options, strict=True)  # type: ignore[union-attr]
                ]
            }
        )
        short = make_question("endpoints").model_copy(update={"topic": "alpha"})
        return IndexedPack(pack.model_copy(update={"questions": [single, short, *rest]})).terms

    elsewhere = terms("endpoint", "log_metric", "job", "log_metrics")
    assert "endpoint" not in elsewhere
    assert elsewhere >= {"job", "logmetric", "logmetrics"}
    assert terms("endpoint", "endpoints", "job", "key") >= {"endpoint", "endpoints"}


def test_the_spelling_is_told_after_a_slip_or_without_accents_only() -> None:
    question = make_question("hyperparameter", "José")
    for text, spelled in {
        "hyperparamter": "hyperparameter",
        "hyper‑paramaters": "hyperparameter",
        "Jose": "José",
        "Hyper-Parameter": "",
        "the hyperparameters": "",
    }.items():
        assert kind_of(question).find_spelling(question, text) == spelled


def test_every_rule_has_its_reason() -> None:
    rules = {
        verdict(make_question("C++", "batch endpoint", rejected=["C"]), text).rule
        for text in ("C++", "c++", "C", "not C++", "batch endpiont", "batch endpoints", "zebra")
    }
    assert rules == {"exact", "same", "rejected", "denial", "slip", "variant", "different"}
    assert all(reason.endswith(".") for reason in RULES.values())


@pytest.mark.parametrize(
    ("question", "typed", "rule"),
    [
        (make_number(250, unit="ms", tolerance=5), "250", "number"),
        (make_number(250, unit="ms", tolerance=5), "0.25 s", "number"),
        (make_number(250, unit="ms", tolerance=5), "it's about 250", "number"),
        (make_number(250, unit="ms", tolerance=5), "less than 250", "no number"),
        (make_number(250, unit="ms", tolerance=5), "I think 247 milliseconds", "near"),
        (make_number(250, unit="ms", tolerance=5), "256 ms", "off"),
        (make_number(250, unit="ms", tolerance=5), "250 MB", "unit"),
        (make_number(250, unit="ms"), "250.1", "off"),
        (make_number(0.1), "1/10", "number"),
        (make_number(0.05), "5%", "number"),
        (make_number(5, unit="%"), "5 percent", "number"),
        (make_number(5, unit="%"), "5", "number"),
        (make_number(-273.15, relative_tolerance=0.01), "minus 273", "near"),
        (make_number(-273.15, relative_tolerance=0.01), "273", "off"),
        (make_number(3, unit="nodes", unit_synonyms=["machines"]), "three machines", "number"),
        (make_number(3, unit="nodes", unit_synonyms=["machines"]), "1 node", "off"),
        (make_number(3, unit="nodes"), "3 GB", "unit"),
        (make_number(3), "3 GB", "unit"),
        (make_number(6.02e23, relative_tolerance=0.01), "6.022 x 10^23", "near"),
        (make_number(1000), "1,000", "number"),
        (make_number(3), "3 or 4", "no number"),
        (make_number(3), "v3", "no number"),
    ],
)
def test_a_number_is_right_within_its_tolerance_and_in_any_unit_of_its_kind(
    question: Numeric, typed: str, rule: str
) -> None:
    assert NUMERIC.judge(question, typed, NONE).rule == rule


def test_a_number_is_told_with_its_unit_and_tolerance() -> None:
    assert NUMERIC.format_key(make_number(250, unit="ms", tolerance=5), ()) == ("250 ms (± 5)",)
    assert NUMERIC.format_key(make_number(0.1, relative_tolerance=0.02), ()) == ("0.1 (± 2%)",)
    assert NUMERIC.format_key(make_number(1e15), ()) == ("1000000000000000",)
    assert NUMERIC.explain_mistakes(make_number(3, unit="GB"), (), "3 km") == (
        "The answer is in GB.",
    )
    assert NUMERIC.explain_mistakes(make_number(3), (), "3 km") == ("The answer has no unit.",)
    assert NUMERIC.explain_mistakes(make_number(3), (), "4") == ()


texts = st.text(min_size=1, max_size=30).filter(
    lambda text: text.strip() == text and text.isprintable()
)
terms_ = st.one_of(
    texts,
    st.lists(
        st.sampled_from(
            ["log", "metric", "Set", "C++", "10", "GB", "(s)", "the", "a", "II", "É", "&"]
        ),
        min_size=1,
        max_size=4,
    ).map(" ".join),
)


@given(terms_, st.lists(texts, max_size=2))
def test_an_accepted_text_typed_as_it_stands_is_right(term: str, rejected: list[str]) -> None:
    assume(canonicalize(term))
    known = [text for text in rejected if text.casefold() != term.casefold()]
    assume(len({text.casefold() for text in known}) == len(known))
    assert judge(make_question(term, rejected=known), term, NONE).credit == 1


@given(terms_, terms_, st.sampled_from(["{}", "it is {}", "the {}", "{}.", " {} ", "`{}`"]))
def test_nothing_accepted_says_what_is_rejected(term: str, wrong: str, dress: str) -> None:
    assume(term.casefold() != wrong.casefold())
    question = make_question(term, rejected=[wrong])
    typed = dress.format(wrong)
    found = judge(question, typed, NONE)
    if found.credit == 1:
        assert found.rule == "exact" or not are_equivalent(typed, wrong)


@given(st.floats(-1e9, 1e9), st.sampled_from(["{}", "{} ms", "it's {}", "{}ms"]))
def test_a_number_as_a_question_has_it_is_right(value: float, dress: str) -> None:
    question = make_number(value, unit="ms")
    assert (
        NUMERIC.grade(question, dress.format(NUMERIC.format_key(question, ())[0].split()[0]), NONE)
        == 1
    )
