"""A record as LookupEvents gives it.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html
"""

from __future__ import annotations

from typing import Any

from erstwhile.api.aws.cloudtrail.words import Lookup
from erstwhile.domain.observed.cloudtrail.record import Record
from erstwhile.domain.observed.cloudtrail.shapes import as_object, as_text, objects_in

_TYPES = {
    "userName": "AWS::IAM::User", "roleName": "AWS::IAM::Role", "groupName": "AWS::IAM::Group",
    "policyArn": "AWS::IAM::Policy", "policyName": "AWS::IAM::Policy", "accessKeyId": "AWS::IAM::AccessKey",
    "instanceProfileName": "AWS::IAM::InstanceProfile", "serialNumber": "AWS::IAM::MfaDevice",
    "roleArn": "AWS::IAM::Role", "bucketName": "AWS::S3::Bucket", "keyId": "AWS::KMS::Key",
}  # fmt: skip
"""Parameters that name a resource."""


def told(record: Record, raw: bytes) -> dict[str, Any]:
    """`raw`: the record's JSON, which is a part of the answer."""
    identity, read_only = record.identity, record.raw.get("readOnly")
    found: dict[str, Any] = {
        "EventId": record.event_id,
        "EventName": record.name,
        "EventTime": record.occurred_at.timestamp(),
        "EventSource": record.raw["eventSource"],
        "Resources": resources_of(record),
        "CloudTrailEvent": raw.decode(),
    }
    if read_only is not None:
        found["ReadOnly"] = as_text(read_only).lower()
    user, key = user_name(record), as_text(identity.get("accessKeyId"))
    return found | ({"Username": user} if user else {}) | ({"AccessKeyId": key} if key else {})


def user_name(record: Record) -> str:
    """The user's name, the name of the session, or root."""
    identity = record.identity
    if identity.get("type") == "Root":
        return "root"
    return as_text(identity.get("userName")) or record.session or as_text(identity.get("invokedBy"))


def resources_of(record: Record) -> list[dict[str, str]]:
    """What the request names, and the record's own list."""
    found: dict[str, str] = {}
    for part in (record.parameters, *map(as_object, as_object(record.raw.get("responseElements")).values())):
        for name, kind in _TYPES.items():
            if isinstance(part.get(name), str) and part[name]:
                found.setdefault(part[name], kind)
    for each in objects_in(record.raw.get("resources")):
        arn = as_text(each.get("ARN"))
        if arn:
            found.setdefault(arn, as_text(each.get("type")))
    return [{"ResourceName": name} | ({"ResourceType": kind} if kind else {}) for name, kind in found.items()]


def is_wanted(event: dict[str, Any], lookup: Lookup) -> bool:
    """Whether the event has the attribute that is looked up."""
    match lookup.key:
        case "":
            return True
        case "ResourceName" | "ResourceType":
            return any(each.get(lookup.key) == lookup.value for each in event["Resources"])
        case "ReadOnly":
            return bool(event.get("ReadOnly") == lookup.value.lower())
        case _:
            return bool(event.get(lookup.key) == lookup.value)
