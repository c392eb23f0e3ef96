"""Finding topics by words, aliases, asks and identifiers, despite typos, or not at all."""

from __future__ import annotations

import pytest

from bot.engine.search import Index
from content.model import Pack
from tests.samples import small_pack

TOPICS = {
    "cluster": {
        "title": "Create a compute cluster",
        "aliases": ["AmlCompute"],
        "asks": ["run training on many machines"],
        "notes": ["A cluster scales up to `max_instances` nodes."],
    },
    "instance": {
        "title": "Create a compute instance",
        "aliases": ["notebook vm"],
        "asks": ["a dev box for one person"],
        "notes": ["An instance can be stopped when idle."],
    },
    "sweep": {
        "title": "Tune hyperparameters with a sweep job",
        "aliases": ["hpo"],
        "asks": ["find the best learning rate"],
        "notes": ["A sweep job tries values from a search space."],
    },
    "batch": {
        "title": "Batch endpoints",
        "aliases": ["BatchEndpoint"],
        "asks": ["score files overnight"],
        "notes": ["A batch endpoint scores many cases at once."],
    },
}


def pack() -> Pack:
    topics = [
        {
            "id": id_,
            "title": topic["title"],
            "aliases": topic["aliases"],
            "asks": topic["asks"],
            "notes": [
                {"id": f"{id_}-n{n}", "text": text} for n, text in enumerate(topic["notes"], 1)
            ],
        }
        for id_, topic in TOPICS.items()
    ]
    chapter = {"id": "one", "title": "One", "weight": 1.0}
    return small_pack(
        chapters=[{**chapter, "units": [{"id": "u", "title": "Unit", "topics": topics}]}],
        questions=[],
    )


INDEX = Index(pack())


@pytest.mark.parametrize(
    ("query", "topic"),
    [
        ("compute cluster", "cluster"),
        ("cluster compute", "cluster"),
        ("how do I create a compute instance?", "instance"),
        ("max_instances", "cluster"),
        ("amlcompute", "cluster"),
        ("aml compute", "cluster"),
        ("hpo", "sweep"),
        ("hyperparamters tuning", "sweep"),
        ("scoring files overnight", "batch"),
        ("best learning rates", "sweep"),
        ("BATCH ENDPOINTS", "batch"),
    ],
)
def test_a_topic_is_found_by_what_a_learner_types(query: str, topic: str) -> None:
    assert INDEX.search(query)[0].topic == topic


@pytest.mark.parametrize(
    "query", ["", "  ", "the", "how do I bake bread", "kubernetes tls certificate", "?!", "xqzt"]
)
def test_what_is_not_in_the_pack_is_not_answered(query: str) -> None:
    assert INDEX.search(query) == []


def test_a_comparison_finds_both() -> None:
    found = [hit.topic for hit in INDEX.search("compute instance or compute cluster")]
    assert set(found[:2]) == {"instance", "cluster"}


def test_better_hits_come_first_with_higher_scores() -> None:
    scores = [hit.score for hit in INDEX.search("compute cluster")]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1] > 0


def test_related_topics_are_others_that_share_words() -> None:
    assert INDEX.related("cluster")[0] == "instance"
    assert "cluster" not in INDEX.related("cluster")


def test_the_nearest_titles_are_there_even_for_nonsense() -> None:
    assert len(INDEX.nearest_titles("xqzt")) == 3


def test_a_half_typed_text_is_completed_best_first() -> None:
    assert INDEX.complete("clus")[0] == "cluster"
    assert INDEX.complete("hpo") == ["sweep"]
    assert INDEX.complete("", limit=2) == ["cluster", "instance"]
