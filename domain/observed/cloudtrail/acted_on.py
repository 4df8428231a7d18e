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
def _by_name(service: str, name: str) -> tuple[str, Unread, ActedOn | None, tuple[bytes, ...]]:
    """(call, what reads its resources, what it is where its name alone tells that, what one of must be in parameters
    that pass a role: none where it cannot pass one)"""
    call = f"{service}:{name}"
    unread = Unread(call)
    # A role is passed by an ARN of IAM. EC2 and IAM name instance profiles, too.
    marks = (b":iam::", b"rofile") if service in ("ec2", "iam") else (b":iam::",)
    passing = marks if may_pass_a_role(call) else ()
    return call, unread, None if unread.by_name is None else (unread.by_name, ()), passing


def acted_on_unread(
    service: str, name: str, given: msgspec.Raw | bytes, named: Sequence[NamedResource], region: str, account: str
) -> ActedOn:
    """What `acted_on` says of the same record; `given`: its parameters as JSON. For the row `import` of
    `make bench-import`."""
    call, unread, told, passing = _by_name(service, name)
    if told is not None and not passing:
        return told
    parameters = bytes(given)
    resources = told[0] if told is not None else unread.resources(
        parameters, [each.ARN for each in named if each.ARN] if named else (), region, account
    )  # fmt: skip
    for mark in passing:
        if mark in parameters and parameters[:1] == b"{":
            read = msgspec.json.decode(parameters)
            return resources, passed_roles(call, read, partition_of_region(region), account)
    return resources, ()
