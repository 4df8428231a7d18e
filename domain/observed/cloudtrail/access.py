"""Decides which operations change access, by their name and, for some, by their parameters.

An operation that changes access and has no translation is reported as such; it is never filed as activity.
"""

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
"""Services whose every write changes access."""

ACCESS_PATTERNS = (
    "ResourcePolicy", "Permission", "SetRepositoryPolicy", "PutKeyPolicy", "CreateGrant", "RevokeGrant", "RetireGrant",
    "BucketPolicy", "BucketAcl", "ObjectAcl", "AccessPolicy", "AccessPointPolicy", "PublicAccessBlock",
    "BlockPublicAccess", "ModifySnapshotAttribute", "ModifyImageAttribute", "ModifyDBSnapshotAttribute",
    "ModifyDBClusterSnapshotAttribute", "PutPolicy", "FileSystemPolicy", "AccessGrant", "ShareDirectory",
)  # fmt: skip
"""Parts of operation names. An operation of any service, known or new, whose name has one of them changes access."""

S3_OBJECT_WRITES = frozenset(("PutObject", "CopyObject", "CreateMultipartUpload", "UploadPart"))
"""Very frequent writes. Only those whose record has one of `_S3_HEADERS` can change access."""
_S3_HEADERS = (b'"x-amz-acl"', b'"x-amz-grant-')
_S3_OWN = frozenset(("private", "bucket-owner-full-control", "bucket-owner-read", "log-delivery-write"))
"""Canned access lists that grant access only to the owners of object and bucket, and to S3's log delivery:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl"""

_ENTRY = re.compile(r"(\w+)(?:\(([\w,]*)\))?")


def _table(text: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yields (service, operation, lower-case names of parameters) for each entry of a table of `access_tables`."""
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
    """Whether every call of the operation changes access."""
    key = (service, name)
    if key in WITHOUT or key in BY_PARAMETERS:
        return False
    return key in BY_NAME or service in ACCESS_SERVICES or any(part in name for part in ACCESS_PATTERNS)


@lru_cache(maxsize=8192)
def may_change_access(service: str, name: str) -> bool:
    """Whether the operation changes access always or with some parameters, so that the record must be read whole."""
    if service == "s3" and name in S3_OBJECT_WRITES:
        return False
    return changes_access(service, name) or (service, name) in BY_PARAMETERS


def has_grant(raw: bytes) -> bool:
    """Whether the record of an S3 object's write has an access list in its headers."""
    return any(header in raw for header in _S3_HEADERS)


def parameters_tell(service: str, name: str, parameters: dict[str, Any]) -> bool:
    """Whether the call has a parameter by which the operation changes access."""
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
