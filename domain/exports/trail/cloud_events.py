"""Events as CloudEvents, in the JSON format.

Sources: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md,
…/cloudevents/formats/json-format.md, …/cloudevents/extensions/sequence.md, …/extensions/recordedtime.md,
…/extensions/authcontext.md
"""

from __future__ import annotations

from typing import Any

CONTENT_TYPE = "application/cloudevents+json"
_CALLERS = {"IAMUser": "user", "Root": "user", "AssumedRole": "service_account", "FederatedUser": "user",
            "AWSService": "system", "BearerToken": "api_key", "Anonymous": "unauthenticated"}  # fmt: skip


def cloud_event(event: dict[str, Any], source: str) -> dict[str, Any]:
    """An event of the log, as the trail tells it. `source`: the log's own name; with the event's id it is unique.
    `sequence` sorts as text."""
    actor = event["actor"]
    found: dict[str, Any] = {
        "specversion": "1.0",
        "id": event["event_id"],
        "source": source,
        "type": f"erstwhile.{event['event']}",
        "time": event["occurred_at"],
        "recordedtime": event["recorded_at"],
        "sequence": f"{event['position']:020d}",
        "datacontenttype": "application/json",
        "awsaccount": event["account"],
        "authtype": _CALLERS.get(actor["type"], "unknown"),
        "data": event,
    }
    if event["targets"]:
        found["subject"] = event["targets"][0]
    if actor["arn"] or actor["id"]:
        found["authid"] = actor["arn"] or actor["id"]
    return found


def cloud_notice(notice: dict[str, Any], source: str) -> dict[str, Any]:
    """A notice of a watch."""
    return {
        "specversion": "1.0",
        "id": f"notice-{notice['id']}",
        "source": source,
        "type": "erstwhile.notice",
        "subject": notice["watch"],
        "time": notice["made_at"],
        "datacontenttype": "application/json",
        "data": notice,
    }
