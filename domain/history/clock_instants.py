"""The instants at which a condition on the clock turns: those at which no event occurred, and a decision changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from erstwhile.domain.policy.language.conditions import Condition, split_operator
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.policy.language.values import number, when

CURRENT_TIME = "aws:currenttime"
EPOCH_TIME = "aws:epochtime"
"""Seconds since 1970, a whole number.

Source of both: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""
CLOCK = frozenset((CURRENT_TIME, EPOCH_TIME))

_NEXT = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_SECOND = -62135596800
"""Of the year 1."""
_LAST_SECOND = 253402300799
"""Of the year 9999."""


def clock_instants(statements: Iterable[CompiledStatement]) -> tuple[list[datetime], list[CompiledStatement]]:
    """The instants, in order, at which a condition of the statements may turn, because it compares the clock with a
    constant; and the statements that look at the clock in another way (as text, or by a variable): these may turn at
    any instant."""
    found: set[datetime] = set()
    others: list[CompiledStatement] = []
    for statement in statements:
        if CLOCK.isdisjoint(statement.keys_read):
            continue
        turns = [_turns(condition) for condition in statement.conditions if condition.key in CLOCK]
        found.update(instant for each in turns if each is not None for instant in each)
        if None in turns or _has_variable(statement):
            others.append(statement)
    return sorted(found), others


def _has_variable(statement: CompiledStatement) -> bool:
    """Whether a variable stands for the clock."""
    texts = [*(statement.resources or ())]
    for condition in statement.conditions:
        texts += condition.entry.values
    return any(f"${{{key}" in text.lower() for text in texts for key in CLOCK)


def _turns(condition: Condition) -> set[datetime] | None:
    """The instants at which a condition on the clock may turn; None for one that does not compare instants or
    numbers."""
    _, operator, _ = split_operator(condition.entry.operator)
    if operator == "null":
        return set()
    if operator.startswith("date"):
        return set(_around_dates(condition))
    if operator.startswith("numeric"):
        return set(_around_numbers(condition))
    return None


def _around_dates(condition: Condition) -> Iterator[datetime]:
    for value in condition.entry.values:
        instant = when(value)
        if instant is None:
            continue
        if condition.key == CURRENT_TIME:
            yield instant
            yield instant + _NEXT
        else:
            # A number of seconds before 1970 is no date.
            yield _EPOCH
            yield from _around_second(int(instant.timestamp()))


def _around_numbers(condition: Condition) -> Iterator[datetime]:
    """Text that is an instant is no number: only seconds are compared."""
    for value in condition.entry.values:
        seconds = number(value)
        if condition.key == EPOCH_TIME and seconds is not None and abs(seconds) <= _LAST_SECOND:
            yield from _around_second(int(seconds))


def _around_second(second: int) -> Iterator[datetime]:
    for each in (second - 1, second, second + 1):
        if _FIRST_SECOND <= each <= _LAST_SECOND:
            yield _EPOCH + timedelta(seconds=each)
