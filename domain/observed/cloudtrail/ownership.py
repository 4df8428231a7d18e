"""What a record says of what belongs to another account than its own: a claim, which changes nothing.

A record decides about the account whose trail it is from. An ARN belongs to the account in it; a resource without one
(S3's buckets) to whom the record's resources name.
"""

from __future__ import annotations

from erstwhile.domain.events import Body
from erstwhile.domain.events import policies as p
from erstwhile.domain.events import principals as q
from erstwhile.domain.events import resources as r
from erstwhile.domain.observed.cloudtrail.record import Record
from erstwhile.domain.vocabulary.identifiers import account_in

_RESOURCES = (
    r.ResourceRegistered,
    r.ResourceDeregistered,
    r.ResourcePolicyPut,
    r.ResourcePolicyDeleted,
    r.ResourceStatementAdded,
    r.ResourceStatementRemoved,
    r.GrantCreated,
    r.GrantRetired,
)
_NAMED_BY_ARN = (
    q.EntityCreated,
    p.PolicyCreated,
    p.PolicyVersionCreated,
    p.PolicyVersionDeleted,
    p.DefaultPolicyVersionSet,
    p.PolicyDeleted,
    q.PrincipalSeen,
)


def claimed(record: Record, bodies: tuple[Body, ...]) -> tuple[str, str] | None:
    """(owner, what is his) of the first event that is about another account's; None where all are of the record's."""
    for body in bodies:
        if isinstance(body, _RESOURCES):
            owner, target = record.owner_of(body.resource), body.resource
        elif isinstance(body, _NAMED_BY_ARN):
            owner, target = account_in(body.arn), body.arn
        else:
            continue
        if owner and owner != record.account:
            return owner, target
    return None
