"""When a user or role was used last: calls name it by the ARN that it had at their time, and others may have had that
before it or after it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.bearers import arn_of
from erstwhile.domain.reports.asked import Known, LastUse
from erstwhile.domain.reports.principals import created
from erstwhile.domain.use.used import State

_OF_ANOTHER = "the name of its time belongs to another since, whose calls cannot be told from its own"


class Named(msgspec.Struct, frozen=True):
    """An ARN, and the time in which an entity had it."""

    arn: str
    since: datetime
    until: datetime


class UsesOf:
    """Of one report. The names of an entity are looked for once."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._names: dict[EntityKey, list[Named]] = {}

    def last(self, entity: Entity, ask: Callable[[str], LastUse]) -> LastUse:
        """The last use under any ARN that an entity had so far; `ask` gives the last use under one. A use from before
        the entity had the ARN is another's."""
        own: list[LastUse] = []
        none: list[LastUse] = []
        is_unclear = False
        for each in self.names(entity):
            use = ask(each.arn)
            if use.at is None:
                none.append(use)
            elif use.at >= each.until:
                is_unclear = True
            elif use.at >= each.since:
                own.append(use)
        if own:
            return max(own, key=lambda each: each.at or datetime.min)
        if is_unclear:
            return LastUse(state=State.CANNOT_KNOW, why=_OF_ANOTHER)
        return none[0] if none else ask("")

    def names(self, entity: Entity) -> list[Named]:
        """The ARNs that an entity had until the report's instant, in order. The first is its own since its creation,
        whenever it was seen first."""
        found = self._names.get(entity.key)
        if found is None:
            found = self._names[entity.key] = list(self._found(entity))
        return found

    def _found(self, entity: Entity) -> list[Named]:
        known, now = self._known, self._known.directory.as_of
        rows = sorted(
            (
                row for row in known.history.intervals_of(entity.key)
                if row.attribute == attributes.ENTITY and (now is None or row.valid_from <= now)
            ),
            key=lambda row: row.valid_from,
        )  # fmt: skip
        found: dict[str, Named] = {}
        for row in rows:
            arn = arn_of(known.history, row)
            since = found[arn].since if arn in found else row.valid_from
            if not found:
                since = created(entity) or since
            found[arn] = Named(arn, since, row.valid_to)
        return list(found.values())
