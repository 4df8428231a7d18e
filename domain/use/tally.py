"""Calls on record, counted by who called what on what: what the read model of use has a row of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from erstwhile.domain.observed.cloudtrail.passed_roles import PASS_ROLE
from erstwhile.domain.observed.cloudtrail.quick_scan import FiledRecord

MOST_OF_A_RESOURCE = 1_600
"""Characters of a resource that a row keeps: the key of an object has 1,024 bytes, a policy's ARN less."""

Key = tuple[str, str, str, str, str, bool, bool, int]
"""(account, principal, call, resource, service, whether on behalf, whether it failed, year × 12 + month − 1)"""


class Count(msgspec.Struct, gc=False):
    """First and last instant, and number, of the calls of one key."""

    first: datetime
    last: datetime
    calls: int


class Tally:
    """Counts records, one after the other."""

    def __init__(self) -> None:
        self.counts: dict[Key, Count] = {}

    def add(self, records: Iterable[FiledRecord]) -> None:
        counts = self.counts
        for each in records:
            at = each.occurred_at
            for key in keys_of(each):
                count = counts.get(key)
                if count is None:
                    counts[key] = Count(at, at, 1)
                    continue
                count.calls += 1
                if at > count.last:
                    count.last = at
                elif at < count.first:
                    count.first = at


def keys_of(each: FiledRecord) -> Sequence[Key]:
    """What a record is counted as: once for each of its resources, and once for each role that it passed; not at all
    where it is not a user's or role's (a service's own call)."""
    principal = each.principal
    if not principal.startswith("arn:"):
        return ()
    account, at, service, resources = each.account, each.occurred_at, each.invoked_by, each.resources
    call, failed, month = f"{each.service}:{each.name}", each.error_code != "", at.year * 12 + at.month - 1
    if not each.passed and len(resources) < 2:
        resource = resources[0] if resources else ""
        kept = resource if len(resource) <= MOST_OF_A_RESOURCE else ""
        return ((account, principal, call, kept, service, service != "", failed, month),)
    found: list[Key] = []
    for resource in resources or ("",):
        kept = resource if len(resource) <= MOST_OF_A_RESOURCE else ""
        found.append((account, principal, call, kept, service, service != "", failed, month))
    for passed in each.passed:
        found.append((account, principal, PASS_ROLE, passed.arn, passed.service, service != "", failed, month))
    return found
