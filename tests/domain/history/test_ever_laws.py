"""The law of ever: it is the union of all timelines, asked at every boundary."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.at_once import everybody
from erstwhile.domain.history.course import instants_of
from erstwhile.domain.history.ever import Ever, Holder, ever
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.inputs.sources import never_seen
from tests.support.memory_log import MemoryLog
from tests.support.policy import generator
from tests.support.random_history import HOURS, instant, random_history
from tests.support.random_modes import with_modes
from tests.support.random_stories import BUCKET, ORGANIZATION, random_story, richer_story
from tests.support.records import ACCOUNT
from tests.support.stories import arn, history_of, log_of_story, second, tell

NOT_SMALLER = (Phase.explicit, Phase.reuse, Phase.generate)
"""A smaller seed makes no smaller history."""
TICK = timedelta(microseconds=1)
CLOCK = ("2026-01-01T00:00:00", "2026-03-03T12:00:30", "2026-03-31T00:00:00", "2026-03-31T12:00:00")
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue"
seeds = st.integers(0, 2**48)


def asked(history: FactHistory, key: EntityKey, request: Request, at: datetime) -> str | None:
    """The list on which a user or role is at one instant."""
    directory = directory_at(history, at)
    entity = directory.get(*key)
    if entity is None or not entity.exists:
        return None
    decision = authorize(
        directory,
        Request(
            principal=directory.arn_of(entity), action=request.action, resource=request.resource,
            resource_account=request.resource_account, mode=request.mode,
        ),
    )  # fmt: skip
    if decision.allowed:
        return "allowed"
    if decision.effect != "conditional":
        return None
    return "unknown" if never_seen(directory, entity) else "conditional"


def asked_by_name(history: FactHistory, principal: str, request: Request, at: datetime) -> str | None:
    try:
        decision = authorize(
            directory_at(history, at),
            Request(principal=principal, action=request.action, resource=request.resource, mode=request.mode),
        )
    except UnknownPrincipal:
        return None
    return {"allow": "allowed", "conditional": "conditional"}.get(decision.effect)


def held(holder: Holder | None, at: datetime) -> str | None:
    found = [each.how for each in (holder.periods if holder else ()) if each.begin <= at < each.end]
    assert len(found) <= 1
    return found[0] if found else None


def last_name(history: FactHistory, key: EntityKey, holder: Holder) -> str:
    """The ARN that a user or role had when it last could."""
    directory = directory_at(history, holder.periods[-1].end - TICK)
    entity = directory.get(*key)
    assert entity is not None
    return directory.arn_of(entity)


def is_union_of_timelines(history: FactHistory, found: Ever, request: Request, instants: set[datetime]) -> None:
    holders = {each.unique_id: each for each in (*found.allowed, *found.conditional, *found.unknown)}
    for at in sorted(each for each in instants if found.begin <= each < found.end):
        for key in (key for kind in ("user", "role") for key in history.of_kind(kind)):
            assert held(holders.get(key[2]), at) == asked(history, key, request, at), (key, request, at)
            if key[2] in holders:
                assert holders[key[2]].principal == last_name(history, key, holders[key[2]]), (key, request)
        for account in generator.ACCOUNTS:
            if (account, "account") in history.kinds():
                root = f"arn:aws:iam::{account}:root"
                assert held(holders.get(account), at) == asked_by_name(history, root, request, at), (account, request)


def around(history: IntervalHistory) -> set[datetime]:
    rows = [row for account, kind in history.kinds() for key in history.of_kind(kind) if key[0] == account
            for row in history.intervals_of(key)]  # fmt: skip
    clock = [datetime.fromisoformat(f"{each}+00:00") for each in CLOCK]
    return {near for each in (*instants_of(rows), *clock) for near in (each - TICK, each, each + TICK)}


@settings(max_examples=40, phases=NOT_SMALLER)
@given(seeds, st.tuples(st.integers(0, HOURS), st.integers(1, HOURS)))
def test_ever_is_the_union_of_timelines(seed: int, window: tuple[int, int]) -> None:
    history, chance = IntervalHistory(random_history(seed)), random.Random(seed)
    begin, end = instant(window[0]), instant(window[0] + window[1])
    for _ in range(2):
        request = Request(
            principal="", action=chance.choice(generator.ALL_ACTIONS), resource=chance.choice(generator.RESOURCES),
            mode=chance.choice(("discover", "strict")),
        )  # fmt: skip
        found = ever(history, request.action, request.resource, begin, end, mode=request.mode)
        is_union_of_timelines(history, found, request, around(history))


@settings(max_examples=60, phases=NOT_SMALLER)
@given(seeds, st.tuples(st.integers(-5, 60), st.integers(1, 70)))
def test_ever_is_the_union_of_timelines_of_a_story(seed: int, window: tuple[int, int]) -> None:
    chance = random.Random(seed)
    rows = log_of_story(*random_story(random.Random(seed))).intervals()
    history = IntervalHistory(with_modes(rows, chance) if chance.random() < 0.5 else rows)
    action = chance.choice(("s3:GetObject", "s3:PutObject", "sts:AssumeRole", "sqs:SendMessage"))
    resource = chance.choice((BUCKET, f"{BUCKET}/key", arn("role/admin"), arn("role/other"), "*"))
    request = Request(principal="", action=action, resource=resource, mode="discover")
    found = ever(history, action, resource, second(window[0]), second(sum(window)))
    is_union_of_timelines(history, found, request, around(history))


@settings(max_examples=80, phases=NOT_SMALLER)
@given(seeds, st.tuples(st.integers(-5, 60), st.integers(1, 70)))
def test_ever_is_the_union_of_timelines_of_what_became_known_late(seed: int, window: tuple[int, int]) -> None:
    """Policies and groups come and go, some were never seen; the events came in any order, and not all of them yet."""
    chance = random.Random(seed)
    story = [
        event for event in enumerate(richer_story(chance)) if chance.random() < 0.5 or ORGANIZATION not in event[1]
    ]
    chance.shuffle(story)
    log = MemoryLog()
    for number, event in story[: chance.randrange(len(story) // 2, len(story) + 1)]:
        tell(log, event, f"{number:04}")
    history = history_of(log)
    request = Request(
        principal="", action=chance.choice(("s3:GetObject", "s3:PutObject", "sqs:SendMessage", "sts:AssumeRole")),
        resource=chance.choice((f"{BUCKET}/key", QUEUE, arn("role/admin"), "*")),
        mode=chance.choice(("discover", "strict")),
    )  # fmt: skip
    found = ever(history, request.action, request.resource, second(window[0]), second(sum(window)), mode=request.mode)
    is_union_of_timelines(history, found, request, around(history))


@pytest.mark.parametrize("seed", range(6))
def test_it_does_not_matter_how_many_principals_are_settled_together(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = history_of(log_of_story(*richer_story(random.Random(seed))))
    whole = ever(history, "s3:GetObject", f"{BUCKET}/key", second(0), second(60))
    monkeypatch.setattr(everybody, "MOST_AT_ONCE", 1)
    assert ever(history, "s3:GetObject", f"{BUCKET}/key", second(0), second(60)) == whole


@settings(max_examples=60, phases=NOT_SMALLER)
@given(seeds, st.tuples(st.integers(-5, 60), st.integers(1, 70)))
def test_arithmetic_over_intervals_gives_the_same(seed: int, window: tuple[int, int]) -> None:
    """Without an organisation, on a resource without a policy, most principals are settled without a decision."""
    chance = random.Random(seed)
    story = [event for event in random_story(chance) if ORGANIZATION not in event]
    history = history_of(log_of_story(*story))
    request = Request(
        principal="", action=chance.choice(("s3:GetObject", "s3:PutObject", "sqs:SendMessage")),
        resource=chance.choice((QUEUE, "*")), mode=chance.choice(("discover", "strict")),
    )  # fmt: skip
    begin, end = second(window[0]), second(sum(window))
    found = ever(history, request.action, request.resource, begin, end, mode=request.mode)
    is_union_of_timelines(history, found, request, around(history))
    for holder in (*found.allowed, *found.conditional):
        if holder.kind == "user":
            directory = directory_at(history, holder.periods[-1].end - TICK)
            assert holder.principal == directory.arn_of(directory.at((ACCOUNT, "user", holder.unique_id)))
