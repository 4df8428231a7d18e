"""CloudTrail's record of what was commanded here, as AWS would have written it.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html.
Where AWS cuts the instant to seconds, ours keeps its fraction: the order of calls within a second is known here.
"""

from __future__ import annotations

from typing import Any

from erstwhile.domain.events import EVENT_TYPES
from erstwhile.domain.exports.trail.callers import user_identity
from erstwhile.domain.exports.trail.calls import body_of, call_of

VERSION = "1.11"
_HOME_REGIONS = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_READING = ("Get", "List", "Simulate", "Decode")


def written_record(events: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The record of one call, from its events as the trail tells them, in their order; None where no call of AWS's
    makes such an event."""
    calls = [(each, call) for each in events if (call := _call(each)) is not None]
    if not calls:
        return None
    # Of a call that made several events, the record is of the one that the call is named after.
    event, call = next((each for each in calls if each[0]["action"].partition(":")[2] == each[1].name), calls[0])
    account, actor = event["account"], event["actor"]
    failed = {"errorCode": call.error_code, "errorMessage": call.message} if call.error_code else {}
    return {
        "eventVersion": VERSION,
        "userIdentity": user_identity(actor, event["session"] or "", account),
        "eventTime": event["occurred_at"],
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.name,
        "awsRegion": region_of(event),
        "sourceIPAddress": event["source_ip"] or "",
        "userAgent": event["user_agent"] or "",
        **failed,
        "requestParameters": call.request or None,
        "responseElements": call.response,
        "requestID": event["request_id"],
        "eventID": event["event_id"],
        "readOnly": call.name.startswith(_READING),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }


def region_of(event: dict[str, Any]) -> str:
    """IAM's, STS's and Organizations' calls are of one region of the partition."""
    partition = event["actor"]["arn"].split(":")[1] if event["actor"]["arn"].count(":") >= 5 else "aws"
    return _HOME_REGIONS.get(partition, "us-east-1")


def _call(event: dict[str, Any]) -> Any:
    event_type = EVENT_TYPES.get(event["event"])
    if event_type is None or event["source"] != "api" or event["action"].startswith("erstwhile:"):
        return None
    return call_of(body_of(event_type, event["body"]), event["account"], event["action"])
