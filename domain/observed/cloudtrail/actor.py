"""Names who acted, from a record's userIdentity: by the ARN where there is one, else by the most specific member.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

from typing import Any

from erstwhile.domain.observed.cloudtrail.shapes import as_object, as_text
from erstwhile.domain.observed.documents import HIDDEN
from erstwhile.domain.vocabulary.identifiers import is_account_id

ANONYMOUS = "anonymous"
_NOBODY = ("ANONYMOUS_PRINCIPAL", "anonymous")


def principal_name(identity: dict[str, Any], partition: str) -> str:
    """Returns the ARN or name of the principal. A role session is named by its role, a federated user by its own ARN.

    Returns '' where the record does not say.
    """
    kind, arn = as_text(identity.get("type")), as_text(identity.get("arn"))
    if kind == "AssumedRole":
        return as_text(issuer_of(identity).get("arn")) or arn or _unnamed(identity, kind, partition)
    return arn or _unnamed(identity, kind, partition)


def issuer_of(identity: dict[str, Any]) -> dict[str, Any]:
    """The record's sessionIssuer: the role of a role session, the user of a federated session; {} for others."""
    return as_object(as_object(identity.get("sessionContext")).get("sessionIssuer"))


def _unnamed(identity: dict[str, Any], kind: str, partition: str) -> str:
    """Names a principal whose identity has no ARN."""
    account, principal = as_text(identity.get("accountId")), as_text(identity.get("principalId"))
    user = as_text(identity.get("userName"))
    behind = as_text(as_object(identity.get("onBehalfOf")).get("userId"))
    if behind:
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentitystore.html
        return f"arn:{partition}:identitystore:::user/{behind}"
    if account in _NOBODY or principal in _NOBODY:
        return ANONYMOUS
    if kind == "Root" and is_account_id(account):
        return f"arn:{partition}:iam::{account}:root"
    if kind == "IAMUser" and is_account_id(account) and user and HIDDEN not in user:
        return f"arn:{partition}:iam::{account}:user/{user}"
    if kind == "AWSAccount" and account:
        return f"{account}/{principal}" if principal else account
    shown = user if HIDDEN not in user else ""
    return principal or shown or as_text(identity.get("invokedBy")) or account or kind
