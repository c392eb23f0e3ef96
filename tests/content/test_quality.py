"""The quality check finds what makes a valid pack guessable, repetitive or incomplete."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

import pytest

from content.model import (
    Chapter,
    Matching,
    MultipleChoice,
    Note,
    Numeric,
    Option,
    Ordering,
    Pack,
    Question,
    RejectedAnswer,
    ShortAnswer,
    SingleChoice,
    Topic,
    TrueFalse,
    Unit,
)
from content.quality import CHECKS, WAIVABLE, Finding, examine
from content.quality.guessing import chi_square_tail, specificity, uniformity

LINK = "https://learn.example.org/clusters"


def options(key: str, *wrong: str, at: int = 0) -> list[Option]:
    """The key among wrong options, each with its reason."""
    made = [Option(text=text, why=f"This would be {text}, used elsewhere.") for text in wrong]
    return [*made[:at], Option(text=key, correct=True), *made[at:]]


def base(name: str, stem: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "topic": "clusters",
        "notes": ["clusters-n1"],
        "level": "apply",
        "difficulty": 3,
        "stem": stem,
        "rationale": f"The notes explain it for {name}.",
        **more,
    }


def single(name: str, stem: str, choices: list[Option], **more: Any) -> SingleChoice:
    return SingleChoice(kind="single", options=choices, **base(name, stem, **more))


def multiple(name: str, stem: str, choices: list[Option], **more: Any) -> MultipleChoice:
    return MultipleChoice(kind="multiple", options=choices, **base(name, stem, **more))


def statement(name: str, stem: str, answer: bool, **more: Any) -> TrueFalse:
    why = f"It tempts those who mix {name} up."
    return TrueFalse(kind="true_false", answer=answer, why=why, **base(name, stem, **more))


def typed(name: str, stem: str, *accepted: str, **more: Any) -> ShortAnswer:
    return ShortAnswer(kind="short_answer", accepted=list(accepted), **base(name, stem, **more))


GOOD: tuple[Question, ...] = (
    single(
        "scale",
        "A cluster bills a team through the night although no job runs. Which value lets it rest?",
        options("Zero as minimum", "Four as maximum", "Ten as priority", "One as replicas"),
    ),
    single(
        "restart",
        "Which setting helps if an endpoint does not answer after a restart?",
        options("liveness", "timeouts", "replicas", "priority", at=1),
    ),
    single(
        "choice",
        "Which setting restricts a user to machines that are not shared?",
        options("Only her own", "Any that is up", "None at night", "All that rest", at=2),
    ),
    multiple(
        "kinds",
        "Which of these run training jobs in a workspace? Choose two.",
        [*options("clusters", "registry", "key vault"), Option(text="instances", correct=True)],
    ),
    statement("billing", "A stopped virtual machine keeps its disk, and that is billed.", True),
    statement("sharing", "One compute instance serves several people at once.", False),
    Ordering(
        kind="ordering",
        items=["plan", "build", "ship"],
        **base("release", "Put the phases of a release into order."),
    ),
    Matching(
        kind="matching",
        pairs=[["`fit()`", "trains"], ["`predict()`", "applies"], ["`score()`", "judges"]],
        **base("methods", "Match each method of an estimator with what it does."),
    ),
    typed(
        "class",
        "Which class of the SDK describes a pool of machines that grows on demand?",
        "AmlCompute",
        notes=["clusters-n2", "clusters-n3", "clusters-n4"],
        rejected=[
            RejectedAnswer(text="ComputeInstance", why="That is one machine for one user."),
            RejectedAnswer(text="compute instance", why="That is one machine for one user."),
        ],
    ),
)


def topic(name: str = "clusters", notes: int = 4, url: str | None = LINK) -> Topic:
    facts = [Note(id=f"{name}-n{n}", text=f"Fact {n}.") for n in range(1, notes + 1)]
    return Topic(id=name, title=name, url=url, notes=facts)


def chapter(name: str, *topics: Topic) -> Chapter:
    unit = Unit(id=f"{name}-unit", title="Unit", topics=list(topics))
    return Chapter(id=name, title=name.capitalize(), weight=50.0, units=[unit])


def pack(
    questions: Iterable[Question], *chapters: Chapter, drafts: bool = False, language: str = "en"
) -> Pack:
    return Pack(
        id="sample",
        title="Sample",
        exam=None,
        version="1",
        language=language,
        license="MIT",
        drafts=drafts,
        chapters=list(chapters) or [chapter("one", topic())],
        questions=list(questions),
    )


def found(check: str, *questions: Question, **more: Any) -> list[str]:
    """Ids that the check finds something in, among these questions."""
    report = examine(pack(questions, **more))
    return [finding.where for finding in report.findings if finding.check == check]


def test_a_good_pack_has_no_findings() -> None:
    report = examine(pack(GOOD))
    assert report.findings == ()
    assert report.ok


def test_a_finding_makes_the_report_fail() -> None:
    assert not examine(pack(GOOD[:-1])).ok


def test_each_check_has_a_one_sentence_description() -> None:
    assert all(name.islower() and text.endswith(".") for name, text in CHECKS.items())
    assert set(CHECKS) > WAIVABLE


class TestCoverage:
    def test_a_topic_with_notes_needs_a_question(self) -> None:
        whole = pack(GOOD, chapter("one", topic(), topic("jobs", 1), topic("intro", 0)))
        where = [f.where for f in examine(whole).findings if f.check == "topic_without_questions"]
        assert where == ["jobs"]

    def test_a_note_needs_a_question(self) -> None:
        assert found("untested_note", *GOOD[:-1]) == ["clusters-n2", "clusters-n3", "clusters-n4"]

    def test_a_note_can_be_tested_from_another_chapter(self) -> None:
        away = statement("away", "Jobs run on clusters.", True, notes=["jobs-n1"])
        chapters = chapter("one", topic()), chapter("two", topic("jobs", 1))
        assert examine(pack([*GOOD, away], *chapters)).parts[2].notes_untested == ()

    def test_a_rich_topic_needs_six_questions(self) -> None:
        assert found("thin_topic", *GOOD[-5:]) == ["clusters"]
        assert found("thin_topic", *GOOD[-6:]) == []

    def test_a_draft_covers_nothing_until_the_pack_asks_drafts(self) -> None:
        drafts = [question.model_copy(update={"draft": True}) for question in GOOD]
        assert found("topic_without_questions", *drafts) == ["clusters"]
        assert found("topic_without_questions", *drafts, drafts=True) == []

    @pytest.mark.parametrize(
        "url", ["https://learn", "http://", "https://a..org", "ftp://a.org", "https://a.org/x\ty"]
    )
    def test_a_link_is_a_complete_web_address(self, url: str) -> None:
        odd = topic().model_copy(update={"url": url})
        (finding,) = examine(pack(GOOD, chapter("one", odd))).findings
        assert (finding.check, finding.where) == ("topic_link", "clusters")

    def test_a_link_is_missing_only_if_most_topics_have_one(self) -> None:
        bare, linked = topic("intro", 0, None), topic("about", 0)
        few = examine(pack(GOOD, chapter("one", topic(), bare)))
        most = examine(pack(GOOD, chapter("one", topic(), linked, bare)))
        assert few.ok
        assert [(f.check, f.where) for f in most.findings] == [("topic_link", "intro")]


def quiz(count: int, key: str, *wrong: str, stem: str = "What holds?") -> list[SingleChoice]:
    """Questions with the key at each position in turn."""
    size = len(wrong) + 1
    return [single(f"q{n}", stem, options(key, *wrong, at=n % size)) for n in range(count)]


class TestGuessing:
    @pytest.mark.parametrize(
        ("check", "key", "wrong"),
        [
            ("longest_option", "much longer", ("short", "brief", "small")),
            ("stem_overlap", "big cluster", ("red apples", "dry stone", "old horse")),
            ("hedged_option", "may, at 3, rest", ("will surely go", "goes at once", "does go on")),
        ],
    )
    def test_a_strategy_that_pays_off_is_found_with_its_questions(
        self, check: str, key: str, wrong: tuple[str, str, str]
    ) -> None:
        telling = quiz(40, key, *wrong, stem="Which clusters?")
        report = examine(pack(telling))
        (finding,) = [f for f in report.findings if f.check == check]
        assert finding.where == "pack"
        assert "100%" in finding.message
        assert "change at least 28 of q0, q1," in finding.message

    def test_avoiding_the_longest_option_must_not_pay_off_either(self) -> None:
        (finding,) = [
            f
            for f in examine(pack(quiz(40, "tiny", "longer", "small", "brief"))).findings
            if f.check == "longest_option"
        ]
        assert "in at least 8 more" in finding.message

    def test_ties_are_shared(self) -> None:
        longest = examine(pack(quiz(8, "green", "amber", "red", "tan"))).parts[0].guesses[0]
        assert (longest.accuracy, longest.chance, longest.telling) == (0.5, 0.25, ())

    @pytest.mark.parametrize(("longest", "breached"), [(5, False), (6, False), (7, True)])
    def test_the_bound_is_five_points(self, longest: int, breached: bool) -> None:
        # 20 questions at a chance of 25%: five are right by chance, six are the bound
        mixed = quiz(20, "longest", "short", "brief", "small")[:longest]
        mixed += quiz(20, "short", "longest", "brief", "small")[longest:]
        assert bool(found("longest_option", *mixed)) is breached

    @pytest.mark.parametrize(("true", "breached"), [(5, False), (6, True), (3, False), (2, True)])
    def test_with_few_questions_one_more_is_allowed(self, true: int, breached: bool) -> None:
        asked = [statement(f"s{n}", f"Statement {n}.", n < true) for n in range(8)]
        breaches = found("always_true", *asked) + found("always_false", *asked)
        assert bool(breaches) is breached

    def test_a_constant_answer_is_one_fault(self) -> None:
        asked = [statement(f"s{n}", f"Statement {n}.", True) for n in range(30)]
        assert found("always_true", *asked) == ["pack"]
        assert found("always_false", *asked) == []

    def test_drafts_are_not_guessed_until_the_pack_asks_them(self) -> None:
        asked = [statement(f"s{n}", f"Statement {n}.", True, draft=True) for n in range(30)]
        assert found("always_true", *asked) == []
        assert found("always_true", *asked, drafts=True) == ["pack"]

    def test_a_chapter_is_also_judged_by_itself(self) -> None:
        asked = [
            statement(f"s{n}", f"Statement {n}.", n < 20, topic="clusters" if n < 20 else "jobs")
            for n in range(40)
        ]
        chapters = chapter("one", topic()), chapter("two", topic("jobs", 1))
        findings = examine(pack(asked, *chapters)).findings
        assert ("always_true", "one") in {(f.check, f.where) for f in findings}
        assert ("always_false", "two") in {(f.check, f.where) for f in findings}
        assert "pack" not in {f.where for f in findings}

    def test_specificity_counts_hedges_and_marks(self) -> None:
        assert specificity("It scales") == 0
        assert specificity("It usually scales to 10 nodes (at most), if `max_nodes=10`") == 7

    def test_keys_that_favor_a_position_are_found(self) -> None:
        asked = [single(f"q{n}", "What holds?", options("a", "b", "c", "d")) for n in range(20)]
        assert found("key_position", *asked) == ["pack"]
        assert found("key_position", *asked[:19]) == []
        assert found("key_position", *quiz(20, "a", "b", "c", "d")) == []

    def test_positions_are_counted_by_number_of_options(self) -> None:
        asked = [*quiz(8, "a", "b"), *quiz(5, "a", "b", "c")]
        places = examine(pack(asked)).parts[0].positions
        assert [(place.options, place.counts) for place in places] == [(2, (4, 4)), (3, (2, 2, 1))]

    @pytest.mark.parametrize(
        ("freedom", "critical"),
        # NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4, upper tail 0.01
        [(1, 6.635), (2, 9.210), (3, 11.345), (4, 13.277), (5, 15.086), (6, 16.812), (7, 18.475)],
    )
    def test_the_chi_square_tail_agrees_with_the_tables(
        self, freedom: int, critical: float
    ) -> None:
        assert math.isclose(chi_square_tail(critical, freedom), 0.01, rel_tol=1e-3)

    def test_even_counts_are_certain(self) -> None:
        assert uniformity([7, 7, 7]) == 1


class TestWording:
    def test_options_have_similar_lengths(self) -> None:
        lengths = options("x" * 16, "y" * 10), options("x" * 17, "y" * 10)
        assert found("option_length", *(single(f"q{len(o[0].text)}", "?", o) for o in lengths)) == [
            "q17"
        ]

    def test_multiple_choice_has_options_of_similar_lengths_too(self) -> None:
        choices = [*options("longest of all", "short"), Option(text="shorts", correct=True)]
        assert found("option_length", multiple("q", "Which?", choices)) == ["q"]

    @pytest.mark.parametrize(
        "text",
        ["All of the above", "None of these", "both of the above.", "Neither", "Both A and C"],
    )
    def test_an_option_must_not_refer_to_the_others(self, text: str) -> None:
        expected = [] if text == "Neither" else ["q"]
        assert found("forbidden_option", single("q", "Which?", options("one", text))) == expected

    @pytest.mark.parametrize("text", ["All of the above", "Both A and B", "options 1 and 3"])
    def test_a_pinned_option_that_refers_to_the_others_is_not_compared_with_them(
        self, text: str
    ) -> None:
        choices = options("a very great deal of words", "quite as many words as those", text)
        loose = single("q", "Which?", choices)
        pinned = [*choices[:-1], choices[-1].model_copy(update={"pinned": "last"})]
        fixed = single("q", "Which?", pinned)
        ids = [finding.check for finding in examine(pack([loose])).findings]
        assert "forbidden_option" in ids
        assert "option_length" in ids
        for check in ("forbidden_option", "option_length", "option_form", "absolute_words"):
            assert found(check, fixed) == []

    @pytest.mark.parametrize("text", ["Reads all of the files", "Sets all the options"])
    def test_an_option_can_say_all_of_something(self, text: str) -> None:
        assert found("forbidden_option", single("q", "Which?", options("one", text))) == []

    @pytest.mark.parametrize(
        "stem",
        [
            "A team has a cluster. Which of these is not a compute target?",
            "Which compute target can an analyst not use?",
            "Which of these statements about jobs don't hold?",
            "In a workspace, what does a Reader never see?",
            "All of these are assets except:",
            "Choose the option that is not an asset.",
        ],
    )
    def test_a_negation_in_the_question_must_be_marked(self, stem: str) -> None:
        assert found("unmarked_negation", single("q", stem, options("one", "two"))) == ["q"]

    @pytest.mark.parametrize(
        "stem",
        [
            "Which of these is NOT a compute target?",
            "A job does not start. What is the reason?",
            "Which setting makes sure that a job does not start twice?",
            "What happens to a model which is not registered?",
            "Why does the job not start?",
            "She has a tablet on which she can't install software. Which tool fits?",
            "What does `is not` compare?",
        ],
    )
    def test_a_negation_in_the_situation_is_not_in_the_question(self, stem: str) -> None:
        assert found("unmarked_negation", single("q", stem, options("one", "two"))) == []

    def test_a_statement_can_be_negative(self) -> None:
        assert (
            found("unmarked_negation", statement("s", "What is unknown is not lost.", True)) == []
        )

    def test_absolute_words_must_not_give_away_the_wrong_options(self) -> None:
        wrong_only = single("q", "When?", options("at night", "always", "every day"))
        with_key = single("r", "When?", options("only at night", "always", "every day"))
        in_code = single("s", "How?", options("`--one`", "`--all`", "`--two`"))
        assert found("absolute_words", wrong_only, with_key, in_code) == ["q"]

    @pytest.mark.parametrize(
        ("stem", "key", "wrong", "cue"),
        [
            ("To train at night you create a", "cluster", "instance", True),
            ("Training needs an ___ with a key.", "endpoint", "cluster", True),
            ("Training needs an ___ with a key.", "endpoint", "instance", False),
            ("To train at night you create a/an", "cluster", "instance", False),
            ("To connect you need a", "key", "SAS token", False),
            ("What is a cluster?", "pool", "image", False),
        ],
    )
    def test_an_article_before_the_blank_must_fit_all_options(
        self, stem: str, key: str, wrong: str, cue: bool
    ) -> None:
        assert bool(found("article_cue", single("q", stem, options(key, wrong)))) is cue

    @pytest.mark.parametrize(
        ("texts", "odd"),
        [
            (("It rests.", "It runs", "It ends"), True),
            (("To save money", "More speed", "Less noise"), True),
            (("By adding nodes", "More memory", "Less noise"), True),
            (("a cluster", "An image", "The key"), True),
            (("It rests.", "It runs.", "It ends."), False),
            (("To the default store", "More speed", "Less noise"), False),
            (("By signing in", "With a key", "Through a proxy"), False),
            (("random", "Sobol", "Bayesian"), False),
            (("`fit`", "Pipelines", "Jobs"), False),
            (("scikit-learn", "PyTorch", "TensorFlow"), False),
        ],
    )
    def test_options_must_start_and_end_alike(self, texts: tuple[str, str, str], odd: bool) -> None:
        assert bool(found("option_form", single("q", "Which?", options(*texts)))) is odd

    @pytest.mark.parametrize(
        ("told", "wrong"), [("Choose two.", False), ("Select 3.", True), ("Which?", False)]
    )
    def test_the_number_of_right_options_must_match_the_stem(self, told: str, wrong: bool) -> None:
        choices = [*options("one", "two"), Option(text="ten", correct=True)]
        assert bool(found("choose_count", multiple("q", f"Which? {told}", choices))) is wrong

    @pytest.mark.parametrize("text", ["It is.", "A `cluster` that rests"])
    def test_a_reason_must_say_more_than_what_it_explains(self, text: str) -> None:
        choices = [Option(text="key", correct=True), Option(text="A cluster that rests", why=text)]
        assert found("missing_rationale", single("q", "Which?", choices)) == ["q"]

    def test_english_words_are_ignored_in_other_languages(self) -> None:
        choices = options("jetzt", "any", "only")
        assert found("absolute_words", single("q", "Wann?", choices), language="de") == []


class TestRepetition:
    def test_similar_stems_are_found_in_any_word_order(self) -> None:
        first = single("q", "Which cluster trains models at night?", options("one", "two"))
        again = single("r", "At night, which cluster trains models?", options("ten", "six"))
        other = single("s", "Which endpoint answers requests by day?", options("red", "tan"))
        assert found("near_duplicate", first, again, other) == ["r"]

    @pytest.mark.parametrize("question", [GOOD[0], GOOD[3], GOOD[6], GOOD[7]])
    def test_a_question_with_another_id_is_a_duplicate(self, question: Question) -> None:
        again = question.model_copy(update={"id": "again", "stem": "Something else is asked?"})
        assert found("same_answers", *GOOD, again) == ["again"]

    def test_the_same_options_with_another_key_are_another_question(self) -> None:
        first = single("q", "Which one rests?", options("one", "two", "ten"))
        other = single("r", "Which one runs?", options("two", "one", "ten"))
        assert found("same_answers", first, other) == []

    def test_a_reason_must_not_repeat_within_a_question(self) -> None:
        wrong = [Option(text=text, why="That one is slow.") for text in ("one", "two")]
        choices = [Option(text="ten", correct=True), *wrong]
        assert found("repeated_rationale", single("q", "Which?", choices)) == ["q"]

    def test_a_reason_must_differ_from_the_rationale(self) -> None:
        asked = statement("s", "Clusters rest.", True)
        twice = asked.model_copy(update={"rationale": asked.why.upper()})
        assert found("repeated_rationale", twice) == ["s"]

    def test_a_reason_must_not_repeat_within_the_pack(self) -> None:
        first = statement("s", "Clusters rest.", True, rationale="Idle nodes are released.")
        other = typed("t", "What is released?", "nodes", rationale="Idle nodes are released.")
        assert found("repeated_rationale", first, other) == ["t"]

    def test_a_stem_must_not_give_away_another_answer(self) -> None:
        asked = typed("q", "Which function derives the schema of sample data?", "infer_signature()")
        telling = "From sample data, `infer_signature()` derives the schema. What is it for?"
        passing = "A script calls `infer_signature()` twice. What does that cost?"
        assert found("answer_in_stem", asked, typed("r", telling, "checks")) == ["q"]
        assert found("answer_in_stem", asked, typed("r", passing, "time")) == []
        away = typed("r", telling, "checks", topic="schemas")
        assert found("answer_in_stem", asked, away) == []

    def test_drafts_are_compared_with_drafts(self) -> None:
        twin = GOOD[0].model_copy(update={"id": "twin", "draft": True})
        third = twin.model_copy(update={"id": "third"})
        assert found("near_duplicate", *GOOD, twin) == []
        assert found("near_duplicate", *GOOD, twin, third) == ["third"]


class TestWaivers:
    def question(self, **waive: str) -> SingleChoice:
        choices = options("always a long option", "short", "always")
        return single("q", "Which of these is not one?", choices, waive=waive)

    def test_a_waiver_silences_its_check_for_its_question(self) -> None:
        waived = self.question(option_length="identifiers have their own lengths")
        assert found("option_length", waived) == []
        assert found("unmarked_negation", waived) == ["q"]

    def test_a_waiver_must_name_a_check(self) -> None:
        waived = self.question(option_lenght="a slip of the pen")
        assert found("unknown_waive", waived) == ["q"]
        assert found("option_length", waived) == ["q"]

    @pytest.mark.parametrize("check", ["longest_option", "untested_note", "unknown_waive"])
    def test_a_question_cannot_waive_a_check_of_many_questions(self, check: str) -> None:
        waived = self.question(**{check: "it is so"})
        assert found("unknown_waive", waived) == ["q"]


class TestTyped:
    STEM = "Which target scales a training job to many nodes?"

    def test_an_accepted_text_that_is_empty_without_punctuation_is_found(self) -> None:
        assert found("folds_away", typed("q", self.STEM, "cluster", "\u200b")) == ["q"]
        assert found("folds_away", typed("q", self.STEM, "==", "C++", "😀")) == []

    def test_a_rejected_text_equivalent_to_an_accepted_one_is_found(self) -> None:
        def rejecting(text: str, **more: Any) -> ShortAnswer:
            wrong = RejectedAnswer(text=text, why="That is something else here.")
            return typed("q", self.STEM, "file_name", "10 GB", rejected=[wrong], **more)

        for same in ("file name", "10GB", "FileName"):
            assert found("rejected_form", rejecting(same)) == ["q"], same
        for other in ("file names", "10 MB", "10"):
            assert found("rejected_form", rejecting(other)) == [], other
        assert found("rejected_form", rejecting("file name", exact=True)) == []

    def test_an_accepted_text_that_is_a_wrong_option_on_the_same_note_is_found(self) -> None:
        choice = single("one", "Which one lets it rest?", options("minimum", "Key-Vault", "tag"))
        accepting = typed("q", self.STEM, "key vault")
        assert found("wrong_elsewhere", choice, accepting) == ["q"]
        elsewhere = accepting.model_copy(update={"notes": ["clusters-n2"]})
        assert found("wrong_elsewhere", choice, elsewhere) == []
        assert found("wrong_elsewhere", choice, typed("q", self.STEM, "minimum")) == []

    def test_a_tolerance_that_accepts_almost_anything_is_found(self) -> None:
        def number(**parts: Any) -> Numeric:
            return Numeric(kind="numeric", **parts, **base("q", "How many nodes may it have?"))

        assert found("wide_tolerance", number(value=4, tolerance=4)) == ["q"]
        assert found("wide_tolerance", number(value=4, tolerance=1)) == []
        assert found("wide_tolerance", number(value=0, tolerance=1)) == []


class TestReport:
    def test_the_whole_pack_comes_first_and_then_its_chapters(self) -> None:
        chapters = chapter("one", topic()), chapter("two", topic("jobs", 1))
        report = examine(pack([*GOOD, GOOD[4].model_copy(update={"topic": "jobs"})], *chapters))
        assert [(part.id, part.questions) for part in report.parts] == [
            ("pack", 10),
            ("one", 9),
            ("two", 1),
        ]

    def test_it_counts_topics_notes_and_questions(self) -> None:
        part = examine(pack([*GOOD, GOOD[0].model_copy(update={"draft": True})])).parts[0]
        assert (part.topics, part.notes, part.questions, part.drafts) == (1, 4, 9, 1)
        assert part.kinds["single"] == 3
        assert part.levels == {"apply": 9}
        assert part.difficulties == {"3": 9}

    def test_it_can_be_written_as_json(self) -> None:
        report = examine(pack(GOOD[:-1]))
        data = json.loads(json.dumps(report.as_dict()))
        assert data["ok"] is False
        assert data["parts"][0]["guesses"][0]["strategy"] == "longest_option"
        assert [Finding(**finding) for finding in data["findings"]] == list(report.findings)

    def test_a_pack_without_questions_has_figures(self) -> None:
        report = examine(pack([]))
        assert all(
            guess.within_bounds and guess.questions == 0 for guess in report.parts[0].guesses
        )
        assert report.parts[0].positions == ()
