"""Laws of provenance over random stories: each link is a fact of the instant, with the event that opened it; what was
found for earlier questions changes no answer; and columns answer as the intervals in memory do."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.grants import Link
from erstwhile.domain.history.happenings import Happening
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.history.provenance import Provenance, Rights, provenance
from erstwhile.domain.vocabulary.bounded import Bounded
from tests.support import column_layers
from tests.support.memory_log import MemoryLog
from tests.support.random_stories import BUCKET, random_story, richer_story
from tests.support.records import ACCOUNT
from tests.support.stories import arn, history_of, log_of_story, second

WHO = (arn("user/eve"), arn("user/bob"), arn("role/admin"))


class Acts:
    """Each event was done by one of the principals, at random."""

    def __init__(self, log: MemoryLog, chance: random.Random) -> None:
        self._log = log
        self._actors = [chance.choice((*WHO, arn("root"), "")) for _ in log.events]

    def expect(self, positions: Iterable[int]) -> None:
        pass

    def read(self, positions: Iterable[int]) -> Mapping[int, Happening]:
        return {
            each: Happening(
                position=each, occurred_at=self._log.events[each - 1].occurred_at, account=ACCOUNT,
                actor=self._actors[each - 1], action="s3:PutBucketPolicy",
            )
            for each in positions if each > 0
        }  # fmt: skip


def opened(history: IntervalHistory, link: Link) -> bool:
    """Whether the event at the link's position opened the fact."""
    rows = history.intervals_of((link.account, link.kind, link.entity))
    wanted = (link.attribute, link.item, link.position, link.since)
    return any((row.attribute, row.item, row.opened_by, row.valid_from) == wanted for row in rows)


def asked(history: FactHistory, acts: Acts, who: str, at: int, rights: Rights | None = None) -> Provenance:
    return provenance(
        history, acts, who, "s3:GetObject", f"{BUCKET}/eve", second(at), resource_account=ACCOUNT, rights=rights
    )  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**48))
def test_links_are_facts_and_lead_to_the_end(seed: int) -> None:
    chance = random.Random(seed)
    story = random_story(chance)
    chance.shuffle(story)
    log = log_of_story(*story)
    history, acts = history_of(log), Acts(log, chance)
    rights: Rights = Bounded(chance.choice((1, 100)))
    for at in chance.sample(range(60), 5):
        for who in WHO:
            found = asked(history, acts, who, at)
            assert asked(history, acts, who, at, rights) == found
            directory = directory_at(history, second(at))
            for grant in found.grants:
                positions = {link.position for link in grant.links}
                assert {grant.statement.granted_by, grant.statement.defined_by} <= positions | {0}
                for link in grant.links:
                    assert opened(history, link)
                    entity = directory.get(link.account, link.kind, link.entity)
                    assert entity is not None and link.since <= second(at)
            met = [each.position for each in found.authorities]
            assert len(met) == len(set(met))
            behind = {link.position for each in found.authorities for grant in each.grants for link in grant.links}
            behind |= {link.position for grant in found.grants for link in grant.links}
            assert behind == set(met)
            if found.decision is not None and found.decision.allowed:
                assert found.grants and not found.allowed
            else:
                assert all(each.effect == "allow" for each in found.allowed)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**48), st.booleans())
def test_columns_answer_as_intervals_in_memory_do(seed: int, is_shuffled: bool) -> None:
    chance = random.Random(seed)
    story = richer_story(chance)
    if is_shuffled:
        chance.shuffle(story)
    log = log_of_story(*story)
    rows, acts = log.intervals(), Acts(log, chance)
    columns, intervals = column_layers.history_of(rows, chance), IntervalHistory(rows, 1)
    for at in chance.sample(range(60), 5):
        for who in WHO:
            assert asked(columns, acts, who, at) == asked(intervals, acts, who, at)
