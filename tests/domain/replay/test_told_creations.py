"""A listing tells when each entity was created: nobody bore its name before, in whatever order all became known."""

from __future__ import annotations

import random
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.events import Body
from erstwhile.domain.events.account import SnapshotTaken
from erstwhile.domain.events.policies import ListedVersion, PolicyListed
from erstwhile.domain.events.principals import EntityListed, PrincipalSeen, UserCreated
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.questions.who_can import who_can
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import BEFORE, format_instant
from tests.support.documents import ALLOW
from tests.support.examples import examples
from tests.support.memory_log import MemoryLog
from tests.support.records import ACCOUNT
from tests.support.stories import (
    Told,
    arn,
    attached,
    created,
    deleted,
    group,
    history_of,
    joined,
    log_of_story,
    policy,
    renamed,
    second,
    tell,
    user,
)

ADA, TEAM = user("ada"), group("team")


def listed(who: Ref, at: float | None = 10, **more: object) -> Body:
    date = "" if at is None else format_instant(second(at))
    own = arn(f"{who.kind}/{who.name}")
    return EntityListed(subject=who, arn=own, created_at=date, **more)  # type: ignore[arg-type]


def begun(history: IntervalHistory, who: Ref = ADA) -> list[float]:
    """Since when it is there, in seconds after noon, by its first row and by what it says; -1 for since before."""
    rows = [row for row in history.intervals_of((ACCOUNT, who.kind, who.id)) if row.attribute == "entity"]
    entity = directory_at(history, second(100)).get(ACCOUNT, who.kind, who.id)
    assert entity is not None and entity.begun is not None
    found = (min(row.valid_from for row in rows), entity.begun)
    return [-1 if at == BEFORE else (at - second(0)).total_seconds() for at in found]


def told(*events: Told) -> list[IntervalHistory]:
    """The histories of all orders in which they may become known."""
    return [history_of(log_of_story(*each)) for each in permutations(events)]


def test_nobody_is_there_before_the_date() -> None:
    for history in told((50, listed(ADA))):
        assert begun(history) == [10, 10]
        before, after = directory_at(history, second(9)), directory_at(history, second(10))
        assert [directory.named(ACCOUNT, "user", "ada") is not None for directory in (before, after)] == [False, True]
        found = [
            who_can(each, "s3:GetObject", "arn:aws:s3:::b/a", resource_account=ACCOUNT) for each in (before, after)
        ]
        assert [[each.principal for each in one.unknown] for one in found] == [[], [arn("user/ada")]]


@pytest.mark.parametrize("who", [ADA, Ref("user", "ada")])
def test_what_records_tell_before_the_listing_is_of_the_same(who: Ref) -> None:
    seen = PrincipalSeen(principal=who, arn=arn("user/ada"))
    for history in told((50, listed(ADA)), (20, seen), (30, attached(who, arn("policy/P")))):
        assert begun(history) == [10, 10]
        assert list(directory_at(history, second(31)).at((ACCOUNT, "user", ADA.id)).attached_policies) == [
            arn("policy/P")
        ]


def test_records_that_contradict_the_date_count() -> None:
    for history in told((50, listed(ADA, 40)), (20, attached(ADA, arn("policy/P"))), (60, listed(ADA, 40))):
        assert begun(history) == [-1, -1]
    for history in told((50, listed(ADA, 60))):
        assert begun(history) == [-1, -1]


def test_a_creation_on_record_is_the_begin() -> None:
    for history in told((50, listed(ADA, 10)), (10, created(ADA)), (20, attached(ADA, arn("policy/P")))):
        assert begun(history) == [10, 10]
        assert directory_at(history, second(60)).at((ACCOUNT, "user", ADA.id)).is_creation_known


def test_a_date_alone_tells_of_nothing_that_it_had() -> None:
    [history] = told((50, listed(ADA, 10)))
    assert not directory_at(history, second(60)).at((ACCOUNT, "user", ADA.id)).is_creation_known


def test_a_name_that_an_earlier_listing_lacked_is_borne_since_the_date() -> None:
    first = SnapshotTaken(complete=True, sha256="", baseline=True, entities=0)
    for history in told((5, first), (50, listed(ADA, 10)), (20, attached(Ref("user", "ada"), arn("policy/P")))):
        assert begun(history) == [10, 10]


def test_whom_a_complete_listing_lacked_after_the_date_is_there_since_the_next() -> None:
    """One of the instants is wrong: what is known of the listing at its own counts."""
    first = SnapshotTaken(complete=True, sha256="", baseline=True, entities=0)
    for history in told((20, first), (50, listed(ADA, 10)), (60, attached(ADA, arn("policy/P")))):
        assert begun(history) == [50, 50]


def test_an_earlier_one_of_the_name_ended_by_the_date() -> None:
    """Though it had the name until the listing, as far as records tell."""
    later = Ref("user", "ada", "AIDALATER")
    for history in told(
        (0, created(ADA)), (50, listed(later, 30)), (40, attached(Ref("user", "ada"), arn("policy/P")))
    ):
        assert begun(history, later) == [30, 30]
        [row] = [each for each in history.intervals_of((ACCOUNT, "user", ADA.id)) if each.attribute == "entity"]
        assert row.valid_to == second(30)
        assert list(directory_at(history, second(41)).at((ACCOUNT, "user", later.id)).attached_policies) == [
            arn("policy/P")
        ]


def test_what_was_seen_to_be_deleted_meanwhile_was_another() -> None:
    for history in told(
        (50, listed(ADA, 10)), (30, deleted(Ref("user", "ada"))), (5, attached(Ref("user", "ada"), "x"))
    ):
        assert begun(history) == [50, 50]


def test_another_that_acts_under_the_name_meanwhile_is_not_ended() -> None:
    """It was called otherwise then."""
    other = Ref("user", "ada", "AIDAOTHER")
    seen = PrincipalSeen(principal=other, arn=arn("user/ada"))
    for history in told((5, seen), (50, listed(ADA, 10)), (30, attached(other, arn("policy/P")))):
        assert begun(history) == [50, 50]
        assert directory_at(history, second(31)).at((ACCOUNT, "user", other.id)).exists


def test_a_creation_that_a_listing_tells_beside_it_is_none_on_record() -> None:
    """Whoever is new in a listing is drift: an event of that listing, at its instant."""
    log = MemoryLog()
    tell(log, (5, SnapshotTaken(complete=True, sha256="", baseline=True, entities=0)))
    drift = UserCreated(subject=ADA, arn=arn("user/ada"), created_at=format_instant(second(10)))
    log.append(ACCOUNT, drift, second(50), source="snapshot")
    tell(log, (50, listed(ADA, 10)))
    history = history_of(log)
    assert begun(history) == [10, 10]
    ada = directory_at(history, second(60)).at((ACCOUNT, "user", ADA.id))
    assert not ada.is_creation_known and ada.is_covered


def test_groups_and_their_members() -> None:
    for history in told(
        (50, listed(TEAM, 5)), (20, joined(ADA, Ref("group", "team"))), (60, listed(ADA, 10, groups=["team"]))
    ):
        assert begun(history, TEAM) == [5, 5]
        assert begun(history) == [10, 10]
        assert directory_at(history, second(30)).at((ACCOUNT, "user", ADA.id)).group_ids.keys() == {TEAM.id}


def test_renamed_before_the_listing() -> None:
    """Until then it was called so as the first record tells."""
    bob = Ref("user", "bob", ADA.id)
    for history in told((50, listed(bob, 10)), (20, renamed(ADA, "bob")), (15, attached(ADA, arn("policy/P")))):
        assert begun(history, bob) == [10, 10]
        names = [directory_at(history, second(at)).at((ACCOUNT, "user", ADA.id)).name for at in (12, 30)]
        assert names == ["ada", "bob"]


def test_whoever_had_the_name_when_a_listing_shows_another_with_it_has_ended() -> None:
    """Of two with one name, nobody could tell whom a record means."""
    ada = Ref("user", "ada")
    for history in told((50, listed(ADA, 10)), (20, renamed(ada, "bob")), (30, attached(ada, arn("policy/P")))):
        named = [directory_at(history, second(at)).named(ACCOUNT, "user", "ada") for at in (15, 40, 60)]
        assert [each and each.id[:5] for each in named] == ["AIDAA", "~ada@", "AIDAA"]
        there = [row for row in history.with_attribute("entity") if row.valid_from <= second(60) < row.valid_to]
        assert [row.entity for row in there if row.kind == "user"] == [ADA.id]


def test_policies() -> None:
    ref = Ref("policy", "P", "ANPAP1")
    shown = PolicyListed(
        subject=ref, arn=arn("policy/P"), default_version="v1", versions=[ListedVersion("v1", ALLOW)],
        created_at=format_instant(second(10)),
    )  # fmt: skip
    for history in told((50, shown), (20, attached(ADA, arn("policy/P"))), (15, created(ADA))):
        assert begun(history, ref) == [10, 10]
    for history in told((50, shown), (10, policy("P", ALLOW))):
        assert begun(history, ref) == [10, 10]


KINDS = ("create", "delete", "attach", "seen", "list", "list", "complete", "join", "team")


def _event(kind: str, name: str, number: int, at: int, date: int, is_named: bool) -> Body:
    who = Ref("user", name, "" if is_named else f"AIDA{name.upper()}{number}")
    if kind == "complete":
        return SnapshotTaken(complete=True, sha256="", baseline=False, entities=0)
    if kind == "list":
        return listed(Ref("user", name, f"AIDA{name.upper()}{number}"), None if date > 30 else date)
    if kind == "team":
        return listed(Ref("group", "team", f"AGPA{number}"), None if date > 30 else date)
    if kind == "join":
        return joined(who, Ref("group", "team"))
    if kind == "rename":
        return renamed(who, "bob" if name == "ada" else "ada")
    if kind == "seen":
        return PrincipalSeen(principal=who, arn=arn(f"user/{name}"))
    if kind == "attach":
        return attached(who, arn(f"policy/P{at}"))
    return created(who) if kind == "create" else deleted(who)


@settings(max_examples=examples(4_000, each_run=150), deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(KINDS), st.sampled_from(("ada", "bob")), st.integers(1, 2), st.integers(0, 30),
            st.integers(-5, 40), st.booleans(),
        ),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_the_order_of_arrival_does_not_matter(steps: list[Any], chance: random.Random) -> None:
    story: list[tuple[int, Told]] = [
        (order, (at, _event(kind, name, number, at, date, is_named)))
        for order, (kind, name, number, at, date, is_named) in enumerate(steps)
    ]
    logs = []
    for several in (story, chance.sample(story, len(story))):
        log = MemoryLog()
        for order, event in several:
            tell(log, event, f"{order:03}")
        logs.append(log)
    assert logs[0].state() == logs[1].state()
    assert logs[0].history() == logs[1].history()
    assert begun_by(logs[0]) == begun_by(logs[1])


def begun_by(log: MemoryLog) -> list[tuple[object, ...]]:
    """The beginnings of all facts, with what tells of each."""
    return sorted((*row[:5], row.valid_from, log.events[row.opened_by - 1].order_id) for row in log.intervals())
