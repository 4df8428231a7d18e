"""Who had an ARN, and when: names come and go, and several entities may have had one after another."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Fact, Interval
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.vocabulary.identifiers import is_arn_of


class Bearer(NamedTuple):
    """An entity, and an interval [begin, end) in which it had the ARN."""

    key: EntityKey
    begin: datetime
    end: datetime


def bearers(history: FactHistory, arn: str) -> list[Bearer]:
    """Whoever had an ARN, the first first. An entity that began and ended within one instant is among them."""
    found: list[Bearer] = []
    for key in history.with_arn(arn):
        rows = [row for row in history.intervals_of(key) if row.attribute == attributes.ENTITY]
        for row in sorted(rows, key=lambda each: each.valid_from):
            if arn_of(history, row) != arn:
                continue
            if found and found[-1].key == key and found[-1].end == row.valid_from:
                found[-1] = found[-1]._replace(end=row.valid_to)
            else:
                found.append(Bearer(key, row.valid_from, row.valid_to))
    return sorted(found, key=lambda each: (each.begin, each.end, each.key))


def arns_of(history: FactHistory, key: EntityKey) -> list[str]:
    """The ARNs that a user or role ever had, the first first: calls name it by the one of their time."""
    rows = [row for row in history.intervals_with(key, attributes.DESCRIBING) if row.attribute == attributes.ENTITY]
    rows.sort(key=lambda row: row.valid_from)
    return list(dict.fromkeys(arn for row in rows if (arn := arn_of(history, row))))


def arn_of(history: FactHistory, described: Interval) -> str:
    """The ARN by which questions name an entity, from an interval of its attribute `entity`: `Directory.arn_of`."""
    recorded = str(described.value.get("arn") or "")
    # The usual case at once: a Directory takes ten times as long.
    if is_arn_of(recorded, described.account, described.kind, str(described.value.get("name") or "")):
        return recorded
    account = described.account
    directory = Directory()
    modes = [each for each in history.intervals_of((account, "account", account)) if each.attribute == attributes.MODE]
    if modes:
        own = directory.ensure((account, "account", account))
        own.facts[attributes.MODE] = {"": Fact(modes[-1].value, modes[-1].valid_from, modes[-1].opened_by)}
    entity = Entity(*described[:3])
    entity.facts[attributes.ENTITY] = {"": Fact(described.value, described.valid_from, described.opened_by)}
    return directory.arn_of(entity)
