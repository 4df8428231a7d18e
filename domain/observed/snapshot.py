"""Reads what `aws iam get-account-authorization-details` prints: each entity of an account at one instant.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
The file does not say when it was taken; the importer gets the instant as a parameter.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from erstwhile.domain.events import Body
from erstwhile.domain.events.policies import ListedVersion, PolicyListed, PolicyVersionCreated
from erstwhile.domain.events.principals import EntityListed, InlineDocument
from erstwhile.domain.observed.documents import document_text
from erstwhile.domain.policy.inputs.sources import SHOWN
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Arn, MalformedArn, Ref, is_account_id, policy_account
from erstwhile.domain.vocabulary.instants import MalformedInstant, format_instant, parse_aws_date
from erstwhile.domain.vocabulary.malformed import MalformedInput

_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


class MalformedSnapshot(MalformedInput):
    """not the output of get-account-authorization-details"""

    code = "malformed_snapshot"


class ManagedVersion(msgspec.Struct, frozen=True):
    """A version of an AWS-managed policy that the snapshot shows, and since when it was in force. It counts for the
    snapshot's account only; the catalogue that all accounts share does not change."""

    since: datetime
    body: PolicyVersionCreated


class Snapshot(msgspec.Struct, frozen=True):
    """A snapshot: one event for each entity, groups and policies before the entities that refer to them.

    `is_truncated`: the file is one page of several, so it does not show what is absent.
    """

    account: str
    partition: str
    bodies: tuple[Body, ...]
    managed: tuple[ManagedVersion, ...]
    is_truncated: bool


def read_snapshot(data: Any) -> Snapshot:
    """Reads a snapshot. Raises MalformedSnapshot, whose message says what was expected."""
    if not isinstance(data, dict) or not any(name in data for name in _LISTS):
        raise MalformedSnapshot(
            f"expected the output of `aws iam get-account-authorization-details`: an object with {', '.join(_LISTS)}"
        )
    try:
        return _read(data)
    except (KeyError, TypeError, AttributeError, MalformedArn, MalformedInstant) as error:
        what = f"without {error.args[0]}" if isinstance(error, KeyError) else str(error)
        raise MalformedSnapshot(f"an entry of the snapshot is not in AWS's form: {what}") from None


def _read(data: dict[str, Any]) -> Snapshot:
    groups = [_entity("group", each) for each in data.get("GroupDetailList") or ()]
    users = [_entity("user", each) for each in data.get("UserDetailList") or ()]
    roles = [_entity("role", each) for each in data.get("RoleDetailList") or ()]
    own = [each for each in data.get("Policies") or () if policy_account(each["Arn"]) != AWS_MANAGED]
    aws = [each for each in data.get("Policies") or () if policy_account(each["Arn"]) == AWS_MANAGED]
    policies = [_policy(each) for each in own]
    profiles = _instance_profiles(data.get("RoleDetailList") or ())
    arns = [body.arn for body in (*groups, *users, *roles, *profiles)] + [body.arn for body in policies]
    accounts = {Arn.parse(arn).account for arn in arns}
    if len(accounts) != 1 or not is_account_id(next(iter(accounts))):
        raise MalformedSnapshot(f"a snapshot is of one account; this one names {sorted(accounts) or 'none'}")
    return Snapshot(
        account=accounts.pop(),
        partition=Arn.parse(arns[0]).partition,
        bodies=(*groups, *policies, *roles, *users, *profiles),
        managed=tuple(version for entry in aws for version in _managed(entry)),
        is_truncated=bool(data.get("IsTruncated")),
    )


def _date(value: object) -> str:
    return format_instant(parse_aws_date(str(value))) if value else ""


def _tags(entries: Any) -> dict[str, str]:
    return {str(tag["Key"]): str(tag["Value"]) for tag in entries or ()}


def _entity(kind: str, entry: dict[str, Any]) -> EntityListed:
    title = kind.capitalize()
    unique_id = str(entry.get(f"{title}Id") or "")
    inline = entry.get(f"{title}PolicyList") or ()
    return EntityListed(
        # Published samples have the name in place of the unique id; that is not an id.
        subject=Ref(kind, entry[f"{title}Name"], "" if unique_id == entry[f"{title}Name"] else unique_id),
        path=str(entry.get("Path") or "/"),
        arn=entry["Arn"],
        created_at=_date(entry.get("CreateDate")),
        groups=[str(name) for name in entry.get("GroupList") or ()],
        attached=[str(each["PolicyArn"]) for each in entry.get("AttachedManagedPolicies") or ()],
        inline=[InlineDocument(str(each["PolicyName"]), document_text(each.get("PolicyDocument"))) for each in inline],
        boundary=str((entry.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn") or ""),
        tags=_tags(entry.get("Tags")),
        trust_policy=document_text(entry.get("AssumeRolePolicyDocument")),
    )


def _policy(entry: dict[str, Any]) -> PolicyListed:
    unique_id = str(entry.get("PolicyId") or "")
    return PolicyListed(
        subject=Ref("policy", entry["PolicyName"], "" if unique_id == entry["PolicyName"] else unique_id),
        arn=entry["Arn"],
        path=str(entry.get("Path") or "/"),
        default_version=str(entry.get("DefaultVersionId") or ""),
        versions=[
            ListedVersion(str(each["VersionId"]), document_text(each.get("Document")))
            for each in entry.get("PolicyVersionList") or ()
        ],
        only_default=bool(entry.get("OnlyDefaultVersion")),
        tags=_tags(entry["Tags"]) if entry.get("Tags") is not None else None,
        created_at=_date(entry.get("CreateDate")),
    )


def _managed(entry: dict[str, Any]) -> list[ManagedVersion]:
    return [
        ManagedVersion(
            parse_aws_date(str(each["CreateDate"])),
            PolicyVersionCreated(
                subject=Ref(SHOWN, entry["Arn"]),
                arn=entry["Arn"],
                version_id=str(each["VersionId"]),
                document=document_text(each.get("Document")),
                is_default=bool(each.get("IsDefaultVersion")),
            ),
        )
        for each in entry.get("PolicyVersionList") or ()
        if each.get("Document")
    ]


def _instance_profiles(roles: Any) -> list[EntityListed]:
    profiles: dict[str, EntityListed] = {}
    for role in roles:
        for entry in role.get("InstanceProfileList") or ():
            name = entry["InstanceProfileName"]
            profiles[name] = EntityListed(
                subject=Ref("instance-profile", name, str(entry.get("InstanceProfileId") or "")),
                path=str(entry.get("Path") or "/"),
                arn=entry["Arn"],
                created_at=_date(entry.get("CreateDate")),
                tags=_tags(entry.get("Tags")),
                roles=[str(each["RoleName"]) for each in entry.get("Roles") or ()],
            )
    return list(profiles.values())
