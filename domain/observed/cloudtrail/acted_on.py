"""What a recorded call was done to, and the roles that it passed: of a record that is read whole, and of one whose
parameters are still JSON. Those are read only where they can tell."""

from __future__ import annotations

import re
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


class UnreadCall:
    """Says what records of one call were done to, whose parameters are still JSON: what `acted_on` says of the same
    records. For the row `import` of `make bench-import`, and for `make bench-use`."""

    __slots__ = ("_call", "_may_pass", "_resources", "_told")

    def __init__(self, service: str, name: str) -> None:
        self._call = f"{service}:{name}"
        unread = Unread(self._call)
        self._resources = unread.resources
        self._told = None if unread.by_name is None else (unread.by_name, ())
        """What its name alone tells."""
        # A role is passed by an ARN of IAM. EC2 and IAM name instance profiles, too.
        mark = b":iam::|rofile" if service in ("ec2", "iam") else b":iam::"
        self._may_pass = re.compile(mark).search if may_pass_a_role(self._call) else None
        """Whether parameters may pass a role; None for a call that cannot."""

    def acted_on(self, given: msgspec.Raw, named: Sequence[NamedResource], region: str, account: str) -> ActedOn:
        """`given`: the parameters of a record."""
        told, may_pass = self._told, self._may_pass
        if told is not None and may_pass is None:
            return told
        parameters = bytes(given)
        resources = told[0] if told is not None else self._resources(
            parameters, [each.ARN for each in named if each.ARN] if named else (), region, account
        )  # fmt: skip
        if may_pass is not None and may_pass(parameters) and parameters[:1] == b"{":
            read = msgspec.json.decode(parameters)
            return resources, passed_roles(self._call, read, partition_of_region(region), account)
        return resources, ()


unread_call = lru_cache(maxsize=8192)(UnreadCall)
