"""Translates mutating operations of AWS Organizations and IAM Identity Center."""

from __future__ import annotations

from erstwhile.domain.events import Body
from erstwhile.domain.events import organizations as o
from erstwhile.domain.events import resources as r
from erstwhile.domain.observed.cloudtrail.record import Record, Untranslatable
from erstwhile.domain.observed.cloudtrail.shapes import as_object
from erstwhile.domain.observed.documents import document_text


def _id(value: object) -> str:
    return str(value).rsplit("/", 1)[-1]


def _summary(record: Record) -> dict[str, object]:
    summary = record.r("policy", "policySummary")
    return summary if isinstance(summary, dict) else {}


def create_policy(record: Record) -> list[Body]:
    policy = _summary(record).get("id")
    if not policy:
        raise Untranslatable("CreatePolicy without responseElements.policy.policySummary.id")
    return [
        o.GuardrailPut(
            policy=_id(policy),
            policy_type=str(record.p("type") or _summary(record).get("type") or ""),
            name=str(record.p("name") or ""),
            document=document_text(record.p("content") or record.r("policy", "content")),
        )
    ]


def update_policy(record: Record) -> list[Body]:
    return [
        o.GuardrailPut(
            policy=_id(record.need("policyId")),
            policy_type=str(_summary(record).get("type") or ""),
            name=str(record.p("name") or ""),
            document=document_text(record.p("content") or record.r("policy", "content")),
        )
    ]


def delete_policy(record: Record) -> list[Body]:
    return [o.GuardrailDeleted(policy=_id(record.need("policyId")))]


def attach_policy(record: Record) -> list[Body]:
    return [o.GuardrailAttached(policy=_id(record.need("policyId")), target=record.need("targetId"))]


def detach_policy(record: Record) -> list[Body]:
    return [o.GuardrailDetached(policy=_id(record.need("policyId")), target=record.need("targetId"))]


def enable_policy_type(record: Record) -> list[Body]:
    return [o.GuardrailTypeEnabled(root=record.need("rootId"), policy_type=record.need("policyType"))]


def disable_policy_type(record: Record) -> list[Body]:
    return [o.GuardrailTypeDisabled(root=record.need("rootId"), policy_type=record.need("policyType"))]


def create_organization(record: Record) -> list[Body]:
    management = str(record.r("organization", "masterAccountId") or record.account)
    return [o.OrganizationNodePlaced(node=management, kind="account", name="management")]


def delete_organization(record: Record) -> list[Body]:
    return [o.OrganizationListed(organization="", management_account="", nodes=[], policies=[])]


def create_unit(record: Record) -> list[Body]:
    unit = record.r("organizationalUnit", "id")
    if not unit:
        raise Untranslatable("CreateOrganizationalUnit without responseElements.organizationalUnit.id")
    return [
        o.OrganizationNodePlaced(
            node=str(unit), kind="unit", parent=record.need("parentId"), name=str(record.p("name") or "")
        )
    ]


def update_unit(record: Record) -> list[Body]:
    unit = record.need("organizationalUnitId")
    return [o.OrganizationNodePlaced(node=unit, kind="unit", name=str(record.p("name") or ""))]


def delete_unit(record: Record) -> list[Body]:
    return [o.OrganizationNodeRemoved(node=record.need("organizationalUnitId"))]


def move_account(record: Record) -> list[Body]:
    return [
        o.OrganizationNodePlaced(
            node=record.need("accountId"), kind="account", parent=record.need("destinationParentId")
        )
    ]


def account_created(record: Record) -> list[Body]:
    """CreateAccount answers before the account exists; the service event CreateAccountResult has the account's id."""
    status = as_object(as_object(record.raw.get("serviceEventDetails")).get("createAccountStatus"))
    account = status.get("accountId") or record.r("createAccountStatus", "accountId")
    if not account:
        return []
    return [o.OrganizationNodePlaced(node=str(account), kind="account", name=str(status.get("accountName") or ""))]


def handshake_accepted(record: Record) -> list[Body]:
    return [o.OrganizationNodePlaced(node=record.account, kind="account")]


def account_left(record: Record) -> list[Body]:
    return [o.OrganizationNodeRemoved(node=str(record.p("accountId") or record.account))]


def _assignment(record: Record) -> dict[str, str]:
    return {
        "target_account": record.need("targetId"),
        "permission_set": record.need("permissionSetArn"),
        "principal_type": record.need("principalType"),
        "principal_id": record.need("principalId"),
    }


def create_assignment(record: Record) -> list[Body]:
    return [r.AccountAssignmentCreated(**_assignment(record))]


def delete_assignment(record: Record) -> list[Body]:
    return [r.AccountAssignmentDeleted(**_assignment(record))]
