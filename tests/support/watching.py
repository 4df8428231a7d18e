"""Watches without a database: their answers in memory, and what changed between two histories."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.ever import Holder
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.history.watching.affected import ChangedFact
from erstwhile.domain.history.watching.answers import Answer, whole_answer
from erstwhile.domain.history.watching.differences import Difference
from erstwhile.domain.history.watching.keeping import Place, place_of
from erstwhile.domain.history.watching.watch import Asked, Watch


def watch(
    name: str,
    resource: str,
    *actions: str,
    account: str | None = None,
    resource_account: str | None = None,
    excepting: tuple[str, ...] = (),
) -> Watch:
    """A watch as if it had been added."""
    return Watch(
        id=name, name=name, actions=actions, resource=resource, resource_account=resource_account, account=account,
        excepting=excepting, note="", since=datetime(2026, 1, 1, tzinfo=UTC), position=1,
    )  # fmt: skip


class KeptAnswers:
    """Answers in memory."""

    def __init__(self, asked: Iterable[Asked], history: IntervalHistory) -> None:
        self.answers: dict[Place, Answer] = {place_of(each): whole_answer(history, each) for each in asked}

    def of(self, keys: Iterable[EntityKey]) -> dict[EntityKey, dict[Place, Holder]]:
        return {
            key: {place: answer[key] for place, answer in self.answers.items() if key in answer} for key in set(keys)
        }

    def answer(self, asked: Asked) -> Answer:
        return dict(self.answers[place_of(asked)])

    def write(self, difference: Difference) -> None:
        answer = self.answers[place_of(difference.asked)]
        if difference.after is None:
            del answer[difference.key]
        else:
            answer[difference.key] = difference.after


def changed(before: IntervalHistory, after: IntervalHistory) -> list[ChangedFact]:
    """The intervals that one of two histories has alone."""
    rows = [
        {_place(row): row for kind in {kind for _, kind in each.kinds()} for key in each.of_kind(kind)
         for row in each.intervals_of(key)}
        for each in (before, after)
    ]  # fmt: skip
    return [ChangedFact({**rows[0], **rows[1]}[place], after.known_at) for place in rows[0].keys() ^ rows[1].keys()]


def _place(row: Interval) -> tuple[object, ...]:
    return (*row[:5], repr(row.value), *row[6:])
