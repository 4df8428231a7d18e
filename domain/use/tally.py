"""Calls on record, counted by who called what on what: what the read model of use has a row of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

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


KeyUse = tuple[str, str, int, int]
"""(long-lived access key, principal, year, month)"""


class Prepared(NamedTuple):
    """What is to be counted: of each call the resources of its kind, its own, and its instant; and when access keys
    were used last."""

    calls: list[tuple[dict[str, Count], str, datetime]]
    access_keys: dict[KeyUse, datetime]


LONG_LIVED = "AKIA"
"""How the ids of long-lived access keys begin.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes"""


class Tally:
    """Counts records, one after the other. `kinds`: of each kind of call its resources; `access_keys`: when each was
    used last.

    For `make bench-use`: the text of a kind is made once, and most records find theirs by what they hold already.
    """

    def __init__(self) -> None:
        self.kinds: dict[Kind, dict[str, Count]] = {}
        self.access_keys: dict[KeyUse, datetime] = {}
        self._of_resources = 0
        self._held: dict[tuple[str, str, str, str, str, str, int, int], dict[str, Count]] = {}
        """What a record holds of its kind → its resources, as `kinds` has them."""

    @property
    def keys(self) -> int:
        """How many resources, of all kinds of calls, and access keys there are."""
        return self._of_resources + len(self.access_keys)

    def add(self, records: Iterable[FiledRecord]) -> None:
        """Counts each record once for each of its resources, and once for each role that it passed; not at all where
        it is not a user's or role's (a service's own call). A long-lived access key counts whosever it is."""
        self.count(self.prepared(records))

    def prepared(self, records: Iterable[FiledRecord]) -> Prepared:
        """What `count` counts of records, which need not be kept for it."""
        held, found = self._held, Prepared([], {})
        calls, access_keys = found
        for each in records:
            principal, at = each.principal, each.occurred_at
            year, month = at.year, at.month
            access_key = each.access_key
            if access_key[:4] == LONG_LIVED:
                use = (access_key, principal, year, month)
                last = access_keys.get(use)
                if last is None or at > last:
                    access_keys[use] = at
            if not principal.startswith("arn:"):
                continue
            holds = (
                each.account, principal, each.service, each.name, each.invoked_by, each.error_code, year, month,
            )  # fmt: skip
            kind = held.get(holds)
            if kind is None:
                kind = held[holds] = self._of_kind(each, f"{each.service}:{each.name}", each.invoked_by)
            for resource in each.resources or _UNKNOWN:
                calls.append((kind, resource, at))
            for passed in each.passed:
                calls.append((self._of_kind(each, PASS_ROLE, passed.service), passed.arn, at))
        return found

    def count(self, prepared: Prepared) -> None:
        """Counts what this tally has prepared."""
        for use, last in prepared.access_keys.items():
            self.access_keys[use] = max(self.access_keys.get(use, last), last)
        for kind, resource, at in prepared.calls:
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
        self.access_keys.clear()
        self._of_resources = 0

    def _counted(self, kind: dict[str, Count], resource: str, at: datetime) -> None:
        """Counts a call of a resource that may be too long to keep."""
        kept = resource if len(resource) <= MOST_OF_A_RESOURCE else ""
        count = kind.get(kept)
        if count is None:
            kind[kept] = Count(at, at, 1)
            self._of_resources += 1
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
