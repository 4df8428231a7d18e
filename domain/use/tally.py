"""Calls on record, counted by who called what on what: what the read model of use has a row of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from erstwhile.domain.observed.cloudtrail.passed_roles import PASS_ROLE
from erstwhile.domain.observed.cloudtrail.quick_scan import FiledRecord
from erstwhile.domain.vocabulary.instants import BEFORE

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


class KeyTimes(msgspec.Struct, gc=False):
    """The first and the last instant at which an access key was used; both BEFORE until one is counted."""

    first: datetime = BEFORE
    last: datetime = BEFORE


Prepared = list[tuple[dict[str, Count] | None, str, datetime, KeyTimes | None]]
"""Calls that are to be counted: of each the resources of its kind (None where it is not counted as use), its own, its
instant, and what it says of a long-lived access key."""

LONG_LIVED = "AKIA"
"""How the ids of long-lived access keys begin.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes"""


class Tally:
    """Counts records, one after the other. `kinds`: of each kind of call its resources.

    For `make bench-use`: the text of a kind is made once, and most records find theirs by what they hold already.
    """

    def __init__(self) -> None:
        self.kinds: dict[Kind, dict[str, Count]] = {}
        self.keys = 0
        """How many resources, of all kinds of calls, and access keys there are."""
        self._key_times: dict[KeyUse, KeyTimes] = {}
        self._held: dict[
            tuple[str, str, str, str, str, str, str, int, int], tuple[dict[str, Count], KeyTimes | None]
        ] = {}
        """What a record holds of its kind and key → its resources, as `kinds` has them, and the key's times."""

    @property
    def access_keys(self) -> dict[KeyUse, KeyTimes]:
        """When each long-lived access key was used first and last."""
        return {use: times for use, times in self._key_times.items() if times.last > BEFORE}

    def add(self, records: Iterable[FiledRecord]) -> None:
        """Counts each record once for each of its resources, and once for each role that it passed; not at all where
        it is not a user's or role's (a service's own call). A long-lived access key counts whosever it is."""
        self.count(self.prepared(records))

    def prepared(self, records: Iterable[FiledRecord]) -> Prepared:
        """What `count` counts of records, which need not be kept for it."""
        held, calls = self._held, Prepared()
        for each in records:
            principal, at = each.principal, each.occurred_at
            access_key = each.access_key if each.access_key[:4] == LONG_LIVED else ""
            if not principal.startswith("arn:"):
                if access_key:
                    calls.append((None, "", at, self._times_of(access_key, principal, at)))
                continue
            holds = (
                each.account, principal, each.service, each.name, each.invoked_by, each.error_code, access_key, at.year,
                at.month,
            )  # fmt: skip
            found = held.get(holds)
            if found is None:
                kind = self._of_kind(each, f"{each.service}:{each.name}", each.invoked_by)
                times = self._times_of(access_key, principal, at) if access_key else None
                found = held[holds] = kind, times
            kind, times = found
            for resource in each.resources or _UNKNOWN:
                calls.append((kind, resource, at, times))
            for passed in each.passed:
                calls.append((self._of_kind(each, PASS_ROLE, passed.service), passed.arn, at, None))
        return calls

    def count(self, prepared: Prepared) -> None:
        """Counts what this tally has prepared."""
        for kind, resource, at, times in prepared:
            if times is not None:
                if at > times.last:
                    if times.last is BEFORE:
                        self.keys += 1
                        times.first = at
                    times.last = at
                elif at < times.first:
                    times.first = at
            if kind is None:
                continue
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
        for times in self._key_times.values():
            times.first = times.last = BEFORE
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

    def _times_of(self, access_key: str, principal: str, at: datetime) -> KeyTimes:
        return self._key_times.setdefault((access_key, principal, at.year, at.month), KeyTimes())

    def _of_kind(self, each: FiledRecord, call: str, service: str) -> dict[str, Count]:
        """The resources of a kind of call that a record is of. `service`: that made the call, or got the role."""
        month = each.occurred_at.year * 12 + each.occurred_at.month - 1
        by_service, failed = each.invoked_by != "", each.error_code != ""
        kind = (each.account, each.principal, call, service, by_service, failed, month)
        return self.kinds.setdefault(kind, {})
