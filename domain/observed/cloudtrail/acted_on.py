"""What a recorded call was done to, and the roles that it passed: of a record that is read whole, and of one whose
parameters are still JSON. Those are read only where they can tell."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from erstwhile.domain.observed.cloudtrail.called_resources import resources_of_call
from erstwhile.domain.observed.cloudtrail.passed_roles import PassedRole, may_pass_a_role, passed_roles
from erstwhile.domain.observed.cloudtrail.record import Record, partition_of_region
from erstwhile.domain.observed.cloudtrail.shapes import as_text, objects_in
from erstwhile.domain.observed.cloudtrail.unread_resources import Unread

ActedOn = tuple[tuple[str, ...], tuple[PassedRole, ...]]
"""(the ARNs of the resources, `*` where the action is about none; the passed roles)"""


class NamedResource(msgspec.Struct, frozen=True):
    """One of a record's resources."""

    ARN: str | None = None


def acted_on(record: Record) -> ActedOn:
    """As far as the record says."""
    call, where = f"{record.service}:{record.name}", (record.partition, record.region, record.account)
    named = [arn for each in objects_in(record.raw.get("resources")) if (arn := as_text(each.get("ARN")))]
    return (
        resources_of_call(call, record.parameters, named, *where),
        passed_roles(call, record.parameters, record.partition, record.account),
    )


@lru_cache(maxsize=8192)
def _by_name(service: str, name: str) -> tuple[str, Unread, ActedOn | None, bool]:
    """(call, what reads its resources, what it is where its name alone tells that, whether it may pass a role)"""
    call = f"{service}:{name}"
    unread = Unread(call)
    return call, unread, None if unread.by_name is None else (unread.by_name, ()), may_pass_a_role(call)


def acted_on_unread(
    service: str, name: str, given: msgspec.Raw | bytes, named: Sequence[NamedResource], region: str, account: str
) -> ActedOn:
    """What `acted_on` says of the same record; `given`: its parameters as JSON. For the row `import` of
    `make bench-import`."""
    call, unread, told, may_pass = _by_name(service, name)
    if told is not None and not may_pass:
        return told
    parameters = bytes(given)
    resources = told[0] if told is not None else unread.resources(
        parameters, [each.ARN for each in named if each.ARN] if named else (), region, account
    )  # fmt: skip
    if not may_pass or not (b"ole/" in parameters or b"rofile" in parameters) or parameters[:1] != b"{":
        return resources, ()
    return resources, passed_roles(call, msgspec.json.decode(parameters), partition_of_region(region), account)
