"""Questions as they were asked, on every kind of store, and in databases of earlier versions."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from bot.engine.asked import find_asked, keep_current, take_question, write_document
from bot.engine.events import Channel, Member
from bot.engine.library import IndexedPack, Library
from bot.engine.ports import Store
from bot.engine.rounds import NewRound, QuestionVersion
from storage.opening import open_database
from storage.store import SqlStore
from tests.samples import START, questions_about, small_pack
from tests.storage.steps import ANN

FORMER = Path(__file__).parents[1] / "data" / "former_version.sql"
"""A SQLite database of the version before questions were kept, written by that version: Ann has
posed a question in `talk`, and Bob is in a drill with an answer, a card and a report."""

BOB = Member("terminal", "local", "bob")
TALK = Channel("terminal", "local", "talk")


async def test_a_version_is_kept_once_with_its_latest_document(any_store: Store) -> None:
    for document in ("{}", "", '{"title": "New"}'):
        new = [NewRound("q1", "v1", (), document), NewRound("q2", "v1", (), document)]
        await any_store.drills.start(ANN, "Ann", "p", "", new, START)
    assert await any_store.questions.list_unknown() == []
    drill = await any_store.drills.get(3, ANN)
    assert drill
    assert [round_.document for round_, _ in drill.steps] == ['{"title": "New"}'] * 2
    view = await any_store.answers.view(drill.steps[0][0].id, ANN)
    assert view
    assert view.round.document == '{"title": "New"}'


async def test_what_is_not_known_can_be_kept_later(any_store: Store) -> None:
    await any_store.drills.start(ANN, "Ann", "p", "", [NewRound("q1", "v1", ())], START)
    unknown = QuestionVersion("p", "q1", "v1")
    assert await any_store.questions.list_unknown() == [unknown]
    await any_store.questions.keep({unknown: "{}"})
    assert await any_store.questions.list_unknown() == []
    drill = await any_store.drills.get(1, ANN)
    assert drill
    assert drill.steps[0][0].document == "{}"


async def test_rounds_reports_and_cards_of_the_former_version_still_resolve(
    tmp_path: Path,
) -> None:
    file = tmp_path / "former.db"
    with closing(sqlite3.connect(file)) as former:
        former.executescript(FORMER.read_text())
    pack = IndexedPack(small_pack())
    store = SqlStore(open_database(f"sqlite:///{file}"))
    try:
        named = await store.questions.list_unknown()
        assert len(named) == 4
        await keep_current(Library([small_pack()]), store.questions)
        assert await store.questions.list_unknown() == []
        # Whatever happens to the pack from now on.
        post = await store.posts.live_in(TALK)
        assert post
        asked = find_asked(post.round)
        assert asked == take_question(pack, pack.questions[post.round.question])
        drill = await store.drills.get(1, BOB)
        assert drill
        for round_, _ in drill.steps:
            assert find_asked(round_) == take_question(pack, pack.questions[round_.question])
        (report,) = await store.reports.all()
        with store.database.engine.connect() as connection:
            kept = connection.scalar(
                text("SELECT document FROM question_version WHERE question = :q"),
                {"q": report.question},
            )
        assert kept == write_document(pack, pack.questions[report.question])
        (card,) = (await store.cards.of(BOB, "sample")).values()
        assert card.question in pack.questions
    finally:
        await store.close()


async def test_a_pack_that_changed_before_the_upgrade_is_not_taken_for_what_was_asked(
    tmp_path: Path,
) -> None:
    file = tmp_path / "former.db"
    with closing(sqlite3.connect(file)) as former:
        former.executescript(FORMER.read_text())
    edited = [
        each | {"stem": "Something else?"}
        for topic in ("alpha", "beta")
        for each in questions_about(topic)
    ]
    store = SqlStore(open_database(f"sqlite:///{file}"))
    try:
        await keep_current(Library([small_pack(questions=edited)]), store.questions)
        post = await store.posts.live_in(TALK)
        assert post
        assert find_asked(post.round) is None
        assert len(await store.questions.list_unknown()) == 4
    finally:
        await store.close()
