"""Finds records that say something about another account's entities or resources: a claim, which changes nothing.

A record is evidence for the account whose trail it comes from. An ARN belongs to the account that it names. The owner
of a resource whose ARN names no account (an S3 bucket) is the account under the record's `resources`.
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
    """Returns (owner, ARN) of the first event about an entity or resource of another account; None where every event is
    about the record's own account."""
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
