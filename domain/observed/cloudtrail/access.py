"""Which operations change access, told by their name and, for some, by their parameters. One that is not translated is
reported, never filed as activity."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from erstwhile.domain.observed.cloudtrail.access_tables import CHANGES_ACCESS, CHANGES_ACCESS_WHEN_GIVEN, NO_ACCESS
from erstwhile.domain.observed.cloudtrail.shapes import as_text, objects_in

ACCESS_SERVICES = frozenset(
    (
        "iam",
        "organizations",
        "sso",
        "sso-admin",
        "sso-directory",
        "identitystore",
        "rolesanywhere",
        "ram",
        "verifiedpermissions",
        "ds-data",
    )
)
"""Services all of whose writes change access."""

ACCESS_PATTERNS = (
    "ResourcePolicy", "Permission", "SetRepositoryPolicy", "PutKeyPolicy", "CreateGrant", "RevokeGrant", "RetireGrant",
    "BucketPolicy", "BucketAcl", "ObjectAcl", "AccessPolicy", "AccessPointPolicy", "PublicAccessBlock",
    "BlockPublicAccess", "ModifySnapshotAttribute", "ModifyImageAttribute", "ModifyDBSnapshotAttribute",
    "ModifyDBClusterSnapshotAttribute", "PutPolicy", "FileSystemPolicy", "AccessGrant", "ShareDirectory",
)  # fmt: skip
"""Parts of operation names, of any service and of models yet to come, that change who may reach a resource."""

S3_OBJECT_WRITES = frozenset(("PutObject", "CopyObject", "CreateMultipartUpload", "UploadPart"))
"""Written by the million: only those whose record has one of these headers are looked at."""
_S3_HEADERS = (b'"x-amz-acl"', b'"x-amz-grant-')
_S3_OWN = frozenset(("private", "bucket-owner-full-control", "bucket-owner-read", "log-delivery-write"))
"""Access lists that let in nobody but the owners of object and bucket, and S3's own deliveries:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl"""

_ENTRY = re.compile(r"(\w+)(?:\(([\w,]*)\))?")


def _table(text: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """(service, operation, names of parameters in lower case) of each entry."""
    service = ""
    for line in text.strip().splitlines():
        head, colon, rest = line.partition(": ")
        if colon:
            service, line = head, rest
        for operation, names in _ENTRY.findall(line):
            yield service, operation, frozenset(names.lower().split(",")) if names else frozenset()


BY_NAME = frozenset((service, operation) for service, operation, _ in _table(CHANGES_ACCESS))
BY_PARAMETERS = {(service, operation): names for service, operation, names in _table(CHANGES_ACCESS_WHEN_GIVEN)}
WITHOUT = frozenset((service, operation) for service, operation, _ in _table(NO_ACCESS))


@lru_cache(maxsize=8192)
def changes_access(service: str, name: str) -> bool:
    """Whether the operation always does."""
    key = (service, name)
    if key in WITHOUT or key in BY_PARAMETERS:
        return False
    return key in BY_NAME or service in ACCESS_SERVICES or any(part in name for part in ACCESS_PATTERNS)


@lru_cache(maxsize=8192)
def may_change_access(service: str, name: str) -> bool:
    """Whether the record must be looked at to tell: the operation does, or may."""
    if service == "s3" and name in S3_OBJECT_WRITES:
        return False
    return changes_access(service, name) or (service, name) in BY_PARAMETERS


def has_grant(raw: bytes) -> bool:
    """Whether the record of an object's writing names an access list."""
    return any(header in raw for header in _S3_HEADERS)


def parameters_tell(service: str, name: str, parameters: dict[str, Any]) -> bool:
    """Whether an operation that changes access by some of its parameters has one of them."""
    wanted = BY_PARAMETERS.get((service, name), frozenset())
    return any(_grants(service, key, value) for key, value in _members(parameters, wanted, service))


def _members(value: Any, wanted: frozenset[str], service: str, depth: int = 3) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and depth:
        for key, item in value.items():
            if key.lower() in wanted or (service == "s3" and key.lower().startswith(("x-amz-acl", "x-amz-grant-"))):
                yield key.lower(), item
            yield from _members(item, wanted, service, depth - 1)
    elif isinstance(value, list) and depth:
        for item in value:
            yield from _members(item, wanted, service, depth - 1)


def _grants(service: str, key: str, value: Any) -> bool:
    if not value:
        return False
    if key == "patchoperations":
        # https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
        return any("policy" in as_text(each.get("path")).lower() for each in objects_in(value))
    if service == "s3" and key in ("x-amz-acl", "acl"):
        return not _S3_OWN.issuperset(str(each) for each in (value if isinstance(value, list) else [value]))
    return True
