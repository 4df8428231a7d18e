"""Finds the targets that a record names: for searching, not for decisions."""

from __future__ import annotations

from typing import Any

from erstwhile.domain.observed.cloudtrail.shapes import as_object, as_text, objects_in
from erstwhile.domain.observed.documents import HIDDEN

MOST = 10
_ENDINGS = ("Name", "Id", "Arn", "ARN", "Url", "Identifier")
_WITHOUT = frozenset(("roleSessionName", "clientRequestToken", "statementId", "externalId", "policyName", "bucketName"))


def targets_of(record: dict[str, Any]) -> list[str]:
    """Returns up to `MOST` targets: the record's resources, the S3 bucket or object, and parameters that are ARNs or
    whose name ends like a resource's identifier."""
    targets = dict.fromkeys(
        as_text(each.get("ARN") or each.get("ARNPrefix") or each.get("resourceName"))
        for each in objects_in(record.get("resources"))
    )
    parameters = as_object(record.get("requestParameters"))
    bucket, key = parameters.get("bucketName"), parameters.get("key")
    if isinstance(bucket, str) and bucket:
        targets[f"arn:aws:s3:::{bucket}/{key}" if isinstance(key, str) and key else f"arn:aws:s3:::{bucket}"] = None
    for name, value in parameters.items():
        if isinstance(value, str) and name not in _WITHOUT and HIDDEN not in value:
            targets |= {value: None} if value.startswith("arn:") or name.endswith(_ENDINGS) else {}
    return [each for each in targets if each][:MOST]
