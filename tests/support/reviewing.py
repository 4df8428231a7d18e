"""Reviews without a database: a population of a story, with use as it is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from erstwhile.domain.events.reviews import FrozenLine, ReviewOpened
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.happenings import Happening
from erstwhile.domain.reviews.asked import AskedReview, Population
from erstwhile.domain.reviews.population import frozen_lines
from erstwhile.domain.reviews.reviewers import Rule
from erstwhile.domain.use.used import Covered, Used
from erstwhile.domain.vocabulary.instants import format_instant
from tests.support.memory_log import MemoryLog
from tests.support.stories import history_of, second

BEGIN = second(-1_000)


class SaidUses:
    """`UseRecords` of a test: principals (ARNs) with the action that they used; records without gaps, or none."""

    def __init__(self, used: Mapping[str, str], is_covered: bool = True) -> None:
        self._used = used
        self._is_covered = is_covered

    def of(self, principals: Iterable[str], begin: datetime, end: datetime) -> Sequence[Used]:
        return [
            Used(account="", principal=each, call=self._used[each], action=self._used[each], resource="", calls=1,
                 first=begin, last=begin, month="2026-03-01")
            for each in principals if each in self._used
        ]  # fmt: skip

    def covered(self, account: str, begin: datetime, end: datetime) -> Covered:
        return Covered(account=account, begin=begin, end=end, until=end if self._is_covered else None)


class SaidHappenings:
    """`Happenings` of a log in memory, in which one actor did everything."""

    def __init__(self, log: MemoryLog, actor: str) -> None:
        self._log = log
        self._actor = actor

    def expect(self, positions: Iterable[int]) -> None:
        pass

    def read(self, positions: Iterable[int]) -> Mapping[int, Happening]:
        events = [self._log.events[position - 1] for position in positions]
        return {
            each.position: Happening(
                position=each.position, occurred_at=each.occurred_at, account=each.account, actor=self._actor
            )
            for each in events
        }


def population_of(
    log: MemoryLog,
    at: datetime,
    asked: AskedReview,
    rules: Sequence[Rule] = (Rule(reviewers=("grace",)),),
    used: Mapping[str, str] | None = None,
    is_covered: bool = True,
) -> list[FrozenLine]:
    """The lines of a review that is opened at an instant of a story."""
    history = history_of(log)
    population = Population(history, directory_at(history, at), at, SaidUses(used or {}, is_covered), BEGIN)
    return frozen_lines(population, asked, rules, SaidHappenings(log, "arn:aws:iam::111122223333:user/root-like"))


def opened_at(at: datetime, asked: AskedReview) -> ReviewOpened:
    return ReviewOpened(
        name="q4", as_of=format_instant(at), known_at=1, lines=0, sha256="00", action=asked.action,
        resource=asked.resource, resource_account=asked.resource_account,
    )  # fmt: skip
