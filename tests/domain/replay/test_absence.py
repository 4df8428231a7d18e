"""A complete listing ends what it does not have, in whatever order it and older records arrive."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from erstwhile.domain.events.account import SnapshotTaken
from erstwhile.domain.events.policies import ListedVersion, PolicyListed
from erstwhile.domain.events.principals import EntityListed
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import BEFORE, parse_instant
from tests.support.histories import at, attach, delete, kinds, life, policies
from tests.support.memory_log import MemoryLog
from tests.support.records import ACCOUNT, create_user

Step = Callable[[MemoryLog], None]


def told(raw: dict[str, Any]) -> Step:
    return lambda log: log.record(raw)


def said(body: Any, when: str, evidence: str) -> Step:
    return lambda log: log.append(ACCOUNT, body, parse_instant(when), evidence)


def listing(when: str, *users: str, groups: tuple[str, ...] = (), complete: bool = True) -> list[Step]:
    """A user is a name, or a name and a unique id: `eve=AIDA1`. Every user is in every group."""
    bodies: list[Any] = [SnapshotTaken(sha256="", complete=complete, baseline=True, entities=len(users))]
    bodies += [EntityListed(subject=Ref("group", name)) for name in groups]
    for user in users:
        name, _, unique_id = user.partition("=")
        bodies.append(EntityListed(subject=Ref("user", name, unique_id), groups=list(groups)))
    return [said(body, when, f"{when}{number}") for number, body in enumerate(bodies)]


def log_of(*steps: Step) -> MemoryLog:
    log = MemoryLog()
    for step in steps:
        step(log)
    return log


def lives(log: MemoryLog, kind: str = "user") -> list[tuple[Any, ...]]:
    """(unique id, from, to) of all lives of a kind that lasted."""
    return [
        (row[2], row[6], row[7]) for row in log.history() if row[1] == kind and row[3] == "entity" and row[6] < row[7]
    ]


def any_order(*steps: Step) -> MemoryLog:
    """The log of the steps; in whatever order they come, it is the same."""
    first = log_of(*steps)
    for seed in range(20):
        shuffled = list(steps)
        random.Random(seed).shuffle(shuffled)
        second = log_of(*shuffled)
        assert (second.state(), second.history()) == (first.state(), first.history()), seed
    return first


def test_one_that_older_records_name_has_ended_by_the_listing() -> None:
    log = any_order(
        *listing(at(30), "ada"), told(create_user("eve", "AIDAEVE", at(5))), told(attach("eve", "A", at(6)))
    )
    assert ("AIDAEVE", parse_instant(at(5)), parse_instant(at(30))) in lives(log)


def test_one_that_was_there_before_any_record_has_ended_too() -> None:
    log = any_order(*listing(at(30), "ada"), told(attach("eve", "A", at(6))))
    assert ("~eve", BEFORE, parse_instant(at(30))) in lives(log)


def test_one_that_the_listing_has_goes_on() -> None:
    log = any_order(*listing(at(30), "eve=AIDAEVE"), told(create_user("eve", "AIDAEVE", at(5))))
    assert log.engine.directory.named(ACCOUNT, "user", "eve") is not None


def test_a_listing_that_is_not_complete_ends_nobody() -> None:
    log = any_order(*listing(at(30), "ada", complete=False), told(create_user("eve", "AIDAEVE", at(5))))
    assert log.engine.directory.named(ACCOUNT, "user", "eve") is not None


def test_one_of_whom_later_records_tell_began_after_the_listing() -> None:
    log = any_order(*listing(at(30), "ada"), told(attach("eve", "A", at(40))))
    [(_, begin, _)] = [life for life in lives(log) if life[0].startswith("~eve")]
    assert begin == parse_instant(at(40))


def test_a_name_that_was_used_again() -> None:
    log = any_order(
        *listing(at(30), "eve=AIDA2"),
        *listing(at(50), "ada"),
        told(create_user("eve", "AIDA1", at(5))),
        told(create_user("eve", "AIDA3", at(60))),
    )
    assert [life for life in lives(log) if life[0] != "~ada" and "ada" not in life[0]] == [
        ("AIDA1", parse_instant(at(5)), parse_instant(at(30))),
        ("AIDA2", parse_instant(at(30)), parse_instant(at(50))),
        ("AIDA3", parse_instant(at(60)), lives(log)[-1][2]),
    ]


def test_one_that_came_in_the_instant_of_the_listing_may_have_come_after_it() -> None:
    log = any_order(*listing(at(30), "ada"), told(create_user("eve", "AIDAEVE", at(30))))
    assert log.engine.directory.named(ACCOUNT, "user", "eve") is not None


def test_one_that_was_deleted_in_the_instant_of_the_listing_is_gone() -> None:
    log = any_order(*listing(at(30), "ada"), told(create_user("eve", "AIDA1", at(5))), told(delete("eve", at(30))))
    assert log.engine.directory.named(ACCOUNT, "user", "eve") is None


def test_a_policy_and_the_group_of_listed_users() -> None:
    policy = PolicyListed(
        subject=Ref("policy", "kept"), arn="", default_version="v1", versions=[ListedVersion("v1", None)]
    )
    log = any_order(
        *listing(at(30), "eve", groups=("team",)),
        said(policy, at(30), "policy"),
        told(life("join", "eve", "ops", at(5), 1)),
        told(life("join", "eve", "team", at(6), 2)),
        told(attach("eve", "A", at(7))),
    )
    directory = log.engine.directory
    eve = directory.named(ACCOUNT, "user", "eve")
    assert eve is not None and list(eve.group_ids) == ["~team"]
    assert directory.named(ACCOUNT, "group", "ops") is None
    assert directory.named(ACCOUNT, "group", "team") is not None
    assert directory.named(ACCOUNT, "policy", "kept") is not None


two = st.lists(st.sampled_from(["eve", "bob"]), unique=True)
moment = st.integers(0, 12).map(at)
lists = st.lists(st.tuples(moment, two, two, st.booleans()), max_size=3, unique_by=lambda each: each[0])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(kinds, st.sampled_from(["eve", "bob"]), policies, moment), max_size=10),
    lists,
    st.randoms(use_true_random=False),
)
@example(steps=[("attach", "eve", "A", at(3))], listings=[(at(5), ["bob"], [], True)], chance=random.Random(1))
def test_the_directory_does_not_depend_on_when_a_listing_arrives(
    steps: list[Any], listings: list[Any], chance: random.Random
) -> None:
    every = [
        told(life(kind, name, policy, when, number)) for number, (kind, name, policy, when) in enumerate(steps)
    ] + [
        step
        for when, users, groups, complete in listings
        for step in listing(when, *users, groups=tuple(groups), complete=complete)
    ]
    first = log_of(*every)
    shuffled = list(every)
    chance.shuffle(shuffled)
    second = log_of(*shuffled)
    assert second.state() == first.state()
    assert second.history() == first.history()
