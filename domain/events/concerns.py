# mypyc: compiled
"""What an event concerns: the slot of the entity that it is about, and the entities that it names beside it.

Each event's class chooses one function of each kind.
"""

from __future__ import annotations

from typing import Any

from erstwhile.domain.vocabulary.identifiers import Ref, policy_account, policy_name_of
from erstwhile.domain.vocabulary.slots import (
    Slot,
    account_slot,
    approvals_slot,
    assignment_slot,
    exception_slot,
    name_slot,
    organization_slot,
    resource_slot,
    review_lines_slot,
    review_slot,
    setting_slot,
    watch_slot,
)


def of_subject(account: str, body: Any) -> Slot:
    return name_slot(account, body.subject.kind, body.subject.name)


def of_principal(account: str, body: Any) -> Slot:
    return name_slot(account, body.principal.kind, body.principal.name)


def of_account(account: str, _body: Any) -> Slot:
    return account_slot(account)


def of_setting(account: str, body: Any) -> Slot:
    return setting_slot(account, body.category, body.name)


def of_resource(_account: str, body: Any) -> Slot:
    return resource_slot(body.resource)


def of_assignment(account: str, body: Any) -> Slot:
    return assignment_slot(account, body.target_account)


def of_watch(account: str, body: Any) -> Slot:
    return watch_slot(account, body.name)


def of_review(account: str, body: Any) -> Slot:
    return review_slot(account, body.name)


def of_review_lines(account: str, body: Any) -> Slot:
    return review_lines_slot(account, body.name)


def of_approvals(account: str, _body: Any) -> Slot:
    return approvals_slot(account)


def of_exception(account: str, body: Any) -> Slot:
    return exception_slot(account, body.name)


def of_organization(account: str, _body: Any) -> Slot:
    return organization_slot(account)


def no_references(_account: str, _body: Any) -> list[Ref]:
    return []


def policy_reference(account: str, arn: str) -> list[Ref]:
    """The customer-managed policy of an ARN; attaching an AWS-managed one concerns the attaching side only."""
    if not arn or policy_account(arn) != account:
        return []
    return [Ref("policy", policy_name_of(arn))]


def attached_policy(account: str, body: Any) -> list[Ref]:
    return policy_reference(account, body.policy_arn)


def boundary_policy(account: str, body: Any) -> list[Ref]:
    return policy_reference(account, body.boundary)


def group_of_member(_account: str, body: Any) -> list[Ref]:
    return [body.group]


def role_of_profile(_account: str, body: Any) -> list[Ref]:
    return [body.role]


def roles_of_profile(_account: str, body: Any) -> list[Ref]:
    return [Ref("role", name) for name in body.roles]


def groups_and_roles(_account: str, body: Any) -> list[Ref]:
    return [Ref("group", name) for name in body.groups] + [Ref("role", name) for name in body.roles]
