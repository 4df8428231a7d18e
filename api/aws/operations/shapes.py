"""Entities of the Directory as IAM's shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from erstwhile.api.aws.access.call import begun_at, created_at, tags_of
from erstwhile.api.aws.reports.last_use import Use
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.policy.knowledge.managed_policy_paths import located
from erstwhile.domain.policy.language.principal_binding import as_shown
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from erstwhile.domain.vocabulary.instants import parse_instant


def made(entity: Entity, fact: Fact | None) -> datetime:
    """When a credential was created. Its fact is younger when the credential has changed since."""
    created = fact.value.get("made") if fact is not None else None
    return parse_instant(created) if created else begun_at(entity, fact)


def _boundary(entity: Entity) -> dict[str, Any]:
    if entity.boundary is None:
        return {}
    return {
        "PermissionsBoundary": {
            "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
            "PermissionsBoundaryArn": entity.boundary,
        }
    }


def _tags(entity: Entity) -> dict[str, Any]:
    tags = tags_of(entity)
    return {"Tags": tags} if tags else {}


def user(entity: Entity, whole: bool = True) -> dict[str, Any]:
    """A User; listings leave out tags and boundary, like IAM."""
    found = {
        "Path": entity.path, "UserName": entity.name, "UserId": entity.id, "Arn": entity.arn,
        "CreateDate": created_at(entity),
    }  # fmt: skip
    return found | _boundary(entity) | _tags(entity) if whole else found


def group(entity: Entity) -> dict[str, Any]:
    return {
        "Path": entity.path, "GroupName": entity.name, "GroupId": entity.id, "Arn": entity.arn,
        "CreateDate": created_at(entity),
    }  # fmt: skip


def _trust(directory: Directory, entity: Entity) -> str | None:
    document = entity.trust_policy
    return document if document is None else as_shown(directory, document, entity.trusted_principals)


def role(directory: Directory, entity: Entity, whole: bool = True) -> dict[str, Any]:
    value = entity.description
    found: dict[str, Any] = {
        "Path": entity.path, "RoleName": entity.name, "RoleId": entity.id, "Arn": entity.arn,
        "CreateDate": created_at(entity),
        "AssumeRolePolicyDocument": _trust(directory, entity),
        "MaxSessionDuration": entity.max_session_duration,
    }  # fmt: skip
    if value.get("description"):
        found["Description"] = value["description"]
    if not whole:
        return found
    return found | _boundary(entity) | _tags(entity) | {"RoleLastUsed": {}}


def role_last_used(uses: list[Use]) -> dict[str, Any]:
    """A RoleLastUsed. `uses`: the newest first."""
    return {"LastUsedDate": uses[0].at, "Region": uses[0].region} if uses else {}


def instance_profile(directory: Directory, entity: Entity, whole: bool = True) -> dict[str, Any]:
    held = [directory.get(entity.account, "role", each) for each in entity.role_ids]
    roles = [role(directory, each, whole=False) for each in held if each is not None]
    found = {
        "Path": entity.path, "InstanceProfileName": entity.name, "InstanceProfileId": entity.id, "Arn": entity.arn,
        "CreateDate": created_at(entity), "Roles": roles,
    }  # fmt: skip
    return found | {"Tags": tags_of(entity)} if whole else found


def policy_arn(directory: Directory, account: str, entity: Entity) -> str:
    """A managed policy's ARN in the account's partition: AWS-managed policies exist in every partition."""
    if entity.account != AWS_MANAGED:
        return entity.arn
    rest = located(entity.arn).split(":", 2)[2]
    return f"arn:{directory.partition(account)}:{rest}"


def policy(directory: Directory, account: str, entity: Entity, whole: bool = True) -> dict[str, Any]:
    """A Policy; an AWS-managed one has only the members that the catalogue contains."""
    value = entity.description
    links = directory.links
    arn = policy_arn(directory, account, entity)
    found: dict[str, Any] = {
        "PolicyName": entity.name,
        "PolicyId": entity.id if entity.account != AWS_MANAGED else _managed_id(entity),
        "Arn": arn, "Path": entity.path,
        "DefaultVersionId": entity.default_version or "v1",
        "AttachmentCount": links.count(account, "attached", arn),
        "PermissionsBoundaryUsageCount": links.count(account, "boundary", arn),
        "IsAttachable": True,
        "CreateDate": created_at(entity),
        "UpdateDate": max([created_at(entity), *(fact.since for fact in entity.versions.values())]),
    }  # fmt: skip
    if whole:
        found |= {"Tags": tags_of(entity)}
        if value.get("description"):
            found["Description"] = value["description"]
    return found


def _managed_id(entity: Entity) -> str:
    """An id for an AWS-managed policy, in AWS's form and always the same; catalogues do not contain the ids."""
    letters = "".join(character for character in entity.name.upper() if character.isalnum())
    return f"ANPA{letters:A<17.17}"


def version(entity: Entity, version_id: str, whole: bool = True) -> dict[str, Any]:
    fact = entity.versions[version_id]
    found = {
        "VersionId": version_id,
        "IsDefaultVersion": entity.default_version == version_id,
        "CreateDate": begun_at(entity, fact),
    }
    return found | {"Document": fact.value["document"]} if whole else found
