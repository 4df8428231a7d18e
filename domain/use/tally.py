"""Calls on record, counted by who called what on what: what the read model of use has a row of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from erstwhile.domain.observed.cloudtrail.passed_roles import PASS_ROLE
from erstwhile.domain.observed.cloudtrail.quick_scan import FiledRecord

MOST_OF_A_RESOURCE = 1_600
"""Characters of a resource that a row keeps: the key of an object has 1,024 bytes, a policy's ARN less."""
_UNKNOWN = ("",)
"""The resources of a record that says none."""

Kind = tuple[str, str, str, str, bool, bool, int]
"""(account, principal, call, service, whether on behalf, whether it failed, year × 12 + month − 1)"""
Key = tuple[str, str, str, str, str, bool, bool, int]
"""(account, principal, call, resource, service, whether on behalf, whether it failed, year × 12 + month − 1)"""


class Count(msgspec.Struct, gc=False):
    """First and last instant, and number, of the calls of one key."""

    first: datetime
    last: datetime
    calls: int


Prepared = tuple[dict[str, Count], str, datetime]
"""A call that is to be counted: the resources of its kind, its own, and its instant."""


class Tally:
    """Counts records, one after the other. `kinds`: of each kind of call its resources; `keys`: how many there are.

    For `make bench-use`: the text of a kind is made once, and most records find theirs by what they hold already.
    """

    def __init__(self) -> None:
        self.kinds: dict[Kind, dict[str, Count]] = {}
        self.keys = 0
        self._held: dict[tuple[str, str, str, str, str, str, int, int], dict[str, Count]] = {}
        """What a record holds of its kind → its resources, as `kinds` has them."""

    def add(self, records: Iterable[FiledRecord]) -> None:
        """Counts each record once for each of its resources, and once for each role that it passed; not at all where
        it is not a user's or role's (a service's own call)."""
        self.count(self.prepared(records))

    def prepared(self, records: Iterable[FiledRecord]) -> list[Prepared]:
        """What `count` counts of records, which need not be kept for it."""
        held, found = self._held, list[Prepared]()
        for each in records:
            principal = each.principal
            if not principal.startswith("arn:"):
                continue
            at = each.occurred_at
            holds = (
                each.account, principal, each.service, each.name, each.invoked_by, each.error_code, at.year, at.month,
            )  # fmt: skip
            kind = held.get(holds)
            if kind is None:
                kind = held[holds] = self._of_kind(each, f"{each.service}:{each.name}", each.invoked_by)
            for resource in each.resources or _UNKNOWN:
                found.append((kind, resource, at))
            for passed in each.passed:
                found.append((self._of_kind(each, PASS_ROLE, passed.service), passed.arn, at))
        return found

    def count(self, prepared: Iterable[Prepared]) -> None:
        """Counts calls that this tally has prepared."""
        for kind, resource, at in prepared:
            count = kind.get(resource)
            if count is None:
                self._counted(kind, resource, at)
                continue
            count.calls += 1
            if at > count.last:
                count.last = at
            elif at < count.first:
                count.first = at

    def clear(self) -> None:
        """Forgets all counts. What was prepared may still be counted."""
        for found in self.kinds.values():
            found.clear()
        self.keys = 0

    def _counted(self, kind: dict[str, Count], resource: str, at: datetime) -> None:
        """Counts a call of a resource that may be too long to keep."""
        kept = resource if len(resource) <= MOST_OF_A_RESOURCE else ""
        count = kind.get(kept)
        if count is None:
            kind[kept] = Count(at, at, 1)
            self.keys += 1
        else:
            count.first, count.last, count.calls = min(count.first, at), max(count.last, at), count.calls + 1

    def counts(self) -> Iterator[tuple[Key, Count]]:
        """Each key, and its calls."""
        for (account, principal, call, service, on_behalf, failed, month), found in self.kinds.items():
            for resource, count in found.items():
                yield (account, principal, call, resource, service, on_behalf, failed, month), count

    def _of_kind(self, each: FiledRecord, call: str, service: str) -> dict[str, Count]:
        """The resources of a kind of call that a record is of. `service`: that made the call, or got the role."""
        month = each.occurred_at.year * 12 + each.occurred_at.month - 1
        by_service, failed = each.invoked_by != "", each.error_code != ""
        kind = (each.account, each.principal, call, service, by_service, failed, month)
        return self.kinds.setdefault(kind, {})
