"""What an event changed at an instant, and whose access that may concern. No state is read for an event that concerns
nobody's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.reach.running import RUNS_AS
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED

_POLICIES = frozenset((a.ATTACHED, a.INLINE, a.BOUNDARY, a.MEMBER_OF, a.VERSION, a.DEFAULT, a.GAP))
"""What may give a principal something, or hinder it less."""
_LETS_IN = frozenset((a.TRUST, a.POLICY, a.STATEMENT, a.GRANT))
"""The policies that say who may come in."""
_GUARDS = frozenset((a.GUARDRAIL, a.TARGET, a.NODE, a.POLICY_TYPE))


def rows_of(history: FactHistory, position: int, at: datetime) -> list[Interval]:
    """The facts that an event began or ended at an instant. What AWS does to its own policies is nobody's act."""
    return [
        each
        for each in history.of_event(position)
        if each.account != AWS_MANAGED
        and ((each.valid_from == at and each.opened_by == position)
             or (each.valid_to == at and each.closed_by == position))
    ]  # fmt: skip


def gives(rows: Iterable[Interval]) -> list[Interval]:
    """Those by which a principal may be able to do more."""
    return [each for each in rows if each.attribute in _POLICIES]


def opens(rows: Iterable[Interval]) -> bool:
    """Whether a path to administrator may have opened: a policy, a trust, a role in an instance profile, something that
    runs as a role, or a guardrail changed."""
    return any(
        each.attribute in _POLICIES
        or each.attribute in _GUARDS
        or each.attribute in (a.TRUST, a.ROLE)
        or (each.attribute == a.SETTING and each.entity.startswith(f"{RUNS_AS}/"))
        for each in rows
    )


def lets_in(rows: Iterable[Interval], position: int) -> list[EntityKey]:
    """The roles and resources of which the event made or changed a policy that says who may come in."""
    return list(dict.fromkeys(each[:3] for each in rows if each.attribute in _LETS_IN and each.opened_by == position))


def concerned(history: FactHistory, directory: Directory, rows: Iterable[Interval]) -> list[EntityKey]:
    """The users and roles whose policies these facts may be part of."""
    found: dict[EntityKey, None] = {}
    for row in rows:
        found.update(dict.fromkeys(_holders(history, directory, row[:3])))
    return sorted(found)


def _holders(history: FactHistory, directory: Directory, key: EntityKey) -> Iterator[EntityKey]:
    account, kind, unique_id = key
    if kind in ("user", "role"):
        yield key
    elif kind == "group":
        yield from history.holders(account, a.MEMBER_OF, unique_id)
    elif kind == "policy":
        policy = directory.get(*key)
        if policy is None:
            return
        arn = directory.arn_of(policy)
        for attribute in (a.ATTACHED, a.BOUNDARY):
            for holder in history.holders(account, attribute, arn):
                yield from _holders(history, directory, holder)
