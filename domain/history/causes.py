"""What made a decision change at an instant: of all that changed then, the changes of those events without which the
decision would not have changed, or that would have changed it alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.deciding_view import DecidingView
from erstwhile.domain.directory.fact_source import Facts
from erstwhile.domain.directory.facts import EntityKey, Fact
from erstwhile.domain.history.course import Course
from erstwhile.domain.history.fact_changes import CLOCK, FactChange, changes_at, told_in_order
from erstwhile.domain.history.question import Answer, Decided, Question
from erstwhile.domain.history.windows import TICK

_TURN = FactChange(layer=CLOCK, position=0)


class _Turn(NamedTuple):
    """Two answers, before an instant and from it on, and what changed between them."""

    question: Question
    instant: datetime
    before: Answer
    after: Answer
    changes: list[FactChange]


def changes_between(before: Answer, after: Answer, instant: datetime) -> list[FactChange]:
    """All that changed at an instant of what two answers rest on, the one before it and the one from it on."""
    read: dict[EntityKey, Course] = before.read | after.read
    principals = frozenset(key for key in (before.key, after.key) if key is not None)
    accounts = before.accounts | after.accounts
    found: list[FactChange] = []
    for course in read.values():
        turning = course.turning(instant, accounts)
        if turning:
            found += changes_at(turning, instant, principals)
    if instant in before.clock or instant in after.clock:
        found.append(_TURN)
    return found


def causes(question: Question, instant: datetime, *known: Answer) -> tuple[FactChange, ...]:
    """Of what changed at an instant, that which changed the answer. That an entity began or ended stands for all of its
    facts that did so with it. `known`: answers of the instant, and of just before it, where there are any already."""
    return _guilty(_turn_of(question, instant, known))


def causes_of_alike(question: Question, instant: datetime) -> tuple[tuple[FactChange, ...], bool]:
    """The causes, and whether they are those of every question about the same principal that reads no more than this
    one: all that was read changed by a single event, and no policy compares the clock."""
    turn = _turn_of(question, instant, ())
    return _guilty(turn), _is_of_one_event(turn)


def _turn_of(question: Question, instant: datetime, known: Iterable[Answer]) -> _Turn:
    # Those of the very instants: what others read may be more.
    answers = {each.instant: each for each in known}
    before, after = (answers.get(each) or question.at(each) for each in (instant - TICK, instant))
    return _Turn(question, instant, before, after, changes_between(before, after, instant))


def _is_of_one_event(turn: _Turn) -> bool:
    if len({change.position for change in turn.changes}) > 1:
        return False
    read = turn.before.read | turn.after.read
    return not any(course.may_read_clock for course in read.values())


def _guilty(turn: _Turn) -> tuple[FactChange, ...]:
    changes = turn.changes
    positions = dict.fromkeys(change.position for change in changes)
    if len(positions) > 1:
        guilty = {position for position in positions if _has_a_say(turn, position)}
        changes = [change for change in changes if not guilty or change.position in guilty]
    lives = {_end_of(change) for change in changes if change.attribute == attributes.ENTITY}
    return told_in_order(
        change for change in changes if change.attribute == attributes.ENTITY or _end_of(change) not in lives - {None}
    )


def _end_of(change: FactChange) -> tuple[EntityKey, int, bool] | None:
    """Which entity's begin or end a change may belong to; None for one that neither begins nor ends a fact."""
    if change.before is not None and change.after is not None:
        return None
    return change.key, change.position, change.before is None


def _has_a_say(turn: _Turn, position: int) -> bool:
    """Whether the changes of one event change the answer alone, or are missed in the answer when left out."""
    own = [change for change in turn.changes if change.position == position]
    others = [change for change in turn.changes if change.position != position]
    return _differs(_supposed(turn, own), turn.before) or _differs(_supposed(turn, others), turn.after)


def _supposed(turn: _Turn, changes: Iterable[FactChange]) -> Decided:
    """What the answer had been if only these changes had come at the instant."""
    earlier, source = turn.instant - TICK, turn.question.facts
    otherwise: dict[EntityKey, Facts] = {change.key: {} for change in turn.changes if change is not _TURN}
    for key in otherwise:
        facts = source.course(key).facts_at(earlier) or {}
        otherwise[key] = {attribute: dict(items) for attribute, items in facts.items()}
    for change in changes:
        if change is _TURN:
            continue
        items = otherwise[change.key].setdefault(change.attribute, {})
        if change.after is None:
            items.pop(change.item, None)
        else:
            items[change.item] = Fact(change.after, turn.instant, change.position)
        if not items:
            del otherwise[change.key][change.attribute]
    at = turn.instant if _TURN in changes else earlier
    return turn.question.decide(DecidingView(source.supposing(at, otherwise), turn.question.history.known_at, at))


def _differs(decided: Decided, answer: Answer) -> bool:
    return (decided.decision, decided.unique_id) != (answer.decision, answer.unique_id)
